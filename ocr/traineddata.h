#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/result.h"

namespace alih::ocr {

// The LSTM component of a .traineddata file; only it is read. Errors: model_missing. Any thread.
[[nodiscard]] Result<std::vector<std::byte>> read_lstm_component(const std::string& file);

// A .traineddata file without its list of words, as Tesseract asks for a file (FileReader): false
// when it cannot be read, or more than 64 MiB would be left. Of the 89 MB of Latin, half a megabyte
// is. Any thread.
[[nodiscard]] bool read_without_words(const char* file, std::vector<char>* out);

}  // namespace alih::ocr
