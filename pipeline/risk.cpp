#include "pipeline/risk.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "pipeline/profiles.h"

namespace alih::pipeline {
namespace {

using Value = std::optional<double>;

const Finding* finding(const Page& page, std::string_view name) {
  const auto found = std::find_if(page.findings.begin(), page.findings.end(),
                                  [&](const Finding& f) { return f.name == name; });
  return found == page.findings.end() ? nullptr : &*found;
}

Value number(const Page& page, std::string_view name, const char* what) {
  const auto* f = finding(page, name);
  if (f == nullptr) return std::nullopt;
  const auto found = f->numbers.find(what);
  if (found == f->numbers.end() || !std::isfinite(found->second)) return std::nullopt;
  return found->second;
}
Value quality(const Page& page, const char* what) { return number(page, "quality", what); }
Value text(const Page& page, const char* what) { return number(page, "text", what); }

bool was_read(const Page& page) { return page.state == PageState::indexed; }
bool models_have(const Page& page, std::string_view model) {
  const auto& models = page.reading.models;
  return models.find(model) != std::string::npos || models.find("Latin") != std::string::npos;
}

// Drawn by us from a PDF: there was no scanner that could have lost anything.
bool drawn(const Page& page) {
  const auto how = page.capture.find("pdf_image");
  return how != page.capture.end() && how->second == "rendered";
}

Value failed(const RiskFacts& f) { return f.page.state == PageState::failed ? 1.0 : 0.0; }

// As at 300 dpi: a finer scan of the same sharpness has wider edges in pixels.
Value edge_width(const RiskFacts& f) {
  const auto px = quality(f.page, "edge_px");
  if (!px) return px;
  constexpr double kUsual = 300;
  return f.page.dpi > kUsual ? *px * kUsual / f.page.dpi : *px;
}

Value skew(const RiskFacts& f) {
  // Below this the profile has no clear peak: pictures, single words.
  constexpr double kClear = 2.0;
  const auto ratio = quality(f.page, "skew_ratio");
  const auto angle = quality(f.page, "skew_deg");
  if (!ratio || !angle || *ratio < kClear) return std::nullopt;
  return std::abs(*angle);
}

Value lost_contrast(const RiskFacts& f) {
  const auto contrast = quality(f.page, "contrast");
  return contrast ? Value(1 - *contrast) : std::nullopt;
}

Value highlights(const RiskFacts& f) {
  return drawn(f.page) ? std::nullopt : quality(f.page, "highlights_clipped");
}
Value shadows(const RiskFacts& f) {
  return drawn(f.page) ? std::nullopt : quality(f.page, "shadows_clipped");
}

Value cut_text(const RiskFacts& f) {
  const auto lines = quality(f.page, "cut_lines");
  const auto letters = quality(f.page, "cut_letters");
  if (!lines || !letters) return std::nullopt;
  // A line cut along its length shows some fifty stems.
  constexpr double kLettersALine = 5;
  return *lines + *letters / kLettersALine;
}

Value tail(const RiskFacts& f) {
  return drawn(f.page) ? std::nullopt : quality(f.page, "tail_share");
}

Value missing_resolution(const RiskFacts& f) {
  if (f.page.dpi <= 0 || f.wanted_dpi <= 0 || drawn(f.page)) return std::nullopt;
  // Programs write 72 or 96 when they do not know: a sheet longer than A2 that nobody scanned.
  constexpr double kUnknown = 96;
  constexpr double kLongestInches = 23.4;
  if (f.page.dpi <= kUnknown &&
      std::max(f.page.width, f.page.height) > kLongestInches * f.page.dpi) {
    return std::nullopt;
  }
  return 1 - f.page.dpi / f.wanted_dpi;
}

Value odd_size(const RiskFacts& f) { return f.size_deviation; }

Value blank(const RiskFacts& f) { return f.page.state == PageState::blank ? 1.0 : 0.0; }

Value doubt(const RiskFacts& f) {
  if (!was_read(f.page) || f.page.reading.words == 0) return std::nullopt;
  return 1 - f.page.reading.confidence;
}
Value low_words(const RiskFacts& f) {
  return was_read(f.page) ? text(f.page, "low_share") : std::nullopt;
}
Value no_words(const RiskFacts& f) {
  return was_read(f.page) && f.page.reading.words == 0 ? 1.0 : 0.0;
}

constexpr double kFewWords = 5;  // evidence of fewer is none

Value mixed_spelling(const RiskFacts& f) {
  const auto words = text(f.page, "spelling_words");
  const auto* t = finding(f.page, "text");
  if (!words || *words < kFewWords || t->note != "mixed") return std::nullopt;
  std::array shares{text(f.page, "ophuijsen").value_or(0), text(f.page, "soewandi").value_or(0),
                    text(f.page, "eyd").value_or(0)};
  return 1 - *std::max_element(shares.begin(), shares.end());
}

Value old_spelling_read_as_new(const RiskFacts& f) {
  const auto words = text(f.page, "spelling_words");
  if (!words || *words < kFewWords || models_have(f.page, "nld")) return std::nullopt;
  const auto* t = finding(f.page, "text");
  if (t->note != "ophuijsen" && t->note != "soewandi") return std::nullopt;
  return text(f.page, "ophuijsen").value_or(0) + text(f.page, "soewandi").value_or(0);
}

Value language_without_model(const RiskFacts& f) {
  const auto words = text(f.page, "function_words");
  if (!words || *words < kFewWords) return std::nullopt;
  double out = 0;
  for (const char* language : {"ind", "nld", "eng"}) {
    if (!models_have(f.page, language)) out = std::max(out, text(f.page, language).value_or(0));
  }
  if (!models_have(f.page, "fra") && !models_have(f.page, "deu")) {
    out = std::max(out, text(f.page, "other").value_or(0));
  }
  return out;
}

}  // namespace

const std::vector<RiskReason>& all_risk_reasons() {
  // Adding one is a row. Points: what is lost when nobody looks. 0.6 and more: part of the page is
  // not there and the sheet must be scanned again; about 0.4: likely again; 0.2: look at it;
  // 0.1: good to know, never enough to come before a page with something wrong.
  static const std::vector<RiskReason> rows = {
      {"failed", message("gagal dibaca", "could not be read"), 1.0, 1, 1, failed},
      // A tail of 1 % of A4 is 3 mm: more than a feeder's overscan.
      {"tail_band",
       message("ujung citra seragam, pindaian mungkin terputus",
               "uniform band at the end, the scan may have broken off"),
       0.7, 0.01, 0.1, tail},
      // Lines; two may be a heading's ornament or a stamp.
      {"cut_text", message("teks terpotong di tepi", "text cut off at an edge"), 0.6, 3, 15,
       cut_text},
      // Sharp 300 dpi scans have 1.5 to 3 pixels; at 8 a stroke is as wide as its blur.
      {"blur", message("buram", "blurred"), 0.5, 4, 8, edge_width},
      // Tesseract's mean on clean print is 0.93 and more; at a half nothing is right.
      {"uncertain", message("pembacaan meragukan", "reading is doubtful"), 0.5, 0.15, 0.5, doubt},
      // Print on newsprint has a contrast of 0.5; below 0.4 strokes break, at 0.15 they are gone.
      {"faint", message("tinta pudar", "faint ink"), 0.4, 0.6, 0.85, lost_contrast},
      // Sheets of one bundle differ by less; half a size is a sheet folded or cropped wrongly.
      {"odd_size", message("ukuran lain dari halaman lain", "size unlike the other pages"), 0.4,
       0.1, 0.4, odd_size},
      // 5 % under is the scanner's rounding; half of it loses small print.
      {"low_resolution", message("resolusi di bawah profil", "resolution below the profile"), 0.35,
       0.05, 0.5, missing_resolution},
      // Half a degree is a line's height over a line's width; Tesseract fails from 2 on.
      {"skew", message("masih miring", "still skewed"), 0.3, 0.5, 3, skew},
      {"low_words", message("banyak kata meragukan", "many doubtful words"), 0.3, 0.15, 0.5,
       low_words},
      {"no_words", message("tidak ada kata yang terbaca", "no word could be read"), 0.3, 1, 1,
       no_words},
      // Often right, so not much; but a sheet fed wrong side up looks the same.
      {"blank", message("kosong", "blank"), 0.15, 1, 1, blank},
      // The default of ind+eng would do better with nld.
      {"other_language",
       message("bahasa lain dari model bacanya", "another language than the models read"), 0.15,
       0.3, 0.8, language_without_model},
      {"clipped_highlights", message("bagian terang hilang", "highlights are lost"), 0.12, 0.5,
       0.95, highlights},
      {"clipped_shadows", message("bagian gelap hilang", "shadows are lost"), 0.12, 0.2, 0.6,
       shadows},
      // é is in none of the models for today's Indonesian.
      {"old_spelling",
       message("ejaan lama dibaca dengan model ejaan baru",
               "old spelling read by models of the new"),
       0.08, 0.5, 1, old_spelling_read_as_new},
      {"mixed_spelling", message("ejaan campuran", "mixed spelling"), 0.08, 0.2, 0.5,
       mixed_spelling},
  };
  return rows;
}

namespace {

struct Size {
  double width = 0;
  double height = 0;
};

// Of the sheet as cropped, in mm, or in pixels without a resolution: the corners that straightening
// added are taken off again.
Size sheet_size(const Page& page) {
  Size out{static_cast<double>(page.width), static_cast<double>(page.height)};
  if (page.access_width > 0 && page.access_height > 0) {
    const auto& m = page.to_master.m;
    constexpr double kQuarter = 1.5707963267948966;
    const double turned = std::remainder(std::atan2(m[3], m[0]), kQuarter);
    const double c = std::abs(std::cos(turned));
    const double s = std::abs(std::sin(turned));
    const double w = page.access_width;
    const double h = page.access_height;
    const Size cropped{(w * c - h * s) / (c * c - s * s), (h * c - w * s) / (c * c - s * s)};
    // No stage turns a page by half a right angle: a broken record.
    if (cropped.width >= 1 && cropped.height >= 1 && c > 2 * s) out = cropped;
  } else if (page.orientation >= 5) {
    std::swap(out.width, out.height);
  }
  constexpr double kMmAnInch = 25.4;
  if (page.dpi > 0) {
    out.width *= kMmAnInch / page.dpi;
    out.height *= kMmAnInch / page.dpi;
  }
  return out;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// How far each page is from the median, less what is usual in this item: a bundle of letters of
// all sizes has no odd one, nor has a book with folded maps when they are a fifth of it.
std::vector<Value> size_deviations(const std::vector<Page>& pages) {
  std::vector<std::size_t> live;
  std::vector<Size> sizes;
  std::vector<double> widths;
  std::vector<double> heights;
  std::size_t with_dpi = 0;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (pages[i].state == PageState::removed) continue;
    const auto size = sheet_size(pages[i]);
    live.push_back(i);
    sizes.push_back(size);
    widths.push_back(size.width);
    heights.push_back(size.height);
    if (pages[i].dpi > 0) ++with_dpi;
  }
  std::vector<Value> out(pages.size());
  constexpr std::size_t kFew = 3;
  const bool comparable = with_dpi == 0 || with_dpi == live.size();
  if (live.size() < kFew || !comparable) return out;
  const Size usual{median(widths), median(heights)};
  if (usual.width <= 0 || usual.height <= 0) return out;
  const auto apart = [](const Size& a, const Size& b) {
    return std::max(std::abs(a.width / b.width - 1), std::abs(a.height / b.height - 1));
  };
  std::vector<double> away;
  for (const auto& size : sizes) away.push_back(apart(size, usual));
  constexpr double kUsual = 3;  // times the median deviation
  const double allowed = kUsual * median(away);
  constexpr double kAlike = 0.05;
  constexpr double kNotRare = 0.2;  // of the pages
  for (std::size_t i = 0; i < live.size(); ++i) {
    const double deviation = std::max(0.0, away[i] - allowed);
    out[live[i]] = deviation;
    if (deviation < kAlike) continue;
    const auto alike = std::count_if(sizes.begin(), sizes.end(), [&](const Size& other) {
      return apart(other, sizes[i]) < kAlike;
    });
    if (alike > 1 && static_cast<double>(alike) >= kNotRare * static_cast<double>(live.size())) {
      out[live[i]] = 0;
    }
  }
  return out;
}

double wanted_dpi(const Item& item) {
  constexpr double kLeastForReading = 200;  // below this words are lost (scan warns too)
  const auto profile = find_profile(item.field("capture_profile"));
  return profile && profile->dpi ? *profile->dpi : kLeastForReading;
}

}  // namespace

std::vector<PageRisk> page_risks(const Item& item, const std::vector<Page>& pages) {
  const auto deviations = size_deviations(pages);
  const double dpi = wanted_dpi(item);
  std::vector<PageRisk> out;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const auto& page = pages[i];
    PageRisk risk;
    risk.known = page.state != PageState::captured && page.state != PageState::removed;
    if (!risk.known) {
      out.push_back(risk);
      continue;
    }
    const RiskFacts facts{page, deviations[i], dpi};
    std::vector<std::pair<double, const RiskReason*>> found;
    double fine = 1;
    for (const auto& row : all_risk_reasons()) {
      const auto value = row.value(facts);
      if (!value || *value < row.from) continue;
      constexpr double kAtOnce = 0.25;
      const double way = row.full > row.from ? (*value - row.from) / (row.full - row.from) : 1.0;
      const double points = row.points * (kAtOnce + (1 - kAtOnce) * std::clamp(way, 0.0, 1.0));
      fine *= 1 - points;  // reasons add up and never pass 1
      found.emplace_back(points, &row);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    risk.risk = 1 - fine;
    for (const auto& [points, row] : found) risk.reasons.push_back(row);
    out.push_back(std::move(risk));
  }
  return out;
}

std::vector<RiskyPage> worst_pages(const indexer::Database& database, std::size_t most,
                                   const std::function<bool(const Item&)>& wanted,
                                   std::size_t* total) {
  std::vector<RiskyPage> out;
  std::size_t judged = 0;
  const auto keep_worst = [&] {
    std::stable_sort(out.begin(), out.end(), [](const RiskyPage& a, const RiskyPage& b) {
      return a.risk.risk > b.risk.risk;
    });
    if (out.size() > most) out.erase(out.begin() + static_cast<std::ptrdiff_t>(most), out.end());
  };
  for (const auto& item : database.items({})) {
    if (!wanted(item)) continue;
    auto pages = database.pages(item.id);
    auto risks = page_risks(item, pages);
    for (std::size_t i = 0; i < pages.size(); ++i) {
      if (!risks[i].known) continue;
      ++judged;
      if (risks[i].risk <= 0) continue;
      out.push_back({item, std::move(pages[i]), std::move(risks[i])});
    }
    constexpr std::size_t kSpare = 4096;  // held beside the worst, before they are sorted out
    if (out.size() > most + kSpare) keep_worst();
  }
  keep_worst();
  if (total != nullptr) *total = judged;
  return out;
}

std::string reasons_text(const PageRisk& risk, Language language) {
  std::string out;
  for (const auto* reason : risk.reasons) {
    out += (out.empty() ? "" : ", ") + reason->label.in(language);
  }
  return out;
}

}  // namespace alih::pipeline
