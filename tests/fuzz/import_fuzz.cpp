// Files of other programs: the first byte says how they are read, the rest is the file. Limits are
// small, so that what could grow shows.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "core/fields.h"
#include "repository/import/importer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alih;
  if (size == 0) return 0;
  constexpr std::array<std::string_view, 7> kFrom{"inlislite", "marc", "marcxml", "slims",
                                                  "atom",      "csv",  "register"};
  repository::ImportLimits limits;
  limits.max_unpacked = 1U << 22U;
  limits.max_shared_text = 1U << 20U;
  limits.max_rows = 2000;
  limits.max_cell = 4096;
  const repository::ImportSink sink{[](const repository::ImportRow& row) -> Status {
                                      for (const auto& [name, values] : row.fields) {
                                        const auto* field = find_field(name);
                                        if (field == nullptr || values.empty()) std::abort();
                                        for (const auto& v : values) {
                                          if (!check_value(*field, v))
                                            std::abort();  // it would be in the repository
                                        }
                                      }
                                      return {};
                                    },
                                    [](int, const Message&) -> Status { return {}; }};
  const auto* bytes = reinterpret_cast<const std::byte*>(data + 1);
  (void)repository::read_rows(kFrom.at(data[0] % kFrom.size()), std::span(bytes, size - 1), limits,
                              sink);
  return 0;
}
