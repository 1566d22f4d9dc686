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
// When the register wants a field (domain rule of its row): the conditions name the material. Only
// `always` holds an item back from being closed; the others are what a person is asked for.
enum class Need { always, if_known, of_books, of_serials, of_archives, if_protected, optional };

// Where a field stands in the formats that other programs read and write; "" = nowhere.
//
// marc: tag, two indicators ('#' = blank), '$' and subfield: "2451#$a". "1001#$a|7001#$a": the
// first value there, further ones here. "035##$a(ALM)": every value with that in front. "999": a
// local field, $a the field's name, $b its value.
struct Mapping {
  std::string_view marc{};
  std::string_view atom{};  // column of AtoM's ISAD(G) sheet
  std::string_view
      inlislite{};           // column of INLISLite 3.0 to 3.2; 3.3 has '_' for what is no letter
  std::string_view slims{};  // column of SLiMS 9's bibliography sheet
  std::string_view mods{};   // element of MODS 3.8
};

// One column of the Buku Inventaris Alih Media: forms, checks, JSON, index, imports and exports
// loop over the table. A field added is a row added.
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
  Mapping in{};
  std::vector<std::string_view> also{};  // other names that people give it
  // Of a person (UU 27/2022): encrypted in every file, never searched, exported or shown but on
  // purpose. Holdings seals it; here and everywhere else it is a sealed text.
  bool personal = false;

  [[nodiscard]] MetadataField with(Mapping mapping, std::vector<std::string_view> names = {}) &&;
  [[nodiscard]] MetadataField if_there() &&;  // computed, where there is something to compute from
};

[[nodiscard]] const std::vector<MetadataField>& all_fields();
// By its name or one of its other names ("nomor_induk" is accession_no).
[[nodiscard]] const MetadataField* find_field(std::string_view name);

// Whether a value fits the field, as set_field() would say. Errors: bad_field.
[[nodiscard]] Status check_value(const MetadataField& field, std::string_view value);

// Checks and sets one field of an item; an empty value clears it; `name` may also be rights_status,
// access_class or series. Errors: bad_field, with what is allowed.
[[nodiscard]] Status set_field(Item& item, std::string_view name, std::string_view value);
// Adds a value to a repeated field, sets a single one.
[[nodiscard]] Status add_field(Item& item, std::string_view name, std::string_view value);

// How a sealed value begins; what begins so cannot be typed.
inline constexpr std::string_view kSealed = "sealed:";
[[nodiscard]] bool has_personal(const Item& item);
void remove_personal(Item& item);

// What people read for a value that is a code ("rare_book" -> "buku langka"); any other value is
// its own label.
[[nodiscard]] Message value_label(std::string_view field, std::string_view value);

// Names of required fields that the item and its pages leave empty.
[[nodiscard]] std::vector<std::string> incomplete_fields(const Item& item,
                                                         const std::vector<Page>& pages);
// Names of columns of the Buku Inventaris that a person must have filled in before it is printed or
// closed; what the scan brings may come later, as another line.
[[nodiscard]] std::vector<std::string> missing_in_book(const Item& item);
// Whether the field is asked for of this item: books, serials and archives by their material type.
[[nodiscard]] bool is_asked_for(const MetadataField& field, const Item& item);
// What stands in the line of the Buku Inventaris, by name: the fields of its sixteen columns, the
// names of the operators, "mark" (withdrawn, rejected or returned, else absent) and the digest of
// the item's files.
[[nodiscard]] std::map<std::string, std::string> book_values(
    const Item& item, const std::vector<Page>& pages, const std::vector<std::string>& operators);
// Every field of the register row: what people typed and what the pages say. Without personal ones.
[[nodiscard]] std::map<std::string, std::vector<std::string>> register_values(
    const Item& item, const std::vector<Page>& pages);

}  // namespace alih
