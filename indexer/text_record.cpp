#include "indexer/text_record.h"

#include <cmath>

#include "indexer/varint.h"

namespace alih::indexer {
namespace {

constexpr char kVersion = 3;
constexpr char kAbsolute = 2;  // every box by itself, no marks: still read

void put_signed(std::string& out, int value) {
  put_varint(out, value < 0 ? (static_cast<std::uint64_t>(-static_cast<long long>(value)) << 1U) - 1
                            : static_cast<std::uint64_t>(value) << 1U);
}
int get_signed(Reader& in) {
  const auto v = in.varint();
  const auto half = static_cast<long long>(v >> 1U);
  return static_cast<int>((v & 1U) != 0 ? -half - 1 : half);
}

void put_box(std::string& out, const Box& b) {
  put_signed(out, b.x);
  put_signed(out, b.y);
  put_signed(out, b.width);
  put_signed(out, b.height);
}
Box get_box(Reader& in) {
  Box b;
  b.x = get_signed(in);
  b.y = get_signed(in);
  b.width = get_signed(in);
  b.height = get_signed(in);
  return b;
}

char byte_of(double confidence) {
  return static_cast<char>(std::lround(std::min(1.0, std::max(0.0, confidence)) * 255));
}
double confidence_of(std::string_view byte) {
  return byte.empty() ? 0 : static_cast<unsigned char>(byte[0]) / 255.0;
}

void put_word(std::string& out, const Word& w) {
  put_bytes(out, w.text);
  put_box(out, w.box);
  out += byte_of(w.confidence);
}
Word get_word(Reader& in) {
  Word w;
  w.text = in.sized_bytes();
  w.box = get_box(in);
  w.confidence = confidence_of(in.bytes(1));
  return w;
}

// A word by what is small: the gap to the word before, its width, how far it stands below the
// line's top and above its bottom. About five bytes with the confidence.
int sum(int a, int b) {  // of any numbers that bytes can give
  const auto wide = static_cast<std::int64_t>(a) + b;
  return static_cast<int>(static_cast<std::uint32_t>(static_cast<std::uint64_t>(wide)));
}
int minus(int a) { return static_cast<int>(0U - static_cast<std::uint32_t>(a)); }
int bottom(const Box& b) { return sum(b.y, b.height); }

void put_near(std::string& out, const Word& w, const Box& line, int before) {
  put_bytes(out, w.text);
  put_signed(out, sum(w.box.x, minus(before)));
  put_varint(out, static_cast<std::uint32_t>(w.box.width));
  put_signed(out, sum(w.box.y, minus(line.y)));
  put_signed(out, sum(bottom(line), minus(bottom(w.box))));
  out += byte_of(w.confidence);
}
Word get_near(Reader& in, const Box& line, int before) {
  Word w;
  w.text = in.sized_bytes();
  w.box.x = sum(before, get_signed(in));
  w.box.width = static_cast<int>(in.varint32());
  w.box.y = sum(line.y, get_signed(in));
  w.box.height = sum(sum(bottom(line), minus(get_signed(in))), minus(w.box.y));
  w.confidence = confidence_of(in.bytes(1));
  return w;
}

// What few words have: which half of a cut word they are, that a person corrected them.
constexpr unsigned kHalf = 3;
constexpr unsigned kCorrected = 4;

template <typename Text, typename Each>
void each_word(Text& text, Each each) {
  for (auto& block : text.blocks) {
    for (auto& line : block.lines) {
      for (auto& word : line.words) each(word);
    }
  }
}

void put_marks(std::string& out, const TextLayer& text) {
  std::string marks;
  std::size_t count = 0;
  std::size_t skipped = 0;
  each_word(text, [&](const Word& w) {
    const unsigned mark = static_cast<unsigned>(w.half) | (w.corrected ? kCorrected : 0);
    if (mark == 0) {
      ++skipped;
      return;
    }
    put_varint(marks, skipped);
    marks += static_cast<char>(mark);
    if (w.half != Half::none) put_bytes(marks, w.joined);
    skipped = 0;
    ++count;
  });
  put_varint(out, count);
  out += marks;
}

// Whether they fit the text.
bool get_marks(Reader& in, TextLayer& text) {
  std::vector<Word*> words;
  each_word(text, [&](Word& w) { words.push_back(&w); });
  std::size_t at = 0;
  for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
    const auto skipped = in.varint();
    const auto mark = in.bytes(1);
    if (mark.empty() || skipped >= words.size() - at) return false;
    at += skipped;
    auto& word = *words[at++];
    const auto bits = static_cast<unsigned char>(mark[0]);
    if ((bits & kHalf) == kHalf) return false;
    word.half = static_cast<Half>(bits & kHalf);
    word.corrected = (bits & kCorrected) != 0;
    if (word.half != Half::none) word.joined = in.sized_bytes();
  }
  return true;
}

}  // namespace

std::string encode_text(const TextLayer& text) {
  std::string out(1, kVersion);
  put_signed(out, text.width);
  put_signed(out, text.height);
  put_varint(out, text.blocks.size());
  for (const auto& block : text.blocks) {
    put_box(out, block.box);
    put_varint(out, block.lines.size());
    for (const auto& line : block.lines) {
      put_box(out, line.box);
      for (const int v : line.baseline) put_signed(out, v);
      put_varint(out, line.words.size());
      int before = line.box.x;
      for (const auto& w : line.words) {
        put_near(out, w, line.box, before);
        before = sum(w.box.x, w.box.width);
      }
    }
  }
  put_varint(out, text.alternates.size());
  for (const auto& w : text.alternates) put_word(out, w);
  put_marks(out, text);
  return out;
}

Result<TextLayer> decode_text(std::string_view bytes) {
  Reader in(bytes);
  TextLayer text;
  const auto version = in.bytes(1);
  const bool absolute = !version.empty() && version[0] == kAbsolute;
  bool good = !version.empty() && (absolute || version[0] == kVersion);
  text.width = get_signed(in);
  text.height = get_signed(in);
  for (std::size_t b = in.count(); b > 0 && in.ok(); --b) {
    Block block{get_box(in), {}};
    for (std::size_t l = in.count(); l > 0 && in.ok(); --l) {
      Line line{get_box(in), {}, {}};
      for (int& v : line.baseline) v = get_signed(in);
      int before = line.box.x;
      for (std::size_t w = in.count(); w > 0 && in.ok(); --w) {
        line.words.push_back(absolute ? get_word(in) : get_near(in, line.box, before));
        before = sum(line.words.back().box.x, line.words.back().box.width);
      }
      block.lines.push_back(std::move(line));
    }
    text.blocks.push_back(std::move(block));
  }
  for (std::size_t w = in.count(); w > 0 && in.ok(); --w) text.alternates.push_back(get_word(in));
  good = good && (absolute || get_marks(in, text));
  good = good && in.ok() && in.done();
  if (!good) {
    return fail(ErrorCode::damaged,
                "Teks halaman dalam basis data rusak; jalankan alihmedia rebuild",
                "The text of a page in the database is damaged; run alihmedia rebuild");
  }
  return text;
}

}  // namespace alih::indexer
