#include "indexer/language.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>

#include "indexer/analyzer.h"
#include "indexer/crc32c.h"
#include "indexer/spelling.h"

namespace alih::indexer {
namespace {

constexpr const char* kHunspell = "/usr/share/hunspell/id_ID.dic";
constexpr std::size_t kShortestRoot = 3;
constexpr std::size_t kMostKnown = 100000;  // words whose root is kept in memory
constexpr std::size_t kLongestWord = 40;

// The people and places of the office that a rule could cut: "Banggai" is no form of "bangga".
constexpr std::array<std::string_view, 46> kNames{
    "banggai",  "saluan",    "balantak",   "luwuk",      "loewoek",   "batui",    "bunta",
    "kintom",   "lamala",    "masama",     "moilong",    "nambo",     "nuhon",    "pagimana",
    "toili",    "bualemo",   "mantoh",     "lobu",       "peling",    "salakan",  "bulagi",
    "liang",    "totikum",   "buko",       "tinangkung", "andio",     "bobongko", "bajau",
    "bugis",    "gorontalo", "makassar",   "mori",       "pamona",    "ternate",  "bungku",
    "poso",     "manado",    "sulawesi",   "kolonodale", "tompotika", "mandapar", "awaludin",
    "motindok", "seasea",    "pekalongan", "pekanbaru"};

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= kLongestWord &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

template <typename Call>
void each_line(std::string_view text, Call&& call) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    call(line);
  }
}

bool is_vowel(char c) { return c == 'a' || c == 'i' || c == 'u' || c == 'e' || c == 'o'; }

// A word without one layer of prefix, in every way the rules of me-, pe-, ber- … allow.
void without_prefix(std::string_view word, std::vector<std::string>& out) {
  const auto cut = [&](std::string_view prefix, std::string_view put_back = "") {
    if (word.size() < prefix.size() + 2 || !word.starts_with(prefix)) return;
    out.push_back(std::string(put_back) + std::string(word.substr(prefix.size())));
  };
  const auto next_is_vowel = [&](std::size_t at) { return at < word.size() && is_vowel(word[at]); };
  for (const std::string_view simple : {"di", "ke", "ka", "se", "ku", "kau"}) cut(simple);
  for (const std::string_view first : {"me", "pe"}) {
    if (!word.starts_with(first)) continue;
    const std::string p(first);
    cut(p);                                    // melihat, menanti, menyanyi, pelihat
    cut(p + "m");                              // membaca
    if (next_is_vowel(3)) cut(p + "m", "p");   // memakai: pakai
    cut(p + "n");                              // mencari
    if (next_is_vowel(3)) cut(p + "n", "t");   // menulis: tulis
    cut(p + "ng");                             // menggali, mengambil
    if (next_is_vowel(4)) cut(p + "ng", "k");  // mengumpulkan: kumpul
    cut(p + "nge");                            // mengecat: cat
    if (next_is_vowel(4)) cut(p + "ny", "s");  // menyusun: susun
  }
  cut("ber");
  cut("be");   // bekerja
  cut("bel");  // belajar
  cut("ter");
  cut("te");
  cut("per");
  cut("pel");  // pelajar
}

void without_suffix(std::string_view word, std::vector<std::string>& out) {
  for (const std::string_view suffix :
       {"kan", "an", "i", "wan", "wati", "wi", "iah", "isme", "isasi", "is"}) {
    if (word.size() >= suffix.size() + 2 && word.ends_with(suffix)) {
      out.emplace_back(word.substr(0, word.size() - suffix.size()));
    }
  }
}

// Empty when it is not installed.
std::string dictionary_text() {
  std::ifstream in(kHunspell, std::ios::binary);
  if (!in) return {};
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

}  // namespace

WordList words_of_dictionary(std::string_view text) {
  WordList out;
  each_line(text, [&](std::string_view line) {
    const auto word = line.substr(0, line.find('/'));
    if (word.empty()) return;
    if (word[0] >= 'A' && word[0] <= 'Z') {
      for (auto& part : parts_of(word)) {
        if (is_word(part)) out.names.insert(std::move(part));
      }
    } else if (is_word(word) && word.size() >= kShortestRoot) {
      out.roots.emplace(word);
    }
  });
  return out;
}

std::string installed_words_digest() {
  static const std::string digest = [] {
    auto sum = crc32c(built_in_roots());
    for (const auto name : kNames) sum = crc32c(name, sum);
    return std::to_string(crc32c(dictionary_text(), sum));
  }();
  return digest;
}

WordList installed_words() {
  auto out = words_of_dictionary(dictionary_text());
  each_line(built_in_roots(), [&](std::string_view line) {
    if (line.starts_with("#")) return;
    for (auto& word : parts_of(line)) {
      if (word.size() >= kShortestRoot) out.roots.insert(std::move(word));
    }
  });
  for (const auto name : kNames) {
    out.names.emplace(name);
    out.roots.erase(std::string(name));
  }
  // A word that is both is a root; the page's capital letter decides there.
  std::erase_if(out.names, [&](const std::string& name) { return out.roots.contains(name); });
  return out;
}

std::string Stemmer::root_of(std::string_view word) const {
  if (!is_word(word) || word.size() <= kShortestRoot) return std::string(word);
  std::string key(word);
  if (words_.roots.contains(key) || words_.names.contains(key)) return key;
  {
    const std::shared_lock lock(mutex_);
    const auto found = known_.find(word);
    if (found != known_.end()) return found->second;
  }
  auto root = find_root(key);
  const std::unique_lock lock(mutex_);
  if (known_.size() >= kMostKnown) known_.clear();
  known_[key] = root;
  return root;
}

Stemmer::Facts Stemmer::facts_of(std::string_view term) const {
  Facts facts;
  if (!is_word(term)) return facts;
  {
    const std::shared_lock lock(mutex_);
    const auto found = facts_.find(term);
    if (found != facts_.end()) return found->second;
  }
  const auto root = root_of(term);
  facts.known = is_name(term) || is_root(root);
  if (is_root(root)) {
    if (root != term) facts.root = root;
  } else if (!is_name(term)) {
    const auto modern = to_modern(term);
    auto old_root = root_of(modern);
    facts.known = is_name(modern) || is_root(old_root);
    // goeroe is guru already by its spellings.
    if (old_root != modern && is_root(old_root)) facts.old_root = std::move(old_root);
  }
  const std::unique_lock lock(mutex_);
  if (facts_.size() >= kMostKnown) facts_.clear();
  facts_[std::string(term)] = facts;
  return facts;
}

std::string Stemmer::find_root(const std::string& word) const {
  // Particle, possessive, suffix: each may be there or not.
  std::vector<std::string> bare{word};
  const auto also_without = [&](std::initializer_list<std::string_view> endings) {
    for (std::size_t i = 0, n = bare.size(); i < n; ++i) {
      for (const auto ending : endings) {
        if (bare[i].size() >= ending.size() + 2 && bare[i].ends_with(ending)) {
          bare.push_back(bare[i].substr(0, bare[i].size() - ending.size()));
        }
      }
    }
  };
  also_without({"lah", "kah", "tah", "pun"});
  also_without({"ku", "mu", "nya"});
  for (std::size_t i = 0, n = bare.size(); i < n; ++i) {
    const auto from = bare[i];
    without_suffix(from, bare);
  }
  // Up to three prefixes: memper-, diper-, keber-, penganeka-.
  constexpr int kMostPrefixes = 3;
  std::string best;
  int best_steps = 0;
  std::set<std::string> seen;
  struct Form {
    std::string text;
    int steps = 0;
  };
  std::vector<Form> forms;
  for (auto& form : bare) {
    const bool as_it_is = form == word;
    if (seen.insert(form).second) forms.push_back({std::move(form), as_it_is ? 0 : 1});
  }
  std::vector<std::string> next;
  std::size_t from = 0;
  for (int layer = 0; layer <= kMostPrefixes; ++layer) {
    const auto to = forms.size();
    for (std::size_t i = from; i < to; ++i) {
      const auto& form = forms[i];
      if (form.text.size() >= kShortestRoot && words_.roots.contains(form.text)) {
        const bool better = form.text.size() > best.size() ||
                            (form.text.size() == best.size() && form.steps < best_steps);
        if (better) {
          best = form.text;
          best_steps = form.steps;
        }
      }
      if (layer == kMostPrefixes) continue;
      next.clear();
      without_prefix(form.text, next);
      const auto steps = form.steps + 1;
      for (auto& text : next) {
        if (text.size() >= kShortestRoot && seen.insert(text).second) {
          forms.push_back({std::move(text), steps});
        }
      }
    }
    from = to;
  }
  if (!best.empty()) return best;
  // Infixes, rare and long dead: gerigi, telunjuk.
  for (const std::string_view infix : {"el", "er", "em", "in"}) {
    if (word.size() > 5 && !is_vowel(word[0]) && word.substr(1).starts_with(infix)) {
      auto form = word.substr(0, 1) + word.substr(3);
      if (form.size() >= 4 && words_.roots.contains(form)) return form;
    }
  }
  return word;
}

Synonyms Synonyms::from_text(std::string_view text) {
  constexpr std::size_t kMostWords = 8;     // in a phrase
  constexpr std::size_t kMostMembers = 40;  // of a group
  Synonyms out;
  const auto key_of = [](const std::vector<std::string>& words) {
    std::string key;
    for (const auto& w : words) key.append(w).append(" ");
    return key;
  };
  each_line(text, [&](std::string_view line) {
    line = line.substr(0, line.find('#'));
    std::vector<std::vector<std::string>> group;
    while (!line.empty() && group.size() < kMostMembers) {
      const auto end = std::min(line.find(','), line.size());
      auto words = parts_of(line.substr(0, end));
      line.remove_prefix(std::min(end + 1, line.size()));
      if (!words.empty() && words.size() <= kMostWords) group.push_back(std::move(words));
    }
    for (const auto& member : group) {
      auto& others = out.others_[key_of(member)];
      for (const auto& other : group) {
        if (other != member && std::find(others.begin(), others.end(), other) == others.end()) {
          others.push_back(other);
        }
      }
    }
  });
  return out;
}

Result<Synonyms> Synonyms::load(const std::filesystem::path& file) {
  if (file.empty()) return from_text(built_in_synonyms());
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return fail(ErrorCode::not_found, "Berkas padanan kata {} tidak dapat dibaca",
                "The file of synonyms {} cannot be read", {file.string()});
  }
  std::stringstream all;
  all << in.rdbuf();
  return from_text(all.str());
}

const std::vector<std::vector<std::string>>& Synonyms::of(
    const std::vector<std::string>& words) const {
  static const std::vector<std::vector<std::string>> none;
  std::string key;
  for (const auto& w : words) key.append(w).append(" ");
  const auto found = others_.find(key);
  return found == others_.end() ? none : found->second;
}

}  // namespace alih::indexer
