#include "repository/export/pdf.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <optional>

#include "pdf_data.h"  // generated: kGlyphlessFont
#include <fmt/format.h>
#include <qpdf/Pipeline.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFPageObjectHelper.hh>

#include "core/fields.h"
#include "core/utf8.h"
#include "repository/durable_file.h"
#include "repository/export/layers_file.h"
#include "repository/export/pdf_archive.h"
#include "repository/export/xml.h"

namespace alih::repository {
namespace {

namespace fs = std::filesystem;
using Handle = QPDFObjectHandle;

constexpr double kPointsPerInch = 72;
constexpr double kAssumedDpi = 300;

void send(Pipeline* to, std::string_view bytes) {
  to->write(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

// Where the bytes of a stream lie: they are read when it is written.
struct Source {
  std::string path;
  std::uint64_t at = 0;
  std::uint64_t bytes = UINT64_MAX;  // to the end of the file
};

void send_file(Pipeline* to, const Source& from) {
  const auto& path = from.path;
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(from.at));
  std::array<char, 1 << 16> buffer;
  auto left = from.bytes;
  do {
    in.read(buffer.data(),
            static_cast<std::streamsize>(std::min<std::uint64_t>(left, buffer.size())));
    left -= static_cast<std::uint64_t>(in.gcount());
    send(to, {buffer.data(), static_cast<std::size_t>(in.gcount())});
  } while (in && left > 0);
  if (!in.eof() && left > 0) {
    throw PdfFailure({ErrorCode::unavailable,
                      message("citra akses {} tidak terbaca", "the access image {} cannot be read",
                              {fs::path(path).filename().string()})});
  }
}

struct Picture {
  bool g4 = false;
  bool stencil = false;  // paints with the current color where it is black, else an image
  int width = 0;
  int height = 0;
  int channels = 1;
};

// Size and channels of a JPEG, from its frame header.
Picture jpeg_picture(const Source& from) {
  const auto& path = from.path;
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(from.at));
  const auto byte = [&] {
    const int c = in.get();
    return c < 0 ? 0U : static_cast<unsigned>(c);
  };
  const auto number = [&] {
    const unsigned high = byte();
    return high << 8U | byte();
  };
  constexpr int kMostSegments = 1000;
  if (number() == 0xFFD8) {
    for (int i = 0; i < kMostSegments && in; ++i) {
      const unsigned marker = number();
      const unsigned length = number();
      const bool frame = marker >= 0xFFC0 && marker <= 0xFFC2;
      if (!frame) {
        if (marker < 0xFF00 || length < 2) break;
        in.seekg(length - 2, std::ios::cur);
        continue;
      }
      byte();
      Picture p;
      p.height = static_cast<int>(number());
      p.width = static_cast<int>(number());
      p.channels = static_cast<int>(byte());
      if (p.width > 0 && p.height > 0 && (p.channels == 1 || p.channels == 3)) return p;
      break;
    }
  }
  throw PdfFailure(
      {ErrorCode::damaged,
       message("citra akses {} rusak; hapus dari cache, lalu ulangi",
               "the access image {} is damaged; delete it from the cache and try again",
               {fs::path(path).filename().string()})});
}

// UTF-16 units of the basic plane, big-endian hex: what the glyphless font's codes are. A character
// beyond it has no code of its own and becomes U+FFFD.
std::string codes_of(std::string_view utf8, int& count) {
  std::string out;
  count = 0;
  while (!utf8.empty()) {
    char32_t code = 0;
    const auto length = utf8_character(utf8, code);
    utf8.remove_prefix(length == 0 ? 1 : length);
    if (length == 0 || code > 0xFFFD || code == 0) code = 0xFFFD;
    out += fmt::format("{:04X}", static_cast<unsigned>(code));
    ++count;
  }
  return out;
}

// Numbers as PDF writes them, short.
std::string num(double value) {
  auto text = fmt::format("{:.3f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

// The page's pictures (`drawn`) and over them every word, invisible (render mode 3), its box filled
// exactly: the font is 1 em high and each glyph half an em wide, so size and horizontal scale
// follow. Words that run up or down the page are turned.
std::string page_content(const TextLayer& text, const std::string& drawn, double width_pt,
                         double height_pt, double scale) {
  std::string out = fmt::format("q {} 0 0 {} 0 0 cm {} Q\n", num(width_pt), num(height_pt), drawn);
  if (text.word_count() == 0) return out;
  out += "BT 3 Tr\n";
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& word : line.words) {
        int count = 0;
        const auto codes = codes_of(word.text, count);
        if (count == 0 || word.box.width <= 0 || word.box.height <= 0) continue;
        const double left = word.box.x * scale;
        const double right = (word.box.x + word.box.width) * scale;
        const double top = height_pt - word.box.y * scale;
        const double bottom = height_pt - (word.box.y + word.box.height) * scale;
        // No letters are so narrow: they stand on their side, one above the other.
        constexpr double kNarrowest = 0.2;  // of half an em
        const bool sideways = 2.0 * word.box.width < kNarrowest * count * word.box.height;
        const bool down = line.words.back().box.y > line.words.front().box.y;
        const double size = sideways ? right - left : top - bottom;
        const double length = sideways ? top - bottom : right - left;
        const char* const way = !sideways ? "1 0 0 1" : down ? "0 -1 1 0" : "0 1 -1 0";
        const double x = sideways && !down ? right : left;
        const double y = sideways && down ? top : bottom;
        // The blank at the end is for readers that join words by it.
        out += fmt::format("/F {} Tf {} Tz {} {} {} Tm <{}0020> Tj\n", num(size),
                           num(100.0 * length / (count * size / 2)), way, num(x), num(y), codes);
      }
    }
  }
  out += "ET\n";
  return out;
}

std::string to_unicode() {
  std::string out = R"(/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
)";
  // A range may not pass from one first byte to another, and a block holds at most 100 ranges.
  constexpr unsigned kHighBytes = 256;
  constexpr unsigned kBlock = 100;
  for (unsigned from = 0; from < kHighBytes; from += kBlock) {
    const unsigned to = std::min(from + kBlock, kHighBytes);
    out += fmt::format("{} beginbfrange\n", to - from);
    for (unsigned high = from; high < to; ++high) {
      out += fmt::format("<{0:02X}00> <{0:02X}FF> <{0:02X}00>\n", high);
    }
    out += "endbfrange\n";
  }
  out += "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n";
  return out;
}

Handle glyphless_font(QPDF& pdf) {
  auto file = Handle::newStream(
      &pdf,
      std::string(reinterpret_cast<const char*>(kGlyphlessFont.data()), kGlyphlessFont.size()));
  file.getDict().replaceKey("/Length1",
                            Handle::newInteger(static_cast<long long>(kGlyphlessFont.size())));
  constexpr std::size_t kCodes = 65536;
  std::string glyphs(kCodes * 2, '\0');  // every code shows the one empty glyph
  for (std::size_t i = 0; i < kCodes; ++i) glyphs[i * 2 + 1] = '\1';
  auto map = Handle::newStream(&pdf, glyphs);
  auto unicode = Handle::newStream(&pdf, to_unicode());
  auto descriptor = pdf.makeIndirectObject(Handle::parse(
      "<< /Type /FontDescriptor /FontName /GlyphLessFont /Flags 5 /FontBBox [0 0 500 1000] "
      "/ItalicAngle 0 /Ascent 1000 /Descent -1 /CapHeight 1000 /StemV 80 >>"));
  descriptor.replaceKey("/FontFile2", file);
  auto descendant = pdf.makeIndirectObject(Handle::parse(
      "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /GlyphLessFont /DW 500 "
      "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"));
  descendant.replaceKey("/FontDescriptor", descriptor);
  descendant.replaceKey("/CIDToGIDMap", map);
  auto font = pdf.makeIndirectObject(Handle::parse(
      "<< /Type /Font /Subtype /Type0 /BaseFont /GlyphLessFont /Encoding /Identity-H >>"));
  font.replaceKey("/DescendantFonts", Handle::newArray({descendant}));
  font.replaceKey("/ToUnicode", unicode);
  return font;
}

Description description_of(const Package& package) {
  const auto& item = package.item;
  Description out;
  // PDF/A wants a title; an item without one is known by its number.
  out.title = item.field("title");
  if (out.title.empty()) out.title = item.digitization_no;
  if (const auto found = item.fields.find("creator"); found != item.fields.end()) {
    out.creators = found->second;
  }
  out.identifier = item.digitization_no;
  out.at = package.changed_at;
  const auto language = language_tag(item.field("language"));
  out.language = language == "id" || language == "und" ? "id-ID" : language;
  // PP 28/2012: a converted record bears the mark of its authentication.
  if (const auto record = item.field("ba_no"); !record.empty()) {
    const auto values = register_values(item, package.pages);
    if (const auto digest = values.find("manifest_sha256"); digest != values.end()) {
      out.mark = "Tanda autentikasi: " + item.digitization_no + ", Berita Acara " + record +
                 ", SHA-256 manifes " + digest->second.front();
    }
  }
  return out;
}

// Printed page numbers that are not simply 1, 2, 3.
void add_page_labels(QPDF& pdf, const Package& package) {
  auto labels = Handle::newArray();
  bool own = false;
  for (std::size_t i = 0; i < package.pages.size(); ++i) {
    const auto& label = package.pages[i].label;
    own = own || label != std::to_string(i + 1);
    labels.appendItem(Handle::newInteger(static_cast<long long>(i)));
    auto entry = Handle::newDictionary();
    entry.replaceKey("/P", Handle::newUnicodeString(label));
    labels.appendItem(entry);
  }
  if (own) {
    auto tree = Handle::newDictionary();
    tree.replaceKey("/Nums", labels);
    pdf.getRoot().replaceKey("/PageLabels", tree);
  }
}

// The entries below `parent`, in order; each gets its place in the list. `count`: how many are to
// be seen; a closed entry has it negative.
void link(Handle& parent, std::vector<Handle>& entries, int count) {
  if (entries.empty()) return;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].replaceKey("/Parent", parent);
    if (i > 0) entries[i].replaceKey("/Prev", entries[i - 1]);
    if (i + 1 < entries.size()) entries[i].replaceKey("/Next", entries[i + 1]);
  }
  parent.replaceKey("/First", entries.front());
  parent.replaceKey("/Last", entries.back());
  parent.replaceKey("/Count", Handle::newInteger(count));
}

// An entry a page; where an item came as several files of many pages, they are entries with their
// pages below, closed.
void add_outline(QPDF& pdf, const Package& package, const std::vector<Handle>& pages) {
  const auto& all = package.pages;
  std::size_t files = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    files += i == 0 || all[i].master.file != all[i - 1].master.file ? 1U : 0U;
  }
  const bool parts = files > 1 && files < all.size();
  const auto fit = Handle::newName("/Fit");
  const auto entry = [&](const std::string& title, std::size_t page) {
    auto out = pdf.makeIndirectObject(Handle::newDictionary());
    out.replaceKey("/Title", Handle::newUnicodeString(title));
    out.replaceKey("/Dest", Handle::newArray({pages[page], fit}));
    return out;
  };
  std::vector<Handle> top;
  std::vector<Handle> below;
  const auto end_part = [&] {
    if (!below.empty()) link(top.back(), below, -static_cast<int>(below.size()));
    below.clear();
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& master = all[i].master;
    const auto title = "Halaman " + all[i].label;
    if (!parts) {
      top.push_back(entry(title, i));
      continue;
    }
    if (i == 0 || master.file != all[i - 1].master.file) {
      end_part();
      top.push_back(entry(master.original_name.empty() ? master.file : master.original_name, i));
    }
    below.push_back(entry(title, i));
  }
  end_part();
  auto outline = pdf.makeIndirectObject(Handle::parse("<< /Type /Outlines >>"));
  link(outline, top, static_cast<int>(top.size()));
  pdf.getRoot().replaceKey("/Outlines", outline);
}

// Equal values of all pages are one object in memory, which a book of many pages would fill.
class Shared {
 public:
  Handle value(const std::string& syntax) {
    const auto [found, absent] = values_.try_emplace(syntax);
    if (absent) found->second = Handle::parse(syntax);
    return found->second;
  }

 private:
  std::map<std::string, Handle> values_;
};

Handle image_of(QPDF& pdf, Shared& shared, const Picture& picture, const Source& from) {
  auto image = Handle::newStream(&pdf);
  auto dictionary = image.getDict();
  const auto set = [&](const char* key, const std::string& syntax) {
    dictionary.replaceKey(key, shared.value(syntax));
  };
  set("/Type", "/XObject");
  set("/Subtype", "/Image");
  set("/Width", std::to_string(picture.width));
  set("/Height", std::to_string(picture.height));
  set("/BitsPerComponent", picture.g4 ? "1" : "8");
  if (picture.stencil) {
    set("/ImageMask", "true");
  } else {
    set("/ColorSpace", picture.channels == 3 ? "/DeviceRGB" : "/DeviceGray");
  }
  const auto parameters = picture.g4 ? shared.value(fmt::format("<< /K -1 /Columns {} /Rows {} >>",
                                                                picture.width, picture.height))
                                     : Handle::newNull();
  image.replaceStreamData(
      [from](Pipeline* to) {
        send_file(to, from);
        to->finish();
      },
      shared.value(picture.g4 ? "/CCITTFaxDecode" : "/DCTDecode"), parameters);
  return image;
}

// Adds what the page shows to `images`; the operators that draw it on a square of 1.
std::string draw(QPDF& pdf, Shared& shared, const Page& page, const fs::path& path,
                 Handle& images) {
  if (path.extension() == ".g4") {
    const Picture picture{true, false, page.access_width, page.access_height, 1};
    images.replaceKey("/Im", image_of(pdf, shared, picture, {path.string()}));
    return "/Im Do";
  }
  if (path.extension() != ".layers") {
    images.replaceKey("/Im", image_of(pdf, shared, jpeg_picture({path.string()}), {path.string()}));
    return "/Im Do";
  }
  // A stencil needs no transparency, which PDF/A-1 forbids.
  const auto layers = or_throw(read_layers_file(path));
  const Source background{path.string(), layers.background_at, layers.background_bytes};
  const auto picture = jpeg_picture(background);
  images.replaceKey("/Bg", image_of(pdf, shared, picture, background));
  if (layers.mask_bytes == 0) return "/Bg Do";
  const Picture mask{true, true, layers.width, layers.height, 1};
  images.replaceKey(
      "/Im", image_of(pdf, shared, mask, {path.string(), layers.mask_at, layers.mask_bytes}));
  constexpr double kWhite = 255;
  const auto share = [&](std::size_t channel) { return num(layers.ink.at(channel) / kWhite); };
  const auto ink =
      picture.channels == 1 ? share(0) + " g" : share(0) + " " + share(1) + " " + share(2) + " rg";
  return "/Bg Do " + ink + " /Im Do";
}

Handle add_page(QPDF& pdf, Shared& shared, const Package& package, const Page& page,
                const Handle& fonts) {
  auto images = Handle::newDictionary();
  const auto drawn = draw(pdf, shared, page, or_throw(package.image(page)), images);

  // Boxes are pixels of the access image; what is drawn has as many, or is scaled to them.
  const double dpi = page.dpi > 0 ? page.dpi : kAssumedDpi;
  double scale = kPointsPerInch / dpi;
  constexpr double kLargest = 14400;  // points; readers take no larger page
  const double longest = std::max(page.access_width, page.access_height) * scale;
  if (longest > kLargest) scale *= kLargest / longest;
  const double width = page.access_width * scale;
  const double height = page.access_height * scale;
  auto content = Handle::newStream(&pdf);
  content.replaceStreamData(
      [&package, &page, drawn, width, height, scale](Pipeline* to) {
        send(to, page_content(or_throw(package.text(page)), drawn, width, height, scale));
        to->finish();
      },
      Handle::newNull(), Handle::newNull());

  auto resources = Handle::newDictionary();
  resources.replaceKey("/XObject", images);
  resources.replaceKey("/Font", fonts);
  auto object = pdf.makeIndirectObject(Handle::newDictionary());
  object.replaceKey("/Type", shared.value("/Page"));
  object.replaceKey("/MediaBox", shared.value(fmt::format("[0 0 {} {}]", num(width), num(height))));
  object.replaceKey("/Resources", resources);
  object.replaceKey("/Contents", content);
  pdf.addPage(object, false);
  return object;
}

Result<Exported> write(const Package& package, const fs::path& to, bool part1) {
  ALIH_CHECK(check_all_read(package));
  try {
    QPDF pdf;
    pdf.emptyPDF();
    auto fonts = pdf.makeIndirectObject(Handle::newDictionary());
    fonts.replaceKey("/F", glyphless_font(pdf));
    std::vector<Handle> pages;
    Shared shared;
    for (const auto& page : package.pages) {
      pages.push_back(add_page(pdf, shared, package, page, fonts));
    }
    add_page_labels(pdf, package);
    if (!pages.empty()) add_outline(pdf, package, pages);
    return write_archival(pdf, description_of(package), part1 ? PdfA::a1b : PdfA::a2u, to);
  } catch (const PdfFailure& e) {
    return fail(e.error);
  } catch (const std::exception& e) {
    return fail(pdf_error(e));
  }
}

}  // namespace

Result<Exported> write_pdf(const Package& package, const fs::path& to) {
  return write(package, to, false);
}
Result<Exported> write_pdfa1b(const Package& package, const fs::path& to) {
  return write(package, to, true);
}

}  // namespace alih::repository
