#pragma once

#include <string>
#include <string_view>

#include "core/message.h"

namespace alih::pipeline {

// What a process printed on standard error before it died: one line of printable UTF-8, the end of
// it when it is long.
[[nodiscard]] std::string last_words(std::string_view printed);

// How it ended, by its wait status: "was killed by signal 31 (SYS: a forbidden system call); last
// words: …". `name` as it stands in the sentence, both languages.
[[nodiscard]] Message how_it_ended(const Message& name, int status, std::string_view printed);

}  // namespace alih::pipeline
