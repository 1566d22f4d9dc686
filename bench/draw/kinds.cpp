#include "bench/draw/kinds.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <utility>

#include <ZXing/BarcodeFormat.h>
#include <ZXing/BitMatrix.h>
#include <ZXing/MultiFormatWriter.h>
#include <ZXing/TextUtfEncoding.h>
#include <opencv2/imgproc.hpp>

#include "bench/draw/degrade.h"
#include "bench/draw/prose.h"
#include "bench/draw/typeset.h"

namespace alih::bench {
namespace {

constexpr int kCharacters = 3100;  // of prose on a page

constexpr auto kBookFaces = std::to_array<std::string_view>(
    {"CMU Serif", "Liberation Serif", "Carlito", "TeX Gyre Pagella", "EB Garamond",
     "TeX Gyre Schola", "Liberation Sans", "TeX Gyre Termes", "DejaVu Sans"});
constexpr auto kTypewriters = std::to_array<std::string_view>(
    {"Courier Prime", "Liberation Mono", "CMU Typewriter Text", "TeX Gyre Cursor"});

template <std::size_t N>
std::string face(const std::array<std::string_view, N>& faces, Random& random, int page) {
  // Every face in turn, wherever the kind begins: a few pages show several.
  return std::string(
      faces[(random.word() % 2 + static_cast<std::size_t>(page) * 2) % faces.size()]);
}

Type book_type(Random& random, int page) {
  return {face(kBookFaces, random, page), random.chance(0.3) ? 12.0 : 11.0, 1.04, true};
}

Type typewriter_type(Random& random, int page) {
  return {face(kTypewriters, random, page), 12, 1.15, false};
}

void fill(Typesetter& page, Random& random, Spelling spelling, int characters) {
  const int end = page.characters() + characters;
  while (page.characters() < end &&
         page.paragraph(paragraph(random, spelling, random.between(2, 5)))) {
  }
}

struct Draft {
  Sheet sheet;
  cv::Mat ink;
};

std::string_view word(Spelling spelling) {
  switch (spelling) {
    case Spelling::modern:
      return "modern";
    case Spelling::soewandi:
      return "soewandi";
    case Spelling::ophuijsen:
      return "ophuijsen";
    case Spelling::ophuijsen_accents:
      return "ophuijsen with accents";
  }
  return {};
}

Draft taken(const Typesetter& page, const Type& type, double skew_deg, Spelling spelling) {
  Draft out;
  out.ink = page.ink();
  out.sheet.skew_deg = skew_deg;
  out.sheet.spelling = word(spelling);
  out.sheet.family = type.family;
  out.sheet.size_pt = type.size_pt;
  out.sheet.lines = page.lines();
  out.sheet.boxes = page.boxes();
  return out;
}

Draft letter(Random& random, const Type& type, double skew_deg,
             Spelling spelling = Spelling::modern, int characters = kCharacters) {
  Typesetter page(type, skew_deg);
  page.heading(heading(random, spelling));
  fill(page, random, spelling, characters);
  return taken(page, type, skew_deg, spelling);
}

// Paper of this tone with ink of that tone, both 0 to 1.
cv::Mat printed(const cv::Mat& ink, double paper, double tone) {
  cv::Mat light;
  ink.convertTo(light, CV_32F, tone - paper, paper);
  return light;
}

// An ordinary good scan: fine lens, a little noise.
Sheet scanned(Random& random, Draft draft, double paper = 0.96, double tone = 0.12,
              double noise = 0.012) {
  spread(draft.ink, 0.7);
  draft.sheet.light = printed(draft.ink, paper, tone);
  sensor_noise(random, draft.sheet.light, noise);
  return std::move(draft.sheet);
}

double slight_skew(Random& random) { return std::round(random.uniform(-0.9, 0.9) * 1000) / 1000; }

Sheet draw_clean(Random& random, int page) {
  return scanned(random, letter(random, book_type(random, page), 0));
}

Sheet draw_small(Random& random, int page) {
  Type type = book_type(random, page);
  type.size_pt = 8;
  Typesetter sheet(type, 0);
  sheet.heading(heading(random, Spelling::modern));
  // Short lines, as in a register or a by-law.
  const double top = sheet.y();
  sheet.column(sheet.left(), 1100, top);
  fill(sheet, random, Spelling::modern, kCharacters);
  return scanned(random, taken(sheet, type, 0, Spelling::modern));
}

Sheet draw_typewriter(Random& random, int page) {
  auto draft = letter(random, typewriter_type(random, page), slight_skew(random));
  wear(random, draft.ink, 0.35);
  spread(draft.ink, 0.6);
  return scanned(random, std::move(draft), 0.9, 0.15, 0.02);
}

Sheet draw_skew(Random& random, int page) {
  // Both ways, from 1 to 5 degrees; the first two are large.
  const double size = page < 2 ? random.uniform(3, 5) : random.uniform(1, 5);
  const double skew_deg = std::round((page % 2 == 0 ? -size : size) * 1000) / 1000;
  return scanned(random, letter(random, book_type(random, page), skew_deg));
}

Sheet draw_noise(Random& random, int page) {
  auto sheet = scanned(random, letter(random, book_type(random, page), slight_skew(random)), 0.92,
                       0.15, 0.09);
  salt_and_pepper(random, sheet.light, 0.014);
  return sheet;
}

Sheet draw_stain(Random& random, int page) {
  auto draft = letter(random, book_type(random, page), slight_skew(random));
  spread(draft.ink, 0.7);
  auto& light = draft.sheet.light;
  light = printed(draft.ink, 0.9, 0.18);
  light += mottle(random, 0.012, 60);
  stain(random, light, 8, 0.26);
  folds(random, light, 2);
  sensor_noise(random, light, 0.015);
  return std::move(draft.sheet);
}

Sheet draw_bleed(Random& random, int page) {
  const double skew_deg = slight_skew(random);
  auto draft = letter(random, book_type(random, page), skew_deg);
  const auto back = letter(random, book_type(random, page), -skew_deg);
  spread(draft.ink, 0.8);
  auto& light = draft.sheet.light;
  light = printed(draft.ink, 0.85, 0.2);
  light += mottle(random, 0.012, 50);
  cv::multiply(light, 1 - 0.3 * seen_through(back.ink, 1.6), light);
  sensor_noise(random, light, 0.015);
  return std::move(draft.sheet);
}

Sheet draw_low_contrast(Random& random, int page) {
  auto draft = letter(random, book_type(random, page), slight_skew(random));
  wear(random, draft.ink, 0.2);
  spread(draft.ink, 0.9);
  auto& light = draft.sheet.light;
  light = printed(draft.ink, 0.66, 0.475);
  light += mottle(random, 0.016, 60);
  sensor_noise(random, light, 0.016);
  return std::move(draft.sheet);
}

Sheet draw_shadow(Random& random, int page) {
  auto sheet =
      scanned(random, letter(random, book_type(random, page), slight_skew(random)), 0.93, 0.12);
  gutter(sheet.light, 0.75, 390);
  sensor_noise(random, sheet.light, 0.006);
  return sheet;
}

Sheet draw_warp(Random& random, int page) {
  auto draft = letter(random, book_type(random, page), 0);
  draft.ink = curled(draft.ink, random.uniform(36, 52), 420, 0);
  auto sheet = scanned(random, std::move(draft), 0.93, 0.12);
  gutter(sheet.light, 0.5, 330);
  return sheet;
}

Sheet draw_soewandi(Random& random, int page) {
  return scanned(random, letter(random, book_type(random, page), 0, Spelling::soewandi), 0.9, 0.15,
                 0.015);
}

Sheet draw_ophuijsen(Random& random, int page) {
  return scanned(random, letter(random, book_type(random, page), 0, Spelling::ophuijsen), 0.9, 0.15,
                 0.015);
}

Sheet draw_newspaper(Random& random, int page) {
  const Type type{page % 2 == 0 ? "Liberation Serif" : "TeX Gyre Termes", 8.5, 1.02, true};
  const double skew_deg = slight_skew(random);
  Typesetter sheet(type, skew_deg);
  sheet.centred("SUARA " + headline(random, Spelling::modern), 3, true);
  sheet.gap(0.8);
  sheet.rule(sheet.left(), sheet.y(), sheet.left() + sheet.width(), sheet.y());
  sheet.gap(1);
  constexpr int kColumns = 3;
  constexpr double kGap = 44;
  const double top = sheet.y();
  const double left = sheet.left();
  const double width = (sheet.width() - (kColumns - 1) * kGap) / kColumns;
  const double bottom = top + 2250;
  sheet.end_at(bottom);
  for (int column = 0; column < kColumns; ++column) {
    sheet.column(left + column * (width + kGap), width, top);
    bool room = true;
    while (room) {
      sheet.centred(headline(random, Spelling::modern), 1.25, true);
      sheet.gap(0.3);
      room = sheet.paragraph(paragraph(random, Spelling::modern, 4)) &&
             sheet.paragraph(paragraph(random, Spelling::modern, 3)) && sheet.y() + 260 < bottom;
      sheet.gap(0.6);
    }
    if (column > 0) {
      const double x = left + column * (width + kGap) - kGap / 2;
      sheet.rule(x, top, x, bottom);
    }
  }
  auto draft = taken(sheet, type, skew_deg, Spelling::modern);
  wear(random, draft.ink, 0.42);
  spread(draft.ink, 0.9);
  auto& light = draft.sheet.light;
  light = printed(draft.ink, 0.68, 0.25);
  light += mottle(random, 0.02, 45);
  sensor_noise(random, light, 0.02);
  return std::move(draft.sheet);
}

Sheet tabular(Random& random, int page, bool budget) {
  const Type type{face(kBookFaces, random, page), budget ? 10.0 : 11.0, 1, false};
  const double skew_deg = slight_skew(random);
  Typesetter sheet(type, skew_deg);
  const auto head = heading(random, Spelling::modern);
  for (const auto& line : head.centred) sheet.plain(line);
  sheet.plain(head.left[0]);
  sheet.gap(1);
  sheet.table(budget ? budget_table(random, 24) : register_table(random, 24), 0.7);
  return scanned(random, taken(sheet, type, skew_deg, Spelling::modern), 0.94, 0.12, 0.015);
}

Sheet draw_table(Random& random, int page) { return tabular(random, page, false); }
Sheet draw_budget(Random& random, int page) { return tabular(random, page, true); }

Sheet draw_bilevel(Random& random, int page) {
  Type type = book_type(random, page);
  type.size_pt = 10;
  auto sheet = scanned(random, letter(random, type, slight_skew(random)), 0.95, 0.1, 0.06);
  sheet.form = Form::bilevel;
  return sheet;
}

Sheet draw_colour(Random& random, int page) {
  auto draft = letter(random, book_type(random, page), slight_skew(random));
  spread(draft.ink, 0.7);
  draft.sheet.light = printed(draft.ink, 0.93, 0.15);
  draft.sheet.light += mottle(random, 0.01, 60);
  stain(random, draft.sheet.light, 3, 0.25);
  draft.sheet.form = Form::colour;
  return std::move(draft.sheet);
}

Sheet draw_hard(Random& random, int page) {
  const double skew_deg = slight_skew(random);
  Type type = typewriter_type(random, page);
  type.leading = 1.3;
  auto draft = letter(random, type, skew_deg, Spelling::soewandi);
  const auto back = letter(random, type, -skew_deg, Spelling::soewandi);
  wear(random, draft.ink, 0.3);
  spread(draft.ink, 1.4);
  auto& light = draft.sheet.light;
  light = printed(draft.ink, 0.64, 0.34);
  light += mottle(random, 0.02, 45);
  cv::multiply(light, 1 - 0.11 * seen_through(back.ink, 2.2), light);
  stain(random, light, 4, 0.2);
  gutter(light, 0.5, 500);
  sensor_noise(random, light, 0.028);
  return std::move(draft.sheet);
}

Sheet draw_blank(Random& random, int page) {
  Sheet sheet;
  sheet.light = cv::Mat(kHeight, kWidth, CV_32F, cv::Scalar(0.9));
  sheet.light += mottle(random, 0.012, 60);
  // Plain, with a shadow and a fold, with stains.
  if (page % 3 == 1) {
    gutter(sheet.light, 0.5, 300);
    folds(random, sheet.light, 1);
  } else if (page % 3 == 2) {
    stain(random, sheet.light, 3, 0.2);
  }
  sensor_noise(random, sheet.light, 0.015);
  return sheet;
}

Sheet draw_accents(Random& random, int page) {
  return scanned(
      random,
      letter(random, book_type(random, page), slight_skew(random), Spelling::ophuijsen_accents),
      0.9, 0.15, 0.015);
}

void put_code(Sheet& sheet, ZXing::BarcodeFormat format, const std::string& text, int x, int y,
              int width, int height) {
  const auto bits = ZXing::MultiFormatWriter(format).setMargin(0).encode(
      ZXing::TextUtfEncoding::FromUtf8(text), 0, 0);
  cv::Mat small(bits.height(), bits.width(), CV_32F);
  for (int r = 0; r < bits.height(); ++r) {
    for (int c = 0; c < bits.width(); ++c) small.at<float>(r, c) = bits.get(c, r) ? 0.1F : 0.95F;
  }
  cv::Mat full;
  cv::resize(small, full, {width / bits.width() * bits.width(), height}, 0, 0, cv::INTER_NEAREST);
  full.copyTo(sheet.light(cv::Rect(x, y, full.cols, full.rows)));
  sheet.codes.push_back({ZXing::ToString(format), text});
}

// A cover sheet: a separator, the number of the item as bars and as a square, and a few lines.
Sheet draw_codes(Random& random, int page) {
  const Type type = book_type(random, page);
  auto draft = letter(random, type, 0, Spelling::modern, 300);
  auto sheet = scanned(random, std::move(draft), 0.95, 0.1, 0.0);
  const std::string number = "ALM/" + std::to_string(random.between(2024, 2030)) + "/" +
                             std::to_string(random.between(100000, 999999));
  put_code(sheet, ZXing::BarcodeFormat::Code39, "PATCHT", 400, 1500, 1600, 300);
  put_code(sheet, ZXing::BarcodeFormat::Code128, number, 400, 2000, 1600, 260);
  put_code(sheet, ZXing::BarcodeFormat::QRCode, number, 900, 2500, 600, 600);
  // Turned like a sheet that went through a feeder.
  sheet.skew_deg = slight_skew(random);
  const auto turn = cv::getRotationMatrix2D({kWidth / 2.0F, kHeight / 2.0F}, sheet.skew_deg, 1);
  cv::warpAffine(sheet.light, sheet.light, turn, sheet.light.size(), cv::INTER_LINEAR,
                 cv::BORDER_REPLICATE);
  spread(sheet.light, 0.6);
  sensor_noise(random, sheet.light, 0.015);
  return sheet;
}

constexpr auto kKinds = std::to_array<Kind>({
    {"clean", "a good scan", draw_clean},
    {"small8", "8 pt, short lines", draw_small},
    {"typewriter", "worn ribbon, ragged lines", draw_typewriter},
    {"skew", "turned by 1 to 5 degrees, both ways", draw_skew},
    {"noise", "grain, salt and pepper", draw_noise},
    {"stain", "blots, folds, mottled paper", draw_stain},
    {"bleed", "the back shows through", draw_bleed},
    {"lowcontrast", "faint ink on grey paper", draw_low_contrast},
    {"shadow", "the dark gutter of a thick book", draw_shadow},
    {"warp", "lines that bend into the gutter", draw_warp},
    {"soewandi", "spelling of 1947", draw_soewandi},
    {"ophuijsen", "spelling of 1901", draw_ophuijsen},
    {"newspaper", "three columns at 8.5 pt on grey paper", draw_newspaper},
    {"table", "a ruled register", draw_table},
    {"bilevel", "black and white, G4", draw_bilevel},
    {"color", "rgb, yellowed, JPEG", draw_colour},
    {"hard", "typewriter, faint, stained, shadow, back seen through", draw_hard},
    {"blank", "nothing to read", draw_blank},
    {"budget", "a ruled budget with per cent signs and points", draw_budget},
    {"accents", "spelling of 1901 with é", draw_accents},
    {"codes", "a cover sheet with PATCHT, Code 128 and QR", draw_codes},
});

}  // namespace

std::span<const Kind> all_kinds() { return kKinds; }

}  // namespace alih::bench
