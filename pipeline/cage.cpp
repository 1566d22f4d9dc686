#include "pipeline/cage.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace alih::pipeline {
namespace {

constexpr rlim_t kMiB = rlim_t{1} << 20U;

// ---- Landlock. Debian 12's header knows version 2; the kernel that runs may know more.

constexpr std::uint64_t kExecute = LANDLOCK_ACCESS_FS_EXECUTE;
constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kTruncate = 1U << 14U;     // from version 3
constexpr std::uint64_t kDeviceIoctl = 1U << 15U;  // from version 5
// Neither links nor pipes nor devices: the service opens by name what comes out of the folder.
constexpr std::uint64_t kWrite = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                 LANDLOCK_ACCESS_FS_MAKE_DIR | kTruncate;
constexpr std::uint64_t kOfFiles = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
                                   LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate | kDeviceIoctl;

struct RulesetAttributes {
  std::uint64_t files = 0;
  std::uint64_t tcp = 0;    // from version 4
  std::uint64_t scope = 0;  // from version 6
};

int landlock_abi() {
  const auto abi =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

std::uint64_t rights_of(int abi) {
  std::uint64_t all = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1;
  if (abi >= 2) all |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) all |= kTruncate;
  if (abi >= 5) all |= kDeviceIoctl;
  return all;
}

Descriptor make_rules(int abi) {
  if (abi == 0) return Descriptor();
  RulesetAttributes all{rights_of(abi), abi >= 4 ? 3U : 0U, abi >= 6 ? 3U : 0U};
  const std::size_t size = abi >= 6 ? sizeof all : abi >= 4 ? 16 : 8;
  return Descriptor(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &all, size, 0)));
}

// System calls only.
void allow(int rules, int place, std::uint64_t rights) noexcept {
  struct stat info {};
  if (::fstat(place, &info) != 0) return;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = S_ISDIR(info.st_mode) ? rights : rights & kOfFiles;
  rule.parent_fd = place;
  ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}
void allow(int rules, const char* path, std::uint64_t rights) noexcept {
  const int place = ::open(path, O_PATH | O_CLOEXEC);  // NOLINT: POSIX
  if (place < 0) return;                               // not on this machine
  allow(rules, place, rights);
  ::close(place);
}

// What the loader, the C library, Tesseract and poppler read. No secrets: all are world-readable.
constexpr std::array kSystemFolders{"/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin"};
constexpr std::array kSystemFiles{"/etc/ld.so.cache",      "/etc/ld.so.preload",
                                  "/etc/locale.alias",     "/etc/localtime",
                                  "/etc/ssl/openssl.cnf",  "/etc/fonts",
                                  "/var/cache/fontconfig", "/dev/zero",
                                  "/dev/urandom",          "/proc/cpuinfo",
                                  "/proc/meminfo",         "/sys/devices/system/cpu"};

void allow_system(int rules, int abi, std::uint64_t rights) {
  for (const char* folder : kSystemFolders) allow(rules, folder, rights);
  for (const char* file : kSystemFiles) allow(rules, file, kRead);
  allow(
      rules, "/dev/null",
      rights_of(abi) & (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate));
}

// ---- seccomp. A list of what is refused, not of what is allowed: decoders, Tesseract, poppler and
// the C library take new system calls with their updates, and a page that cannot be read after one
// cannot be mended in a reading room. The list names every way to another process, the network, the
// kernel's rarely used doors and the machine's settings; Landlock and the limits hold the rest.

constexpr std::array<std::string_view, 78> kRefused{
    // network, and pipes between strangers
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "shmget", "shmat",
    "shmctl", "msgget", "msgsnd", "msgrcv", "msgctl", "semget", "semop", "semtimedop", "semctl",
    "mq_open", "mq_unlink",
    // other processes
    "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp", "tkill",
    "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_getfd", "pidfd_send_signal",
    "setns", "unshare",
    // file systems
    "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen",
    "fsmount", "fsconfig", "fspick", "mount_setattr", "name_to_handle_at", "open_by_handle_at",
    "fanotify_init", "quotactl", "quotactl_fd", "mknod", "mknodat",
    // the kernel and the machine
    "bpf", "io_uring_setup", "io_uring_enter", "io_uring_register", "perf_event_open", "keyctl",
    "add_key", "request_key", "kexec_load", "kexec_file_load", "init_module", "finit_module",
    "delete_module", "userfaultfd", "memfd_secret", "acct", "swapon", "swapoff", "reboot",
    "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "iopl", "ioperm", "modify_ldt"};
// AddressSanitizer's leak check clones and traces itself, and starts a symbolizer.
#ifndef ALIH_SANITIZED
constexpr std::array<std::string_view, 4> kRefusedUnlessSanitized{"fork", "vfork", "ptrace",
                                                                  "execveat"};
#endif

// Stands in the filter for the process's own id, which is not known before the fork.
constexpr std::uint32_t kOwnPid = 0x5A17E4D3;

void refuse(scmp_filter_ctx filter, std::string_view name, std::uint32_t with = EPERM) {
  const int number = ::seccomp_syscall_resolve_name(std::string(name).c_str());
  if (number != __NR_SCMP_ERROR) ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(with), number, 0);
}

void refuse_if(scmp_filter_ctx filter, int number, const scmp_arg_cmp& when) {
  ::seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), number, 1, &when);
}

scmp_arg_cmp argument(unsigned index, scmp_compare how, scmp_datum_t a, scmp_datum_t b = 0) {
  return {index, how, a, b};
}

std::vector<sock_filter> exported(scmp_filter_ctx filter) {
  const Descriptor memory(::memfd_create("filter", MFD_CLOEXEC));
  struct stat info {};
  if (!memory.open() || ::seccomp_export_bpf(filter, memory.get()) != 0 ||
      ::fstat(memory.get(), &info) != 0) {
    return {};
  }
  std::vector<sock_filter> out(static_cast<std::size_t>(info.st_size) / sizeof(sock_filter));
  const auto size = out.size() * sizeof(sock_filter);
  if (::pread(memory.get(), out.data(), size, 0) != static_cast<ssize_t>(size)) out.clear();
  return out;
}

std::vector<sock_filter> make_filter(bool may_execute) {
  const scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  if (filter == nullptr) return {};
  for (const auto name : kRefused) refuse(filter, name);
  refuse(filter, "clone3", ENOSYS);  // its flags cannot be looked at; the C library then uses clone
#ifndef ALIH_SANITIZED
  for (const auto name : kRefusedUnlessSanitized) refuse(filter, name);
  if (!may_execute) refuse(filter, "execve");
  refuse_if(filter, SCMP_SYS(clone), argument(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
#else
  static_cast<void>(may_execute);
#endif
  refuse_if(filter, SCMP_SYS(kill), argument(0, SCMP_CMP_NE, kOwnPid));
  refuse_if(filter, SCMP_SYS(tgkill), argument(0, SCMP_CMP_NE, kOwnPid));  // abort() needs it
  refuse_if(filter, SCMP_SYS(prlimit64), argument(0, SCMP_CMP_NE, 0));
  constexpr scmp_datum_t kCommand = 0xFFFFFFFF;
  refuse_if(filter, SCMP_SYS(ioctl), argument(1, SCMP_CMP_MASKED_EQ, kCommand, TIOCSTI));
  auto out = exported(filter);
  ::seccomp_release(filter);
  return out;
}

// ---- the user

// Whether a process of kNobody's could read the folder's files; asked as root, whose groups go.
bool nobody_reads(const std::filesystem::path& folder) {
  bool all = false;
  ::setgroups(0, nullptr);
  if (::setegid(kNobody) != 0) return false;
  if (::seteuid(kNobody) == 0) {
    std::error_code error;
    std::filesystem::directory_iterator it(folder, error);
    all = !error;
    for (const std::filesystem::directory_iterator end; all && it != end; it.increment(error)) {
      all = !error && ::faccessat(AT_FDCWD, it->path().c_str(), R_OK, AT_EACCESS) == 0;
    }
    if (::seteuid(0) != 0) return false;
  }
  return ::setegid(0) == 0 && all;
}

void set_limit(__rlimit_resource what, rlim_t soft, rlim_t hard) noexcept {
  rlimit now{};
  ::getrlimit(what, &now);
  const rlimit both{std::min(soft, now.rlim_max), std::min(hard, now.rlim_max)};
  ::setrlimit(what, &both);
}

}  // namespace

Cage::Cage(Role role, const CageLimits& limits) : limits_(limits) {
  if (role == Role::worker) {
    filter_ = make_filter(false);
  } else {
    static const auto of_tools = make_filter(true);  // made once: a page takes several tools
    filter_ = of_tools;
  }
}

Cage Cage::for_worker(const std::filesystem::path& models, const CageLimits& limits) {
  Cage cage(Role::worker, limits);
  const int abi = landlock_abi();
  cage.rules_ = make_rules(abi);
  if (cage.rules_.open()) {
    allow_system(cage.rules_.get(), abi, kRead);
    allow(cage.rules_.get(), models.c_str(), kRead);
    if (const char* more = std::getenv("TESSDATA_PREFIX"))  // NOLINT: one thread
      allow(cage.rules_.get(), more, kRead);
  }
  // Models in a folder that only root may enter: it stays uid 0, without root's powers.
  cage.to_nobody_ = ::geteuid() != 0 || nobody_reads(models);
  return cage;
}

Cage Cage::for_tool(int folder, int input, const CageLimits& limits) {
  Cage cage(Role::tool, limits);
  if (::geteuid() == 0) cage.to_nobody_ = ::fchown(folder, kNobody, kNobody) == 0;
  const int abi = landlock_abi();
  cage.rules_ = make_rules(abi);
  if (cage.rules_.open()) {
    allow_system(cage.rules_.get(), abi, kRead | kExecute);
    allow(cage.rules_.get(), folder, rights_of(abi) & (kRead | kWrite));
    if (input >= 0) allow(cage.rules_.get(), input, LANDLOCK_ACCESS_FS_READ_FILE);
  }
  return cage;
}

void Cage::enter() noexcept {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  limit();
  if (::geteuid() == 0) drop_user();
    // Other processes of the same user may not look into it. An exec sets this back.
#ifndef ALIH_SANITIZED
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#else
  ::prctl(PR_SET_DUMPABLE, 1, 0, 0,
          0);  // the leak check traces itself; a change of user forbids it
#endif
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of user clears it
  restrict_files();
  restrict_calls();
}

void Cage::limit() const noexcept {
  set_limit(RLIMIT_CORE, 0, 0);
  const auto file = static_cast<rlim_t>(limits_.file_mib) * kMiB;
  set_limit(RLIMIT_FSIZE, file, file);
  if (limits_.cpu_s > 0) {
    // The soft limit comes first, so that the signal names it.
    const auto cpu = static_cast<rlim_t>(limits_.cpu_s);
    set_limit(RLIMIT_CPU, cpu, cpu + 2);
  }
  constexpr rlim_t kMostFiles = 256;
  set_limit(RLIMIT_NOFILE, kMostFiles, kMostFiles);
  // Counts all of the user's threads, a desktop's too; forks are refused anyway where seccomp is.
  constexpr rlim_t kMostThreads = 4096;
  set_limit(RLIMIT_NPROC, kMostThreads, kMostThreads);
#ifndef ALIH_SANITIZED
  // AddressSanitizer reserves terabytes; the parent watches resident memory.
  const auto memory = static_cast<rlim_t>(limits_.memory_mib) * kMiB;
  set_limit(RLIMIT_AS, memory, memory);
#endif
}

// Straight system calls: the C library's would speak to threads that a fork left behind.
void Cage::drop_user() const noexcept {
  ::syscall(SYS_setgroups, 0, nullptr);
  if (to_nobody_ && ::syscall(SYS_setresgid, kNobody, kNobody, kNobody) == 0 &&
      ::syscall(SYS_setresuid, kNobody, kNobody, kNobody) == 0) {
    return;
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none{};
  ::syscall(SYS_capset, &header, none.data());
}

void Cage::restrict_files() const noexcept {
  if (!rules_.open()) return;
  // Its own, not the parent's.
  allow(rules_.get(), "/proc/self", kRead);
  ::syscall(SYS_landlock_restrict_self, rules_.get(), 0);
}

void Cage::restrict_calls() noexcept {
  if (filter_.empty()) return;
  const auto self = static_cast<std::uint32_t>(::getpid());
  for (auto& instruction : filter_) {
    if (instruction.k == kOwnPid) instruction.k = self;
  }
  sock_fprog program{};
  program.len = static_cast<unsigned short>(filter_.size());
  program.filter = filter_.data();
  ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

CageReport cage_report() {
  CageReport report;
  report.landlock_abi = landlock_abi();
  const std::uint32_t action = SECCOMP_RET_ERRNO;
  report.seccomp = ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
  report.drops_user = ::geteuid() == 0;
  return report;
}

}  // namespace alih::pipeline
