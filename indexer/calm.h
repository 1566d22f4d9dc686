#pragma once

#include <filesystem>
#include <stop_token>

namespace alih::indexer {

// A reader opens a database beside its writer in several steps, and only a list of tables that
// stays the same meanwhile gives it one state. One that was disturbed asks for calm; merges, which
// change the list most, wait for it. A kernel lock on the database's folder: gone with who had it.

// Asked for from the constructor to the destructor, by any number of readers at once. Where the
// folder cannot be locked nothing is asked for. One thread.
class AskForCalm {
 public:
  explicit AskForCalm(const std::filesystem::path& database_folder);
  ~AskForCalm();
  AskForCalm(const AskForCalm&) = delete;
  AskForCalm& operator=(const AskForCalm&) = delete;

 private:
  int folder_ = -1;
};

// Until nobody asks, `stop` is requested or `most_s` seconds went by: readers without end must not
// keep a merge for ever. From any thread.
void wait_for_readers(const std::filesystem::path& database_folder, double most_s,
                      const std::stop_token& stop);

}  // namespace alih::indexer
