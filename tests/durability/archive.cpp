#include "tests/durability/archive.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fields.h"
#include "repository/durable_file.h"

namespace alih::durability {

using pipeline::Holdings;

namespace {

void quiet(std::uint64_t, std::uint64_t) {}

std::vector<std::string> split(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// Random bytes that only this number gives.
std::vector<std::byte> bytes_of(std::uint64_t seed) {
  std::vector<std::byte> bytes(200 + seed * 7919 % 9000);
  auto state = seed * 0x9E3779B97F4A7C15U + 1;
  for (auto& b : bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    b = static_cast<std::byte>(state >> 56U);
  }
  return bytes;
}

}  // namespace

pipeline::Everything settings() {
  pipeline::Everything settings;
  settings.repository.keep_free_mib = 0;
  settings.repository.keep_free_percent = 0;
  settings.repository.ballast_mib = 0;
  settings.pipeline.lock_wait_s = 30;
  return settings;
}

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

ChildEnd in_child(const std::function<std::string()>& run, int seconds) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {"no pipe", -1, 0};
  const pid_t pid = ::fork();
  if (pid < 0) return {"no child", -1, 0};
  if (pid == 0) {
    ::close(ends[0]);
    const auto said = run();
    std::size_t at = 0;
    while (at < said.size()) {
      const auto done = ::write(ends[1], said.data() + at, said.size() - at);
      if (done <= 0) break;
      at += static_cast<std::size_t>(done);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  ChildEnd end;
  const double until = monotonic_seconds() + seconds;
  for (;;) {
    pollfd wait{ends[0], POLLIN, 0};
    const auto left = std::max(0.0, until - monotonic_seconds());
    if (::poll(&wait, 1, static_cast<int>(left * 1000)) == 0) {
      end.said += "not done within " + std::to_string(seconds) + " s\n";
      ::kill(pid, SIGKILL);
      break;
    }
    char buffer[4096];
    const auto got = ::read(ends[0], buffer, sizeof buffer);
    if (got <= 0) break;
    end.said.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (WIFEXITED(status)) end.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  return end;
}

void Ledger::add(const std::string& line) const {
  const int fd = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  const auto text = line + "\n";
  if (fd < 0 || ::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    std::abort();
  }
  ::close(fd);
}

std::vector<Ledger::Call> Ledger::calls() const {
  std::vector<Call> out;
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) {
    auto words = split(line);
    if (words.size() < 2) continue;
    const int number = std::stoi(words[1]);
    if (words[0] == "try") {
      Call call;
      call.number = number;
      call.name = words.at(2);
      call.words.assign(words.begin() + 3, words.end());
      out.push_back(std::move(call));
      continue;
    }
    for (auto& call : out) {
      if (call.number != number) continue;
      if (words[0] == "ack") call.end = Call::done;
      if (words[0] == "no") call.end = Call::not_done;
      if (words[0] == "err") call.error = true;
      if (words[0] == "ack" && words.size() > 2) call.answer = words[2];
    }
  }
  return out;
}

std::vector<ExpectedItem> expected(const Ledger& ledger) {
  std::vector<ExpectedItem> out;
  // A call that was acknowledged leaves one value, another one adds its own.
  const auto take = [](auto& values, const auto& value, bool sure) {
    if (sure) values.clear();
    values.insert(value);
  };
  for (const auto& call : ledger.calls()) {
    if (call.end == Ledger::Call::not_done) continue;
    const bool sure = call.end == Ledger::Call::done;
    const auto id = ItemId::parse(call.words.at(0)).value();
    if (call.name == "create") {
      ExpectedItem item;
      item.id = id;
      item.sure = sure;
      item.number = call.answer;
      item.titles = {call.words.at(1)};
      for (std::size_t i = 2; i < call.words.size(); ++i) {
        item.pages.push_back({call.words[i], {""}, true});
      }
      out.push_back(std::move(item));
      continue;
    }
    const auto found = std::find_if(out.begin(), out.end(),
                                    [&](const ExpectedItem& item) { return item.id == id; });
    if (found == out.end()) continue;
    auto& item = *found;
    if (call.name == "page") item.pages.push_back({call.words.at(1), {""}, sure});
    if (call.name == "title") {
      if (sure) item.old_words.insert(item.titles.begin(), item.titles.end());
      take(item.titles, call.words.at(1), sure);
    }
    if (call.name == "finish") {
      auto& words = item.pages.at(std::stoul(call.words.at(1)) - 1).words;
      if (sure) item.old_words.insert(words.begin(), words.end());
      take(words, call.words.at(2), sure);
    }
    if (call.name == "close") take(item.closed, true, sure);
    if (call.name == "withdraw") take(item.withdrawn, true, sure);
  }
  return out;
}

Work::Work(Holdings& holdings, Ledger ledger) : holdings_(holdings), ledger_(std::move(ledger)) {
  for (const auto& call : ledger_.calls()) next_ = std::max(next_, call.number + 1);
}

// Syllables for digits: no two words are spellings of each other.
std::string Work::word() {
  std::string out = "ka";
  for (const char digit : std::to_string(next_)) {
    out += std::string_view("babebibobudadedidodu")
               .substr(static_cast<std::size_t>(digit - '0') * 2, 2);
  }
  return out + "k";
}

int Work::begin(const std::string& call) {
  ledger_.add("try " + std::to_string(next_) + " " + call);
  return next_++;
}

bool Work::end(int number, const Status& status, const std::string& answer) {
  ledger_.add(status ? "ack " + std::to_string(number) + " " + answer
                     : "err " + std::to_string(number) + " " + status.error().message.en);
  return status.has_value();
}

Result<pipeline::PageDraft> Work::master(const ItemId& item, const std::string& name) {
  const auto bytes = bytes_of(std::hash<std::string>()(std::to_string(next_) + name));
  pipeline::PageDraft draft;
  ALIH_TRY(draft.master.fixity, holdings_.keep_master(item, name, bytes));
  draft.master.file = name;
  draft.master.format = "tiff";
  draft.width = draft.height = 100;
  draft.dpi = 300;
  draft.color_mode = "gray";
  draft.bit_depth = 8;
  draft.agent = pipeline::program_agent();
  draft.event_type = "ingestion";
  return draft;
}

bool Work::create(int pages) {
  Item draft;
  draft.id = ItemId::make();
  draft.series = "ALM-KOL";
  const auto title = word();
  std::string sums;
  std::vector<pipeline::PageDraft> drafts;
  for (int i = 1; i <= pages; ++i) {
    auto page = master(draft.id, Holdings::provisional_name(i, "tif"));
    if (!page) {
      // As the intake does: what never came to be is thrown away.
      const int number = begin("nothing " + draft.id.str());
      holdings_.forget(draft.id);
      return end(number, fail(std::move(page).error()));
    }
    sums += " " + page->master.fixity.sha256;
    drafts.push_back(std::move(*page));
  }
  const int number = begin("create " + draft.id.str() + " " + title + sums);
  if (!set_field(draft, "title", title)) return false;
  newest_ = draft.id;
  const auto made = holdings_.create_item(draft, drafts, pipeline::person_agent());
  if (!made) {
    holdings_.forget(draft.id);  // as the intake does
    return end(number, fail(Error(made.error())));
  }
  return end(number, {}, made->digitization_no);
}

bool Work::add_page(const ItemId& id) {
  const auto item = holdings_.database().item(id);
  if (!item) return false;
  const auto name = file_name(item->digitization_no, 'm', holdings_.next_file_seq(id), "tif");
  const auto draft = master(id, name);
  if (!draft) return end(begin("nothing " + id.str()), fail(Error(draft.error())));
  const int number = begin("page " + id.str() + " " + draft->master.fixity.sha256);
  const auto added = holdings_.add_pages(id, {*draft}, pipeline::person_agent());
  return end(number, added ? Status{} : Status(fail(Error(added.error()))));
}

bool Work::finish(const ItemId& item, int seq) {
  const auto text = word();
  pipeline::PageResult result;
  result.access_width = result.access_height = 100;
  result.text.width = result.text.height = 100;
  result.text.blocks = {{{}, {{{}, {{text, {1, 1, 50, 10}, 0.9}}, {}}}}};
  result.reading.engine = "made up";
  result.reading.words = 1;
  result.recipe = text;
  const int number = begin("finish " + item.str() + " " + std::to_string(seq) + " " + text);
  pipeline::JobRef job;
  job.item = item;
  job.file_seq = seq;
  const auto finished = holdings_.finish_page(job, result);
  return end(number, finished ? Status{} : Status(fail(Error(finished.error()))));
}

bool Work::title(const ItemId& item) {
  const auto text = word();
  const int number = begin("title " + item.str() + " " + text);
  const auto set = holdings_.set_fields(item, {{"title", text}}, pipeline::person_agent());
  return end(number, set ? Status{} : Status(fail(Error(set.error()))));
}

bool Work::describe(const ItemId& item) {
  const int number = begin("describe " + item.str());
  const auto set = holdings_.set_fields(item,
                                        {{"batch_no", "1"},
                                         {"source_unit", "Arsip"},
                                         {"material_type", "book"},
                                         {"language", "ind"},
                                         {"script", "Latn"},
                                         {"page_count_declared", "2"},
                                         {"condition", "good"},
                                         {"original_location", "Rak"},
                                         {"rights_status", "public_domain"}},
                                        pipeline::person_agent());
  return end(number, set ? Status{} : Status(fail(Error(set.error()))));
}

bool Work::close(const ItemId& item) {
  const int number = begin("close " + item.str());
  const auto closed = holdings_.close(item, pipeline::person_agent());
  return end(number, closed ? Status{} : Status(fail(Error(closed.error()))));
}

bool Work::withdraw(const ItemId& item) {
  const int number = begin("withdraw " + item.str());
  const auto gone = holdings_.withdraw(item, "test", pipeline::person_agent());
  return end(number, gone ? Status{} : Status(fail(Error(gone.error()))));
}

bool Work::step(std::uint64_t random) {
  const auto items = holdings_.database().items({});
  if (items.empty() || random % 8 == 0) return create(static_cast<int>(random / 8 % 3));
  const auto& item = items[items.size() - 1 - random / 8 % std::min<std::size_t>(items.size(), 4)];
  const auto pages = holdings_.database().pages(item.id);
  for (const auto& page : pages) {
    if (page.state == PageState::captured && random % 8 < 6) return finish(item.id, page.file_seq);
  }
  const bool waits = std::any_of(pages.begin(), pages.end(), [](const Page& page) {
    return page.state == PageState::captured;
  });
  const auto choice = random / 64 % 16;
  if (choice == 0 && item.state != ItemState::withdrawn) return withdraw(item.id);
  if (choice < 4) return add_page(item.id);
  if (choice < 7 && !pages.empty()) {
    return finish(item.id, pages[random / 1024 % pages.size()].file_seq);
  }
  if (choice < 13 && item.version == 0 && !waits && !pages.empty()) {
    return describe(item.id) && close(item.id);
  }
  return title(item.id);
}

namespace {

struct Found {
  std::size_t total = 0;
  std::string item;
  int page_seq = 0;
};

Found search(const indexer::Database& database, const std::string& word) {
  indexer::SearchRequest request;
  request.query = word;
  request.exact = true;  // words of no language: another one may look like a misreading
  const auto result = database.search(request);
  if (!result) return {SIZE_MAX, result.error().message.en, 0};
  Found found{result->total, "", 0};
  if (!result->hits.empty()) {
    found.item = result->hits[0].item.id.str();
    if (result->hits[0].page) found.page_seq = result->hits[0].page->file_seq;
  }
  return found;
}

class Checker {
 public:
  Checker(const Holdings& holdings, std::string& bad) : holdings_(holdings), bad_(bad) {}

  void item(const ExpectedItem& want) {
    const auto& database = holdings_.database();
    where_ = want.id.str();
    const auto item = database.item(want.id);
    if (!item) {
      if (want.sure) say("is gone: " + item.error().message.en);
      std::error_code error;
      if (fs::exists(holdings_.files().item_folder(want.id), error)) {
        say("was never registered, and its folder is still there");
      }
      return;
    }
    where_ = item->digitization_no;
    if (!want.number.empty() && item->digitization_no != want.number) {
      say("was acknowledged as " + want.number);
    }
    const bool withdrawn = item->state == ItemState::withdrawn;
    if (!want.withdrawn.contains(withdrawn)) say("its withdrawal is wrong");
    if (!want.closed.contains(item->version > 0)) say("it is not as closed as it should be");
    if ((item->version > 0) != holdings_.files().objects().has(want.id)) {
      say("the item and its OCFL object do not agree");
    }
    if (item->version != holdings_.files().objects().head(want.id)) say("another version");
    const auto title = item->field("title");
    if (!want.titles.contains(title)) say("title " + title);
    for (const auto& word : want.titles) {
      found(word, want.id, 0, word == title && !withdrawn);
    }
    for (const auto& word : want.old_words) {
      if (!word.empty()) found(word, want.id, 0, false);
    }
    pages(want, withdrawn);
  }

  void leftovers() {
    const auto& data = holdings_.files().data_folder();
    for (const char* part : {"staging", "repository"}) {
      std::error_code error;
      for (fs::recursive_directory_iterator it(data / part, error), end; !error && it != end;
           it.increment(error)) {
        const auto name = it->path().filename().string();
        if (name.ends_with(".partial") || name.starts_with(".version")) {
          where_ = it->path().lexically_relative(data).string();
          say("was left behind");
        }
      }
    }
  }

 private:
  void say(const std::string& what) { bad_ += where_ + ": " + what + "\n"; }

  void found(const std::string& word, const ItemId& item, int page_seq, bool want) {
    const auto got = search(holdings_.database(), word);
    if (got.total != (want ? 1U : 0U)) {
      say("search for " + word + " gives " + std::to_string(got.total) + " " + got.item);
    } else if (want && (got.item != item.str() || got.page_seq != page_seq)) {
      say("search for " + word + " gives another page");
    }
  }

  void pages(const ExpectedItem& want, bool withdrawn) {
    const auto& database = holdings_.database();
    const auto pages = database.pages(want.id);
    const auto least = std::count_if(want.pages.begin(), want.pages.end(),
                                     [](const ExpectedPage& page) { return page.sure; });
    if (static_cast<std::ptrdiff_t>(pages.size()) < least || pages.size() > want.pages.size()) {
      say(std::to_string(pages.size()) + " pages instead of " + std::to_string(want.pages.size()));
      return;
    }
    int seq = 0;
    for (const auto& page : pages) {
      const auto& expectation = want.pages[static_cast<std::size_t>(seq++)];
      if (page.file_seq != seq || page.number != seq) say("the pages are not 1, 2, 3");
      if (page.master.fixity.sha256 != expectation.sha256) say("another master");
      const auto path = holdings_.files().master_path(want.id, page.master);
      const auto fixity = repository::file_fixity(path);
      if (!fixity || !fixity->same_bytes(page.master.fixity)) say("the master is not whole");
      const auto text = database.text(want.id, page.file_seq);
      auto word = text ? text->text() : "unreadable";
      while (!word.empty() && word.back() == '\n') word.pop_back();
      if (!expectation.words.contains(word)) {
        say("page " + std::to_string(seq) + " has the text '" + word + "'");
      }
      if (word.empty() != (page.state == PageState::captured)) say("state and text do not agree");
      if (database.job(want.id, seq, 'r').has_value() != (page.state == PageState::captured)) {
        say("page " + std::to_string(seq) + ": state and job do not agree");
      }
      for (const auto& each : expectation.words) {
        if (!each.empty()) found(each, want.id, seq, each == word && !withdrawn);
      }
    }
  }

  const Holdings& holdings_;
  std::string& bad_;
  std::string where_;
};

// Whether a call that was not acknowledged has happened.
bool happened(const Holdings& holdings, const Ledger::Call& call) {
  const auto& database = holdings.database();
  const auto id = ItemId::parse(call.words.at(0)).value();
  const auto item = database.item(id);
  if (!item) return false;
  if (call.name == "create") return true;
  if (call.name == "title") return item->field("title") == call.words.at(1);
  if (call.name == "describe") return item->rights != RightsStatus::undetermined;
  if (call.name == "close") return item->version > 0;
  if (call.name == "withdraw") return item->state == ItemState::withdrawn;
  for (const auto& page : database.pages(id)) {
    if (call.name == "page" && page.master.fixity.sha256 == call.words.at(1)) return true;
    if (call.name == "finish" && std::to_string(page.file_seq) == call.words.at(1)) {
      return page.recipe == call.words.at(2);
    }
  }
  return false;
}

}  // namespace

std::string check(const fs::path& data, const Ledger& ledger) {
  std::string bad;
  const auto opened = Holdings::open(data, settings(), Holdings::Mode::write);
  if (!opened) return "open: " + opened.error().message.en + "\n";
  const auto& holdings = **opened;
  for (const auto& problem : holdings.verify({}, quiet).problems) {
    bad += "verify: " + problem.kind + " " + problem.where + ": " + problem.detail + "\n";
  }
  Checker checker(holdings, bad);
  std::set<std::string> known;
  for (const auto& item : expected(ledger)) {
    known.insert(item.id.str());
    checker.item(item);
  }
  const auto items = holdings.database().items({});
  std::set<std::string> once;
  for (const auto& item : items) {
    if (!known.contains(item.id.str())) bad += item.digitization_no + ": nobody made it\n";
    if (!once.insert(item.id.str()).second) bad += item.digitization_no + ": twice\n";
  }
  if (holdings.files().items().size() != items.size()) bad += "files and database: other items\n";
  checker.leftovers();
  for (const auto& call : ledger.calls()) {
    if (call.end != Ledger::Call::open) continue;
    ledger.add((happened(holdings, call) ? "ack " : "no ") + std::to_string(call.number));
  }
  return bad;
}

}  // namespace alih::durability
