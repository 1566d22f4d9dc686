#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/holdings.h"
#include "core/message.h"
#include "core/result.h"

namespace alih {

enum class FieldType { text, number, year, date, list, language, script, words };
enum class FilledBy { person, program };  // program: worked out from the pages, never typed
enum class Need { always, if_known, optional };

// One column of the Buku Inventaris Alih Media: forms, checks, JSON, index and exports loop over
// the table. A field added is a row added.
struct MetadataField {
  std::string_view name;
  Message label;
  std::string_view dublin_core;  // element, or empty
  FieldType type = FieldType::text;
  Need need = Need::optional;
  FilledBy filled_by = FilledBy::person;
  bool repeated = false;
  bool searched = false;
  std::vector<std::string_view> allowed;  // for words: the code list
};

[[nodiscard]] const std::vector<MetadataField>& all_fields();
[[nodiscard]] const MetadataField* find_field(std::string_view name);

// Checks and sets one field of an item; an empty value clears it; `name` may also be rights_status,
// access_class or series. Errors: bad_field, with what is allowed.
[[nodiscard]] Status set_field(Item& item, std::string_view name, std::string_view value);
// Adds a value to a repeated field, sets a single one.
[[nodiscard]] Status add_field(Item& item, std::string_view name, std::string_view value);

// What people read for a value that is a code ("rare_book" -> "buku langka"); any other value is
// its own label.
[[nodiscard]] Message value_label(std::string_view field, std::string_view value);

// Names of required fields that the item and its pages leave empty.
[[nodiscard]] std::vector<std::string> incomplete_fields(const Item& item,
                                                         const std::vector<Page>& pages);
// Every field of the register row: what people typed and what the pages say.
[[nodiscard]] std::map<std::string, std::vector<std::string>> register_values(
    const Item& item, const std::vector<Page>& pages);

}  // namespace alih
