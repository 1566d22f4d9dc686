#include "indexer/calm.h"

#include <chrono>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/clock.h"

namespace alih::indexer {

namespace {

int open_folder(const std::filesystem::path& folder) {
  return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

}  // namespace

AskForCalm::AskForCalm(const std::filesystem::path& database_folder)
    : folder_(open_folder(database_folder)) {
  // A writer has it for an instant only.
  if (folder_ >= 0) (void)::flock(folder_, LOCK_SH);
}

AskForCalm::~AskForCalm() {
  if (folder_ >= 0) ::close(folder_);
}

void wait_for_readers(const std::filesystem::path& database_folder, double most_s,
                      const std::stop_token& stop) {
  const int fd = open_folder(database_folder);
  if (fd < 0) return;
  const double until = monotonic_seconds() + most_s;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0 && !stop.stop_requested() &&
         monotonic_seconds() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::close(fd);  // taken, it is given back: a reader that begins now finds the change or asks again
}

}  // namespace alih::indexer
