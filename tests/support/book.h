#pragma once

#include <vector>

#include "tests/support/drawn_page.h"

namespace alih::testing_support {

// A small book in Indonesian, the same for the same seed. Pages by number, from 1:
//   1 title; 2, 3 modern spelling; 4, 5 spelling of 1901-1947; 6 budget table;
//   7 modern, skewed by -3.3 degrees; 8 blank;
//   9 ... text in shuffled sentences, modern on odd pages and old on even ones, each with a line of
//   its own as "Surat nomor 470/009/2026" ("Soerat nomor 470/010/1936" in the old spelling).
// Pages 2, 5, 8, 11 ... are in colour. Fewer pages give the first ones.
[[nodiscard]] std::vector<PageSpec> small_book(int pages = 8, unsigned seed = 1);

}  // namespace alih::testing_support
