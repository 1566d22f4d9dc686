#include "repository/export/folder.h"

#include <utility>

#include "core/id.h"
#include "repository/durable_file.h"

namespace alih::repository {

namespace fs = std::filesystem;

Result<FolderExport> FolderExport::create(const fs::path& to) {
  std::error_code error;
  const fs::path target = to.has_filename() ? to : to.parent_path();
  if (fs::exists(target, error) &&
      !(fs::is_directory(target, error) && fs::is_empty(target, error))) {
    return fail(ErrorCode::duplicate, "{} sudah ada isinya; pilih folder lain",
                "{} already has something in it; choose another folder", {target.string()});
  }
  const auto aside =
      target.parent_path() / ("." + target.filename().string() + "." + new_ulid() + ".partial");
  ALIH_CHECK(make_folder(aside));
  return FolderExport(target, aside);
}

FolderExport::FolderExport(FolderExport&& other) noexcept
    : target_(std::move(other.target_)),
      aside_(std::exchange(other.aside_, {})),
      manifest_(std::move(other.manifest_)),
      bytes_(other.bytes_) {}

FolderExport::~FolderExport() {
  std::error_code error;
  if (!aside_.empty()) fs::remove_all(aside_, error);
}

void FolderExport::note(const Fixity& fixity, const std::string& name) {
  bytes_ += fixity.bytes;
  manifest_ += fixity.sha256 + "  " + name + "\n";
}

Status FolderExport::write(const std::string& name, std::string_view text) {
  ALIH_TRY(const auto fixity, write_durably(aside_ / name, text));
  note(fixity, name);
  return {};
}

Status FolderExport::copy(const fs::path& from, const std::string& name, const Fixity& expected) {
  ALIH_TRY(const auto fixity, copy_durably(from, aside_ / name));
  if (fixity != expected) {
    return fail(ErrorCode::damaged,
                "{} tidak sama dengan yang dulu disimpan; jalankan alihmedia verify",
                "{} is not what was stored; run alihmedia verify", {name});
  }
  note(fixity, name);
  return {};
}

Result<Exported> FolderExport::finish() {
  ALIH_TRY(const auto fixity, write_durably(aside_ / "manifest-sha256.txt", manifest_));
  std::error_code error;
  fs::rename(aside_, target_, error);
  if (error) {
    return fail(
        system_error(error.value(), "menulis " + target_.string(), "writing " + target_.string()));
  }
  aside_.clear();
  ALIH_CHECK(sync_folder(target_.parent_path()));
  return Exported{target_, bytes_, fixity.sha256};
}

}  // namespace alih::repository
