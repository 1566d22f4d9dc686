#include "repository/separator_sheet.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "repository/durable_file.h"
#include "repository/paper/code_39.h"

namespace alih::repository {
namespace {

// Points, 1/72 inch, from the lower left corner.
constexpr double kWidth = 595.28;
constexpr double kHeight = 841.89;

std::string number(double v) {
  char out[32];
  std::snprintf(out, sizeof out, "%.2f", v);
  return out;
}

std::string bar(double x, double y, double width, double height) {
  return number(x) + " " + number(y) + " " + number(width) + " " + number(height) + " re f\n";
}

// Bars of patch T from the edge of the sheet inward: distance from its first one, and width.
std::vector<std::pair<double, double>> patch_t() {
  constexpr double kModule = 0.08 * 72;  // Kodak A-61599
  constexpr double kWide = 2.5 * kModule;
  std::vector<std::pair<double, double>> out;
  double at = 0;
  for (const double width : {kModule, kWide, kModule, kWide}) {
    out.emplace_back(at, width);
    at += width + kModule;
  }
  return out;
}

std::string patches() {
  constexpr double kFromEdge = 36;
  constexpr double kLength = 300;
  const double x = (kWidth - kLength) / 2;
  const double y = (kHeight - kLength) / 2;
  std::string out;
  for (const auto& [from, width] : patch_t()) {
    const double near = kFromEdge + from;
    out += bar(x, near, kLength, width);
    out += bar(x, kHeight - near - width, kLength, width);
    out += bar(near, y, width, kLength);
    out += bar(kWidth - near - width, y, width, kLength);
  }
  return out;
}

// In the middle of the sheet; `y`: its foot.
std::string draw_code_39(std::string_view text, double y) {
  constexpr double kMost = 1.5;  // points a module
  constexpr double kRoom = 310;  // between the patches at the sides, with white beside it
  constexpr double kBarHeight = 54;
  const auto code = code_39(text);
  const double module = std::min(kMost, kRoom / code.modules);
  const double x = (kWidth - code.modules * module) / 2;
  std::string out;
  for (const auto& [at, width] : code.bars) {
    out += bar(x + at * module, y, width * module, kBarHeight);
  }
  return out;
}

// Helvetica's letters are about half as wide as high: near enough to the middle.
std::string line(std::string_view text, double size, double y) {
  constexpr double kLetterWidth = 0.5;
  const double x = (kWidth - static_cast<double>(text.size()) * size * kLetterWidth) / 2;
  return "BT /F1 " + number(size) + " Tf " + number(x) + " " + number(y) + " Td (" +
         std::string(text) + ") Tj ET\n";
}

std::string content(std::string_view value) {
  auto out = patches();
  out += line("LEMBAR PEMISAH / SEPARATOR", 18, 560);
  out += line("Letakkan di depan setiap dokumen, sisi ini ke atas.", 10, 535);
  out += line("Lay it in front of each document, this side up.", 10, 520);
  out += draw_code_39("PATCHT", 420);
  if (!value.empty()) {
    out += draw_code_39(value, 310);
    out += line(value, 12, 290);
  }
  return out;
}

}  // namespace

Result<Exported> write_separator_sheet(std::string_view value, const std::filesystem::path& to) {
  if (!value.empty() && !is_code_39(value)) {
    return fail(ErrorCode::usage,
                "Kode batang memuat paling banyak 20 huruf besar, angka, spasi, dan - . $ / + %, "
                "bukan \"{}\"",
                "A bar code holds at most 20 capitals, digits, spaces and - . $ / + %, not \"{}\"",
                {value});
  }
  const auto drawn = content(value);
  const std::array<std::string, 5> objects{
      "<</Type/Catalog/Pages 2 0 R/Lang(id)>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 " + number(kWidth) + " " + number(kHeight) +
          "]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
      "<</Length " + std::to_string(drawn.size()) + ">>\nstream\n" + drawn + "endstream",
      "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"};
  std::string pdf = "%PDF-1.4\n";
  std::string places = "0000000000 65535 f \n";
  for (std::size_t i = 0; i < objects.size(); ++i) {
    char place[32];
    std::snprintf(place, sizeof place, "%010zu 00000 n \n", pdf.size());
    places += place;
    pdf += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const auto table = std::to_string(pdf.size());
  pdf +=
      "xref\n0 6\n" + places + "trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n" + table + "\n%%EOF\n";
  ALIH_TRY(const auto fixity, write_durably(to, std::string_view(pdf)));
  return Exported{to, fixity.bytes, fixity.sha256};
}

}  // namespace alih::repository
