#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/book.h"
#include "core/result.h"

// Files of register/: batches of material and closings of the book, one each, replaced whole.
namespace alih::repository {

// Names without the ending, in order.
[[nodiscard]] std::vector<std::string> book_files(const std::filesystem::path& data_folder);
// Errors: not_found, damaged (also when an event is not what its digest says).
[[nodiscard]] Result<BookRecord> read_book_file(const std::filesystem::path& data_folder,
                                                const std::string& name);
// The same of a copy that lies elsewhere.
[[nodiscard]] Result<BookRecord> read_book_copy(const std::filesystem::path& path,
                                                const std::string& name);
[[nodiscard]] Status write_book_file(const std::filesystem::path& data_folder,
                                     const BookRecord& record);

}  // namespace alih::repository
