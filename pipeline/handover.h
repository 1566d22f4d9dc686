#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/book.h"
#include "core/result.h"
#include "pipeline/catalogue.h"
#include "pipeline/holdings.h"

// The doors to a batch of material and to its registration, the first two steps of the procedure.
namespace alih::pipeline {

struct ReceiveRequest {
  Handover head;                   // persons, source, note; entries that were typed
  std::filesystem::path list;      // a sheet with more entries, "" = none
  std::string from = "inlislite";  // what kind of sheet (repository/import/importer.h)
  bool skip_bad = false;           // good rows go in although others are refused
};
struct ReceiveReport {
  std::optional<Handover> batch;  // none when rows were refused and !skip_bad
  int rows = 0;
  std::vector<RefusedRow> rejected;
};
// Reads the list and makes the batch of it: all or nothing. A row is refused when it cannot be
// read, is there already, waits in another batch or has been digitised. Errors: those of the
// reader, and of Holdings::receive().
[[nodiscard]] Result<ReceiveReport> receive(Holdings& holdings, const ReceiveRequest& request,
                                            const Agent& by, const std::string& program);

struct RegisterRequest {
  std::string series = "ALM-KOL";
  std::string profile;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string batch_no;  // with `entry`: the thing of a batch; else it is found by its numbers
  int entry = 0;
  std::string began_at;  // UTC, when the person began; "" = unknown
  bool once_more = false;
};
// Gives a thing its number and its line, before it is scanned. Empty fields are filled from its
// batch and from the catalogue. Errors: bad_field (also when nothing tells what it is), duplicate
// with a link, not_found, wrong_state.
[[nodiscard]] Result<Item> register_item(Holdings& holdings, const RegisterRequest& request,
                                         const Agent& by);

}  // namespace alih::pipeline
