#pragma once

#include "core/settings.h"

namespace alih::indexer {

struct Settings {
  int cache_mib = 64;
  double k1 = 1.2;
  double b = 0.75;
  int snippet_words = 30;
};

template <typename Visitor>
constexpr void describe(Visitor& field, Settings& s) {
  using settings::between;
  field("cache_mib", s.cache_mib, "Tembolok basis data, MiB", "Cache of the database, in MiB",
        between(8, 65536));
  field("k1", s.k1, "BM25: seberapa besar pengaruh kata yang berulang",
        "BM25: how much a repeated word counts", between(0, 10));
  field("b", s.b, "BM25: seberapa besar pengaruh panjang halaman",
        "BM25: how much the length of a page counts", between(0, 1));
  field("snippet_words", s.snippet_words, "Panjang cuplikan, kata", "Length of a snippet, in words",
        between(5, 200));
}

#ifndef __clang__
static_assert(settings::fully_described<Settings>());
#endif

}  // namespace alih::indexer
