#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

// Keys of the database. Numbers stand big-endian, so keys sort as the numbers do. What the values
// hold is in docs/formats/records.md; a family added is a row here and there.
namespace alih::indexer {

enum class Family : unsigned char {
  meta,      // "schema", "identity", "index" (manifest), "words" (digest of the word lists),
             // "reindexing" (the index is being made anew), "chain" (head of the event chain),
             // "paused", "pace", "patrol"
  item,      // ULID                        -> item, JSON
  number,    // year u16, sequence u32      -> ULID: the register
  page,      // ULID, file_seq u32          -> page, JSON
  text,      // ULID, file_seq u32          -> text layer
  event,     // sequence u64                -> event, JSON
  of_item,   // ULID, sequence u64          -> empty: events of an item
  job,       // ULID, file_seq u32, stage   -> job, JSON
  master,    // sha256 hex, ULID, file_seq u32 -> empty: the pages of a master file
  document,  // ULID, page_seq u32          -> ordinal u32 in the full-text index
  micro,     // segment id u32              -> micro-segment
  damage,    // ULID, file name             -> what is wrong with the file, JSON
  dead,      // ordinal u32                 -> empty: deleted from the full-text index
  // Keyed segments, keys start with the segment's id u32 (docs/formats/search_segment.md):
  frame,  // kind                        -> documents, first terms
  dict,   // block u32                   -> terms with short lists
  post,   // list u32, chunk u16         -> documents of a long list
  place,  // list u32, chunk u16         -> their places
  // The catalogue, keys start with a letter:
  // 'r' ULID                            -> catalogue record, JSON
  // 'i' identity                        -> ULID of the record
  // 'f' name of an import file          -> empty: it is in the database
  // 'b' barcode, 0, ULID                -> empty: records and items that have it
  // 'a' accession number, 0, ULID       -> likewise
  // 'k'                                 -> "1": items have their 'a' and 'b'
  // 'l' name of a file of register/     -> batch or closing, JSON
  // 'e' barcode or accession number, 0, name of a batch, 0, entry u32 -> empty: entries that have
  // it 'x' folded batch number, 0, entry u32 -> ULID: the item that the entry became 'n' folded
  // number of a paper        -> ULID
  catalogue,
};
inline constexpr std::array<std::string_view, 18> kFamilyNames{
    "meta",     "item",  "number", "page", "text",  "event", "of_item", "job",   "master",
    "document", "micro", "damage", "dead", "frame", "dict",  "post",    "place", "catalogue"};
inline constexpr bool is_segment_family(std::string_view name) {
  return name == "frame" || name == "dict" || name == "post" || name == "place";
}

inline std::string big_endian(std::uint64_t value, unsigned bytes) {
  std::string out(bytes, '\0');
  for (unsigned i = 0; i < bytes; ++i) {
    out[i] = static_cast<char>((value >> (8 * (bytes - 1 - i))) & 0xFFU);
  }
  return out;
}
inline std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

inline std::string page_key(const std::string& item, std::uint32_t seq) {
  return item + big_endian(seq, 4);
}
inline std::string job_key(const std::string& item, std::uint32_t seq, char stage) {
  return page_key(item, seq) + stage;
}
inline std::string number_key(int year, int sequence) {
  return big_endian(static_cast<std::uint64_t>(year), 2) +
         big_endian(static_cast<std::uint64_t>(sequence), 4);
}
inline std::string of_item_key(const std::string& item, std::uint64_t sequence) {
  return item + big_endian(sequence, 8);
}

}  // namespace alih::indexer
