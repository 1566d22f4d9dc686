#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalogue.h"
#include "repository/export/exporter.h"

// Descriptions for other programs: many items or catalogue records in one file. Which of our fields
// stands where is in the table of core/fields.cpp.
namespace alih::repository {

struct RecordEntry {
  Item item;
  ForeignValues extra;     // of a catalogue record: what its own program had beside our fields
  std::string changed_at;  // UTC, ISO 8601
  std::string url;         // where the item is to be seen, "" = nowhere
  int images = 0;
  std::vector<Page> pages;
};

struct RecordFormat {
  std::string_view name;
  Result<Exported> (*write)(const std::vector<RecordEntry>& entries,
                            const std::filesystem::path& to);
};
[[nodiscard]] const std::vector<RecordFormat>& all_record_formats();
[[nodiscard]] bool is_record_format(std::string_view format);
// Writes aside and renames, so `to` is whole or absent. Errors: usage for an unknown format;
// bad_field when a record does not fit the format (ISO 2709 ends at 99,999 bytes).
[[nodiscard]] Result<Exported> export_records(const std::vector<RecordEntry>& entries,
                                              std::string_view format,
                                              const std::filesystem::path& to);

// Elements for METS, OAI-PMH and files: one record without the XML declaration.
[[nodiscard]] std::string mods_xml(const RecordEntry& entry);
[[nodiscard]] std::string oai_dc_xml(const RecordEntry& entry);

// marc_writer.cpp
[[nodiscard]] Result<Exported> write_marcxml(const std::vector<RecordEntry>& entries,
                                             const std::filesystem::path& to);
[[nodiscard]] Result<Exported> write_iso2709(const std::vector<RecordEntry>& entries,
                                             const std::filesystem::path& to);
// sheets.cpp
[[nodiscard]] Result<Exported> write_inlislite(const std::vector<RecordEntry>& entries,
                                               const std::filesystem::path& to);
[[nodiscard]] Result<Exported> write_inlislite_old(const std::vector<RecordEntry>& entries,
                                                   const std::filesystem::path& to);
[[nodiscard]] Result<Exported> write_slims(const std::vector<RecordEntry>& entries,
                                           const std::filesystem::path& to);
[[nodiscard]] Result<Exported> write_atom(const std::vector<RecordEntry>& entries,
                                          const std::filesystem::path& to);
// The Buku Inventaris: every field, and one line a record.
[[nodiscard]] Result<Exported> write_register_csv(const std::vector<RecordEntry>& entries,
                                                  const std::filesystem::path& to);
[[nodiscard]] Result<Exported> write_register_xlsx(const std::vector<RecordEntry>& entries,
                                                   const std::filesystem::path& to);
// mods.cpp
[[nodiscard]] Result<Exported> write_mods(const std::vector<RecordEntry>& entries,
                                          const std::filesystem::path& to);
[[nodiscard]] Result<Exported> write_dc(const std::vector<RecordEntry>& entries,
                                        const std::filesystem::path& to);

}  // namespace alih::repository
