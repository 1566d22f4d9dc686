// Values of the database: texts of pages, segments of the index, jobs.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "indexer/database.h"
#include "indexer/micro_segment.h"
#include "indexer/text_record.h"

namespace {

// What could be opened must be readable to the end, and merge with itself gone.
void read_segment(std::string bytes) {
  const auto opened = alih::indexer::MicroSegment::open(std::move(bytes));
  if (!opened) return;
  const auto& segment = **opened;
  alih::indexer::Postings postings;
  for (std::size_t f = 0; f < alih::indexer::kFieldCount; ++f) {
    const auto field = static_cast<alih::indexer::Field>(f);
    (void)segment.each_term(field, "", [&](std::string_view, const alih::indexer::TermList& list) {
      (void)segment.read(list, has_positions(field), postings);
      return true;
    });
  }
  (void)alih::indexer::merge_micro({*opened}, [](std::uint32_t o) { return o % 2 == 0; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto text = alih::indexer::decode_text(bytes)) {
    (void)alih::indexer::encode_text(*text);
  }
  read_segment(std::string(bytes));
  // Once more with a right checksum, which chance never finds.
  std::string sealed(bytes);
  const auto sum = alih::indexer::crc32c(sealed);
  for (unsigned i = 0; i < 4; ++i) sealed += static_cast<char>(sum >> (8 * (3 - i)));
  read_segment(std::move(sealed));
  (void)alih::indexer::job_from("01ARZ3NDEKTSV4RRFFQ69G5FAV\0\0\0\1", bytes);
  constexpr std::size_t kKey = 30;
  if (size >= kKey) (void)alih::indexer::job_from(bytes.substr(0, kKey), bytes.substr(kKey));
  return 0;
}
