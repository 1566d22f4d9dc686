#include "pipeline/profiles.h"

namespace alih::pipeline {

const std::vector<Profile>& all_profiles() {
  static const std::vector<Profile> rows = {
      {"buku", message("Buku cetak modern", "Modern printed book"), 300, "Color", "ind+eng", true},
      {"langka", message("Buku langka atau ejaan lama", "Rare book or old spelling"), 400, "Color",
       "ind+nld", true},
      {"naskah", message("Naskah kuno", "Manuscript"), 600, "Color", std::nullopt},
      {"koran", message("Surat kabar", "Newspaper"), 400, "Gray", "ind+eng"},
      {"peta", message("Peta dan gambar besar", "Map or large drawing"), 400, "Color",
       std::nullopt},
      {"foto", message("Foto", "Photograph"), 600, "Color", std::nullopt},
      {"arsip", message("Arsip tekstual", "Textual record"), 300, "Gray", "ind+eng"},
      {"kartu", message("Kartu dan formulir", "Card or form"), 300, "Color", "ind+eng"},
  };
  return rows;
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
