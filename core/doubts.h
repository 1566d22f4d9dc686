#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/holdings.h"
#include "core/message.h"

namespace alih {

// Why an ISBN (10 or 13 digits), ISSN or ISMN can hardly be right; empty = it can. Hyphens, blanks
// and what stands behind it in brackets are not looked at. `field`: "isbn", "issn" or "ismn".
[[nodiscard]] Message number_doubt(std::string_view field, std::string_view value);

// What a person should look at again. It hinders nothing: books are printed with wrong ISBNs, and
// not every book has a class number.
struct Doubt {
  std::string field;
  Message text;  // without the field's name
};
// Numbers whose check digit is wrong, periods that end before they begin, and fields that are asked
// for of this kind of material and empty. What every line needs is told by incomplete_fields().
[[nodiscard]] std::vector<Doubt> doubts_of(const Item& item);

}  // namespace alih
