#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/fixity.h"
#include "core/result.h"

namespace alih::repository {

// The one way a file becomes part of the repository: written aside in the same folder, synced,
// renamed into place, folder synced. Either the whole file is there under its name or nothing is.
// The digests are taken in the same pass. Not committed = removed. One thread.
// Errors: disk_full, unavailable. A sync that failed is never tried again: the file is given up.
class DurableFile {
 public:
  [[nodiscard]] static Result<DurableFile> create(const std::filesystem::path& path);
  DurableFile(DurableFile&& other) noexcept;
  DurableFile& operator=(DurableFile&&) = delete;
  DurableFile(const DurableFile&) = delete;
  DurableFile& operator=(const DurableFile&) = delete;
  ~DurableFile();

  [[nodiscard]] Status write(std::span<const std::byte> bytes);
  [[nodiscard]] Status write(std::string_view text);
  // Replaces a file of the same name.
  [[nodiscard]] Result<Fixity> commit();

 private:
  DurableFile(std::filesystem::path path, std::filesystem::path aside, int fd);
  std::filesystem::path path_;
  std::filesystem::path aside_;
  int fd_ = -1;
  FixityDigest digest_;
};

[[nodiscard]] Result<Fixity> write_durably(const std::filesystem::path& path,
                                           std::span<const std::byte> bytes);
[[nodiscard]] Result<Fixity> write_durably(const std::filesystem::path& path,
                                           std::string_view text);
// Copies a file of someone else's, with the digests of what was read.
[[nodiscard]] Result<Fixity> copy_durably(const std::filesystem::path& from,
                                          const std::filesystem::path& to);
// Puts a file of ours in its place, durable: same file system, not synced before.
[[nodiscard]] Status move_durably(const std::filesystem::path& from,
                                  const std::filesystem::path& to);
// Adds the bytes of a file to the end of another; all or nothing unless the power goes in between.
[[nodiscard]] Status append_durably(const std::filesystem::path& from,
                                    const std::filesystem::path& to);
// Makes the folder and those above it, and syncs each that was made.
[[nodiscard]] Status make_folder(const std::filesystem::path& folder);
[[nodiscard]] Status sync_folder(const std::filesystem::path& folder);

// Whole file in memory; too_large above `max_bytes`, not_found, unavailable.
[[nodiscard]] Result<std::vector<std::byte>> read_file(const std::filesystem::path& path,
                                                       std::uint64_t max_bytes);
// Removes what files written aside left in a folder when the power went. Nobody else may be writing
// there.
void remove_partials(const std::filesystem::path& folder);

// Called with the bytes just read; may take its time, false = stop.
using ReadPace = std::function<bool(std::size_t bytes)>;
// SHA-512 and size of a file as it is now on disk. Errors: not_found, unavailable, stopped.
[[nodiscard]] Result<Fixity> file_fixity(const std::filesystem::path& path,
                                         const ReadPace& pace = {});

// An error in words for the person, from errno.
[[nodiscard]] Error system_error(int error_number, std::string_view what_id,
                                 std::string_view what_en);

}  // namespace alih::repository
