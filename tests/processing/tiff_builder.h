#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

// Uncompressed or ready-compressed TIFFs, also wrong ones, byte by byte.
namespace alih::processing {

struct TiffEntry {
  std::uint16_t tag;
  std::uint16_t type;  // 3 short, 4 long, 5 rational (two values a number)
  std::vector<std::uint32_t> values;
};

struct TiffPage {
  std::vector<TiffEntry> entries;              // without the places of the data; any order
  std::vector<std::vector<std::byte>> pieces;  // strips or tiles, already in the file's byte order
  bool tiled = false;
};

class TiffBuilder {
 public:
  explicit TiffBuilder(bool big_endian = false) : big_endian_(big_endian) {
    out_.push_back(std::byte(big_endian ? 'M' : 'I'));
    out_.push_back(out_.front());
    put(42, 2);
    link_ = out_.size();
    put(0, 4);
  }

  void add(TiffPage page) {
    std::vector<std::uint32_t> offsets;
    std::vector<std::uint32_t> counts;
    for (const auto& piece : page.pieces) {
      offsets.push_back(static_cast<std::uint32_t>(out_.size()));
      counts.push_back(static_cast<std::uint32_t>(piece.size()));
      out_.insert(out_.end(), piece.begin(), piece.end());
      if (out_.size() % 2 != 0) out_.push_back(std::byte{0});
    }
    const auto place = static_cast<std::uint16_t>(page.tiled ? 324 : 273);
    const auto size = static_cast<std::uint16_t>(page.tiled ? 325 : 279);
    page.entries.push_back({place, 4, offsets});
    page.entries.push_back({size, 4, counts});
    std::sort(page.entries.begin(), page.entries.end(),
              [](const auto& a, const auto& b) { return a.tag < b.tag; });

    std::vector<std::size_t> outside(page.entries.size(), 0);
    for (std::size_t i = 0; i < page.entries.size(); ++i) {
      const auto& e = page.entries[i];
      if (bytes_of(e) <= 4) continue;
      outside[i] = out_.size();
      for (const auto v : e.values) put(v, e.type == 3 ? 2 : 4);
      if (out_.size() % 2 != 0) out_.push_back(std::byte{0});
    }
    set(link_, static_cast<std::uint32_t>(out_.size()));
    directories_.push_back(static_cast<std::uint32_t>(out_.size()));
    put(static_cast<std::uint32_t>(page.entries.size()), 2);
    for (std::size_t i = 0; i < page.entries.size(); ++i) {
      const auto& e = page.entries[i];
      put(e.tag, 2);
      put(e.type, 2);
      put(static_cast<std::uint32_t>(e.values.size() / (e.type == 5 ? 2 : 1)), 4);
      if (outside[i] != 0) {
        put(static_cast<std::uint32_t>(outside[i]), 4);
        continue;
      }
      const auto end = out_.size() + 4;
      for (const auto v : e.values) put(v, e.type == 3 ? 2 : 4);
      out_.resize(end);
    }
    link_ = out_.size();
    put(0, 4);
  }

  // The last directory points to the one with this number, or to any offset.
  void loop_to(std::size_t directory) { set(link_, directories_.at(directory)); }
  void link_to_offset(std::uint32_t offset) { set(link_, offset); }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return out_; }

 private:
  static std::size_t bytes_of(const TiffEntry& e) {
    return e.values.size() * (e.type == 3 ? 2 : 4);
  }
  void put(std::uint32_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      out_.push_back(static_cast<std::byte>(value >> 8 * (big_endian_ ? count - 1 - i : i)));
    }
  }
  void set(std::size_t at, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) {
      out_[at + i] = static_cast<std::byte>(value >> 8 * (big_endian_ ? 3 - i : i));
    }
  }

  bool big_endian_;
  std::vector<std::byte> out_;
  std::vector<std::uint32_t> directories_;
  std::size_t link_ = 0;
};

// The usual tags of a picture.
inline TiffPage tiff_page(std::uint32_t width, std::uint32_t height, std::uint32_t bits,
                          std::uint32_t samples, std::uint32_t photometric) {
  TiffPage page;
  page.entries = {{256, 4, {width}},
                  {257, 4, {height}},
                  {258, 3, std::vector<std::uint32_t>(samples, bits)},
                  {259, 3, {1}},
                  {262, 3, {photometric}},
                  {277, 3, {samples}}};
  return page;
}
inline void use_one_strip(TiffPage& page, std::uint32_t height) {
  page.entries.push_back({278, 4, {height}});
}

}  // namespace alih::processing
