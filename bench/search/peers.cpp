#include "bench/search/peers.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>

#include <sqlite3.h>
#include <xapian.h>

namespace alih::bench {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void give_up(const std::string& what) {
  std::cerr << "bench/search: " << what << '\n';
  std::exit(1);
}
void check(const Status& status) {
  if (!status) give_up(status.error().message.en);
}

class Product final : public Engine {
 public:
  explicit Product(fs::path folder) : folder_(std::move(folder)) {
    fs::remove_all(folder_);
    open(true);
  }
  [[nodiscard]] std::string name() const override { return "alihmedia"; }
  void index(const PageLine& page) override { check(store_->add_bulk(page)); }
  void finish() override { check(store_->finish_bulk()); }
  void compact() override {
    check(store_->merge_all());
    store_.reset();
    open(false);
  }
  [[nodiscard]] std::uint64_t bytes() const override { return folder_bytes(folder_); }
  void add(const std::vector<PageLine>& pages) override { check(store_->add(pages)); }
  [[nodiscard]] bool can(std::string_view) const override { return true; }
  [[nodiscard]] std::vector<std::string> query(std::string_view klass,
                                               const std::vector<std::string>& terms,
                                               std::string_view filter) override {
    std::string joined;
    for (const auto& t : terms) joined += t + " ";
    const auto answer = store_->query(klass, joined, filter, 10);
    if (!answer) give_up(answer.error().message.en);
    return store_->names(*answer);
  }
  [[nodiscard]] bool is_exact(std::string_view klass, const std::vector<std::string>& terms,
                              std::string_view filter) override {
    std::string joined;
    for (const auto& t : terms) joined += t + " ";
    const auto pruned = store_->query(klass, joined, filter, 10);
    const auto all = store_->query(klass, joined, filter, 10, true);
    if (!pruned || !all) give_up("a question cannot be answered");
    return std::equal(pruned->best.begin(), pruned->best.end(), all->best.begin(), all->best.end(),
                      [](const auto& a, const auto& b) {
                        return a.segment == b.segment && a.document == b.document &&
                               a.score == b.score;
                      });
  }
  [[nodiscard]] Opening opening() override {
    const auto timed = [](const fs::path& folder) {
      const auto start = std::chrono::steady_clock::now();
      auto store = Store::open(folder, false);
      if (!store) give_up(store.error().message.en);
      return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
          .count();
    };
    // The files as they are now: its log holds what no table has yet.
    check(store_->settle());
    const auto copy = fs::path(folder_.string() + "-killed");
    fs::copy(folder_, copy, fs::copy_options::recursive);
    Opening out;
    out.killed = timed(copy);
    fs::remove_all(copy);
    store_.reset();
    out.clean = timed(folder_);
    open(false);
    return out;
  }

 private:
  void open(bool create) {
    auto store = Store::open(folder_, create);
    if (!store) give_up(store.error().message.en);
    store_ = std::move(*store);
  }
  fs::path folder_;
  std::unique_ptr<Store> store_;
};

class XapianEngine final : public Engine {
 public:
  explicit XapianEngine(fs::path folder) : folder_(std::move(folder)) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    writer_ = Xapian::WritableDatabase((folder_ / "db").string(), Xapian::DB_CREATE_OR_OVERWRITE);
  }
  [[nodiscard]] std::string name() const override { return "xapian"; }
  void index(const PageLine& page) override { writer_.add_document(document(page)); }
  void finish() override { writer_.commit(); }
  void compact() override {
    writer_.close();
    Xapian::Database((folder_ / "db").string()).compact((folder_ / "small").string());
    fs::remove_all(folder_ / "db");
    reader_ = Xapian::Database((folder_ / "small").string());
  }
  [[nodiscard]] std::uint64_t bytes() const override { return folder_bytes(folder_); }
  void add(const std::vector<PageLine>& pages) override {
    if (!writing_) {
      writer_ = Xapian::WritableDatabase((folder_ / "small").string(), Xapian::DB_OPEN);
      writing_ = true;
    }
    for (const auto& page : pages) writer_.add_document(document(page));
    writer_.commit();
    reader_.reopen();
  }
  [[nodiscard]] bool can(std::string_view klass) const override {
    return !klass.starts_with("fuzzy");
  }
  [[nodiscard]] std::vector<std::string> query(std::string_view klass,
                                               const std::vector<std::string>& terms,
                                               std::string_view filter) override {
    Xapian::Query q;
    if (klass.starts_with("prefix")) {
      q = Xapian::Query(Xapian::Query::OP_WILDCARD, terms[0]);
    } else {
      const auto op = klass.starts_with("phrase") ? Xapian::Query::OP_PHRASE
                      : klass.starts_with("or") || klass.starts_with("filt")
                          ? Xapian::Query::OP_OR
                          : Xapian::Query::OP_AND;
      q = Xapian::Query(op, terms.begin(), terms.end());
    }
    if (!filter.empty()) {
      const auto space = filter.find(' ');
      q = Xapian::Query(Xapian::Query::OP_FILTER, q,
                        Xapian::Query("XS" + std::string(filter.substr(0, space))));
      q = Xapian::Query(Xapian::Query::OP_FILTER, q,
                        Xapian::Query("XA" + std::string(filter.substr(space + 1))));
    }
    Xapian::Enquire enquire(reader_);
    enquire.set_weighting_scheme(Xapian::BM25Weight(1.2, 0, 1, 0.75, 0));
    enquire.set_query(q);
    std::vector<std::string> out;
    const auto found = enquire.get_mset(0, 10);
    for (auto it = found.begin(); it != found.end(); ++it) {
      out.push_back(it.get_document().get_data());
    }
    return out;
  }

 private:
  static Xapian::Document document(const PageLine& page) {
    Xapian::Document d;
    d.set_data(std::string(page.page_id));
    Xapian::termpos position = 0;
    each_token(page.text, [&](std::string_view t) { d.add_posting(std::string(t), ++position); });
    d.add_boolean_term("XS" + std::string(page.series));
    d.add_boolean_term("XA" + std::string(page.access));
    return d;
  }
  fs::path folder_;
  Xapian::WritableDatabase writer_;
  Xapian::Database reader_;
  bool writing_ = false;
};

class Fts5 final : public Engine {
 public:
  explicit Fts5(fs::path folder) : folder_(std::move(folder)) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    if (sqlite3_open((folder_ / "fts.db").c_str(), &db_) != SQLITE_OK) give_up("sqlite3_open");
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("PRAGMA mmap_size=4294967296");
    run("PRAGMA cache_size=-65536");
    run("CREATE VIRTUAL TABLE f USING fts5(t, content='', tokenize='ascii')");
    run("CREATE TABLE m(id INTEGER PRIMARY KEY, page TEXT, series TEXT, access TEXT)");
    run("BEGIN");
    insert_ = prepare("INSERT INTO f(rowid, t) VALUES (?, ?)");
    facts_ = prepare("INSERT INTO m VALUES (?, ?, ?, ?)");
    plain_ = prepare("SELECT rowid FROM f WHERE f MATCH ? ORDER BY rank LIMIT 10");
    filtered_ = prepare(
        "SELECT f.rowid FROM f JOIN m ON m.id = f.rowid WHERE f MATCH ? AND m.series = ? AND "
        "m.access = ? ORDER BY rank LIMIT 10");
    name_ = prepare("SELECT page FROM m WHERE id = ?");
  }
  ~Fts5() override {
    for (auto* s : {insert_, facts_, plain_, filtered_, name_}) sqlite3_finalize(s);
    sqlite3_close(db_);
  }
  [[nodiscard]] std::string name() const override { return "fts5"; }
  void index(const PageLine& page) override {
    ++rows_;
    sqlite3_bind_int64(insert_, 1, rows_);
    bind(insert_, 2, page.text);
    step(insert_);
    sqlite3_bind_int64(facts_, 1, rows_);
    bind(facts_, 2, page.page_id);
    bind(facts_, 3, page.series);
    bind(facts_, 4, page.access);
    step(facts_);
  }
  void finish() override { run("COMMIT"); }
  void compact() override {
    run("INSERT INTO f(f) VALUES('optimize')");
    run("VACUUM");
    run("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  [[nodiscard]] std::uint64_t bytes() const override { return folder_bytes(folder_); }
  void add(const std::vector<PageLine>& pages) override {
    run("BEGIN");
    for (const auto& page : pages) index(page);
    run("COMMIT");
  }
  [[nodiscard]] bool can(std::string_view klass) const override {
    return !klass.starts_with("fuzzy");
  }
  [[nodiscard]] std::vector<std::string> query(std::string_view klass,
                                               const std::vector<std::string>& terms,
                                               std::string_view filter) override {
    std::string q;
    const bool phrase = klass.starts_with("phrase");
    const bool any = klass.starts_with("or") || klass.starts_with("filt");
    for (const auto& t : terms) {
      if (!q.empty()) q += phrase ? " + " : any ? " OR " : " AND ";
      q += "\"" + t + "\"";
    }
    if (klass.starts_with("prefix")) q += " *";
    auto* s = filter.empty() ? plain_ : filtered_;
    bind(s, 1, q);
    if (!filter.empty()) {
      const auto space = filter.find(' ');
      bind(s, 2, filter.substr(0, space));
      bind(s, 3, filter.substr(space + 1));
    }
    std::vector<std::string> out;
    while (sqlite3_step(s) == SQLITE_ROW) {
      sqlite3_bind_int64(name_, 1, sqlite3_column_int64(s, 0));
      if (sqlite3_step(name_) == SQLITE_ROW) {
        out.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(name_, 0)));  // NOLINT
      }
      sqlite3_reset(name_);
    }
    sqlite3_reset(s);
    return out;
  }

 private:
  void run(const char* sql) {
    char* error = nullptr;
    if (sqlite3_exec(db_, sql, nullptr, nullptr, &error) != SQLITE_OK) give_up(error);
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* out = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &out, nullptr) != SQLITE_OK) give_up(sqlite3_errmsg(db_));
    return out;
  }
  static void bind(sqlite3_stmt* s, int at, std::string_view text) {
    sqlite3_bind_text(s, at, text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT);  // NOLINT
  }
  void step(sqlite3_stmt* s) {
    if (sqlite3_step(s) != SQLITE_DONE) give_up(sqlite3_errmsg(db_));
    sqlite3_reset(s);
  }
  fs::path folder_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* facts_ = nullptr;
  sqlite3_stmt* plain_ = nullptr;
  sqlite3_stmt* filtered_ = nullptr;
  sqlite3_stmt* name_ = nullptr;
  sqlite3_int64 rows_ = 0;
};

}  // namespace

std::unique_ptr<Engine> make_product(const fs::path& folder) {
  return std::make_unique<Product>(folder);
}
std::unique_ptr<Engine> make_xapian(const fs::path& folder) {
  return std::make_unique<XapianEngine>(folder);
}
std::unique_ptr<Engine> make_fts5(const fs::path& folder) { return std::make_unique<Fts5>(folder); }

}  // namespace alih::bench
