#pragma once

#include "pipeline/backup_folder.h"

namespace alih::pipeline {

// Up to 50 searches with words from titles and pages spread over the holdings, and their answers.
[[nodiscard]] Result<std::vector<Question>> make_questions(const indexer::Database& database);
// The same search asked again.
[[nodiscard]] Result<Question> ask(const indexer::Database& database, const std::string& query);

}  // namespace alih::pipeline
