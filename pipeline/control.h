#pragma once

#include <filesystem>
#include <string>

#include "core/result.h"
#include "pipeline/holdings.h"

namespace alih::pipeline {

// A file of one page, which takes the place of a page of the item. Errors: unreadable, also of a
// file with several pages; duplicate when it is the very file of that page; of
// Holdings::replace_page().
[[nodiscard]] Result<Page> replace_page(Holdings& holdings, const Item& item, int number,
                                        const std::filesystem::path& file,
                                        const std::string& reason, const Agent& by,
                                        const std::string& program);

}  // namespace alih::pipeline
