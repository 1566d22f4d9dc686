// Short texts from people and other programs: inventory numbers, ids, values of fields.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/fields.h"
#include "core/holdings.h"
#include "core/id.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto parts = alih::parse_digitization_no(text)) {
    const auto number = alih::digitization_no(parts->year, parts->sequence_no);
    const auto again = alih::parse_digitization_no(number);
    if (!again || again->year != parts->year || again->sequence_no != parts->sequence_no) {
      __builtin_trap();
    }
  }
  if (const auto id = alih::ItemId::parse(text); id && !alih::ItemId::parse(id->str())) {
    __builtin_trap();
  }
  alih::Item item;
  for (const auto& field : alih::all_fields()) {
    (void)alih::set_field(item, field.name, text);
    (void)alih::add_field(item, field.name, text);
  }
  for (const char* name : {"rights_status", "access_class", "series"}) {
    (void)alih::set_field(item, name, text);
  }
  (void)alih::incomplete_fields(item, {});
  if (const auto equals = text.find('='); equals != std::string_view::npos) {
    (void)alih::set_field(item, text.substr(0, equals), text.substr(equals + 1));
  }
  (void)alih::folded(text);
  return 0;
}
