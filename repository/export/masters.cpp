#include "repository/export/masters.h"

#include <map>

#include "repository/export/folder.h"

namespace alih::repository {

Result<Exported> write_masters(const Package& package, const std::filesystem::path& to) {
  std::map<std::string, const Page*> files;  // a file of several pages is one master
  for (const auto& page : package.pages) files.emplace(page.master.file, &page);
  ALIH_TRY(auto folder, FolderExport::create(to));
  for (const auto& [name, page] : files) {
    ALIH_CHECK(folder.copy(package.master(*page), name, page->master.fixity));
  }
  return folder.finish();
}

}  // namespace alih::repository
