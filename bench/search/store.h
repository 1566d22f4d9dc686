#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/text_layer.h"
#include "indexer/language.h"
#include "indexer/matching.h"

namespace alih::bench {

// A line of a corpus: page_id, item_id, year, series, type, lang, access, text.
struct PageLine {
  std::string_view page_id;
  std::string_view item_id;
  std::string_view year;
  std::string_view series;
  std::string_view type;
  std::string_view language;
  std::string_view access;
  std::string_view text;
};
// The columns of a line; false when there are fewer.
[[nodiscard]] bool split_line(std::string_view line, PageLine& out);
// Runs of a-z and 0-9, lower case.
void each_token(std::string_view text, const std::function<void(std::string_view)>& call);

// An answer and the state of the index that it numbers its segments by.
struct Found : indexer::Answer {
  std::shared_ptr<const indexer::IndexView> view;
};

// The program's full-text index (indexer/index_store.h) in a database of its own, without items,
// pages and texts, under the plain ASCII analyzer: what is compared with other engines.
class Store {
 public:
  // Errors: as RocksDB gives them.
  // `keyed_from`: so many documents in small segments become a large one (tests make it small).
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder,
                                                           bool create,
                                                           std::size_t keyed_from = 4096);
  ~Store();

  // Straight into large segments; finish() writes the last one.
  [[nodiscard]] Status add_bulk(const PageLine& page);
  // The same as the program does it: its analyzer and the field of roots.
  [[nodiscard]] Status add_bulk(const PageLine& page, const TextLayer& text,
                                const indexer::Stemmer& stemmer);
  [[nodiscard]] Status finish_bulk();
  // One synced commit, searchable when it returns; merges go on in the background.
  // Page n since the beginning has the ordinal n; `removed` are ordinals.
  [[nodiscard]] Status add(const std::vector<PageLine>& pages,
                           const std::vector<std::uint32_t>& removed = {});
  [[nodiscard]] Status settle();
  [[nodiscard]] Status merge_all();

  // Classes: term…, and…, or…, phrase…, prefix…, fuzzy1…, filt_or2… (filter: "series access").
  [[nodiscard]] Result<Found> query(std::string_view klass, std::string_view terms,
                                    std::string_view filter, std::size_t top,
                                    bool exhaustive = false) const;
  [[nodiscard]] std::vector<std::string> names(const Found& found) const;
  // Text layers as the program keeps them, for what is shown of a hit.
  [[nodiscard]] Status keep_text(std::uint32_t ordinal, const TextLayer& text);
  [[nodiscard]] Result<TextLayer> text(std::uint32_t ordinal) const;
  [[nodiscard]] std::size_t segments() const;
  [[nodiscard]] std::shared_ptr<const indexer::IndexView> view() const;
  // Bytes of the index alone, without the names of pages.
  [[nodiscard]] std::uint64_t index_bytes() const;
  [[nodiscard]] std::string layout() const;

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

[[nodiscard]] double cpu_seconds();  // of the process
[[nodiscard]] double thread_cpu_microseconds();
[[nodiscard]] double peak_mib();
[[nodiscard]] std::uint64_t folder_bytes(const std::filesystem::path& folder);

}  // namespace alih::bench
