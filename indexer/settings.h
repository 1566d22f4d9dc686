#pragma once

#include "core/settings.h"

namespace alih::indexer {

struct Settings {
  int cache_mib = 64;
  int search_cache_mib = 256;
  double k1 = 1.2;
  double b = 0.75;
  int snippet_words = 30;
  std::string synonyms_file;
};

template <typename Visitor>
constexpr void describe(Visitor& field, Settings& s) {
  using settings::between;
  field("cache_mib", s.cache_mib, "Tembolok basis data, MiB", "Cache of the database, in MiB",
        between(8, 65536));
  field("search_cache_mib", s.search_cache_mib, "Tembolok indeks teks, MiB; terisi bila dipakai",
        "Cache of the full-text index, in MiB; filled as it is used", between(8, 65536));
  field("k1", s.k1, "BM25: seberapa besar pengaruh kata yang berulang",
        "BM25: how much a repeated word counts", between(0, 10));
  field("b", s.b, "BM25: seberapa besar pengaruh panjang halaman",
        "BM25: how much the length of a page counts", between(0, 1));
  field("snippet_words", s.snippet_words, "Panjang cuplikan, kata", "Length of a snippet, in words",
        between(5, 200));
  field("synonyms_file", s.synonyms_file,
        "Berkas padanan kata (contoh: config/sinonim.txt); kosong = daftar bawaan",
        "File of synonyms (as config/sinonim.txt); empty = the list that was built in");
}

#ifndef __clang__
static_assert(settings::fully_described<Settings>());
#endif

}  // namespace alih::indexer
