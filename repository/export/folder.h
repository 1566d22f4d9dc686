#pragma once

#include <filesystem>
#include <string>

#include "repository/export/exporter.h"

namespace alih::repository {

// A folder written aside: files, then manifest-sha256.txt for `sha256sum -c`, then its name. Not
// finished = removed. A target with something in it is refused (duplicate). As a bag (RFC 8493) the
// files stand in data/ and the manifests are of SHA-512.
class FolderExport {
 public:
  enum class Kind { plain, bag };
  [[nodiscard]] static Result<FolderExport> create(const std::filesystem::path& to,
                                                   Kind kind = Kind::plain);
  FolderExport(FolderExport&& other) noexcept;
  FolderExport& operator=(FolderExport&&) = delete;
  FolderExport(const FolderExport&) = delete;
  FolderExport& operator=(const FolderExport&) = delete;
  ~FolderExport();

  [[nodiscard]] Status write(const std::string& name, std::string_view text);
  // damaged when the copy is not what `expected` says.
  [[nodiscard]] Status copy(const std::filesystem::path& from, const std::string& name,
                            const Fixity& expected);
  // `bag_info`: lines "Label: value" of a bag, without its Payload-Oxum.
  [[nodiscard]] Result<Exported> finish(std::string_view bag_info = {});

 private:
  FolderExport(std::filesystem::path target, std::filesystem::path aside, Kind kind)
      : target_(std::move(target)), aside_(std::move(aside)), kind_(kind) {}
  [[nodiscard]] Result<Fixity> finish_bag(std::string_view bag_info);
  [[nodiscard]] std::filesystem::path place(const std::string& name) const;
  void note(const Fixity& fixity, const std::string& name);
  std::filesystem::path target_;
  std::filesystem::path aside_;
  Kind kind_;
  std::string manifest_;
  std::uint64_t files_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace alih::repository
