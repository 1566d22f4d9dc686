#include "indexer/language.h"

#include <gtest/gtest.h>

namespace alih::indexer {
namespace {

// Some roots, among them those that a careless rule would find inside longer ones.
Stemmer stemmer() {
  WordList words;
  for (const char* root : {"tulis",  "kumpul",  "kembali", "merdeka", "musnah", "nilai", "perintah",
                           "terima", "menteri", "teri",    "sekolah", "kepala", "pala",  "pustaka",
                           "arsip",  "pinjam",  "susun",   "nyanyi",  "cat",    "aneka", "ragam",
                           "tanda",  "tangan",  "bangga",  "guru",    "surat",  "kerja", "ajar",
                           "lari",   "buat",    "masalah", "salah",   "gigi",   "duduk", "baik"}) {
    words.roots.insert(root);
  }
  words.names.insert("banggai");
  return Stemmer(std::move(words));
}

TEST(Stemmer, FindsTheRootOfEveryFamily) {
  const auto s = stemmer();
  const std::vector<std::pair<const char*, std::vector<const char*>>> families{
      {"tulis",
       {"menulis", "penulis", "tulisan", "penulisan", "ditulis", "tertulis", "dituliskannya"}},
      {"kumpul", {"mengumpulkan", "pengumpulan", "perkumpulan", "terkumpullah"}},
      {"kembali", {"pengembalian", "mengembalikan", "kembalinya"}},
      {"merdeka", {"kemerdekaan", "memerdekakan"}},
      {"musnah", {"pemusnahan", "memusnahkan"}},
      {"nilai", {"menilai", "penilaian", "dinilai"}},
      {"perintah", {"pemerintah", "pemerintahan", "diperintahkan"}},
      {"terima", {"diterima", "penerimaan", "menerima"}},
      {"menteri", {"kementerian"}},
      {"sekolah", {"bersekolah", "persekolahan"}},
      {"kepala", {"kepalanya"}},
      {"pustaka", {"perpustakaan", "kepustakaan"}},
      {"arsip", {"kearsipan", "pengarsipan"}},
      {"pinjam", {"peminjaman", "meminjam", "dipinjamkan"}},
      {"susun", {"menyusun", "penyusunan"}},
      {"nyanyi", {"menyanyi", "nyanyian"}},
      {"cat", {"mengecat", "pengecatan"}},
      {"kerja", {"bekerja", "pekerjaan", "mempekerjakan"}},
      {"ajar", {"belajar", "pelajar", "pelajaran"}},
      {"aneka", {"keanekaan", "penganekaan"}},
      {"gigi", {"gerigi"}},
      {"baik", {"memperbaiki", "diperbaiki"}},
  };
  for (const auto& [root, words] : families) {
    EXPECT_EQ(s.root_of(root), root);
    for (const char* word : words) EXPECT_EQ(s.root_of(word), root) << word;
  }
}

TEST(Stemmer, LeavesNamesAndStrangersAlone) {
  const auto s = stemmer();
  EXPECT_EQ(s.root_of("banggai"), "banggai");
  EXPECT_EQ(s.root_of("masalah"), "masalah") << "no form of salah";
  EXPECT_EQ(s.root_of("loewoek"), "loewoek");
  EXPECT_EQ(s.root_of("470"), "470");
  EXPECT_EQ(s.root_of(std::string(500, 'a')), std::string(500, 'a'));
  EXPECT_EQ(s.root_of(""), "");
}

TEST(WordList, ReadsADictionaryWithFlags) {
  const auto words = words_of_dictionary("3\nabadi/DkMk\nJakarta/x\nab\nair-mata\r\nkota\r\n");
  EXPECT_TRUE(words.roots.contains("abadi"));
  EXPECT_TRUE(words.roots.contains("kota"));
  EXPECT_TRUE(words.names.contains("jakarta"));
  EXPECT_FALSE(words.roots.contains("ab")) << "too short to be looked for in words";
  EXPECT_TRUE(installed_words().roots.contains("pustaka"));
  EXPECT_TRUE(installed_words().names.contains("banggai"));
}

TEST(Synonyms, ReadGroupsOfWordsAndPhrases) {
  const auto s = Synonyms::from_text("# catatan\nlakip, LKjIP, laporan kinerja\n,,\nsatu\n");
  EXPECT_EQ(s.of({"lkjip"}),
            (std::vector<std::vector<std::string>>{{"lakip"}, {"laporan", "kinerja"}}));
  EXPECT_EQ(s.of({"laporan", "kinerja"}).size(), 2U);
  EXPECT_TRUE(s.of({"satu"}).empty());
  EXPECT_FALSE(Synonyms::from_text(built_in_synonyms()).of({"loewoek"}).empty());
  EXPECT_FALSE(Synonyms::load("/tidak/ada"));
}

}  // namespace
}  // namespace alih::indexer
