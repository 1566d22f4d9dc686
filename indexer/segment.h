#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "indexer/documents.h"
#include "indexer/postings.h"

namespace alih::indexer {

// Bytes that stay where they are as long as this is held.
struct Pinned {
  std::string_view bytes;
  std::shared_ptr<const void> owner;
};

// One term's list in one segment. No documents: the term is not there.
struct TermList {
  std::uint32_t documents = 0;
  bool is_long = false;
  std::uint32_t number = 0;     // of a long list
  std::string_view short_form;  // of a short one
  std::shared_ptr<const void> owner;
};

// The sorted terms of a segment for walks that look at most of them: each as the part that differs
// from the one before. Immutable once filled.
class Vocabulary {
 public:
  // In ascending order; equal ones count once.
  void add(std::string_view term);
  [[nodiscard]] std::size_t size() const { return common_.size(); }
  // Terms within `limit` edits of the word, and how many. One walk over the sorted terms with one
  // row of distances a letter: everything behind a letter that is too far is stepped over.
  void near(std::string_view word, int limit,
            const std::function<void(std::string_view term, int distance)>& call) const;

 private:
  [[nodiscard]] std::size_t next_at_most(std::size_t from, std::uint8_t common) const;
  std::vector<std::uint8_t> common_;   // bytes shared with the term before, at most 255
  std::vector<std::uint32_t> starts_;  // of the rest in texts_
  std::string texts_;
  std::string last_;
};

// Goes through the terms of a segment. One thread; the segment must outlive it.
class TermWalk {
 public:
  TermWalk() = default;
  TermWalk(const TermWalk&) = delete;
  TermWalk& operator=(const TermWalk&) = delete;
  virtual ~TermWalk() = default;
  [[nodiscard]] virtual bool valid() const = 0;
  // Field byte + term; both are good until next().
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual const TermList& list() const = 0;
  // Errors: damaged, unavailable.
  [[nodiscard]] virtual Status next() = 0;
};

// A part of the index that does not change any more. Any thread. Errors: damaged, unavailable.
class Segment {
 public:
  Segment() = default;
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;
  virtual ~Segment() = default;

  [[nodiscard]] virtual const Documents& documents() const = 0;
  [[nodiscard]] virtual Result<TermList> find(Field field, std::string_view term) const = 0;
  // From the first key (field byte + term) that is not before `from`, in order of keys.
  [[nodiscard]] virtual Result<std::unique_ptr<TermWalk>> walk(std::string_view from) const = 0;
  // Values of long lists.
  [[nodiscard]] virtual Result<Pinned> skips(std::uint32_t list) const = 0;
  [[nodiscard]] virtual Result<Pinned> posts(std::uint32_t list, std::uint32_t chunk) const = 0;
  [[nodiscard]] virtual Result<Pinned> places(std::uint32_t list, std::uint32_t chunk) const = 0;

  // Terms that start with the prefix, in order, until the call says false.
  [[nodiscard]] Status each_term(
      Field field, std::string_view prefix,
      const std::function<bool(std::string_view term, const TermList& list)>& call) const;
  // Of every field but the roots; made at the first call.
  [[nodiscard]] Result<std::shared_ptr<const Vocabulary>> vocabulary() const;
  // The whole list into memory.
  [[nodiscard]] Status read(const TermList& list, bool positions, Postings& out) const;

 private:
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Vocabulary> vocabulary_;  // mutex_
};

// How a term stands in a segment: field byte + term.
[[nodiscard]] std::string term_key(Field field, std::string_view term);
// The first eight bytes of a key as a number: sorts as the keys do, as far as it goes.
[[nodiscard]] inline std::uint64_t key_head(std::string_view key) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    head = head << 8U | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
  }
  return head;
}
[[nodiscard]] Error index_damaged();

}  // namespace alih::indexer
