// What a person may type into the search box, and the text it is looked for in.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "indexer/analyzer.h"
#include "indexer/query.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)alih::indexer::parse_query(text);
  (void)alih::indexer::parts_of(text);
  return 0;
}
