#include "pipeline/profiles.h"

namespace alih::pipeline {

const std::vector<Profile>& all_profiles() {
  // mrc where a page is letters on paper; jpeg where the paper itself, tones or small detail in
  // color are what people look for.
  using enum PdfImages;
  // Punch holes and dark edges tell nothing of a letter or a card; of a rare book the edge is part
  // of the copy. Lines of maps and photographs bend by themselves.
  using Own = std::vector<std::pair<std::string_view, std::string_view>>;
  const Own no_holes{{"processing.edges.access", "true"}};
  const Own as_it_lies{{"processing.dewarp.enabled", "false"}};
  static const std::vector<Profile> rows = {
      {"buku", message("Buku cetak modern", "Modern printed book"), 300, "Color", "ind+eng", mrc,
       true},
      {"langka", message("Buku langka atau ejaan lama", "Rare book or old spelling"), 400, "Color",
       "ind+nld", jpeg, true},
      {"naskah", message("Naskah kuno", "Manuscript"), 600, "Color", std::nullopt, jpeg},
      {"koran", message("Surat kabar", "Newspaper"), 400, "Gray", "ind+eng", jpeg},
      {"peta", message("Peta dan gambar besar", "Map or large drawing"), 400, "Color", std::nullopt,
       jpeg, false, as_it_lies},
      {"foto", message("Foto", "Photograph"), 600, "Color", std::nullopt, jpeg, false, as_it_lies},
      {"arsip", message("Arsip tekstual", "Textual record"), 300, "Gray", "ind+eng", mrc, false,
       no_holes},
      {"kartu", message("Kartu dan formulir", "Card or form"), 300, "Color", "ind+eng", mrc, false,
       no_holes},
  };
  return rows;
}

std::string_view word(PdfImages images) {
  switch (images) {
    case PdfImages::jpeg:
      return "jpeg";
    case PdfImages::mrc:
      return "mrc";
    case PdfImages::g4:
      return "g4";
  }
  return "";
}

std::optional<PdfImages> pdf_images_from(std::string_view text) {
  for (const auto images : {PdfImages::jpeg, PdfImages::mrc, PdfImages::g4}) {
    if (word(images) == text) return images;
  }
  return std::nullopt;
}

Result<Profile> find_profile(std::string_view name) {
  if (name.empty()) return Profile{};
  std::string known;
  for (const auto& row : all_profiles()) {
    if (row.name == name) return row;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  return fail(ErrorCode::usage, "Profil \"{}\" tidak dikenal; yang ada: {}",
              "Profile \"{}\" is not known; there are: {}", {name, known});
}

}  // namespace alih::pipeline
