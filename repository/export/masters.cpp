#include "repository/export/masters.h"

#include <map>

#include "core/id.h"
#include "repository/durable_file.h"

namespace alih::repository {
namespace {

namespace fs = std::filesystem;

// Removes the folder written aside unless it was kept.
struct Aside {
  fs::path folder;
  ~Aside() {
    std::error_code error;
    if (!folder.empty()) fs::remove_all(folder, error);
  }
};

}  // namespace

Result<Exported> write_masters(const Package& package, const fs::path& to) {
  std::error_code error;
  const fs::path target = to.has_filename() ? to : to.parent_path();
  if (fs::exists(target, error) &&
      !(fs::is_directory(target, error) && fs::is_empty(target, error))) {
    return fail(ErrorCode::duplicate, "{} sudah ada isinya; pilih folder lain",
                "{} already has something in it; choose another folder", {target.string()});
  }
  std::map<std::string, Fixity> files;  // a file of several pages is one master
  for (const auto& page : package.pages) files[page.master.file] = page.master.fixity;

  Aside aside{target.parent_path() /
              ("." + target.filename().string() + "." + new_ulid() + ".partial")};
  ALIH_CHECK(make_folder(aside.folder));
  Exported out{target, 0, ""};
  std::string manifest;
  for (const auto& [name, fixity] : files) {
    ALIH_TRY(const auto copied, copy_durably(package.folder / name, aside.folder / name));
    if (copied != fixity) {
      return fail(ErrorCode::damaged,
                  "{} tidak sama dengan yang dulu disimpan; jalankan alihmedia verify",
                  "{} is not what was stored; run alihmedia verify", {name});
    }
    out.bytes += copied.bytes;
    manifest += copied.sha256 + "  " + name + "\n";
  }
  ALIH_TRY(const auto fixity, write_durably(aside.folder / "manifest-sha256.txt", manifest));
  out.sha256 = fixity.sha256;
  fs::rename(aside.folder, target, error);
  if (error) {
    return fail(
        system_error(error.value(), "menulis " + target.string(), "writing " + target.string()));
  }
  aside.folder.clear();
  ALIH_CHECK(sync_folder(target.parent_path()));
  return out;
}

}  // namespace alih::repository
