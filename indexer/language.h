#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/result.h"

namespace alih::indexer {

// Roots and names that a language's rules look up. Lower case, letters a to z.
struct WordList {
  std::unordered_set<std::string> roots;
  std::unordered_set<std::string> names;  // never cut to a root
};

// hunspell's Indonesian dictionary where it is installed, and the office's own list; the latter
// alone otherwise.
[[nodiscard]] WordList installed_words();
// Changes when installed_words() does.
[[nodiscard]] std::string installed_words_digest();
// A dictionary in hunspell's form: a word a line, its flags behind a slash. What starts with a
// capital letter is a name.
[[nodiscard]] WordList words_of_dictionary(std::string_view text);

// Words that are looked up far more often than they change: one table, one text. Immutable, any
// thread.
class WordTable {
 public:
  explicit WordTable(const std::unordered_set<std::string>& words);
  [[nodiscard]] bool contains(std::string_view word) const;

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t start = 0;
    std::uint32_t size = 0;  // 0: free
  };
  std::string texts_;
  std::vector<Slot> slots_;  // a power of two of them
  bool empty_word_ = false;
};

// Indonesian affixes taken off, checked against the list of roots: confix stripping after Nazief
// and Adriani (1996), but all ways of stripping are tried and the longest root wins, so that
// "menteri" is no form of "teri". Any thread (mutex_).
class Stemmer {
 public:
  explicit Stemmer(WordList words)
      : words_(std::move(words)), roots_(words_.roots), names_(words_.names) {}
  // The root of a word in the modern spelling; the word itself when it is a root or a name or none
  // is found.
  [[nodiscard]] std::string root_of(std::string_view word) const;
  [[nodiscard]] bool is_root(std::string_view word) const { return roots_.contains(word); }
  [[nodiscard]] bool is_name(std::string_view word) const { return names_.contains(word); }
  [[nodiscard]] const WordList& words() const { return words_; }

  // What a term is, in the modern spelling or in an older one.
  struct Facts {
    bool known = false;    // it is a name or has a root, in one spelling or the other
    std::string root;      // that is another word; empty = none
    std::string old_root;  // of its modern form, when it has none itself
  };
  [[nodiscard]] Facts facts_of(std::string_view term) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  [[nodiscard]] std::string find_root(std::string_view word) const;
  WordList words_;
  WordTable roots_;
  WordTable names_;
  mutable std::shared_mutex mutex_;
  mutable std::unordered_map<std::string, Facts, Hash, std::equal_to<>> facts_;  // mutex_; bounded
};

// Words that stand for each other, from the office's file (config/sinonim.txt).
class Synonyms {
 public:
  // Groups of words or phrases divided by commas, one a line; # begins a comment. A line that makes
  // no sense is left out.
  [[nodiscard]] static Synonyms from_text(std::string_view text);
  // The file; the list the program was built with when the path is empty. Errors: not_found.
  [[nodiscard]] static Result<Synonyms> load(const std::filesystem::path& file);
  // The other members of every group that the words are a member of, each as its words.
  [[nodiscard]] const std::vector<std::vector<std::string>>& of(
      const std::vector<std::string>& words) const;
  [[nodiscard]] std::size_t size() const { return others_.size(); }

 private:
  std::unordered_map<std::string, std::vector<std::vector<std::string>>> others_;
};

// Lists that were built in: config/akar_kata.txt, config/sinonim.txt.
[[nodiscard]] std::string_view built_in_roots();
[[nodiscard]] std::string_view built_in_synonyms();

}  // namespace alih::indexer
