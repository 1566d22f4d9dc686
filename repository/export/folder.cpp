#include "repository/export/folder.h"

#include <utility>

#include "core/id.h"
#include "repository/durable_file.h"

namespace alih::repository {

namespace fs = std::filesystem;

Result<FolderExport> FolderExport::create(const fs::path& to, Kind kind) {
  std::error_code error;
  const fs::path target = to.has_filename() ? to : to.parent_path();
  if (fs::exists(target, error) &&
      !(fs::is_directory(target, error) && fs::is_empty(target, error))) {
    return fail(ErrorCode::duplicate, "{} sudah ada isinya; pilih folder lain",
                "{} already has something in it; choose another folder", {target.string()});
  }
  const auto aside =
      target.parent_path() / ("." + target.filename().string() + "." + new_ulid() + ".partial");
  ALIH_CHECK(make_folder(kind == Kind::bag ? aside / "data" : aside));
  return FolderExport(target, aside, kind);
}

FolderExport::FolderExport(FolderExport&& other) noexcept
    : target_(std::move(other.target_)),
      aside_(std::exchange(other.aside_, {})),
      kind_(other.kind_),
      manifest_(std::move(other.manifest_)),
      files_(other.files_),
      bytes_(other.bytes_) {}

FolderExport::~FolderExport() {
  std::error_code error;
  if (!aside_.empty()) fs::remove_all(aside_, error);
}

fs::path FolderExport::place(const std::string& name) const {
  return kind_ == Kind::bag ? aside_ / "data" / name : aside_ / name;
}

void FolderExport::note(const Fixity& fixity, const std::string& name) {
  bytes_ += fixity.bytes;
  ++files_;
  manifest_ += kind_ == Kind::bag ? fixity.sha512 + "  data/" + name + "\n"
                                  : fixity.sha256 + "  " + name + "\n";
}

Status FolderExport::write(const std::string& name, std::string_view text) {
  ALIH_CHECK(make_folder(place(name).parent_path()));
  ALIH_TRY(const auto fixity, write_durably(place(name), text));
  note(fixity, name);
  return {};
}

Status FolderExport::copy(const fs::path& from, const std::string& name, const Fixity& expected) {
  ALIH_CHECK(make_folder(place(name).parent_path()));
  ALIH_TRY(const auto fixity, copy_durably(from, place(name)));
  if (fixity != expected) {
    return fail(ErrorCode::damaged,
                "{} tidak sama dengan yang dulu disimpan; jalankan alihmedia verify",
                "{} is not what was stored; run alihmedia verify", {name});
  }
  note(fixity, name);
  return {};
}

Result<Fixity> FolderExport::finish_bag(std::string_view bag_info) {
  std::string tags;
  const auto tag_file = [&](const std::string& name, const std::string& text) -> Status {
    ALIH_TRY(const auto fixity, write_durably(aside_ / name, text));
    tags += fixity.sha512 + "  " + name + "\n";
    return {};
  };
  ALIH_CHECK(tag_file("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"));
  ALIH_CHECK(tag_file("bag-info.txt", std::string(bag_info) +
                                          "Payload-Oxum: " + std::to_string(bytes_) + "." +
                                          std::to_string(files_) + "\n"));
  ALIH_CHECK(tag_file("manifest-sha512.txt", manifest_));
  return write_durably(aside_ / "tagmanifest-sha512.txt", tags);
}

Result<Exported> FolderExport::finish(std::string_view bag_info) {
  ALIH_TRY(const auto fixity, kind_ == Kind::bag
                                  ? finish_bag(bag_info)
                                  : write_durably(aside_ / "manifest-sha256.txt", manifest_));
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
