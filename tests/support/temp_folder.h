#pragma once

#include <filesystem>
#include <string_view>

namespace alih::testing_support {

// A new empty folder that is removed with all it holds at the end of the scope.
class TempFolder {
 public:
  TempFolder();  // throws std::system_error
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace alih::testing_support
