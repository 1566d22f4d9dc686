#include "repository/export/masters.h"

#include <map>

#include "repository/export/folder.h"

namespace alih::repository {

Result<Exported> write_masters(const Package& package, const std::filesystem::path& to) {
  std::map<std::string, Fixity> files;  // a file of several pages is one master
  for (const auto& page : package.pages) files[page.master.file] = page.master.fixity;
  ALIH_TRY(auto folder, FolderExport::create(to));
  for (const auto& [name, fixity] : files) {
    ALIH_CHECK(folder.copy(package.folder / name, name, fixity));
  }
  return folder.finish();
}

}  // namespace alih::repository
