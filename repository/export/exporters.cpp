#include "repository/durable_file.h"
#include "repository/export/alto.h"
#include "repository/export/bagit.h"
#include "repository/export/exporter.h"
#include "repository/export/hocr.h"
#include "repository/export/masters.h"
#include "repository/export/mets.h"
#include "repository/export/pdf.h"
#include "repository/export/txt.h"

namespace alih::repository {

const std::vector<Exporter>& all_exporters() {
  static const std::vector<Exporter> rows = {
      {"pdf", write_pdf}, {"pdfa1b", write_pdfa1b},   {"alto", write_alto}, {"hocr", write_hocr},
      {"txt", write_txt}, {"masters", write_masters}, {"mets", write_mets}, {"bagit", write_bagit},
  };
  return rows;
}

Result<Exported> export_item(const Package& package, std::string_view format,
                             const std::filesystem::path& to) {
  std::string known;
  for (const auto& row : all_exporters()) {
    if (row.format == format) {
      ALIH_CHECK(make_folder(to.parent_path()));
      return row.write(package, to);
    }
    known += (known.empty() ? "" : ", ") + std::string(row.format);
  }
  return fail(ErrorCode::usage, "Format ekspor \"{}\" tidak dikenal; yang ada: {}",
              "Export format \"{}\" is not known; there are: {}", {format, known});
}

Status check_all_read(const Package& package) {
  for (const auto& page : package.pages) {
    if (page.state == PageState::captured) {
      return fail(ErrorCode::wrong_state,
                  "Halaman {} belum dibaca; jalankan alihmedia process --until-idle dulu",
                  "Page {} has not been read; run alihmedia process --until-idle first",
                  {page.number});
    }
    if (page.state == PageState::failed) {
      return fail(ErrorCode::wrong_state,
                  "Halaman {} disisihkan ({}); coba lagi dengan alihmedia retry",
                  "Page {} is set aside ({}); try it again with alihmedia retry",
                  {page.number, page.failure});
    }
  }
  return {};
}

}  // namespace alih::repository
