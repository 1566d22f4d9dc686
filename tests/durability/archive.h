#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/holdings.h"
#include "tests/support/power.h"

// What the tests of durability share: work on a data folder that is written down outside of it
// before and after each call, and the question whether the folder has everything that was
// acknowledged.
namespace alih::durability {

namespace fs = std::filesystem;

[[nodiscard]] pipeline::Everything settings();
// A number from the environment.
[[nodiscard]] std::uint64_t number_of(const char* variable, std::uint64_t otherwise);

// Runs in a process of its own (RocksDB's threads do not survive a fork, so the test program itself
// never opens a database) and gives what it said, how it ended.
struct ChildEnd {
  std::string said;
  int code = -1;   // exit code; -1 when a signal ended it
  int signal = 0;  // 0 when none did; SIGKILL also when it took more than `seconds`
};
ChildEnd in_child(const std::function<std::string()>& run, int seconds = 120);

// One line for each call that changes something: "try N call words…" before it, then "ack N", or
// "err N message"; the check adds "no N" for what turned out not to have happened.
class Ledger {
 public:
  explicit Ledger(fs::path path) : path_(std::move(path)) {}
  struct Call {
    int number = 0;
    std::string name;
    std::vector<std::string> words;
    enum { open, done, not_done } end = open;
    bool error = false;
    std::string answer;
  };
  [[nodiscard]] std::vector<Call> calls() const;
  void add(const std::string& line) const;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// What the ledger lets expect. Several values: the call for the last one was not acknowledged.
struct ExpectedPage {
  std::string sha256;
  std::set<std::string> words;  // "" = not read yet
  bool sure = true;
};
struct ExpectedItem {
  ItemId id;
  bool sure = false;
  std::string number;
  std::set<std::string> titles;
  std::set<std::string> old_words;  // must not be found any more
  std::vector<ExpectedPage> pages;
  std::set<bool> closed{false};
  std::set<bool> withdrawn{false};
};
[[nodiscard]] std::vector<ExpectedItem> expected(const Ledger& ledger);

// A worker on the data folder. Each call is written down; false after an error.
class Work {
 public:
  Work(pipeline::Holdings& holdings, Ledger ledger);
  bool create(int pages);
  bool add_page(const ItemId& item);
  bool finish(const ItemId& item, int seq);
  bool title(const ItemId& item);
  bool describe(const ItemId& item);  // all required fields
  bool close(const ItemId& item);
  bool withdraw(const ItemId& item);
  // One step chosen by the number; closed, withdrawn and open items all get their share.
  bool step(std::uint64_t random);
  [[nodiscard]] const ItemId& newest() const { return newest_; }

 private:
  std::string word();  // one that nothing else has
  int begin(const std::string& call);
  bool end(int number, const Status& status, const std::string& answer = "");
  [[nodiscard]] Result<pipeline::PageDraft> master(const ItemId& item, const std::string& name);
  pipeline::Holdings& holdings_;
  Ledger ledger_;
  int next_ = 1;
  ItemId newest_;
};

// Opens the folder with the real disk and says what is wrong with it, one line each; empty = all
// good. Settles in the ledger what became of calls without an end.
[[nodiscard]] std::string check(const fs::path& data, const Ledger& ledger);

}  // namespace alih::durability
