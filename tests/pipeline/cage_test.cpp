// What page workers and tools may not do, tried; and what they say when they die.
#include "pipeline/cage.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <map>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/json.h"
#include "pipeline/child.h"
#include "pipeline/last_words.h"
#include "pipeline/page_worker.h"
#include "pipeline/tool.h"
#include "processing/codec.h"
#include "tests/support/drawn_page.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::TempFolder;
namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}
// For anybody: what keeps a caged process off is the cage, not the owner.
void open_to_all(const fs::path& path) { fs::permissions(path, fs::perms::all); }

std::map<std::string, std::string> status_of(pid_t pid) {
  std::map<std::string, std::string> out;
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    const auto from = line.find_first_not_of(" \t", colon + 1);
    out[line.substr(0, colon)] = from == std::string::npos ? "" : line.substr(from);
  }
  return out;
}
std::size_t open_files(pid_t pid) {
  const fs::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST(WorkerCage, RefusesWhatADecoderDoesNotNeed) {
  const auto kernel = cage_report();
  const TempFolder work;
  open_to_all(work.path());
  write(work / "file", "secret");
  open_to_all(work / "file");
  auto child = Child::start(
      ALIH_CAGED, {Everything().ocr.models, (work / "file").string(), work.path().string()});
  ASSERT_TRUE(child) << child.error().message.en;
  const auto heard = child->receive(20);
  ASSERT_TRUE(heard) << heard.error().message.en;
  auto tried = nlohmann::json::parse(*heard).get<std::map<std::string, std::string>>();
  const auto take = [&](const char* what) {
    const auto found = tried.extract(what);
    return found.empty() ? std::string("not tried") : found.mapped();
  };
  for (const char* what :
       {"read models", "read the system", "read itself", "signal itself", "thread"}) {
    EXPECT_EQ(take(what), "done") << what;
  }
  const auto refused = AnyOf("EPERM", "EACCES");
  EXPECT_THAT(take("read shadow"), refused);
  EXPECT_THAT(take("read the parent"), refused);
  if (kernel.drops_user) {
    EXPECT_EQ(take("become root"), "EPERM");
  }
  tried.erase("become root");
  for (const char* what : {"read passwd", "read a file", "write a file", "make a file",
                           "make a folder", "make a link", "remove a file"}) {
    const auto got = take(what);
    if (kernel.landlock_abi > 0) {
      EXPECT_EQ(got, "EACCES") << what;
    }
  }
#ifndef ALIH_SANITIZED
  const auto clone3 = take("clone3");
  if (kernel.seccomp) {
    EXPECT_EQ(clone3, "ENOSYS");
  }
#endif
  EXPECT_GE(tried.size(), 11U);
  for (const auto& [what, got] : tried) {
    if (kernel.seccomp) {
      EXPECT_EQ(got, "EPERM") << what;
    }
  }
  EXPECT_EQ(fs::file_size(work / "file"), 6U);
}

struct LiveWorker : testing::Test {
  TempFolder work;
  Everything settings;
  LiveWorker() {
    testing_support::PageSpec spec;
    spec.dpi = 150;
    spec.size_pt = 16;
    spec.paragraphs = {"Catatan tentang nelayan di Kabupaten Banggai."};
    const auto bytes = processing::encode_tiff(testing_support::draw_page(spec).image, {});
    std::ofstream(work / "page.tif", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes->data()),
               static_cast<std::streamsize>(bytes->size()));
    settings.ocr.languages = "ind";
  }
  [[nodiscard]] PageTask task() const {
    PageTask task;
    task.master = work / "page.tif";
    task.languages = "ind";
    task.access = work / "access.jpg";
    task.thumbnail = work / "thumbnail.jpg";
    return task;
  }
};

TEST_F(LiveWorker, ReadsAPageInsideTheCage) {
  const auto kernel = cage_report();
  // For its owner only: it comes to the worker open.
  fs::permissions(work / "page.tif", fs::perms::owner_read);
  PageWorker worker(ALIH_WORKER, settings, work / "scratch");
  const auto read = worker.process(task());
  ASSERT_TRUE(read) << read.error().message.en;
  EXPECT_THAT(read->text.text(), HasSubstr("nelayan"));
  EXPECT_GT(fs::file_size(work / "access.jpg"), 1000U);
  EXPECT_GT(fs::file_size(work / "thumbnail.jpg"), 100U);
  auto status = status_of(worker.pid());
  EXPECT_EQ(status["NoNewPrivs"], "1");
  if (kernel.seccomp) {
    EXPECT_EQ(status["Seccomp"], "2");
  }
  EXPECT_EQ(status["CapEff"], "0000000000000000");
  if (kernel.drops_user) {
    EXPECT_EQ(status["Uid"], "65534\t65534\t65534\t65534");
    EXPECT_EQ(status["Gid"], "65534\t65534\t65534\t65534");
    EXPECT_EQ(status["Groups"], "");
  }
  // Files that came with tasks are closed again, here and there.
  const auto ours = open_files(::getpid());
  // Only root may look into a caged process.
  const auto theirs = kernel.drops_user ? open_files(worker.pid()) : 0;
  EXPECT_LT(theirs, 8U);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(worker.check(work / "page.tif"));
    auto again = task();
    again.read = false;
    ASSERT_TRUE(worker.process(again));
  }
  EXPECT_EQ(open_files(::getpid()), ours);
  if (kernel.drops_user) {
    EXPECT_EQ(open_files(worker.pid()), theirs);
  }
}

TEST_F(LiveWorker, LeavesNoOutputOfAPageThatFailed) {
  write(work / "page.tif", "no picture");
  PageWorker worker(ALIH_WORKER, settings, work / "scratch");
  EXPECT_FALSE(worker.process(task()));
  EXPECT_FALSE(fs::exists(work / "access.jpg"));
  EXPECT_FALSE(fs::exists(work / "thumbnail.jpg"));
}

// The file last read is kept by what it is, not by its name or number.
TEST_F(LiveWorker, SeesThatAFileChanged) {
  PageWorker worker(ALIH_WORKER, settings, work / "scratch");
  const auto first = worker.check(work / "page.tif");
  ASSERT_TRUE(first);
  testing_support::PageSpec spec;
  spec.dpi = 100;
  spec.paragraphs = {"Lain."};
  const auto bytes = processing::encode_tiff(testing_support::draw_page(spec).image, {});
  std::ofstream(work / "page.tif", std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(bytes->data()),
             static_cast<std::streamsize>(bytes->size()));
  const auto second = worker.check(work / "page.tif");
  ASSERT_TRUE(second);
  EXPECT_NE(first->frames.at(0).pixel_sha256, second->frames.at(0).pixel_sha256);
}

// As root, with models that only root may read: it stays root by number, without root's powers.
TEST_F(LiveWorker, ReadsModelsThatOnlyTheServiceMayRead) {
  const auto models = work / "models";
  fs::create_directory(models);
  fs::copy_file(fs::path(settings.ocr.models) / "ind.traineddata", models / "ind.traineddata");
  fs::permissions(models, fs::perms::owner_all);
  settings.ocr.models = models.string();
  settings.ocr.second.clear();
  PageWorker worker(ALIH_WORKER, settings, work / "scratch");
  const auto read = worker.process(task());
  ASSERT_TRUE(read) << read.error().message.en;
  EXPECT_THAT(read->text.text(), HasSubstr("nelayan"));
  EXPECT_EQ(status_of(worker.pid())["CapEff"], "0000000000000000");
}

TEST_F(LiveWorker, RefusesWhatIsNoRegularFile) {
  ASSERT_EQ(::mkfifo((work / "pipe").c_str(), 0600), 0);
  fs::create_symlink("/etc/passwd", work / "link");
  PageWorker worker(ALIH_WORKER, settings, work / "scratch");
  for (const fs::path& path : {work / "pipe", fs::path("/dev/zero"), work.path()}) {
    const auto checked = worker.check(path);
    ASSERT_FALSE(checked) << path;
    EXPECT_EQ(checked.error().code, ErrorCode::unreadable) << path;
    EXPECT_THAT(checked.error().message.en, HasSubstr("not a regular file"));
  }
  const auto absent = worker.check(work / "absent");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::not_found);
  // What a tool left behind is never followed elsewhere.
  EXPECT_FALSE(open_to_read(work / "link", Links::refuse));
  EXPECT_TRUE(open_to_read(work / "link", Links::follow));
  EXPECT_FALSE(open_to_write(work / "link"));
}

TEST(Child, SendsOnlyAFewFiles) {
  auto child = Child::start("/bin/cat", {});
  ASSERT_TRUE(child);
  const std::array<int, kMostFiles + 1> many{};
  const auto sent = child->send("x", 1, many);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::internal);
}

TEST(Child, SaysHowItsChildDiedAndItsLastWords) {
  const auto dies = [](const std::string& script) {
    auto child = Child::start("/bin/sh", {"-c", script});
    const auto heard = child->receive(10);
    return heard ? std::string("alive") : heard.error().message.en;
  };
  EXPECT_EQ(dies("echo aduh >&2; kill -ABRT $$"),
            "the worker was killed by signal 6 (ABRT); last words: aduh");
  EXPECT_EQ(dies("exit 4"), "the worker ended with code 4");
  EXPECT_THAT(dies("kill -XFSZ $$"), HasSubstr("the limit of file size"));
  EXPECT_THAT(dies("ulimit -St 1; while :; do :; done"), HasSubstr("processor time"));
  EXPECT_THAT(dies("kill -SYS $$"), HasSubstr("a forbidden system call"));
  EXPECT_THAT(dies("echo \"terminate called after throwing 'std::bad_alloc'\" >&2; kill -ABRT $$"),
              HasSubstr("(ABRT: the limit of memory)"));
  EXPECT_THAT(dies("kill -KILL $$"), HasSubstr("ran out of memory"));
  // Prints without end and does not die: the deadline holds.
  auto chatty = Child::start("/usr/bin/yes", {"aduh"});
  ASSERT_TRUE(chatty);
  auto loud = Child::start("/bin/sh", {"-c", "exec yes aduh >&2"});
  const double start = monotonic_seconds();
  const auto heard = loud->receive(0.5);
  ASSERT_FALSE(heard);
  EXPECT_LT(monotonic_seconds() - start, 5);
}

TEST(LastWords, AreOnePrintableLineAndItsEnd) {
  EXPECT_EQ(last_words("  satu\n\n\x1b[31mdua\x07\xff tiga\n"), "satu [31mdua tiga");
  EXPECT_EQ(last_words(""), "");
  EXPECT_EQ(last_words("a\xe2\x80\xae"
                       "b\xc2\x85"
                       "c"),
            "a b c");  // bidi override, C1
  std::string long_text;
  for (int i = 0; i < 400; ++i) long_text += "é";
  const auto cut = last_words(long_text);
  EXPECT_LT(cut.size(), 310U);
  EXPECT_TRUE(cut.starts_with("…é"));
}

// ---- tools

struct ToolCage : testing::Test {
  TempFolder work;
  Result<ToolOutput> shell(const std::string& script, double seconds = 10, int memory_mib = 256) {
    return run_tool({"bash", "-c", script}, work.path(),
                    {monotonic_seconds() + seconds, memory_mib, 1});
  }
  std::string said(const std::string& script) {
    const auto ran = shell(script);
    return ran ? ran->out + ran->err : ran.error().message.en;
  }
};

TEST_F(ToolCage, GivesOutputAndExitCode) {
  const auto ran = shell("echo here; echo bad >&2; pwd; exit 3");
  ASSERT_TRUE(ran) << ran.error().message.en;
  EXPECT_EQ(ran->exit_code, 3);
  EXPECT_EQ(ran->out, "here\n" + work.path().string() + "\n");
  EXPECT_EQ(ran->err, "bad\n");
}
TEST_F(ToolCage, HasNothingOfOursOpenAndNoPrivileges) {
  std::ifstream secret("/etc/hostname");
  const auto files = shell("echo /proc/self/fd/*");
  ASSERT_TRUE(files);
  EXPECT_THAT(files->out, HasSubstr("/fd/2"));
  EXPECT_THAT(files->out, Not(HasSubstr("/fd/4")));  // 3 is the folder that it reads
  const auto ran = run_tool({"cat", "/proc/self/status"}, work.path(), {monotonic_seconds() + 5});
  ASSERT_TRUE(ran);
  const auto kernel = cage_report();
  EXPECT_THAT(ran->out, HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(ran->out, HasSubstr("CapEff:\t0000000000000000"));
  if (kernel.seccomp) {
    EXPECT_THAT(ran->out, HasSubstr("Seccomp:\t2"));
  }
  if (kernel.drops_user) {
    EXPECT_THAT(ran->out, HasSubstr("Uid:\t65534\t65534\t65534\t65534"));
  }
}
TEST_F(ToolCage, WritesInItsFolderAndReadsItsInputOnly) {
  const auto kernel = cage_report();
  const TempFolder other;
  open_to_all(other.path());
  write(other / "file", "secret\n");
  write(other / "input", "given\n");
  open_to_all(other / "file");
  EXPECT_EQ(said("echo x > new && read -r l < new && echo $l"), "x\n");
  const auto input = open_to_read(other / "input", Links::follow);
  ASSERT_TRUE(input);
  const auto read =
      run_tool({"cat", kToolInput}, work.path(), {monotonic_seconds() + 5}, input->get());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->out, "given\n");
  EXPECT_THAT(said("read -r l < /etc/shadow; echo \"got $l\""), HasSubstr("denied"));
  if (kernel.landlock_abi == 0) return;
  const auto file = (other / "file").string();
  EXPECT_THAT(said("read -r l < " + file + "; echo \"got $l\""), HasSubstr("got \n"));
  EXPECT_THAT(said("echo x > " + file), HasSubstr("denied"));
  EXPECT_THAT(said("echo x > " + file + ".new"), HasSubstr("denied"));
  EXPECT_THAT(said("echo x > /tmp/alih-caged"), HasSubstr("denied"));
  EXPECT_THAT(said("exec ln -s /etc/shadow link"), HasSubstr("denied"));
  EXPECT_THAT(said("exec mkfifo pipe"), AnyOf(HasSubstr("denied"), HasSubstr("permitted")));
  std::ifstream after(other / "file");
  std::string line;
  EXPECT_TRUE(std::getline(after, line));
  EXPECT_EQ(line, "secret");
}
TEST_F(ToolCage, ReachesNobody) {
  if (!cage_report().seccomp) GTEST_SKIP() << "no seccomp here";
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const auto port = std::to_string(::ntohs(address.sin_port));
  EXPECT_THAT(said("exec 5<>/dev/tcp/127.0.0.1/" + port + " && echo connected"),
              HasSubstr("not permitted"));
  ::close(listener);
  EXPECT_THAT(said("kill -0 " + std::to_string(::getpid()) + " && echo reached"),
              HasSubstr("not permitted"));
#ifndef ALIH_SANITIZED
  EXPECT_THAT(said("(echo forked)"), AllOf(Not(HasSubstr("forked\n")), HasSubstr("fork")));
#endif
}
TEST_F(ToolCage, EndsWhenTimeIsUp) {
  const double start = monotonic_seconds();
  const auto ran = shell("echo $$ > process; while :; do :; done", 0.5);
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, ErrorCode::timeout);
  EXPECT_LT(monotonic_seconds() - start, 5);
  std::ifstream file(work / "process");
  int process = 0;
  ASSERT_TRUE(file >> process);
  EXPECT_NE(::kill(process, 0), 0);
}
TEST_F(ToolCage, StopsFilesAndAnswersThatGrow) {
  const auto large = shell("exec head -c 5000000 /dev/zero > file");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::device_lost);
  EXPECT_THAT(large.error().message.en, HasSubstr("the limit of file size"));
  EXPECT_LE(fs::file_size(work / "file"), 1U << 20U);
  const auto chatty = shell("exec head -c 50000000 /dev/zero");
  ASSERT_FALSE(chatty);
  EXPECT_EQ(chatty.error().code, ErrorCode::too_large);
}
TEST_F(ToolCage, SaysWhatIsNotInstalledAndWhatDied) {
  const auto absent =
      run_tool({"alihmedia-no-such-tool"}, work.path(), {monotonic_seconds() + 5, 256, 1});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::unavailable);
  const auto died = shell("echo aduh >&2; kill -SEGV $$");
  ASSERT_FALSE(died);
  EXPECT_THAT(died.error().message.en, HasSubstr("bash was killed by signal 11"));
  EXPECT_THAT(died.error().message.id, HasSubstr("kata terakhir: aduh"));
}

}  // namespace
}  // namespace alih::pipeline
