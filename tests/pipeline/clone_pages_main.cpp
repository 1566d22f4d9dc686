// clone_pages DATA ITEMS PAGES [WORDS]: a data folder with invented pages, to measure with.
#include <cstdio>
#include <cstdlib>

#include "tests/pipeline/clone_pages.h"

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  alih::pipeline::Everything settings;
  settings.repository.keep_free_mib = 0;
  auto holdings =
      alih::pipeline::Holdings::open(argv[1], settings, alih::pipeline::Holdings::Mode::write);
  if (!holdings) {
    std::fputs((holdings.error().message.en + "\n").c_str(), stderr);
    return 1;
  }
  alih::pipeline::PageCloner cloner;
  const int words = argc > 4 ? std::atoi(argv[4]) : 250;
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    const auto made =
        cloner.item(**holdings, "Buku " + std::to_string(i), std::atoi(argv[3]), words);
    if (!made) {
      std::fputs((made.error().message.en + "\n").c_str(), stderr);
      return 1;
    }
  }
  return 0;
}
