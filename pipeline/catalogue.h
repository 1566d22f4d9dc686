#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "access/policy.h"
#include "core/catalogue.h"
#include "core/result.h"
#include "pipeline/holdings.h"
#include "repository/import/importer.h"

// The office's accession book and catalogue, and what is brought in by a list: rows of files that
// other programs or people made.
namespace alih::pipeline {

struct ImportRequest {
  std::filesystem::path file;
  std::string name;              // what the file is called for people; "" = its own name
  std::string from;              // repository/import/importer.h
  std::string series;            // of new rows; "" = KOL-INDUK, of a register ALM-KOL
  std::filesystem::path folder;  // of a list's relative paths; empty = the file's own
  bool takes_files = true;       // false: whoever asks may not name files of this machine
  // Who does it, and what items it may find and change.
  access::Subject subject = access::owner_subject(person_agent());
  bool skip_bad = false;  // good rows go in although others are refused
};

struct RefusedRow {
  int row = 0;
  Message reason;
};

struct ImportReport {
  int rows = 0;       // with the refused ones
  int imported = 0;   // new
  int updated = 0;    // known and different now
  int unchanged = 0;  // known and the same
  std::vector<RefusedRow> rejected;
  std::string id;           // of the import, "" when nothing was written
  std::vector<Item> items;  // of a register: new ones
  int pages = 0;            // of a register's files
};

// Takes the rows of a file in: all or nothing, unless skip_bad. A row that came before, told by its
// barcode, accession number or other identity, is brought up to date; nothing comes twice. Rows of
// the office's own register ("register", or a "csv" sheet with a column of numbers or paths) become
// items with their numbers kept, and the files that a path column names become their pages.
// Nothing is written when the report has refused rows and !skip_bad. Errors: those of the reader;
// disk_full, unavailable.
[[nodiscard]] Result<ImportReport> import_rows(Holdings& holdings, const ImportRequest& request,
                                               const std::string& program,
                                               const Progress& progress);

// What is known of a number before the thing is digitised.
struct LookUp {
  std::optional<CatalogueRecord> record;
  std::vector<Item> digitised;  // items that have the number already
};
[[nodiscard]] LookUp look_up(const indexer::Database& database, indexer::Identifier kind,
                             const std::string& value);

// Fills what is empty of an item from the catalogue, by its barcode and accession numbers. The
// record it was filled from, if any.
[[nodiscard]] std::optional<CatalogueRecord> fill_from_catalogue(const indexer::Database& database,
                                                                 Item& item);
// Errors: duplicate when another item of the register has one of its barcodes or accession numbers;
// the message links to it.
[[nodiscard]] Status refuse_digitised(const indexer::Database& database, const Item& item);

}  // namespace alih::pipeline
