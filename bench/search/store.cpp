#include "bench/search/store.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <mutex>

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>
#include <sys/resource.h>

#include "indexer/expand.h"
#include "indexer/index_store.h"
#include "indexer/keyspace.h"
#include "indexer/store_error.h"
#include "indexer/text_index.h"
#include "indexer/text_record.h"
#include "indexer/varint.h"

namespace alih::bench {
namespace {

using namespace indexer;

constexpr std::size_t kBulkBytes = std::size_t{192} << 20U;  // of the inverter, then a segment
constexpr int kCacheMib = 1024;
constexpr std::array<const char*, 10> kFamilies{"default", "micro", "dead",  "frame", "dict",
                                                "post",    "place", "names", "facts", "texts"};

double seconds_of(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// Facts that pages share stand for an item; 26 bytes, as an item's id.
std::string item_key(const PageLine& p) {
  std::string all;
  for (const auto part : {p.item_id, p.year, p.series, p.type, p.language, p.access}) {
    all += part;
    all += '\t';
  }
  std::uint64_t a = 0xCBF29CE484222325ULL;
  std::uint64_t b = 0x9E3779B97F4A7C15ULL;
  for (const char c : all) {
    a = (a ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    b = (b + static_cast<unsigned char>(c)) * 0xFF51AFD7ED558CCDULL;
    b ^= b >> 29U;
  }
  std::string out(26, '0');
  for (std::size_t i = 0; i < 13; ++i) {
    out[i] = static_cast<char>('A' + (a >> (4 * i) & 15U));
    out[13 + i] = static_cast<char>('A' + (b >> (4 * i) & 15U));
  }
  return out;
}

ItemFacts facts_from(std::string_view year, std::string_view series, std::string_view type,
                     std::string_view language, std::string_view access) {
  ItemFacts f;
  (void)std::from_chars(year.data(), year.data() + year.size(), f.year_issued);
  f.series = std::string(series) + '\t' + std::string(access);
  f.material_type = type;
  f.language = language;
  f.access_kind = access_kind(AccessClass::closed, RightsStatus::undetermined, {});
  return f;
}

std::vector<std::string_view> words_of(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  std::size_t at = 0;
  while (at <= text.size()) {
    const auto end = std::min(text.find(separator, at), text.size());
    if (end > at || separator == '\t') out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

// Names of pages by ordinal, in memory as the program has items and page numbers (Documents); a row
// of the database for each commit. Ordinals come one after another.
class PageNames {
 public:
  void add(std::uint32_t ordinal, std::string_view name) {
    if (starts_.empty()) first_ = ordinal;
    starts_.push_back(texts_.size());
    texts_ += name;
  }
  void add(const PageNames& others) {
    if (starts_.empty()) first_ = others.first_;
    for (const auto start : others.starts_) starts_.push_back(texts_.size() + start);
    texts_ += others.texts_;
  }
  [[nodiscard]] std::string_view of(std::uint32_t ordinal) const {
    const std::size_t i = ordinal - first_;
    if (ordinal < first_ || i >= starts_.size()) return {};
    const auto end = i + 1 < starts_.size() ? starts_[i + 1] : texts_.size();
    return std::string_view(texts_).substr(starts_[i], end - starts_[i]);
  }
  void write(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family) const {
    if (starts_.empty()) return;
    std::string row;
    for (std::size_t i = 0; i < starts_.size(); ++i) {
      put_bytes(row, of(first_ + static_cast<std::uint32_t>(i)));
    }
    batch.Put(family, big_endian(first_, 4), row);
  }
  void read(std::string_view key, std::string_view row) {
    auto ordinal = static_cast<std::uint32_t>(from_big_endian(key));
    for (Reader in(row); in.ok() && !in.done();) add(ordinal++, in.sized_bytes());
  }
  void clear() { *this = PageNames(); }

 private:
  std::uint32_t first_ = 0;
  std::vector<std::size_t> starts_;
  std::string texts_;
};

}  // namespace

bool split_line(std::string_view line, PageLine& out) {
  std::array<std::string_view*, 8> fields{&out.page_id, &out.item_id,  &out.year,   &out.series,
                                          &out.type,    &out.language, &out.access, &out.text};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool last = i + 1 == fields.size();
    const auto end = last ? line.size() : line.find('\t');
    if (end == std::string_view::npos) return false;
    *fields[i] = line.substr(0, end);
    if (!last) line.remove_prefix(end + 1);
  }
  return true;
}

void each_token(std::string_view text, const std::function<void(std::string_view)>& call) {
  std::array<char, 256> token{};
  std::size_t size = 0;
  const auto flush = [&] {
    if (size > 0) call({token.data(), size});
    size = 0;
  };
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      if (size < token.size() - 1) token[size++] = c;
    } else {
      flush();
    }
  }
  flush();
}

struct Store::State {
  std::filesystem::path folder;
  IndexTables tables{kCacheMib};
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  std::unique_ptr<IndexStore> index;
  std::unique_ptr<IndexChange> bulk;
  rocksdb::WriteBatch bulk_facts;
  PageNames bulk_names;
  std::mutex naming;
  PageNames names;  // naming

  ~State() {
    index.reset();
    if (!db) return;
    (void)db->Flush(rocksdb::FlushOptions(), handles);
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  }

  void add(IndexChange& change, rocksdb::WriteBatch& batch, PageNames& added, const PageLine& page,
           std::uint32_t ordinal) {
    Document d;
    d.ordinal = ordinal;
    d.item = item_key(page);
    d.page_seq = 1;
    std::uint32_t position = 0;
    each_token(page.text, [&](std::string_view) { ++position; });
    d.lengths[0] = position;
    change.added.add_document(d);
    position = 0;
    each_token(page.text,
               [&](std::string_view t) { change.added.add_term(Field::text, t, position++); });
    describe(change, batch, added, page, ordinal);
  }

  // Name of a page and facts of its item.
  void describe(IndexChange& change, rocksdb::WriteBatch& batch, PageNames& added,
                const PageLine& page, std::uint32_t ordinal) {
    added.add(ordinal, page.page_id);
    const auto item = item_key(page);
    const auto number = index->view()->item_number(item);
    if (number == ItemNumbers::kNone || !index->view()->facts(number).known) {
      const auto facts = facts_from(page.year, page.series, page.type, page.language, page.access);
      if (change.facts.empty() || change.facts.back().first != item) {
        change.facts.emplace_back(item, facts);
        std::string row;
        for (const auto part : {page.year, page.series, page.type, page.language, page.access}) {
          row += part;
          row += '\t';
        }
        batch.Put(handles[8], item, row);
      }
    }
  }

  Status write(rocksdb::WriteBatch& batch) {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    if (const auto s = db->Write(synced, &batch); !s.ok()) return fail(database_error(s));
    return {};
  }
  void keep(const PageNames& added) {
    const std::lock_guard lock(naming);
    names.add(added);
  }
  Status write_bulk() {
    bulk_names.write(bulk_facts, handles[7]);
    ALIH_CHECK(write(bulk_facts));
    keep(bulk_names);
    bulk_facts.Clear();
    bulk_names.clear();
    ALIH_CHECK(index->add_bulk(*bulk));
    bulk.reset();
    return {};
  }
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& folder, bool create,
                                           std::size_t keyed_from) {
  auto s = std::make_unique<State>();
  s->folder = folder;
  rocksdb::Options options;
  options.create_if_missing = create;
  options.create_missing_column_families = true;
  options.compression = rocksdb::kZSTD;
  options.max_open_files = -1;
  options.keep_log_file_num = 1;
  std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
  for (std::size_t f = 0; f < kFamilies.size(); ++f) {
    rocksdb::ColumnFamilyOptions family(options);
    if (f >= 3 && f <= 6) s->tables.tune(family);
    wanted.emplace_back(kFamilies[f], family);
  }
  rocksdb::DB* raw = nullptr;
  const auto status =
      rocksdb::DB::Open(rocksdb::DBOptions(options), folder.string(), wanted, &s->handles, &raw);
  s->db.reset(raw);
  if (!status.ok()) return fail(database_error(status));
  IndexFamilies families;
  families.meta = s->handles[0];
  families.micro = s->handles[1];
  families.dead = s->handles[2];
  for (std::size_t p = 0; p < 4; ++p) families.parts[p] = s->handles[3 + p];
  IndexStore::Options store;
  store.scratch = folder / "merge";
  store.keyed_from = keyed_from;
  s->index = std::make_unique<IndexStore>(*s->db, families, store);
  ALIH_CHECK(s->index->load_manifest());
  ALIH_CHECK(s->index->load_segments([&](IndexView& view) {
    const std::unique_ptr<rocksdb::Iterator> it(
        s->db->NewIterator(rocksdb::ReadOptions(), s->handles[8]));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      const auto row = words_of({it->value().data(), it->value().size()}, '\t');
      if (row.size() < 5) continue;
      view.set_facts(it->key().ToString(), facts_from(row[0], row[1], row[2], row[3], row[4]));
    }
  }));
  const std::unique_ptr<rocksdb::Iterator> it(
      s->db->NewIterator(rocksdb::ReadOptions(), s->handles[7]));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    s->names.read({it->key().data(), it->key().size()}, {it->value().data(), it->value().size()});
  }
  if (!it->status().ok()) return fail(database_error(it->status()));
  return std::unique_ptr<Store>(new Store(std::move(s)));
}

Status Store::add_bulk(const PageLine& page) {
  auto& s = *state_;
  const std::lock_guard lock(s.index->writer());
  if (!s.bulk) s.bulk = std::make_unique<IndexChange>();
  s.add(*s.bulk, s.bulk_facts, s.bulk_names, page, s.index->take_ordinal());
  return s.bulk->added.bytes() < kBulkBytes ? Status() : s.write_bulk();
}

Status Store::add_bulk(const PageLine& page, const TextLayer& text, const Stemmer& stemmer) {
  auto& s = *state_;
  const std::lock_guard lock(s.index->writer());
  if (!s.bulk) s.bulk = std::make_unique<IndexChange>();
  const auto ordinal = s.index->take_ordinal();
  // The ordinal stands for the page in an answer, too.
  add_page(s.bulk->added, stemmer, ordinal, item_key(page), ordinal, text);
  s.describe(*s.bulk, s.bulk_facts, s.bulk_names, page, ordinal);
  return s.bulk->added.bytes() < kBulkBytes ? Status() : s.write_bulk();
}

Status Store::finish_bulk() {
  auto& s = *state_;
  if (!s.bulk) return {};
  const std::lock_guard lock(s.index->writer());
  return s.write_bulk();
}

Status Store::add(const std::vector<PageLine>& pages, const std::vector<std::uint32_t>& removed) {
  auto& s = *state_;
  const std::lock_guard lock(s.index->writer());
  IndexChange change;
  change.removed = removed;
  rocksdb::WriteBatch batch;
  PageNames added;
  for (const auto& page : pages) s.add(change, batch, added, page, s.index->take_ordinal());
  added.write(batch, s.handles[7]);
  ALIH_CHECK(s.index->stage(change, batch));
  ALIH_CHECK(s.write(batch));
  s.keep(added);
  s.index->finish();
  return {};
}

Status Store::settle() { return state_->index->settle(); }
Status Store::merge_all() { return state_->index->merge_all(); }
std::shared_ptr<const IndexView> Store::view() const { return state_->index->view(); }
std::size_t Store::segments() const { return state_->index->view()->segments().size(); }

Result<Found> Store::query(std::string_view klass, std::string_view terms, std::string_view filter,
                           std::size_t top, bool exhaustive) const {
  const auto view = state_->index->view();
  constexpr std::array kText{Field::text};
  Plan plan;
  std::vector<std::string> words;
  each_token(terms, [&](std::string_view t) { words.emplace_back(t); });
  Filter allowed;
  Wanted wanted;
  wanted.top = top;
  wanted.counts = false;
  wanted.exhaustive = exhaustive;
  const auto word_leaf = [](const std::string& word) {
    PlanSource source;
    source.slots = {{{Field::text, word, false, {}}}};
    PlanLeaf leaf;
    leaf.sources.push_back(std::move(source));
    return leaf;
  };
  if (klass.starts_with("phrase")) {
    PlanSource source;
    for (const auto& w : words) source.slots.push_back({{Field::text, w, false, {}}});
    PlanLeaf leaf;
    leaf.sources.push_back(std::move(source));
    plan.groups = {{leaf}};
  } else if (klass.starts_with("prefix") || klass.starts_with("fuzzy")) {
    PlanSource source;
    auto& slot = source.slots.emplace_back();
    for (const auto& w : words) {
      ALIH_TRY(auto expansion, klass.starts_with("prefix") ? expand_prefix(*view, kText, w)
                                                           : expand_fuzzy(*view, kText, w, 1));
      for (auto& t : expansion.terms) slot.push_back(std::move(t));
    }
    PlanLeaf leaf;
    leaf.sources.push_back(std::move(source));
    plan.groups.emplace_back();
    plan.groups[0].push_back(std::move(leaf));
  } else if (klass.starts_with("or") || klass.starts_with("filt_or")) {
    for (const auto& w : words) plan.groups.push_back({word_leaf(w)});
  } else {  // term, and
    plan.groups.emplace_back();
    for (const auto& w : words) plan.groups[0].push_back(word_leaf(w));
  }
  if (!filter.empty() && filter != "-") {
    const auto parts = words_of(filter, ' ');
    if (parts.size() == 2) {
      allowed.series = {{std::string(parts[0]) + '\t' + std::string(parts[1])}};
    }
  }
  ALIH_TRY(auto answer, match(*view, plan, allowed, wanted));
  return Found{std::move(answer), view};
}

std::vector<std::string> Store::names(const Found& found) const {
  std::vector<std::string> out;
  out.reserve(found.best.size());
  const std::lock_guard lock(state_->naming);
  for (const auto& r : found.best) {
    const auto& documents = found.view->segments()[r.segment].segment->documents();
    out.emplace_back(state_->names.of(documents.ordinal(r.document)));
  }
  return out;
}

Status Store::keep_text(std::uint32_t ordinal, const TextLayer& text) {
  const auto s = state_->db->Put(rocksdb::WriteOptions(), state_->handles[9],
                                 big_endian(ordinal, 4), encode_text(text));
  if (!s.ok()) return fail(database_error(s));
  return {};
}
Result<TextLayer> Store::text(std::uint32_t ordinal) const {
  rocksdb::PinnableSlice value;
  const auto s =
      state_->db->Get(rocksdb::ReadOptions(), state_->handles[9], big_endian(ordinal, 4), &value);
  if (!s.ok()) return fail(database_error(s));
  return decode_text({value.data(), value.size()});
}

std::uint64_t Store::index_bytes() const {
  std::uint64_t total = 0;
  for (std::size_t f = 3; f <= 6; ++f) {
    std::uint64_t bytes = 0;
    state_->db->GetIntProperty(state_->handles[f], "rocksdb.total-sst-files-size", &bytes);
    total += bytes;
  }
  return total;
}

std::string Store::layout() const {
  std::string out;
  for (std::size_t f = 0; f < kFamilies.size(); ++f) {
    std::uint64_t bytes = 0;
    state_->db->GetIntProperty(state_->handles[f], "rocksdb.total-sst-files-size", &bytes);
    out += std::string(kFamilies[f]) + " " + std::to_string(bytes) + "  ";
  }
  return out;
}

double cpu_seconds() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }
double thread_cpu_microseconds() { return seconds_of(CLOCK_THREAD_CPUTIME_ID) * 1e6; }
double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}
std::uint64_t folder_bytes(const std::filesystem::path& folder) {
  std::uint64_t total = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    if (entry.is_regular_file(error)) total += entry.file_size(error);
  }
  return total;
}

}  // namespace alih::bench
