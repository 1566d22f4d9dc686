#include "repository/export/txt.h"

#include "repository/durable_file.h"

namespace alih::repository {

Result<Exported> write_txt(const Package& package, const std::filesystem::path& to) {
  ALIH_TRY(auto file, DurableFile::create(to));
  bool first = true;
  for (const auto& page : package.pages) {
    if (!first) ALIH_CHECK(file.write("\f"));
    first = false;
    ALIH_TRY(const auto text, package.text(page));
    ALIH_CHECK(file.write(text.joined_text()));
  }
  ALIH_TRY(const auto fixity, file.commit());
  return Exported{to, fixity.bytes, fixity.sha256};
}

}  // namespace alih::repository
