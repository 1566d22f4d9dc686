#include "bench/draw/typeset.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <numbers>
#include <stdexcept>
#include <utility>

#include "tests/support/drawing.h"

namespace alih::bench {
namespace {

constexpr double kMargin = 295;  // pixels, 25 mm

using testing_support::Context;
using testing_support::FontDescription;
using testing_support::FontOptions;
using testing_support::is_amount;
using testing_support::Layout;
using testing_support::Release;
using testing_support::Surface;
using testing_support::trimmed;
using Family = std::unique_ptr<PangoFontFamily*, Release<g_free>>;

int count_characters(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

// Another face in its place would be another page: better none.
void require_family(const std::string& family) {
  PangoFontFamily** families = nullptr;
  int count = 0;
  pango_font_map_list_families(pango_cairo_font_map_get_default(), &families, &count);
  const Family owner(families);
  for (int i = 0; i < count; ++i) {
    if (family == pango_font_family_get_name(families[i])) return;
  }
  throw std::runtime_error("the typeface " + family + " is not here: run scripts/setup bench");
}

}  // namespace

struct Typesetter::Cairo {
  Surface surface;
  Context context;

  [[nodiscard]] Layout layout(const Type& type, std::string_view text, double scale,
                              bool bold) const {
    Layout out(pango_cairo_create_layout(context.get()));
    PangoContext* const pango = pango_layout_get_context(out.get());
    const FontOptions options(cairo_font_options_create());
    cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(pango, options.get());
    pango_context_set_round_glyph_positions(pango, FALSE);
    pango_context_set_language(pango, pango_language_from_string("id"));
    const FontDescription font(pango_font_description_new());
    pango_font_description_set_family(font.get(), type.family.c_str());
    pango_font_description_set_absolute_size(font.get(),
                                             type.size_pt / 72 * kDpi * scale * PANGO_SCALE);
    if (bold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(out.get(), font.get());
    pango_layout_set_text(out.get(), text.data(), static_cast<int>(text.size()));
    return out;
  }

  [[nodiscard]] static std::pair<double, double> size(PangoLayout* layout) {
    int w = 0;
    int h = 0;
    pango_layout_get_size(layout, &w, &h);
    return {pango_units_to_double(w), pango_units_to_double(h)};
  }
};

Typesetter::Typesetter(Type type, double skew_deg)
    : type_(std::move(type)),
      cairo_(new Cairo),
      left_(kMargin),
      width_(kWidth - 2 * kMargin),
      bottom_(kHeight - kMargin),
      y_(kMargin) {
  require_family(type_.family);
  cairo_->surface.reset(cairo_image_surface_create(CAIRO_FORMAT_A8, kWidth, kHeight));
  cairo_->context.reset(cairo_create(cairo_->surface.get()));
  auto* const c = cairo_->context.get();
  cairo_translate(c, kWidth / 2.0, kHeight / 2.0);
  // Cairo's y axis points down, so its positive angles turn clockwise.
  cairo_rotate(c, -skew_deg * std::numbers::pi / 180);
  cairo_translate(c, -kWidth / 2.0, -kHeight / 2.0);
  cairo_set_source_rgba(c, 0, 0, 0, 1);
}

Typesetter::~Typesetter() { delete cairo_; }

void Typesetter::remember(std::string text, double x1, double y1, double x2, double y2) {
  if (text.empty()) return;
  characters_ += count_characters(text) + 1;
  lines_.push_back(std::move(text));
  boxes_.push_back({static_cast<int>(std::lround(x1)), static_cast<int>(std::lround(y1)),
                    static_cast<int>(std::lround(x2)), static_cast<int>(std::lround(y2))});
}

void Typesetter::column(double x, double width, double y) {
  left_ = x;
  width_ = width;
  y_ = y;
}

void Typesetter::centred(std::string_view text, double scale, bool bold) {
  const auto layout = cairo_->layout(type_, text, scale, bold);
  const auto [w, h] = Cairo::size(layout.get());
  if (y_ + h > bottom_) return;
  const double x = left_ + (width_ - w) / 2;
  cairo_move_to(cairo_->context.get(), x, y_);
  pango_cairo_show_layout(cairo_->context.get(), layout.get());
  remember(trimmed(text), x, y_, x + w, y_ + h);
  y_ += h * 1.08;
}

void Typesetter::plain(std::string_view text) {
  const auto layout = cairo_->layout(type_, text, 1, false);
  const auto [w, h] = Cairo::size(layout.get());
  if (y_ + h > bottom_) return;
  cairo_move_to(cairo_->context.get(), left_, y_);
  pango_cairo_show_layout(cairo_->context.get(), layout.get());
  remember(trimmed(text), left_, y_, left_ + w, y_ + h);
  y_ += h * type_.leading * 1.1;
}

void Typesetter::heading(const Heading& heading) {
  for (const auto& line : heading.centred) centred(line, 1.15, false);
  gap(0.3);
  for (const auto& line : heading.left) plain(line);
  gap(1.2);
}

bool Typesetter::paragraph(std::string_view text) {
  const auto layout = cairo_->layout(type_, text, 1, false);
  pango_layout_set_width(layout.get(), pango_units_from_double(width_));
  pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD);
  pango_layout_set_justify(layout.get(), type_.justified ? TRUE : FALSE);
  const std::string_view all = pango_layout_get_text(layout.get());
  for (int i = 0; i < pango_layout_get_line_count(layout.get()); ++i) {
    PangoLayoutLine* const line = pango_layout_get_line_readonly(layout.get(), i);
    PangoRectangle logical;
    pango_layout_line_get_extents(line, nullptr, &logical);
    const double height = pango_units_to_double(logical.height);
    if (y_ + height > bottom_) return false;
    cairo_move_to(cairo_->context.get(), left_, y_ - pango_units_to_double(logical.y));
    pango_cairo_show_layout_line(cairo_->context.get(), line);
    remember(trimmed(all.substr(static_cast<std::size_t>(line->start_index),
                                static_cast<std::size_t>(line->length))),
             left_, y_, left_ + pango_units_to_double(logical.width), y_ + height);
    y_ += height * type_.leading;
  }
  y_ += em() * 0.55;
  return y_ + em() < bottom_;
}

void Typesetter::table(const Table& table, double row_gap) {
  const std::size_t columns = table.front().size();
  std::vector<double> widths(columns, 0);
  std::vector<bool> amounts(columns, true);
  double row_height = 0;
  const double padding = em() * 0.5;
  for (std::size_t r = 0; r < table.size(); ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      const auto [w, h] = Cairo::size(cairo_->layout(type_, table[r][c], 1, r == 0).get());
      widths[c] = std::max(widths[c], w + 2 * padding);
      row_height = std::max(row_height, h * (1 + row_gap));
      if (r > 0 && !is_amount(table[r][c])) amounts[c] = false;
    }
  }
  double natural = 0;
  for (const double w : widths) natural += w;
  if (natural > width_) throw std::length_error("draw_pages: the table is too wide");
  for (double& w : widths) w += (width_ - natural) / static_cast<double>(columns);
  const double top = y_;
  for (std::size_t r = 0; r < table.size() && y_ + row_height < bottom_; ++r) {
    rule(left_, y_, left_ + width_, y_);
    std::string line;
    double x = left_;
    for (std::size_t c = 0; c < columns; ++c) {
      const auto layout = cairo_->layout(type_, table[r][c], 1, r == 0);
      const auto [w, h] = Cairo::size(layout.get());
      cairo_move_to(cairo_->context.get(),
                    amounts[c] && r > 0 ? x + widths[c] - padding - w : x + padding,
                    y_ + (row_height - h) / 2);
      pango_cairo_show_layout(cairo_->context.get(), layout.get());
      if (!line.empty()) line += ' ';
      line += table[r][c];
      x += widths[c];
    }
    remember(std::move(line), left_, y_, left_ + width_, y_ + row_height);
    y_ += row_height;
  }
  rule(left_, y_, left_ + width_, y_);
  double x = left_;
  rule(x, top, x, y_);
  for (const double w : widths) {
    x += w;
    rule(x, top, x, y_);
  }
}

void Typesetter::rule(double x1, double y1, double x2, double y2) {
  auto* const c = cairo_->context.get();
  cairo_set_line_width(c, kDpi / 110.0);
  cairo_move_to(c, x1, y1);
  cairo_line_to(c, x2, y2);
  cairo_stroke(c);
}

void Typesetter::gap(double lines) { y_ += em() * lines; }

cv::Mat Typesetter::ink() const {
  auto* const surface = cairo_->surface.get();
  cairo_surface_flush(surface);
  const cv::Mat bytes(kHeight, kWidth, CV_8U, cairo_image_surface_get_data(surface),
                      static_cast<std::size_t>(cairo_image_surface_get_stride(surface)));
  cv::Mat out;
  bytes.convertTo(out, CV_32F, 1.0 / 255);
  return out;
}

}  // namespace alih::bench
