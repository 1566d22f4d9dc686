#include "capture/page_assembler.h"

#include <algorithm>
#include <cstring>

namespace alih::capture {
namespace {

using Channels = FrameShape::Channels;

std::size_t usize(int value) { return static_cast<std::size_t>(value); }

bool one_colour(Channels c) {
  return c == Channels::red || c == Channels::green || c == Channels::blue;
}

std::size_t channel_index(Channels c) {
  if (c == Channels::green) return 1;
  return c == Channels::blue ? 2 : 0;
}

PixelFormat format_for(const FrameShape& shape) {
  if (shape.channels == Channels::gray) {
    if (shape.depth == 1) return PixelFormat::bilevel;
    return shape.depth == 16 ? PixelFormat::gray16 : PixelFormat::gray8;
  }
  return shape.depth == 16 ? PixelFormat::rgb48 : PixelFormat::rgb24;
}

// Bytes that the pixels of a line need, padding aside.
std::size_t bytes_needed(const FrameShape& shape) {
  const std::size_t samples = shape.channels == Channels::rgb ? 3 : 1;
  const std::size_t width = usize(shape.pixels_per_line);
  if (shape.depth == 1) return samples * ((width + 7) / 8);
  return samples * width * (shape.depth == 16 ? 2 : 1);
}

bool bit_set(std::byte b, std::size_t pixel) {
  return (std::to_integer<unsigned>(b) >> (7 - pixel % 8) & 1U) != 0;
}

}  // namespace

Status PageAssembler::check_new_page(const FrameShape& shape) {
  format_ = format_for(shape);
  width_ = shape.pixels_per_line;
  if (Image::stride_for(format_, width_) > max_bytes_)
    return fail(ErrorCode::too_large, "Halaman terlalu lebar: {} piksel",
                "The page is too wide: {} pixels", {shape.pixels_per_line});
  return {};
}

Status PageAssembler::check_next_pass(const FrameShape& shape) const {
  const bool repeated = (shape.channels == Channels::red && red_) ||
                        (shape.channels == Channels::green && green_) ||
                        (shape.channels == Channels::blue && blue_);
  if (passes() == 0 || !one_colour(shape.channels) || repeated)
    return fail(ErrorCode::damaged, "Pemindai mengirim warna halaman dalam urutan yang salah",
                "The scanner sent the colours of a page in a wrong order");
  if (format_for(shape) != format_ || shape.depth != shape_.depth ||
      shape.pixels_per_line != width_ || (shape.lines >= 0 && shape.lines != height_))
    return fail(ErrorCode::damaged, "Ketiga warna halaman tidak sama ukurannya",
                "The three colours of the page differ in size");
  return {};
}

Status PageAssembler::begin_frame(const FrameShape& shape) {
  if (open_ || complete_)
    return fail(ErrorCode::internal, "Bingkai baru sebelum yang lama selesai",
                "A frame began before the last one ended");
  if (shape.depth != 1 && shape.depth != 8 && shape.depth != 16)
    return fail(ErrorCode::damaged, "Pemindai mengirim {} bit per warna; yang dikenal 1, 8, dan 16",
                "The scanner sends {} bits a sample; 1, 8 and 16 are known", {shape.depth});
  if (shape.pixels_per_line <= 0 || shape.lines == 0 || shape.lines < -1 ||
      shape.bytes_per_line <= 0)
    return fail(ErrorCode::damaged, "Pemindai mengumumkan halaman kosong ({} piksel, {} baris)",
                "The scanner announced an empty page ({} pixels, {} lines)",
                {shape.pixels_per_line, shape.lines});
  if (usize(shape.bytes_per_line) < bytes_needed(shape))
    return fail(ErrorCode::damaged, "Baris dari pemindai terlalu pendek: {} bita untuk {} piksel",
                "The scanner's lines are too short: {} bytes for {} pixels",
                {shape.bytes_per_line, shape.pixels_per_line});
  if (started_) {
    ALIH_CHECK(check_next_pass(shape));
  } else {
    ALIH_CHECK(check_new_page(shape));
  }
  if (shape.lines > 0) {
    const std::size_t stride = Image::stride_for(format_, width_);
    if (usize(shape.lines) > max_bytes_ / stride)
      return fail(ErrorCode::too_large, "Halaman terlalu besar: {} x {} piksel",
                  "The page is too large: {} x {} pixels", {width_, shape.lines});
    if (!started_) pixels_.reserve(stride * usize(shape.lines));
  }
  shape_ = shape;
  started_ = true;
  open_ = true;
  rows_ = 0;
  line_.clear();
  red_ = red_ || shape.channels == Channels::red;
  green_ = green_ || shape.channels == Channels::green;
  blue_ = blue_ || shape.channels == Channels::blue;
  return {};
}

Status PageAssembler::add(std::span<const std::byte> bytes) {
  if (!open_)
    return fail(ErrorCode::internal, "Data di luar bingkai", "Bytes came outside of a frame");
  received_ += bytes.size();
  const std::size_t line_bytes = usize(shape_.bytes_per_line);
  while (!bytes.empty()) {
    // Whole lines are taken from the scanner's buffer as they are; only pieces are collected.
    if (line_.empty() && bytes.size() >= line_bytes) {
      ALIH_CHECK(add_line(bytes.data()));
      bytes = bytes.subspan(line_bytes);
      continue;
    }
    // A single byte after the last line is one too many.
    if (shape_.lines >= 0 && rows_ >= shape_.lines) return add_line(nullptr);
    const std::size_t take = std::min(line_bytes - line_.size(), bytes.size());
    line_.insert(line_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(take));
    bytes = bytes.subspan(take);
    if (line_.size() == line_bytes) {
      ALIH_CHECK(add_line(line_.data()));
      line_.clear();
    }
  }
  return {};
}

Status PageAssembler::add_line(const std::byte* line) {
  const bool later_pass = passes() > 1;
  if ((shape_.lines >= 0 && rows_ >= shape_.lines) || (later_pass && rows_ >= height_))
    return fail(ErrorCode::damaged,
                "Pemindai mengirim lebih banyak data daripada yang diumumkannya",
                "The scanner sent more data than it had announced");
  const std::size_t stride = Image::stride_for(format_, width_);
  const std::size_t at = stride * usize(rows_);
  if (!later_pass) {
    if (stride > max_bytes_ - pixels_.size())
      return fail(ErrorCode::too_large, "Halaman terlalu panjang: lebih dari {} baris",
                  "The page is too long: more than {} lines", {rows_});
    pixels_.resize(pixels_.size() + stride);
  }
  std::byte* out = pixels_.data() + at;
  const std::size_t width = usize(width_);
  const bool single = one_colour(shape_.channels);
  const std::size_t sample_bytes = shape_.depth == 16 ? 2 : 1;
  if (shape_.depth == 1 && shape_.channels == Channels::rgb) {
    // Eight pixels take three bytes: their red, green and blue bits (SANE standard, 4.3.8).
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 0; c < 3; ++c)
        out[3 * x + c] = bit_set(line[x / 8 * 3 + c], x) ? std::byte{255} : std::byte{0};
  } else if (shape_.depth == 1 && single) {
    const std::size_t c = channel_index(shape_.channels);
    for (std::size_t x = 0; x < width; ++x)
      out[3 * x + c] = bit_set(line[x / 8], x) ? std::byte{255} : std::byte{0};
  } else if (single) {
    const std::size_t c = channel_index(shape_.channels);
    for (std::size_t x = 0; x < width; ++x)
      std::memcpy(out + (3 * x + c) * sample_bytes, line + x * sample_bytes, sample_bytes);
  } else {
    std::memcpy(out, line, stride);
    // Bits after the last pixel are chance; the digest must depend on pixels only.
    if (format_ == PixelFormat::bilevel && width % 8 != 0)
      out[stride - 1] &= static_cast<std::byte>(0xFF << (8 - width % 8) & 0xFF);
  }
  ++rows_;
  return {};
}

Status PageAssembler::end_frame() {
  if (!open_)
    return fail(ErrorCode::internal, "Akhir bingkai tanpa awal",
                "A frame ended that had not begun");
  open_ = false;
  const int expected = passes() > 1 ? height_ : shape_.lines;
  if (!line_.empty() || rows_ == 0 || (expected >= 0 && rows_ != expected)) {
    if (expected >= 0)
      return fail(ErrorCode::damaged, "Halaman terpotong: {} dari {} baris diterima",
                  "The page is cut off: {} of {} lines came", {rows_, expected});
    return fail(ErrorCode::damaged, "Halaman terpotong di baris {}",
                "The page is cut off in line {}", {rows_ + 1});
  }
  if (passes() <= 1) height_ = rows_;
  if (!shape_.last_frame) {
    if (one_colour(shape_.channels) && passes() < 3) return {};
    return fail(ErrorCode::damaged,
                "Pemindai mengirim lebih banyak bingkai daripada yang dimiliki satu halaman",
                "The scanner sends more frames than a page has");
  }
  if (one_colour(shape_.channels) && passes() != 3)
    return fail(ErrorCode::damaged, "Halaman hanya berisi {} dari 3 warna",
                "The page has only {} of 3 colours", {passes()});
  complete_ = true;
  return {};
}

Result<Image> PageAssembler::finish(double dpi_x, double dpi_y) {
  if (!complete_ || pixels_.empty())
    return fail(ErrorCode::internal, "Halaman belum selesai", "The page is not complete");
  return Image(format_, width_, height_, std::move(pixels_), dpi_x, dpi_y);
}

}  // namespace alih::capture
