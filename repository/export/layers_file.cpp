#include "repository/export/layers_file.h"

#include <fstream>
#include <string>

#include <fmt/format.h>

namespace alih::repository {
namespace {

constexpr std::string_view kMagic = "ALIHMEDIA-LAYERS";
constexpr int kVersion = 1;

}  // namespace

std::vector<std::byte> layers_file(int width, int height, const std::array<std::uint8_t, 3>& ink,
                                   std::span<const std::byte> background,
                                   std::span<const std::byte> mask) {
  const auto head =
      fmt::format("{} {} {} {} {} {} {} {} {}\n", kMagic, kVersion, width, height, int{ink[0]},
                  int{ink[1]}, int{ink[2]}, background.size(), mask.size());
  const auto text = std::as_bytes(std::span(head));
  std::vector<std::byte> out;
  out.reserve(text.size() + background.size() + mask.size());
  out.insert(out.end(), text.begin(), text.end());
  out.insert(out.end(), background.begin(), background.end());
  out.insert(out.end(), mask.begin(), mask.end());
  return out;
}

Result<LayersFile> read_layers_file(const std::filesystem::path& path) {
  LayersFile out;
  std::ifstream in(path, std::ios::binary);
  std::string magic;
  int version = 0;
  std::array<int, 3> ink{};
  in >> magic >> version >> out.width >> out.height >> ink[0] >> ink[1] >> ink[2] >>
      out.background_bytes >> out.mask_bytes;
  if (in && in.get() == '\n' && magic == kMagic && version == kVersion && out.width > 0 &&
      out.height > 0 && out.background_bytes > 0) {
    for (std::size_t i = 0; i < ink.size(); ++i)
      out.ink.at(i) = static_cast<std::uint8_t>(ink.at(i));
    out.background_at = static_cast<std::uint64_t>(in.tellg());
    out.mask_at = out.background_at + out.background_bytes;
    std::error_code error;
    if (std::filesystem::file_size(path, error) == out.mask_at + out.mask_bytes && !error) {
      return out;
    }
  }
  return fail(ErrorCode::damaged, "citra PDF {} rusak; hapus dari cache, lalu ulangi",
              "the PDF picture {} is damaged; delete it from the cache and try again",
              {path.filename().string()});
}

}  // namespace alih::repository
