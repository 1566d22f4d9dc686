#pragma once

#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "repository/export/exporter.h"

class QPDF;

// What makes a PDF one for keeping, the same for page images and for printed papers.
namespace alih::repository {

enum class PdfA { a1b, a2u, a3u };

struct Description {
  std::string title;                  // not empty
  std::vector<std::string> creators;  // people or offices
  std::string identifier;
  std::string at;  // UTC; the date in the file, so that the same input gives the same bytes
  std::string language = "id-ID";  // BCP 47
  std::string data = {};           // CSV of what the document says, attached; PDF/A-3 only
  std::string mark = {};           // of authentication, among the keywords; "" = none
};

// Carries an error of ours through libqpdf, which knows exceptions only.
struct PdfFailure : std::exception {
  explicit PdfFailure(Error e) : error(std::move(e)) {}
  [[nodiscard]] const char* what() const noexcept override { return "alihmedia"; }
  Error error;
};
template <typename T>
T or_throw(Result<T> result) {
  if (!result) throw PdfFailure(std::move(result).error());
  return std::move(*result);
}
// What libqpdf says, in the user's words.
[[nodiscard]] Error pdf_error(const std::exception& e);

// Adds the output intent, XMP and document information and writes the file aside, then renames it.
// Throws what libqpdf throws, and PdfFailure where a stream's source fails.
[[nodiscard]] Result<Exported> write_archival(QPDF& pdf, const Description& description, PdfA part,
                                              const std::filesystem::path& to);

}  // namespace alih::repository
