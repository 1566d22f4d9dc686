#include "pipeline/last_words.h"

#include <csignal>
#include <cstring>

#include <sys/wait.h>

#include "core/utf8.h"

namespace alih::pipeline {
namespace {

constexpr std::size_t kLongest = 300;

// Which limit a signal stands for, when it does.
Message limit_of(int signal, std::string_view printed) {
  switch (signal) {
    case SIGXCPU:
      return message("batas waktu prosesor", "the limit of processor time");
    case SIGXFSZ:
      return message("batas ukuran berkas", "the limit of file size");
    case SIGSYS:
      return message("panggilan sistem yang dilarang", "a forbidden system call");
    case SIGKILL:
      // Neither the kernel's out-of-memory killer nor a person leaves a reason behind.
      return message("dihentikan dari luar, atau memori komputer habis",
                     "ended from outside, or the computer ran out of memory");
    case SIGABRT:
      if (printed.find("bad_alloc") != std::string_view::npos) {
        return message("batas memori", "the limit of memory");
      }
      return {};
    default:
      return {};
  }
}

}  // namespace

std::string last_words(std::string_view printed) {
  std::string line;
  for (std::size_t at = 0; at < printed.size();) {
    char32_t code = 0;
    const auto size = utf8_character(printed.substr(at), code);
    constexpr char32_t kDelete = 0x7F;
    constexpr char32_t kFirstPrintableLatin = 0xA0;
    const bool bidi = (code >= 0x200E && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
                      (code >= 0x2066 && code <= 0x2069);
    const bool printable =
        size > 0 && code > U' ' && !(code >= kDelete && code < kFirstPrintableLatin) && !bidi;
    if (printable) {
      line += printed.substr(at, size);
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
    at += size > 0 ? size : 1;
  }
  while (line.ends_with(' ')) line.pop_back();
  if (line.size() <= kLongest) return line;
  auto from = line.size() - kLongest;
  while (from < line.size() && (static_cast<unsigned char>(line[from]) & 0xC0U) == 0x80U) ++from;
  return "…" + line.substr(from);
}

Message how_it_ended(const Message& name, int status, std::string_view printed) {
  Message out;
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    const char* word = ::sigabbrev_np(signal);
    const auto limit = limit_of(signal, printed);
    const auto why = [&](const std::string& text) {
      return std::string(word == nullptr ? "?" : word) + (text.empty() ? "" : ": ") + text;
    };
    out.id = message("{} mati karena sinyal {} ({})", "", {name.id, signal, why(limit.id)}).id;
    out.en = message("", "{} was killed by signal {} ({})", {name.en, signal, why(limit.en)}).en;
  } else {
    const int code = WEXITSTATUS(status);
    out.id = message("{} berakhir dengan kode {}", "", {name.id, code}).id;
    out.en = message("", "{} ended with code {}", {name.en, code}).en;
  }
  if (const auto words = last_words(printed); !words.empty()) {
    out.id += "; kata terakhir: " + words;
    out.en += "; last words: " + words;
  }
  return out;
}

}  // namespace alih::pipeline
