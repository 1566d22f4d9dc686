#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalogue.h"
#include "core/message.h"
#include "core/result.h"

// Readers of what other programs export. They meet strangers' bytes: they run in a caged process
// (pipeline/import_worker.h), and every loop and every buffer is bounded by Limits.
namespace alih::repository {

struct ImportLimits {
  std::uint64_t max_unpacked = std::uint64_t{512}
                               << 20U;  // bytes that a compressed file may become
  std::uint64_t max_shared_text = std::uint64_t{96} << 20U;  // bytes of an xlsx file's shared texts
  int max_rows = 200000;
  std::size_t max_cell = std::size_t{128} << 10U;  // bytes; Excel's cells hold 32,767 characters
  std::size_t max_columns = 256;
};

// One row as read: our fields by name, and what else it says.
struct ImportRow {
  int row = 0;  // of the sheet or file as a person counts it, records from 1
  std::map<std::string, std::vector<std::string>> fields;
  ForeignValues extra;
  // What a row of a register says beyond its fields: digitization_no, sequence_no, registered_on,
  // access_class, rights_status, path, struck ("ya").
  std::map<std::string, std::string> given;
};

struct ImportSink {
  std::function<Status(ImportRow)> row;
  std::function<Status(int row, const Message& why)> reject;
};

// "inlislite", "marc", "marcxml", "slims", "atom", "csv", "register"; the kind of file (xlsx, CSV,
// ISO 2709, MARCXML, mnemonic text) is told from its bytes. Rows come in the order of the file; a
// row that cannot be used goes to sink.reject and reading goes on. Errors: usage (unknown name),
// unreadable, too_large, and what the sink says.
[[nodiscard]] Status read_rows(std::string_view from, std::span<const std::byte> bytes,
                               const ImportLimits& limits, const ImportSink& sink);
[[nodiscard]] bool is_import_source(std::string_view from);
[[nodiscard]] std::string import_sources();  // "inlislite, marc, …"

}  // namespace alih::repository
