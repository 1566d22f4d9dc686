#pragma once

#include <filesystem>
#include <string>

#include "repository/export/exporter.h"

namespace alih::repository {

// A folder written aside: files, then manifest-sha256.txt for `sha256sum -c`, then its name. Not
// finished = removed. A target with something in it is refused (duplicate).
class FolderExport {
 public:
  [[nodiscard]] static Result<FolderExport> create(const std::filesystem::path& to);
  FolderExport(FolderExport&& other) noexcept;
  FolderExport& operator=(FolderExport&&) = delete;
  FolderExport(const FolderExport&) = delete;
  FolderExport& operator=(const FolderExport&) = delete;
  ~FolderExport();

  [[nodiscard]] Status write(const std::string& name, std::string_view text);
  // damaged when the copy is not what `expected` says.
  [[nodiscard]] Status copy(const std::filesystem::path& from, const std::string& name,
                            const Fixity& expected);
  [[nodiscard]] Result<Exported> finish();

 private:
  FolderExport(std::filesystem::path target, std::filesystem::path aside)
      : target_(std::move(target)), aside_(std::move(aside)) {}
  void note(const Fixity& fixity, const std::string& name);
  std::filesystem::path target_;
  std::filesystem::path aside_;
  std::string manifest_;
  std::uint64_t bytes_ = 0;
};

}  // namespace alih::repository
