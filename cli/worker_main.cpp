#include <array>
#include <charconv>
#include <cstdio>
#include <span>
#include <string_view>

#include "capture/scanner.h"
#include "pipeline/import_worker.h"
#include "pipeline/page_worker_main.h"

// The processes that alihmedia starts of itself for what strangers' bytes and drivers can crash;
// not for people.
namespace {

// scan-worker --fd 3 [--list]
int scan(std::span<char*> words) {
  int fd = -1;
  bool list = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    list = list || word == "--list";
    if (word != "--fd" || i + 1 == words.size()) continue;
    const std::string_view number = words[++i];
    std::from_chars(number.data(), number.data() + number.size(), fd);
  }
  return alih::capture::run_scan_worker(fd, list);
}

}  // namespace

int main(int argc, char** argv) {
  const std::span words(argv, static_cast<std::size_t>(argc));
  const std::string_view which = words.size() > 1 ? words[1] : "";
  if (which == "page-worker") return alih::pipeline::run_page_worker();
  if (which == "import-worker") return alih::pipeline::run_import_worker();
  if (which == "scan-worker") return scan(words.subspan(2));
  std::fputs("alihmedia-worker dijalankan oleh alihmedia / is started by alihmedia\n", stderr);
  return 2;
}
