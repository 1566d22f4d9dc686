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
// documents. About 2 bytes an occurrence and 60 a term. One thread.
class Inverter {
 public:
  Inverter();
  // In ascending order of ordinals.
  void add_document(const Document& document) { documents_.add(document); }
  // For the document added last. Positions of one term in any order; a place counts once. In a
  // field without positions every call counts. Terms are cut to 255 bytes.
  void add_term(Field field, std::string_view term, std::uint32_t position) {
    add(number_of(field, term), position);
  }
  // The same in two steps. Numbers count from 0; a term that is never added stays out.
  [[nodiscard]] std::uint32_t number_of(Field field, std::string_view term);
  void add(std::uint32_t number, std::uint32_t position);

  // What the language says of a term, so that it is asked once a term and not at each occurrence.
  struct Note {
    static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
    bool made = false;
    bool letters = false;
    bool known = false;
    std::int8_t spelling = 0;        // above 0: only old pages have it, below: only modern ones
    bool root_of_name = false;       // `root` counts where the word is a name, too
    bool old_root_of_name = false;   // likewise
    bool looked_for_repair = false;  // `repaired` is known
    std::uint32_t root = kNone;      // numbers of terms
    std::uint32_t old_root = kNone;
    std::uint32_t repaired = kNone;
  };
  // Good until the next number_of().
  [[nodiscard]] Note& note(std::uint32_t number) {
    if (number >= notes_.size()) notes_.resize(terms_.size());
    return notes_[number];
  }

  [[nodiscard]] bool empty() const { return documents_.size() == 0; }
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] const Documents& documents() const { return documents_; }
  [[nodiscard]] std::size_t term_count() const { return terms_with_documents_; }
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
  std::vector<Note> notes_;  // as far as they were asked for
  std::size_t terms_with_documents_ = 0;
  std::vector<std::uint32_t> table_;  // index into terms_ + 1
  std::vector<unsigned char> streams_;
};

}  // namespace alih::indexer
