#include "tests/support/drawn_page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numbers>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/drawing.h"

namespace alih::testing_support {
namespace {

constexpr double a4_width_mm = 210;
constexpr double a4_height_mm = 297;
constexpr double margin_mm = 25;
constexpr double line_spacing = 1.15;
constexpr double heading_scale = 1.5;
constexpr double border_tone = 0.12;
constexpr double ink_tone = 0.06;

double pixels(double mm, int dpi) { return mm / 25.4 * dpi; }

bool is_heading(std::string_view paragraph) { return paragraph.starts_with("# "); }

// Sets text from the top margin down and remembers each line it has set.
class Typesetter {
 public:
  Typesetter(cairo_t* cairo, const PageSpec& spec, int width, int height)
      : cairo_(cairo),
        spec_(spec),
        left_(pixels(margin_mm, spec.dpi)),
        text_width_(width - 2 * left_),
        bottom_(height - left_),
        y_(left_) {}

  void paragraph(const std::string& text) {
    if (text.empty()) {
      y_ += em() * line_spacing;
      return;
    }
    const bool heading = is_heading(text);
    const Layout layout =
        make_layout(heading ? text.substr(2) : text, heading ? heading_scale : 1.0, heading);
    pango_layout_set_width(layout.get(), pango_units_from_double(text_width_));
    pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD);
    if (heading) pango_layout_set_alignment(layout.get(), PANGO_ALIGN_CENTER);
    show(layout.get(), left_);
    y_ += em() * (heading ? 0.9 : 0.5);
  }

  void table(const std::vector<std::vector<std::string>>& rows) {
    std::size_t columns = 0;
    for (const auto& row : rows) columns = std::max(columns, row.size());
    if (columns == 0) return;

    std::vector<double> widths(columns, 0);
    std::vector<bool> amounts(columns, rows.size() > 1);
    const double padding = em() * 0.6;
    double row_height = 0;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      for (std::size_t c = 0; c < rows[r].size(); ++c) {
        const auto [w, h] = size(make_layout(rows[r][c], 1.0, r == 0).get());
        widths[c] = std::max(widths[c], w + 2 * padding);
        row_height = std::max(row_height, h + padding);
        if (r > 0 && !is_amount(rows[r][c])) amounts[c] = false;
      }
    }
    double natural = 0;
    for (const double w : widths) natural += w;
    if (natural > text_width_) throw std::length_error("drawn page: the table is too wide");
    const double spread = (text_width_ - natural) / static_cast<double>(columns);
    for (double& w : widths) w += spread;

    y_ += em() * 0.5;
    const double top = y_;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      need(row_height);
      rule(left_, y_, left_ + text_width_, y_);
      std::string line;
      double x = left_;
      for (std::size_t c = 0; c < rows[r].size(); ++c) {
        const Layout layout = make_layout(rows[r][c], 1.0, r == 0);
        const auto [w, h] = size(layout.get());
        cairo_move_to(cairo_, amounts[c] ? x + widths[c] - padding - w : x + padding,
                      y_ + (row_height - h) / 2);
        pango_cairo_show_layout(cairo_, layout.get());
        const std::string cell = trimmed(rows[r][c]);
        if (!line.empty() && !cell.empty()) line += ' ';
        line += cell;
        x += widths[c];
      }
      if (!line.empty()) lines_.push_back(std::move(line));
      y_ += row_height;
    }
    rule(left_, y_, left_ + text_width_, y_);
    double x = left_;
    rule(x, top, x, y_);
    for (const double w : widths) {
      x += w;
      rule(x, top, x, y_);
    }
  }

  [[nodiscard]] std::vector<std::string> take_lines() { return std::move(lines_); }

 private:
  [[nodiscard]] double em() const { return spec_.size_pt / 72 * spec_.dpi; }

  [[nodiscard]] Layout make_layout(const std::string& text, double scale, bool bold) const {
    Layout layout(pango_cairo_create_layout(cairo_));
    PangoContext* const context = pango_layout_get_context(layout.get());
    // Hinting fits glyphs to the pixels of a screen; print has none, and settings of the desktop
    // must not change the pixels.
    const FontOptions options(cairo_font_options_create());
    cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options.get());
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_context_set_language(context, pango_language_from_string("id"));

    const FontDescription font(pango_font_description_new());
    pango_font_description_set_family(font.get(), spec_.font.c_str());
    pango_font_description_set_absolute_size(font.get(), em() * scale * PANGO_SCALE);
    if (bold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout.get(), font.get());
    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    return layout;
  }

  [[nodiscard]] static std::pair<double, double> size(PangoLayout* layout) {
    int w = 0;
    int h = 0;
    pango_layout_get_size(layout, &w, &h);
    return {pango_units_to_double(w), pango_units_to_double(h)};
  }

  void need(double height) const {
    if (y_ + height > bottom_) throw std::length_error("drawn page: the text does not fit on A4");
  }

  void show(PangoLayout* layout, double x) {
    const std::string_view text = pango_layout_get_text(layout);
    for (int i = 0; i < pango_layout_get_line_count(layout); ++i) {
      PangoLayoutLine* const line = pango_layout_get_line_readonly(layout, i);
      PangoRectangle logical;
      pango_layout_line_get_extents(line, nullptr, &logical);
      const double ascent = pango_units_to_double(-logical.y);
      const double width = pango_units_to_double(logical.width);
      const double height = pango_units_to_double(logical.height) * line_spacing;
      need(height);
      const bool centred = pango_layout_get_alignment(layout) == PANGO_ALIGN_CENTER;
      cairo_move_to(cairo_, centred ? x + (text_width_ - width) / 2 : x, y_ + ascent);
      pango_cairo_show_layout_line(cairo_, line);
      y_ += height;
      std::string truth = trimmed(text.substr(static_cast<std::size_t>(line->start_index),
                                              static_cast<std::size_t>(line->length)));
      if (!truth.empty()) lines_.push_back(std::move(truth));
    }
  }

  void rule(double x1, double y1, double x2, double y2) {
    cairo_set_line_width(cairo_, spec_.dpi / 150.0);
    cairo_move_to(cairo_, x1, y1);
    cairo_line_to(cairo_, x2, y2);
    cairo_stroke(cairo_);
  }

  cairo_t* cairo_;
  const PageSpec& spec_;
  double left_;
  double text_width_;
  double bottom_;
  double y_;
  std::vector<std::string> lines_;
};

void paint_border(cairo_t* cairo, int border, int width, int height) {
  if (border <= 0) return;
  cairo_set_source_rgb(cairo, border_tone, border_tone, border_tone);
  cairo_rectangle(cairo, 0, 0, width, height);
  cairo_rectangle(cairo, border, border, width - 2 * border, height - 2 * border);
  cairo_set_fill_rule(cairo, CAIRO_FILL_RULE_EVEN_ODD);
  cairo_fill(cairo);
}

// Drawing a normal variate for each of millions of samples is slow; picking from a table of them is
// as good for a scan.
class Noise {
 public:
  Noise(double sigma, unsigned seed) : random_(seed), silent_(sigma <= 0) {
    if (silent_) return;
    std::normal_distribution<double> normal(0, sigma);
    for (double& v : table_) v = normal(random_);
  }

  [[nodiscard]] std::uint8_t operator()(std::uint32_t value) {
    if (silent_) return static_cast<std::uint8_t>(value);
    const double noisy = value + table_[random_() % table_.size()];
    return static_cast<std::uint8_t>(std::lround(std::clamp(noisy, 0.0, 255.0)));
  }

 private:
  std::mt19937 random_;
  bool silent_;
  std::array<double, 4096> table_{};
};

Image read_pixels(cairo_surface_t* surface, const PageSpec& spec, int width, int height) {
  cairo_surface_flush(surface);
  const unsigned char* const data = cairo_image_surface_get_data(surface);
  const auto pitch = static_cast<std::size_t>(cairo_image_surface_get_stride(surface));
  const PixelFormat format = spec.color ? PixelFormat::rgb24 : PixelFormat::gray8;
  std::vector<std::byte> bytes;
  bytes.reserve(Image::stride_for(format, width) * static_cast<std::size_t>(height));
  Noise noise(spec.noise, spec.seed);
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
    // A pixel of cairo is one word of 32 bits in host order, and its rows are aligned for it.
    const auto* row = reinterpret_cast<const std::uint32_t*>(data + y * pitch);
    for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x) {
      if (spec.color) {
        bytes.push_back(std::byte{noise(row[x] >> 16U & 0xffU)});
        bytes.push_back(std::byte{noise(row[x] >> 8U & 0xffU)});
      }
      // Without colour the three samples are the same.
      bytes.push_back(std::byte{noise(row[x] & 0xffU)});
    }
  }
  return Image(format, width, height, std::move(bytes), spec.dpi, spec.dpi);
}

}  // namespace

DrawnPage draw_page(const PageSpec& spec) {
  const int width = static_cast<int>(std::lround(pixels(a4_width_mm, spec.dpi)));
  const int height = static_cast<int>(std::lround(pixels(a4_height_mm, spec.dpi)));
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
  const Context cairo(cairo_create(surface.get()));

  const double green = spec.color ? 0.98 : 1.0;
  const double blue = spec.color ? 0.92 : 1.0;
  cairo_set_source_rgb(cairo.get(), spec.paper, spec.paper * green, spec.paper * blue);
  cairo_paint(cairo.get());

  cairo_save(cairo.get());
  cairo_translate(cairo.get(), width / 2.0, height / 2.0);
  // Cairo's y axis points down, so its positive angles turn clockwise.
  cairo_rotate(cairo.get(), -spec.skew_deg * std::numbers::pi / 180);
  cairo_translate(cairo.get(), -width / 2.0, -height / 2.0);
  cairo_set_source_rgb(cairo.get(), ink_tone, ink_tone, ink_tone);
  Typesetter typesetter(cairo.get(), spec, width, height);
  for (const std::string& text : spec.paragraphs) typesetter.paragraph(text);
  typesetter.table(spec.table);
  cairo_restore(cairo.get());

  paint_border(cairo.get(), spec.dark_border_px, width, height);
  if (const auto status = cairo_status(cairo.get()); status != CAIRO_STATUS_SUCCESS)
    throw std::runtime_error(std::string("cairo: ") + cairo_status_to_string(status));
  return {read_pixels(surface.get(), spec, width, height), typesetter.take_lines()};
}

}  // namespace alih::testing_support
