#include "indexer/language.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "indexer/analyzer.h"
#include "indexer/crc32c.h"
#include "indexer/spelling.h"

namespace alih::indexer {
namespace {

constexpr const char* kHunspell = "/usr/share/hunspell/id_ID.dic";
constexpr std::size_t kShortestRoot = 3;
constexpr std::size_t kMostKnown = 100000;  // words whose facts are kept in memory
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

// What is left of a word: its letters from `begin` to `end`, the first of them perhaps another one,
// which a prefix had swallowed.
struct Form {
  std::uint8_t begin = 0;
  std::uint8_t end = 0;
  char first = 0;
  std::uint8_t steps = 0;
  [[nodiscard]] std::size_t size() const { return std::size_t{end} - begin; }
};

// Forms of one word. No text is made but for looking it up.
class Forms {
 public:
  explicit Forms(std::string_view word) {
    std::copy(word.begin(), word.end(), letters_.begin());
    add({0, static_cast<std::uint8_t>(word.size()), word[0], 0});
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] const Form& at(std::size_t i) const { return forms_[i]; }
  // Good until the next call.
  [[nodiscard]] std::string_view text(const Form& form) {
    held_ = letters_;
    held_[form.begin] = form.first;
    return {held_.data() + form.begin, form.size()};
  }

  // Of the first `count` forms, which all begin with the word.
  void without_ending(std::size_t count, std::string_view ending) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto form = forms_[i];
      if (form.size() < ending.size() + 2 ||
          std::string_view(letters_.data(), form.end).substr(form.end - ending.size()) != ending) {
        continue;
      }
      add({form.begin, static_cast<std::uint8_t>(form.end - ending.size()), form.first, 1});
    }
  }

  // A form without one layer of prefix, in every way the rules of me-, pe-, ber- … allow.
  void without_prefix(const Form& form) {
    const auto word = text(form);
    const auto cut = [&](std::string_view prefix, char put_back = 0) {
      if (word.size() < prefix.size() + 2 || !word.starts_with(prefix)) return;
      Form out = form;
      ++out.steps;
      out.begin = static_cast<std::uint8_t>(form.begin + prefix.size() - (put_back != 0 ? 1 : 0));
      out.first = put_back != 0 ? put_back : letters_[out.begin];
      if (out.size() >= kShortestRoot) add(out);
    };
    const auto next_is_vowel = [&](std::size_t at) {
      return at < word.size() && is_vowel(word[at]);
    };
    switch (word[0]) {
      case 'd':
        cut("di");
        break;
      case 'k':
        cut("ke");
        cut("ka");
        cut("ku");
        cut("kau");
        break;
      case 's':
        cut("se");
        break;
      case 'm':
      case 'p':
        nasal(word[0] == 'm' ? "me" : "pe", word[0] == 'm' ? "mem" : "pem",
              word[0] == 'm' ? "men" : "pen", word[0] == 'm' ? "meng" : "peng",
              word[0] == 'm' ? "menge" : "penge", word[0] == 'm' ? "meny" : "peny", cut,
              next_is_vowel);
        cut("per");
        cut("pel");  // pelajar
        break;
      case 'b':
        cut("ber");
        cut("be");   // bekerja
        cut("bel");  // belajar
        break;
      case 't':
        cut("ter");
        cut("te");
        break;
      default:
        break;
    }
  }

 private:
  static constexpr std::size_t kMost = 256;

  template <typename Cut, typename Vowel>
  static void nasal(std::string_view me, std::string_view mem, std::string_view men,
                    std::string_view meng, std::string_view menge, std::string_view meny,
                    const Cut& cut, const Vowel& next_is_vowel) {
    cut(me);                               // melihat, menanti, menyanyi, pelihat
    cut(mem);                              // membaca
    if (next_is_vowel(3)) cut(mem, 'p');   // memakai: pakai
    cut(men);                              // mencari
    if (next_is_vowel(3)) cut(men, 't');   // menulis: tulis
    cut(meng);                             // menggali, mengambil
    if (next_is_vowel(4)) cut(meng, 'k');  // mengumpulkan: kumpul
    cut(menge);                            // mengecat: cat
    if (next_is_vowel(4)) cut(meny, 's');  // menyusun: susun
  }

  // Each once.
  void add(const Form& form) {
    if (count_ == kMost) return;
    for (std::size_t i = 0; i < count_; ++i) {
      const auto& f = forms_[i];
      if (f.begin == form.begin && f.end == form.end && f.first == form.first) return;
    }
    forms_[count_++] = form;
  }

  std::array<char, kLongestWord> letters_{};
  std::array<char, kLongestWord> held_{};
  std::array<Form, kMost> forms_;
  std::size_t count_ = 0;
};

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

WordTable::WordTable(const std::unordered_set<std::string>& words) {
  std::size_t slots = 16;
  while (slots < words.size() * 2) slots *= 2;
  slots_.resize(slots);
  for (const auto& word : words) {
    if (word.empty()) {
      empty_word_ = true;
      continue;
    }
    const auto hash = static_cast<std::uint32_t>(std::hash<std::string_view>()(word));
    auto at = hash & (slots - 1);
    while (slots_[at].size > 0) at = (at + 1) & (slots - 1);
    slots_[at] = {hash, static_cast<std::uint32_t>(texts_.size()),
                  static_cast<std::uint32_t>(word.size())};
    texts_ += word;
  }
}

bool WordTable::contains(std::string_view word) const {
  if (word.empty()) return empty_word_;
  const auto hash = static_cast<std::uint32_t>(std::hash<std::string_view>()(word));
  const auto mask = slots_.size() - 1;
  for (auto at = hash & mask; slots_[at].size > 0; at = (at + 1) & mask) {
    const auto& s = slots_[at];
    if (s.hash == hash && std::string_view(texts_).substr(s.start, s.size) == word) return true;
  }
  return false;
}

std::string Stemmer::root_of(std::string_view word) const {
  if (!is_word(word) || word.size() <= kShortestRoot || is_root(word) || is_name(word)) {
    return std::string(word);
  }
  return find_root(word);
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

std::string Stemmer::find_root(std::string_view word) const {
  Forms forms(word);
  // Particle, possessive, suffix: each may be there or not.
  const auto also_without = [&](std::initializer_list<std::string_view> endings) {
    const auto count = forms.count();
    for (const auto ending : endings) forms.without_ending(count, ending);
  };
  also_without({"lah", "kah", "tah", "pun"});
  also_without({"ku", "mu", "nya"});
  also_without({"kan", "an", "i", "wan", "wati", "wi", "iah", "isme", "isasi", "is"});
  // Up to three prefixes: memper-, diper-, keber-, penganeka-.
  constexpr int kMostPrefixes = 3;
  const Form* best = nullptr;
  std::size_t from = 0;
  for (int layer = 0; layer <= kMostPrefixes; ++layer) {
    const auto to = forms.count();
    for (std::size_t i = from; i < to; ++i) {
      const auto& form = forms.at(i);
      const bool better = form.size() >= kShortestRoot &&
                          (best == nullptr || form.size() > best->size() ||
                           (form.size() == best->size() && form.steps < best->steps));
      if (better && is_root(forms.text(form))) best = &form;
      if (layer < kMostPrefixes) forms.without_prefix(form);
    }
    from = to;
  }
  if (best != nullptr) return std::string(forms.text(*best));
  // Infixes, rare and long dead: gerigi, telunjuk.
  for (const std::string_view infix : {"el", "er", "em", "in"}) {
    if (word.size() > 5 && !is_vowel(word[0]) && word.substr(1).starts_with(infix)) {
      auto form = std::string(word.substr(0, 1)).append(word.substr(3));
      if (form.size() >= 4 && is_root(form)) return form;
    }
  }
  return std::string(word);
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
