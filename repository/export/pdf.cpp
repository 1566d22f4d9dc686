#include "repository/export/pdf.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <optional>

#include "pdf_data.h"  // generated: kGlyphlessFont, kSrgbProfile
#include <fmt/format.h>
#include <qpdf/Pipeline.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFPageObjectHelper.hh>
#include <qpdf/QPDFWriter.hh>

#include "core/utf8.h"
#include "core/version.h"
#include "repository/durable_file.h"
#include "repository/export/layers_file.h"
#include "repository/export/xml.h"

namespace alih::repository {
namespace {

namespace fs = std::filesystem;
using Handle = QPDFObjectHandle;

constexpr double kPointsPerInch = 72;
constexpr double kAssumedDpi = 300;

// Carries an error of ours through libqpdf, which knows exceptions only.
struct Failed : std::exception {
  explicit Failed(Error e) : error(std::move(e)) {}
  [[nodiscard]] const char* what() const noexcept override { return "alihmedia"; }
  Error error;
};
template <typename T>
T or_throw(Result<T> result) {
  if (!result) throw Failed(std::move(result).error());
  return std::move(*result);
}

// libqpdf's output into a durable file.
class ToFile : public Pipeline {
 public:
  explicit ToFile(DurableFile& file) : Pipeline("file", nullptr), file_(file) {}
  void write(const unsigned char* data, std::size_t size) override {
    if (auto done = file_.write(std::as_bytes(std::span(data, size))); !done) {
      throw Failed(std::move(done).error());
    }
  }
  void finish() override {}

 private:
  DurableFile& file_;
};

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
    throw Failed({ErrorCode::unavailable,
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
  throw Failed({ErrorCode::damaged,
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
// follow.
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
        const double size = word.box.height * scale;
        const double stretch = 100.0 * word.box.width * scale / (count * size / 2);
        const double x = word.box.x * scale;
        const double y = height_pt - (word.box.y + word.box.height) * scale;
        // The blank at the end is for readers that join words by it.
        out += fmt::format("/F {} Tf {} Tz 1 0 0 1 {} {} Tm <{}0020> Tj\n", num(size), num(stretch),
                           num(x), num(y), codes);
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

std::string_view bytes_of(std::span<const unsigned char> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

Handle glyphless_font(QPDF& pdf) {
  auto file = Handle::newStream(&pdf, std::string(bytes_of(kGlyphlessFont)));
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

// "2026-11-24T04:12:28Z" -> "D:20261124041228Z"
std::string pdf_date(const std::string& utc) {
  std::string digits;
  for (const char c : utc.substr(0, 19)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return "D:" + digits + "Z";
}

// PDF/A wants a title; an item without one is known by its number.
std::string title_of(const Item& item) {
  const auto title = item.field("title");
  return title.empty() ? item.digitization_no : title;
}

std::string xmp(const Package& package, const std::string& producer, const std::string& date,
                bool part1) {
  const auto& item = package.item;
  std::string creators;
  if (const auto found = item.fields.find("creator"); found != item.fields.end()) {
    for (const auto& name : found->second) creators += "<rdf:li>" + xml_text(name) + "</rdf:li>";
  }
  std::string out =
      "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
      "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
      "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
      "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" "
      "xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\n"
      "<dc:format>application/pdf</dc:format>\n";
  out += "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">" + xml_text(title_of(item)) +
         "</rdf:li></rdf:Alt></dc:title>\n";
  if (!creators.empty()) {
    out += "<dc:creator><rdf:Seq>" + creators + "</rdf:Seq></dc:creator>\n";
  }
  out += "<dc:identifier>" + xml_text(item.digitization_no) + "</dc:identifier>\n";
  out += "<xmp:CreateDate>" + date + "</xmp:CreateDate>\n<xmp:ModifyDate>" + date +
         "</xmp:ModifyDate>\n<xmp:MetadataDate>" + date + "</xmp:MetadataDate>\n";
  out += "<xmp:CreatorTool>alihmedia</xmp:CreatorTool>\n<pdf:Producer>" + xml_text(producer) +
         "</pdf:Producer>\n";
  out += part1 ? "<pdfaid:part>1</pdfaid:part>\n<pdfaid:conformance>B</pdfaid:conformance>\n"
               : "<pdfaid:part>2</pdfaid:part>\n<pdfaid:conformance>U</pdfaid:conformance>\n";
  out += "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n";
  constexpr int kPaddingLines = 20;
  for (int i = 0; i < kPaddingLines; ++i) out += std::string(100, ' ') + "\n";
  return out + "<?xpacket end=\"w\"?>";
}

void add_document_objects(QPDF& pdf, const Package& package, bool part1) {
  auto root = pdf.getRoot();
  auto profile = Handle::newStream(&pdf, std::string(bytes_of(kSrgbProfile)));
  profile.getDict().replaceKey("/N", Handle::newInteger(3));
  auto intent = pdf.makeIndirectObject(
      Handle::parse("<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) "
                    "/Info (sRGB IEC61966-2.1) /RegistryName (http://www.color.org) >>"));
  intent.replaceKey("/DestOutputProfile", profile);
  root.replaceKey("/OutputIntents", Handle::newArray({intent}));
  root.replaceKey("/ViewerPreferences", Handle::parse("<< /DisplayDocTitle true >>"));
  const auto language = language_tag(package.item.field("language"));
  root.replaceKey("/Lang", Handle::newUnicodeString(
                               language == "id" || language == "und" ? "id-ID" : language));

  const auto producer = "alihmedia " + std::string(kVersion);
  const auto date = package.changed_at.substr(0, 19) + "Z";
  auto metadata = Handle::newStream(&pdf, xmp(package, producer, date, part1));
  metadata.getDict().replaceKey("/Type", Handle::newName("/Metadata"));
  metadata.getDict().replaceKey("/Subtype", Handle::newName("/XML"));
  root.replaceKey("/Metadata", metadata);
  auto info = pdf.makeIndirectObject(Handle::newDictionary());
  info.replaceKey("/Title", Handle::newUnicodeString(title_of(package.item)));
  if (const auto creator = package.item.fields.find("creator");
      creator != package.item.fields.end() && creator->second.size() == 1) {
    info.replaceKey("/Author", Handle::newUnicodeString(creator->second.front()));
  }
  info.replaceKey("/Producer", Handle::newUnicodeString(producer));
  info.replaceKey("/Creator", Handle::newUnicodeString("alihmedia"));
  info.replaceKey("/CreationDate", Handle::newString(pdf_date(date)));
  info.replaceKey("/ModDate", Handle::newString(pdf_date(date)));
  pdf.getTrailer().replaceKey("/Info", info);

  // Printed page numbers that are not simply 1, 2, 3.
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
    root.replaceKey("/PageLabels", tree);
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
  ALIH_TRY(auto file, DurableFile::create(to));
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
    add_document_objects(pdf, package, part1);
    if (!pages.empty()) add_outline(pdf, package, pages);
    ToFile out(file);
    QPDFWriter writer(pdf);
    writer.setOutputPipeline(&out);
    writer.setMinimumPDFVersion(part1 ? "1.4" : "1.7");
    writer.setObjectStreamMode(part1 ? qpdf_o_disable : qpdf_o_generate);
    writer.setNewlineBeforeEndstream(true);
    writer.setDeterministicID(true);
    writer.setCompressStreams(true);
    writer.write();
  } catch (const Failed& e) {
    return fail(e.error);
  } catch (const std::exception& e) {
    return fail(ErrorCode::internal, "PDF tidak dapat dibuat: {}", "The PDF cannot be made: {}",
                {e.what()});
  }
  ALIH_TRY(const auto fixity, file.commit());
  return Exported{to, fixity.bytes, fixity.sha256};
}

}  // namespace

Result<Exported> write_pdf(const Package& package, const fs::path& to) {
  return write(package, to, false);
}
Result<Exported> write_pdfa1b(const Package& package, const fs::path& to) {
  return write(package, to, true);
}

}  // namespace alih::repository
