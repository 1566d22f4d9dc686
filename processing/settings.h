#pragma once

#include <string>
#include <vector>

#include "core/settings.h"

namespace alih::processing {

// What a file may claim in its header before anything of it is decoded.
struct LimitSettings {
  double max_megapixels = 200;
  int max_side_px = 32767;
  int max_frames = 2000;
  int max_file_mib = 512;
};

template <typename Visitor>
constexpr void describe(Visitor& field, LimitSettings& s) {
  using settings::between;
  field("max_megapixels", s.max_megapixels, "Piksel terbanyak satu halaman, juta",
        "Most pixels of one page, in millions", between(1, 4000));
  field("max_side_px", s.max_side_px, "Sisi terpanjang satu halaman, piksel",
        "Longest side of one page, in pixels", between(16, 65535));
  field("max_frames", s.max_frames, "Halaman terbanyak dalam satu berkas", "Most pages in one file",
        between(1, 100000));
  field("max_file_mib", s.max_file_mib, "Berkas terbesar, MiB", "Largest file, in MiB",
        between(1, 65536));
}

// A stage that is off is as if it were not named in `stages`.
constexpr const char* kEnabledId = "Tahap ini dijalankan";
constexpr const char* kEnabledEn = "Whether this stage runs";

struct CodesSettings {
  bool enabled = true;
};

template <typename Visitor>
constexpr void describe(Visitor& field, CodesSettings& s) {
  field("enabled", s.enabled, kEnabledId, kEnabledEn);
}

struct CropSettings {
  bool enabled = true;
  double max_loss = 0.4;
  double min_confidence = 0.6;
};

template <typename Visitor>
constexpr void describe(Visitor& field, CropSettings& s) {
  using settings::between;
  field("enabled", s.enabled, kEnabledId, kEnabledEn);
  field("max_loss", s.max_loss, "Bagian terbesar halaman yang boleh dipotong (0 sampai 1)",
        "Largest share of the page that may be cut off (0 to 1)", between(0, 0.9));
  field("min_confidence", s.min_confidence, "Di bawah ini tepi tidak dipotong",
        "Below this the border is left alone", between(0, 1));
}

struct DeskewSettings {
  bool enabled = true;
  double max_angle_deg = 7.0;
  double min_angle_deg = 0.1;
  double min_confidence = 2.5;
};

template <typename Visitor>
constexpr void describe(Visitor& field, DeskewSettings& s) {
  using settings::between;
  field("enabled", s.enabled, kEnabledId, kEnabledEn);
  field("max_angle_deg", s.max_angle_deg, "Kemiringan terbesar yang dicari, derajat",
        "Largest skew that is looked for, in degrees", between(0.5, 15));
  field("min_angle_deg", s.min_angle_deg, "Kemiringan terkecil yang diluruskan, derajat",
        "Smallest skew that is straightened, in degrees", between(0, 5));
  field("min_confidence", s.min_confidence,
        "Di bawah keyakinan ini (nisbah Leptonica) halaman dibiarkan",
        "Below this confidence (Leptonica's ratio) the page is left alone", between(0, 100));
}

struct LevelSettings {
  bool enabled = true;
  double clip = 0.8;
  double blur_px = 0.8;
  double blur_min_dpi = 250;
};

template <typename Visitor>
constexpr void describe(Visitor& field, LevelSettings& s) {
  using settings::between;
  field("enabled", s.enabled, kEnabledId, kEnabledEn);
  field("clip", s.clip, "Letak batas putih antara ambang Otsu dan 245 (0 = keras, 1 = lembut)",
        "Where the white point lies between Otsu's threshold and 245 (0 = hard, 1 = soft)",
        between(0, 1));
  field("blur_px", s.blur_px, "Sigma pengaburan sebelum perataan, piksel",
        "Sigma of the blur before levelling, in pixels", between(0, 5));
  field("blur_min_dpi", s.blur_min_dpi, "Di bawah resolusi ini tidak dikaburkan",
        "Below this resolution there is no blur", between(0, 1200));
}

// What a scanner adds: dark edges that are no even frame, and punch holes.
struct EdgesSettings {
  bool enabled = true;
  bool access = false;
  double max_depth = 0.08;
  double min_confidence = 0.5;
};

template <typename Visitor>
constexpr void describe(Visitor& field, EdgesSettings& s) {
  using settings::between;
  field("enabled", s.enabled, kEnabledId, kEnabledEn);
  field("access", s.access,
        "Tepi hitam dan lubang pelubang dihapus juga dari citra akses, tidak hanya dari citra baca",
        "Dark edges and punch holes are taken out of the access image too, not only of what OCR "
        "reads");
  field("max_depth", s.max_depth, "Sejauh ini dari tepi dicari, bagian dari sisi halaman",
        "How far from the edge they are looked for, as a share of the page's side",
        between(0.01, 0.25));
  field("min_confidence", s.min_confidence, "Di bawah keyakinan ini tepi dibiarkan",
        "Below this confidence an edge is left alone", between(0, 1));
}

struct DewarpSettings {
  bool enabled = true;
  double min_bend_mm = 1.2;
  double min_confidence = 0.5;
};

template <typename Visitor>
constexpr void describe(Visitor& field, DewarpSettings& s) {
  using settings::between;
  field("enabled", s.enabled, kEnabledId, kEnabledEn);
  field("min_bend_mm", s.min_bend_mm,
        "Lengkungan baris terkecil yang diratakan pada citra baca, milimeter",
        "Smallest bend of lines that is laid flat in what OCR reads, in millimetres",
        between(0.2, 50));
  field("min_confidence", s.min_confidence, "Di bawah keyakinan ini halaman dibiarkan",
        "Below this confidence the page is left alone", between(0, 1));
}

struct ShowThroughSettings {
  bool enabled = true;
  double min_confidence = 0.5;
};

template <typename Visitor>
constexpr void describe(Visitor& field, ShowThroughSettings& s) {
  using settings::between;
  field("enabled", s.enabled, kEnabledId, kEnabledEn);
  field("min_confidence", s.min_confidence,
        "Di bawah keyakinan ini tembusan tulisan dari balik halaman dibiarkan",
        "Below this confidence print that shows through from the back is left alone",
        between(0, 1));
}

struct DespeckleSettings {
  bool enabled = true;
  double max_speck_mm = 0.3;
};

template <typename Visitor>
constexpr void describe(Visitor& field, DespeckleSettings& s) {
  using settings::between;
  field("enabled", s.enabled, kEnabledId, kEnabledEn);
  field("max_speck_mm", s.max_speck_mm,
        "Sisi bintik terbesar yang dihapus bila jauh dari tulisan, milimeter",
        "Side of the largest speck that is removed where it stands far from all print, in "
        "millimetres",
        between(0.05, 1));
}

struct BlankSettings {
  bool enabled = true;
  double max_ink = 0.0002;
};

template <typename Visitor>
constexpr void describe(Visitor& field, BlankSettings& s) {
  using settings::between;
  field("enabled", s.enabled, kEnabledId, kEnabledEn);
  field("max_ink", s.max_ink, "Halaman dengan tinta di bawah bagian ini dianggap kosong",
        "A page with less than this share of ink is taken for blank", between(0, 0.1));
}

struct LayersSettings {
  int background_dpi = 100;
  int picture_dpi = 150;
  int background_quality = 50;
};

template <typename Visitor>
constexpr void describe(Visitor& field, LayersSettings& s) {
  using settings::between;
  field(
      "background_dpi", s.background_dpi, "Resolusi lapisan latar halaman PDF berlapis (mrc), dpi",
      "Resolution of the background layer of a PDF page in layers (mrc), in dpi", between(25, 600));
  field("picture_dpi", s.picture_dpi, "dan bila halamannya bergambar atau bercap, dpi",
        "and where the page has pictures or stamps, in dpi", between(25, 600));
  field("background_quality", s.background_quality, "Mutu JPEG lapisan latar",
        "JPEG quality of the background layer", between(10, 100));
}

struct Settings {
  std::vector<std::string> stages = {"codes", "crop",         "deskew",    "edges", "dewarp",
                                     "level", "show_through", "despeckle", "blank"};
  int access_jpeg_quality = 85;
  int thumbnail_px = 256;
  LimitSettings limits;
  CodesSettings codes;
  CropSettings crop;
  DeskewSettings deskew;
  EdgesSettings edges;
  DewarpSettings dewarp;
  LevelSettings level;
  ShowThroughSettings show_through;
  DespeckleSettings despeckle;
  BlankSettings blank;
  LayersSettings layers;
};

template <typename Visitor>
constexpr void describe(Visitor& field, Settings& s) {
  using settings::between;
  field("stages", s.stages, "Tahap pengolahan citra, berurutan", "Image stages, in order");
  field("access_jpeg_quality", s.access_jpeg_quality, "Mutu JPEG citra akses",
        "JPEG quality of access images", between(30, 100));
  field("thumbnail_px", s.thumbnail_px, "Sisi terpanjang gambar mini, piksel",
        "Longest side of a thumbnail, in pixels", between(32, 2048));
  field.section("limits", s.limits);
  field.section("codes", s.codes);
  field.section("crop", s.crop);
  field.section("deskew", s.deskew);
  field.section("edges", s.edges);
  field.section("dewarp", s.dewarp);
  field.section("level", s.level);
  field.section("show_through", s.show_through);
  field.section("despeckle", s.despeckle);
  field.section("blank", s.blank);
  field.section("layers", s.layers);
}

#ifndef __clang__
static_assert(settings::fully_described<LimitSettings>());
static_assert(settings::fully_described<CodesSettings>());
static_assert(settings::fully_described<CropSettings>());
static_assert(settings::fully_described<EdgesSettings>());
static_assert(settings::fully_described<DewarpSettings>());
static_assert(settings::fully_described<ShowThroughSettings>());
static_assert(settings::fully_described<DespeckleSettings>());
static_assert(settings::fully_described<DeskewSettings>());
static_assert(settings::fully_described<LevelSettings>());
static_assert(settings::fully_described<BlankSettings>());
static_assert(settings::fully_described<LayersSettings>());
static_assert(settings::fully_described<Settings>());
#endif

}  // namespace alih::processing
