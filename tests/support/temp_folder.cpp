#include "tests/support/temp_folder.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace alih::testing_support {

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "alihmedia-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
  path_ = name;
}

TempFolder::~TempFolder() {
  // A file that cannot be removed must not end the test program from a destructor.
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace alih::testing_support
