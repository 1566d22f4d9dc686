#pragma once

#include <functional>
#include <span>

#include "repository/import/importer.h"
#include "repository/import/xlsx.h"
#include "repository/marc.h"

namespace alih::repository {

// `call` gets each record with its place in the file, from 1; `reject` those that are broken.
using MarcCall = std::function<Status(int number, const MarcRecord& record)>;
using MarcReject = std::function<Status(int number, const Message& why)>;

// ISO 2709, read by libyaz; UTF-8 or MARC-8 (told from the bytes).
[[nodiscard]] Status read_iso2709(std::span<const std::byte> bytes, const ImportLimits& limits,
                                  const MarcCall& call, const MarcReject& reject);
// One record or a collection, streamed: memory is that of one record.
[[nodiscard]] Status read_marcxml(std::span<const std::byte> bytes, const ImportLimits& limits,
                                  const MarcCall& call, const MarcReject& reject);
// INLISLite's text export: "MARC-<ID>", then lines "=TAG  I1I2$value".
[[nodiscard]] Status read_marc_text(std::span<const std::byte> bytes, const ImportLimits& limits,
                                    const MarcCall& call, const MarcReject& reject);

// INLISLite's sheet "Id Katalog | Tag | Ind1 | Ind2 | Nilai", a row a field.
class MarcSheet {
 public:
  explicit MarcSheet(const MarcCall& call) : call_(call) {}
  [[nodiscard]] static bool is_header(const std::vector<std::string>& cells);
  [[nodiscard]] Status row(const SheetRow& row);
  [[nodiscard]] Status end();

 private:
  const MarcCall& call_;
  MarcRecord record_;
  int first_row_ = 0;
};

}  // namespace alih::repository
