#include "repository/paper/paper.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFPageObjectHelper.hh>

#include "repository/paper/code_39.h"

namespace alih::repository {
namespace {

using Handle = QPDFObjectHandle;

constexpr double kPointsPerMm = 72 / 25.4;
constexpr double kLineSpace = 1.15;
constexpr double kThin = 0.5;   // points, rules of tables
constexpr double kThick = 1.8;  // the rule below a letterhead

struct Free {
  void operator()(cairo_surface_t* p) const { cairo_surface_destroy(p); }
  void operator()(cairo_t* p) const { cairo_destroy(p); }
  void operator()(PangoLayout* p) const { g_object_unref(p); }
  void operator()(PangoContext* p) const { g_object_unref(p); }
  void operator()(PangoFontMap* p) const { g_object_unref(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

struct Style {
  double size = 11;
  bool bold = false;
  bool underline = false;
  bool struck = false;
  Align align = Align::left;
};

// One walk over the paper on one surface. The first walk counts the sheets on a surface that keeps
// nothing; the second draws.
class Walk {
 public:
  Walk(const Paper& paper, cairo_surface_t* surface, int sheets_in_all)
      : paper_(paper),
        sheets_in_all_(sheets_in_all),
        cr_(cairo_create(surface)),
        // Its own font map: the default one belongs to a thread.
        fonts_(pango_cairo_font_map_new()),
        context_(pango_font_map_create_context(fonts_.get())) {
    const double short_side = (paper.folio ? 215 : 210) * kPointsPerMm;
    const double long_side = (paper.folio ? 330 : 297) * kPointsPerMm;
    width_ = paper.landscape ? long_side : short_side;
    height_ = paper.landscape ? short_side : long_side;
    left_ = (paper.landscape ? 12 : 25) * kPointsPerMm;
    right_ = width_ - (paper.landscape ? 12 : 20) * kPointsPerMm;
    top_ = 15 * kPointsPerMm;
    bottom_ = height_ - 18 * kPointsPerMm;
    pango_cairo_context_set_resolution(context_.get(), 72);
    cairo_font_options_t* options = cairo_font_options_create();
    // The same places for letters on any machine: no hinting to some screen's pixels.
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    pango_cairo_context_set_font_options(context_.get(), options);
    cairo_font_options_destroy(options);
  }

  // What stands on each sheet, when the walk is over.
  [[nodiscard]] std::vector<TextLayer> take_texts() { return std::move(texts_); }

  int run() {
    begin_sheet();
    letterhead();
    for (const auto& block : paper_.blocks) {
      std::visit([this](const auto& b) { add(b); }, block);
    }
    end_sheet();
    return sheet_;
  }

 private:
  [[nodiscard]] double room() const { return right_ - left_; }

  void begin_sheet() {
    ++sheet_;
    y_ = top_;
    TextLayer text;
    text.width = pixels(width_);
    text.height = pixels(height_);
    texts_.push_back(std::move(text));
  }
  static int pixels(double points) { return static_cast<int>(std::lround(points * kTextDpi / 72)); }
  // Words of one line of a layout that stands at x, y.
  void note_line(PangoLayoutLine* line, const PangoRectangle& logical, const char* text, double x,
                 double y, alih::Block& block) {
    alih::Line out;
    const int start = pango_layout_line_get_start_index(line);
    const int end = start + pango_layout_line_get_length(line);
    const auto at_x = [&](int index) {
      int to = 0;
      pango_layout_line_index_to_x(line, index, FALSE, &to);
      return x + static_cast<double>(logical.x + to) / PANGO_SCALE;
    };
    const int top = pixels(y + static_cast<double>(logical.y) / PANGO_SCALE);
    const int height = std::max(1, pixels(static_cast<double>(logical.height) / PANGO_SCALE));
    for (int from = start; from < end;) {
      if (text[from] == ' ' || text[from] == '\n') {
        ++from;
        continue;
      }
      int to = from;
      while (to < end && text[to] != ' ' && text[to] != '\n') ++to;
      const int left = pixels(at_x(from));
      alih::Word word;
      word.text.assign(text + from, static_cast<std::size_t>(to - from));
      word.box = {left, top, std::max(1, pixels(at_x(to)) - left), height};
      word.confidence = 1;
      out.words.push_back(std::move(word));
      from = to;
    }
    if (out.words.empty()) return;
    const auto& first = out.words.front().box;
    const auto& last = out.words.back().box;
    out.box = {first.x, first.y, last.x + last.width - first.x, first.height};
    block.lines.push_back(std::move(out));
  }
  void note_block(alih::Block block) {
    if (block.lines.empty()) return;
    int right = 0;
    int bottom = 0;
    block.box = block.lines.front().box;
    for (const auto& l : block.lines) {
      block.box.x = std::min(block.box.x, l.box.x);
      right = std::max(right, l.box.x + l.box.width);
      bottom = std::max(bottom, l.box.y + l.box.height);
    }
    block.box.width = right - block.box.x;
    block.box.height = bottom - block.box.y;
    texts_.back().blocks.push_back(std::move(block));
  }
  void end_sheet() {
    const Style small{8, false, false, false, Align::left};
    const double y = bottom_ + 12;
    draw_text(paper_.footer, small, left_, y, room() * 0.7);
    const auto number =
        "Halaman " + std::to_string(sheet_) + " dari " + std::to_string(sheets_in_all_);
    draw_text(number, {8, false, false, false, Align::right}, left_ + room() * 0.7, y,
              room() * 0.3);
    cairo_show_page(cr_.get());
  }
  void next_sheet() {
    end_sheet();
    begin_sheet();
  }
  // Goes to the next sheet unless so much of this one is free, or it is empty.
  void need(double height) {
    if (y_ + height > bottom_ && y_ > top_) next_sheet();
  }

  Owned<PangoLayout> layout(const std::string& text, const Style& style, double width) const {
    Owned<PangoLayout> out(pango_layout_new(context_.get()));
    PangoFontDescription* font = pango_font_description_new();
    pango_font_description_set_family(font, paper_.font.c_str());
    pango_font_description_set_absolute_size(font, style.size * PANGO_SCALE);
    pango_font_description_set_weight(font, style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(out.get(), font);
    pango_font_description_free(font);
    pango_layout_set_width(out.get(), static_cast<int>(width * PANGO_SCALE));
    pango_layout_set_wrap(out.get(), PANGO_WRAP_WORD_CHAR);
    pango_layout_set_line_spacing(out.get(), static_cast<float>(kLineSpace));
    pango_layout_set_alignment(out.get(), style.align == Align::center  ? PANGO_ALIGN_CENTER
                                          : style.align == Align::right ? PANGO_ALIGN_RIGHT
                                                                        : PANGO_ALIGN_LEFT);
    pango_layout_set_justify(out.get(), static_cast<gboolean>(style.align == Align::justify));
    if (style.underline || style.struck) {
      PangoAttrList* attributes = pango_attr_list_new();
      if (style.underline) {
        pango_attr_list_insert(attributes, pango_attr_underline_new(PANGO_UNDERLINE_SINGLE));
      }
      if (style.struck) pango_attr_list_insert(attributes, pango_attr_strikethrough_new(TRUE));
      pango_layout_set_attributes(out.get(), attributes);
      pango_attr_list_unref(attributes);
    }
    pango_layout_set_text(out.get(), text.data(), static_cast<int>(text.size()));
    return out;
  }
  static double height_of(PangoLayout* layout) {
    PangoRectangle logical;
    pango_layout_get_extents(layout, nullptr, &logical);
    return static_cast<double>(logical.height) / PANGO_SCALE;
  }
  // Returns the height.
  double draw(PangoLayout* layout, double x, double y) {
    cairo_move_to(cr_.get(), x, y);
    pango_cairo_show_layout(cr_.get(), layout);
    alih::Block block;
    PangoLayoutIter* it = pango_layout_get_iter(layout);
    do {
      PangoRectangle logical;
      pango_layout_iter_get_line_extents(it, nullptr, &logical);
      // x of the extents is where the line begins; words are counted from there.
      note_line(pango_layout_iter_get_line_readonly(it), logical, pango_layout_get_text(layout), x,
                y, block);
    } while (pango_layout_iter_next_line(it) != FALSE);
    pango_layout_iter_free(it);
    note_block(std::move(block));
    return height_of(layout);
  }
  double draw_text(const std::string& text, const Style& style, double x, double y, double width) {
    if (text.empty()) return 0;
    return draw(layout(text, style, width).get(), x, y);
  }
  void rule(double x1, double y1, double x2, double y2, double width) {
    cairo_set_line_width(cr_.get(), width);
    cairo_move_to(cr_.get(), x1, y1);
    cairo_line_to(cr_.get(), x2, y2);
    cairo_stroke(cr_.get());
  }

  void letterhead() {
    if (paper_.letterhead.empty()) return;
    for (std::size_t i = 0; i < paper_.letterhead.size(); ++i) {
      const bool large = i == 0 || i == 1;
      const Style style{large ? (i == 0 ? 13.0 : 15.0) : 9.5, large, false, false, Align::center};
      y_ += draw_text(paper_.letterhead[i], style, left_, y_, room());
    }
    y_ += 4;
    rule(left_, y_, right_, y_, kThick);
    rule(left_, y_ + 2.5, right_, y_ + 2.5, kThin);
    y_ += 16;
  }

  void add(const Text& t) {
    y_ += y_ > top_ ? t.before : 0;
    const auto lines = layout(t.text, {t.size, t.bold, t.underline, false, t.align}, room());
    if (t.keep > 0) need(height_of(lines.get()) + t.after + t.keep);
    // Line by line, so that a long paragraph may go on on the next sheet.
    PangoLayoutIter* it = pango_layout_get_iter(lines.get());
    double shift = 0;  // of this sheet against the layout
    bool first = true;
    alih::Block noted;
    do {
      PangoRectangle logical;
      pango_layout_iter_get_line_extents(it, nullptr, &logical);
      const double line_top = static_cast<double>(logical.y) / PANGO_SCALE;
      const double line_height = static_cast<double>(logical.height) / PANGO_SCALE;
      if (first) shift = y_ - line_top;
      first = false;
      if (line_top + shift + line_height > bottom_ && y_ > top_) {
        note_block(std::exchange(noted, {}));
        next_sheet();
        shift = y_ - line_top;
      }
      const double baseline = static_cast<double>(pango_layout_iter_get_baseline(it)) / PANGO_SCALE;
      cairo_move_to(cr_.get(), left_ + static_cast<double>(logical.x) / PANGO_SCALE,
                    baseline + shift);
      pango_cairo_show_layout_line(cr_.get(), pango_layout_iter_get_line_readonly(it));
      note_line(pango_layout_iter_get_line_readonly(it), logical,
                pango_layout_get_text(lines.get()), left_, shift, noted);
      y_ = line_top + shift + line_height;
    } while (pango_layout_iter_next_line(it) != FALSE);
    pango_layout_iter_free(it);
    note_block(std::move(noted));
    y_ += t.after;
  }

  void add(const Fields& f) {
    const Style style{f.size, false, false, false, Align::left};
    const double label = room() * f.label_share;
    constexpr double kColon = 10;
    for (const auto& row : f.rows) {
      const auto left = layout(row.label, style, label);
      const auto right = layout(row.value, style, room() - label - kColon);
      const double height = std::max(height_of(left.get()), height_of(right.get()));
      need(height);
      draw(left.get(), left_, y_);
      draw_text(":", style, left_ + label, y_, kColon);
      draw(right.get(), left_ + label + kColon, y_);
      y_ += height + 2;
    }
    y_ += f.after;
  }

  struct Cells {
    std::vector<Owned<PangoLayout>> layouts;
    double height = 0;
  };
  Cells lay(const Table& t, const std::vector<std::string>& texts,
            const std::vector<double>& widths, Style style, bool head) const {
    Cells out;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      style.align = head ? Align::center : t.columns[i].align;
      out.layouts.push_back(layout(texts[i], style, widths[i] - 2 * kPad));
      out.height = std::max(out.height, height_of(out.layouts.back().get()));
    }
    out.height += 2 * kPad;
    return out;
  }
  void draw_cells(const Cells& cells, const std::vector<double>& widths) {
    double x = left_;
    for (std::size_t i = 0; i < cells.layouts.size(); ++i) {
      draw(cells.layouts[i].get(), x + kPad, y_ + kPad);
      rule(x, y_, x, y_ + cells.height, kThin);
      x += widths[i];
    }
    rule(x, y_, x, y_ + cells.height, kThin);
    rule(left_, y_, x, y_, kThin);
    y_ += cells.height;
    rule(left_, y_, x, y_, kThin);
  }

  // How wide a column must be that none of its words is cut: of its longest ones, as far as these
  // leave room for others.
  double least_width(const Table& t, std::size_t column) const {
    constexpr std::size_t kMeasured = 4;
    constexpr double kMost = 0.2;  // of the sheet; longer ones are no words
    struct Word {
      std::string text;
      bool bold;
    };
    std::vector<Word> longest;
    const auto take = [&](const std::string& text, bool bold) {
      for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(' ', at), text.size());
        longest.push_back({text.substr(at, end - at), bold});
        at = end + 1;
      }
      std::stable_sort(longest.begin(), longest.end(),
                       [](const Word& a, const Word& b) { return a.text.size() > b.text.size(); });
      if (longest.size() > kMeasured) longest.resize(kMeasured);
    };
    take(t.columns[column].title, true);
    for (const auto& row : t.rows) take(row.cells[column], row.bold);
    double out = 0;
    for (const auto& w : longest) {
      const auto alone = layout(w.text, {t.size, w.bold, false, false, Align::left}, room());
      PangoRectangle logical;
      pango_layout_get_extents(alone.get(), nullptr, &logical);
      out = std::max(out, static_cast<double>(logical.width) / PANGO_SCALE);
    }
    return std::min(out + 1, room() * kMost) + 2 * kPad;
  }

  // By the columns' shares; what is too narrow for its words takes from what has more than it
  // needs.
  std::vector<double> widths_of(const Table& t) const {
    double all = 0;
    for (const auto& c : t.columns) all += c.share;
    std::vector<double> widths;
    std::vector<double> least;
    double lacking = 0;
    double spare = 0;
    for (std::size_t i = 0; i < t.columns.size(); ++i) {
      widths.push_back(room() * t.columns[i].share / all);
      least.push_back(least_width(t, i));
      const double more = widths[i] - least[i];
      (more < 0 ? lacking : spare) += std::abs(more);
    }
    if (lacking <= 0 || spare < lacking) return widths;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const double more = widths[i] - least[i];
      widths[i] = more < 0 ? least[i] : widths[i] - more * lacking / spare;
    }
    return widths;
  }

  void add(const Table& t) {
    const auto widths = widths_of(t);
    std::vector<std::string> titles;
    std::vector<std::string> numbers;
    for (const auto& c : t.columns) {
      titles.push_back(c.title);
      numbers.push_back(std::to_string(titles.size()));
    }
    const auto head = lay(t, titles, widths, {t.size, true, false, false}, true);
    const auto second =
        t.numbered ? lay(t, numbers, widths, {t.size * 0.85, false, false, false}, true) : Cells{};
    const auto heads = [&] {
      draw_cells(head, widths);
      if (t.numbered) draw_cells(second, widths);
    };
    bool begun = false;
    for (const auto& row : t.rows) {
      const auto cells = lay(t, row.cells, widths, {t.size, row.bold, false, row.struck}, false);
      const double wanted = cells.height + (begun ? 0 : head.height + second.height);
      if (y_ + wanted > bottom_ && y_ > top_) {
        next_sheet();
        begun = false;
      }
      if (!begun) heads();
      begun = true;
      draw_cells(cells, widths);
    }
    if (!begun) heads();
    y_ += t.after;
  }

  void add(const Signatures& s) {
    if (s.blocks.empty()) return;
    const auto count = static_cast<double>(s.blocks.size());
    const double gap = 12;
    // One signature stands on the right half, as on letters of offices.
    const double width = count > 1 ? (room() - gap * (count - 1)) / count : room() * 0.5;
    const Style plain{s.size, false, false, false, Align::center};
    const Style name{s.size, true, true, false, Align::center};
    constexpr double kSpaceToSign = 52;
    double above = 0;
    double dates = 0;
    double below = 0;
    const std::string dots = "........................................";
    for (const auto& b : s.blocks) {
      dates = std::max(dates, b.place_and_date.empty()
                                  ? 0.0
                                  : height_of(layout(b.place_and_date, plain, width).get()));
      above = std::max(above, height_of(layout(b.capacity, plain, width).get()));
      below = std::max(below, height_of(layout(b.name.empty() ? dots : b.name, name, width).get()) +
                                  height_of(layout("NIP. " + b.nip, plain, width).get()));
    }
    need(14 + dates + above + kSpaceToSign + below);
    y_ += 14;
    for (std::size_t i = 0; i < s.blocks.size(); ++i) {
      const auto& b = s.blocks[i];
      const double x = count > 1 ? left_ + static_cast<double>(i) * (width + gap) : right_ - width;
      draw_text(b.place_and_date, plain, x, y_, width);
      draw_text(b.capacity, plain, x, y_ + dates, width);
      double at = y_ + dates + above + kSpaceToSign;
      at += b.name.empty() ? draw_text(dots, plain, x, at, width)
                           : draw_text(b.name, name, x, at, width);
      if (!b.nip.empty()) {
        draw_text("NIP. " + b.nip, plain, x, at, width);
      } else if (b.name.empty()) {
        draw_text("NIP. ..................................", plain, x, at, width);
      }
    }
    y_ += dates + above + kSpaceToSign + below + 10;
  }

  void add(const Stamp& s) {
    need(s.side + 6);
    const double module = s.side / s.code.side;
    for (int row = 0; row < s.code.side; ++row) {
      for (int column = 0; column < s.code.side; ++column) {
        if (!s.code.at(column, row)) continue;
        cairo_rectangle(cr_.get(), left_ + column * module, y_ + row * module, module, module);
      }
    }
    cairo_fill(cr_.get());
    double y = y_;
    const double gap = s.side + 4 * module + 8;
    for (const auto& line : s.lines) {
      y += draw_text(line, {8.5, false, false, false, Align::left}, left_ + gap, y, room() - gap);
    }
    y_ = std::max(y, y_ + s.side) + 8;
  }

  void add(const BarCode& b) {
    need(b.height + 16);
    const auto code = code_39(b.text);
    constexpr double kMost = 1.2;  // points a module
    const double module = std::min(kMost, (room() - 40) / code.modules);
    const double x = left_ + (room() - code.modules * module) / 2;
    for (const auto& [at, width] : code.bars) {
      cairo_rectangle(cr_.get(), x + at * module, y_, width * module, b.height);
    }
    cairo_fill(cr_.get());
    y_ += b.height + 2;
    y_ += draw_text(b.text, {11, true, false, false, Align::center}, left_, y_, room());
    y_ += 8;
  }

  void add(const NewSheet& /*block*/) { next_sheet(); }

  static constexpr double kPad = 2.5;  // points around the words of a cell

  const Paper& paper_;
  int sheets_in_all_;
  Owned<cairo_t> cr_;
  Owned<PangoFontMap> fonts_;
  Owned<PangoContext> context_;
  double width_ = 0;
  double height_ = 0;
  double left_ = 0;
  double right_ = 0;
  double top_ = 0;
  double bottom_ = 0;
  double y_ = 0;
  int sheet_ = 0;
  std::vector<TextLayer> texts_;
};

Status check(const Paper& paper) {
  for (const auto& block : paper.blocks) {
    if (const auto* t = std::get_if<Table>(&block)) {
      for (const auto& row : t->rows) {
        if (row.cells.size() != t->columns.size() || t->columns.empty()) {
          return fail(ErrorCode::bad_field, "Tabel {}: {} sel untuk {} kolom",
                      "Table {}: {} cells for {} columns",
                      {paper.title, row.cells.size(), t->columns.size()});
        }
      }
    }
    if (const auto* b = std::get_if<BarCode>(&block); b != nullptr && !is_code_39(b->text)) {
      return fail(ErrorCode::bad_field, "\"{}\" tidak dapat ditulis sebagai kode batang Code 39",
                  "\"{}\" cannot be written as a Code 39 bar code", {b->text});
    }
    if (const auto* s = std::get_if<Signatures>(&block); s != nullptr && s->blocks.size() > 3) {
      return fail(ErrorCode::bad_field, "Paling banyak tiga tanda tangan bersebelahan",
                  "At most three signatures beside each other");
    }
  }
  return {};
}

cairo_status_t keep(void* to, const unsigned char* data, unsigned size) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), size);
  return CAIRO_STATUS_SUCCESS;
}

// What PDF/A asks of a PDF of cairo's: the map of its TrueType fonts named, no transparency groups
// (nothing on a paper shines through), nothing that names the moment it was made.
void make_archival(QPDF& pdf) {
  for (auto& page : QPDFPageDocumentHelper(pdf).getAllPages()) {
    page.getObjectHandle().removeKey("/Group");
  }
  for (auto& object : pdf.getAllObjects()) {
    if (!object.isDictionary() || !object.hasKey("/Subtype")) continue;
    auto subtype = object.getKey("/Subtype");
    if (subtype.isName() && subtype.getName() == "/CIDFontType2" &&
        !object.hasKey("/CIDToGIDMap")) {
      object.replaceKey("/CIDToGIDMap", Handle::newName("/Identity"));
    }
  }
}

}  // namespace

Result<Printed> print_paper(const Paper& paper, const std::filesystem::path& to, PdfA part) {
  ALIH_CHECK(check(paper));
  const Owned<cairo_surface_t> nothing(cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1));
  const int sheets = Walk(paper, nothing.get(), 1).run();
  std::string bytes;
  const double short_side = (paper.folio ? 215 : 210) * kPointsPerMm;
  const double long_side = (paper.folio ? 330 : 297) * kPointsPerMm;
  const Owned<cairo_surface_t> surface(
      cairo_pdf_surface_create_for_stream(keep, &bytes, paper.landscape ? long_side : short_side,
                                          paper.landscape ? short_side : long_side));
  cairo_pdf_surface_restrict_to_version(surface.get(), CAIRO_PDF_VERSION_1_4);
  Walk drawing(paper, surface.get(), sheets);
  drawing.run();
  cairo_surface_finish(surface.get());
  if (const auto status = cairo_surface_status(surface.get()); status != CAIRO_STATUS_SUCCESS) {
    return fail(ErrorCode::internal, "PDF tidak dapat dibuat: {}", "The PDF cannot be made: {}",
                {cairo_status_to_string(status)});
  }
  try {
    QPDF pdf;
    pdf.processMemoryFile("cairo", bytes.data(), bytes.size());
    make_archival(pdf);
    Description description;
    description.title = paper.title;
    description.identifier = paper.identifier;
    description.at = paper.at;
    if (part == PdfA::a3u) description.data = tables_csv(paper);
    if (part == PdfA::a3u && description.data.empty()) part = PdfA::a2u;
    ALIH_TRY(auto file, write_archival(pdf, description, part, to));
    return Printed{std::move(file), sheets, drawing.take_texts()};
  } catch (const PdfFailure& e) {
    return fail(e.error);
  } catch (const std::exception& e) {
    return fail(pdf_error(e));
  }
}

}  // namespace alih::repository
