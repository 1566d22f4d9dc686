#include "indexer/commit_head.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fixity.h"

namespace alih::indexer {
namespace {

constexpr std::size_t kSlot = 512;
constexpr double kSyncEvery = 5;  // seconds
constexpr std::string_view kMagic = "alihmedia-head-1";

std::string line_of(std::uint64_t turn, const CommitHead& h) {
  const auto text = fmt::format("{} {} {} {} {} {}", kMagic, turn, h.identity, h.database_sequence,
                                h.event_sequence, h.event_sha256.empty() ? "-" : h.event_sha256);
  return text + " " + sha256_hex(text);
}

struct Slot {
  std::uint64_t turn = 0;
  CommitHead head;
};

std::optional<Slot> slot_from(const std::string& bytes) {
  const auto line = bytes.substr(0, bytes.find('\n'));
  const auto space = line.rfind(' ');
  if (space == std::string::npos || sha256_hex(line.substr(0, space)) != line.substr(space + 1)) {
    return std::nullopt;
  }
  std::istringstream in(line);
  std::string magic;
  Slot slot;
  auto& h = slot.head;
  if (!(in >> magic >> slot.turn >> h.identity >> h.database_sequence >> h.event_sequence >>
        h.event_sha256) ||
      magic != kMagic) {
    return std::nullopt;
  }
  if (h.event_sha256 == "-") h.event_sha256.clear();
  return slot;
}

tl::unexpected<Error> cannot_write(int why) {
  if (why == ENOSPC || why == EDQUOT) {
    return fail(ErrorCode::disk_full, "Diska penuh; kosongkan ruang, lalu ulangi",
                "The disk is full; make room and try again");
  }
  return fail(ErrorCode::unavailable, "Catatan komit basis data tidak dapat ditulis: {}",
              "The database's commit head cannot be written: {}",
              {std::strerror(why)});  // NOLINT: glibc's is safe
}

}  // namespace

std::filesystem::path CommitHeadFile::path_of(const std::filesystem::path& folder) {
  auto path = folder;
  path += ".head";
  return path;
}

std::optional<CommitHead> CommitHeadFile::read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::optional<Slot> newest;
  for (int i = 0; i < 2; ++i) {
    std::string bytes(kSlot, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(kSlot));
    const auto slot = slot_from(bytes);
    if (slot && (!newest || slot->turn > newest->turn)) newest = slot;
  }
  if (!newest) return std::nullopt;
  return newest->head;
}

CommitHeadFile::~CommitHeadFile() {
  if (fd_ < 0) return;
  sync();
  ::close(fd_);
}

Status CommitHeadFile::open(const std::filesystem::path& file, const CommitHead& head) {
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) return cannot_write(errno);
  // Both slots, so that no older one can win.
  ALIH_CHECK(write(head));
  ALIH_CHECK(write(head));
  if (::fsync(fd_) != 0) return cannot_write(errno);
  const int folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    (void)::fsync(folder);  // lost, it is made again at the next start
    ::close(folder);
  }
  return {};
}

Status CommitHeadFile::write(const CommitHead& head) {
  ++turn_;
  auto bytes = line_of(turn_, head) + "\n";
  bytes.resize(kSlot, '\0');
  const auto place = static_cast<off_t>((turn_ % 2) * kSlot);
  if (::pwrite(fd_, bytes.data(), bytes.size(), place) != static_cast<ssize_t>(bytes.size())) {
    return cannot_write(errno == 0 ? ENOSPC : errno);
  }
  const double now = monotonic_seconds();
  if (now - synced_at_ > kSyncEvery) sync();
  return {};
}

void CommitHeadFile::sync() {
  (void)::fdatasync(fd_);  // behind is allowed
  synced_at_ = monotonic_seconds();
}

}  // namespace alih::indexer
