#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "indexer/documents.h"
#include "indexer/postings.h"

namespace alih::indexer {

// Turns documents round in memory: terms come with their documents, go out sorted with the lists of
// documents. About 2 bytes an occurrence and 40 a term. One thread.
class Inverter {
 public:
  Inverter();
  // In ascending order of ordinals.
  void add_document(const Document& document) { documents_.add(document); }
  // For the document added last. Positions of one term in any order; a place counts once. In a
  // field without positions every call counts. Terms are cut to 255 bytes.
  void add_term(Field field, std::string_view term, std::uint32_t position);

  [[nodiscard]] bool empty() const { return documents_.size() == 0; }
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] const Documents& documents() const { return documents_; }
  [[nodiscard]] std::size_t term_count() const { return terms_.size(); }
  // Every term, sorted by field and bytes. The postings are good until the call returns.
  void each_term(
      const std::function<void(Field field, std::string_view term, const Postings&)>& call) const;

 private:
  struct Term {
    std::uint32_t text = 0;   // place of its key in texts_
    std::uint32_t first = 0;  // slice of its stream
    std::uint32_t end = 0;    // where the next byte goes
    std::uint32_t room = 0;   // bytes left in the slice
    std::uint32_t doc = 0;    // last document, + 1; 0 = none yet
    std::uint32_t position = 0;
    std::uint32_t hash = 0;
    std::uint16_t size = 0;   // of the key
    std::uint16_t slice = 0;  // size class of the slice it is in
    bool unordered = false;   // positions came out of order
  };
  [[nodiscard]] std::uint32_t find(Field field, std::string_view term);
  void grow();
  void put(Term& term, std::uint64_t value);
  void put_byte(Term& term, unsigned char byte);
  [[nodiscard]] std::string_view key_of(const Term& term) const {
    return {texts_.data() + term.text, term.size};
  }
  void read(const Term& term, bool positions, Postings& out) const;

  Documents documents_;
  std::vector<char> texts_;
  std::vector<Term> terms_;
  std::vector<std::uint32_t> table_;  // index into terms_ + 1
  std::vector<unsigned char> streams_;
};

}  // namespace alih::indexer
