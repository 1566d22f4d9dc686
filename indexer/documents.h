#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/spelling.h"
#include "indexer/varint.h"

namespace alih::indexer {

// What a term was found in. Only ever add at the end: the number is on disk.
enum class Field : unsigned char {
  text = 0,
  title = 1,
  creator = 2,
  other = 3,
  root = 4,      // roots of words that are no roots themselves, of all fields; no positions
  doubtful = 5,  // words of the text whose reading is unsure, at their place in the text
};
inline constexpr std::size_t kFieldCount = 6;
// Fields with a length of their own; that of `root` is of the whole document, `doubtful` is a part
// of `text`.
inline constexpr std::size_t kLengthCount = 5;
[[nodiscard]] constexpr bool has_positions(Field field) { return field != Field::root; }
// Whose length counts for a term of the field.
[[nodiscard]] constexpr Field length_field(Field field) {
  return field == Field::doubtful ? Field::text : field;
}

// One searched thing: a page, or an item's metadata (page_seq 0).
struct Document {
  std::uint32_t ordinal = 0;  // never used again for another one
  std::string item;           // ULID
  std::uint32_t page_seq = 0;
  Orthography orthography = Orthography::unknown;
  std::array<std::uint32_t, kLengthCount> lengths{};  // terms a field, as rounded on disk
};

// Lengths are kept as a logarithm in one byte, 2 % apart, so that the score of a page never depends
// on which segment it stands in.
[[nodiscard]] std::uint8_t length_code(std::uint32_t length);
[[nodiscard]] std::uint32_t length_of_code(std::uint8_t code);

// The documents of a segment, column by column, in ascending order of ordinals. One thread while it
// is filled, then immutable.
class Documents {
 public:
  static constexpr std::size_t kMost = std::size_t{1} << 24U;

  void add(const Document& document);
  [[nodiscard]] std::size_t size() const { return ordinals_.size(); }
  [[nodiscard]] std::uint32_t ordinal(std::size_t i) const { return ordinals_[i]; }
  [[nodiscard]] std::uint32_t page_seq(std::size_t i) const { return page_seqs_[i]; }
  [[nodiscard]] Orthography orthography(std::size_t i) const {
    return static_cast<Orthography>(orthographies_[i]);
  }
  // Index into items().
  [[nodiscard]] std::uint32_t item(std::size_t i) const { return items_[i]; }
  [[nodiscard]] const std::vector<std::string>& items() const { return item_ids_; }
  // Length codes of a field, one a document.
  [[nodiscard]] const std::uint8_t* lengths(Field field) const {
    return lengths_[static_cast<std::size_t>(length_field(field))].data();
  }
  [[nodiscard]] Document document(std::size_t i) const;
  // Where the ordinal stands, or size().
  [[nodiscard]] std::size_t find(std::uint32_t ordinal) const;

  void encode(std::string& out) const;
  // Checks all it reads; false for damaged bytes.
  [[nodiscard]] bool decode(Reader& in);

 private:
  std::vector<std::uint32_t> ordinals_;
  std::vector<std::uint32_t> page_seqs_;
  std::vector<std::uint32_t> items_;
  std::vector<std::uint8_t> orthographies_;
  std::array<std::vector<std::uint8_t>, kLengthCount> lengths_;
  std::vector<std::string> item_ids_;
};

}  // namespace alih::indexer
