// Files of the repository that a bad disk may have changed.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/records.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto page = alih::page_record_from_json(text);
  if (page) {
    const auto again = alih::page_record_from_json(alih::to_json(*page));
    if (!again || *again != *page) __builtin_trap();
  }
  (void)alih::item_record_from_json(text);
  (void)alih::event_from_json(text);
  return 0;
}
