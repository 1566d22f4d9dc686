#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace alih::testing_support {

// The whole file; empty when there is none. Any thread.
inline std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Turns one bit in the middle of the file, which must not be empty.
inline void flip(const std::filesystem::path& path) {
  auto bytes = read(path);
  auto& byte = bytes.at(bytes.size() / 2);
  byte = static_cast<char>(byte ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace alih::testing_support
