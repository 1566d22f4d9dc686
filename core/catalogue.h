#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/holdings.h"
#include "core/result.h"

namespace alih {

// Values that another program keeps and we have no field for, by its own names: an INLISLite
// column, "001", "MARC 700 1#".
using ForeignValues = std::map<std::string, std::vector<std::string>>;

// A row of the office's accession book (Buku Induk), its catalogue or another record series, as it
// was imported. It describes a thing that may be digitised later; it has no number of ours.
struct CatalogueRecord {
  Item item;             // id, series, fields; no number
  std::string identity;  // what makes a row the same one when it comes again
  std::string source;    // "inlislite", "marc", …
  ForeignValues extra;
  bool operator==(const CatalogueRecord&) const = default;
};

// The series that rows of the accession book and the catalogue belong to.
inline constexpr const char* kCatalogueSeries = "KOL-INDUK";

// A barcode or accession number as it is compared: letters in upper case, no spaces.
[[nodiscard]] std::string folded_identifier(std::string_view text);

// Barcode, else accession number, else the other program's number, else a digest of the
// description: "barcode:X0022/2016".
[[nodiscard]] std::string identity_of(const Item& item, const ForeignValues& extra);

// One line of JSON each, docs/formats/records.md. Errors of the reader: damaged.
[[nodiscard]] std::string to_json(const CatalogueRecord& record);
[[nodiscard]] Result<CatalogueRecord> catalogue_record_from_json(std::string_view json);

}  // namespace alih
