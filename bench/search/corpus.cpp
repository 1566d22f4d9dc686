#include "bench/search/corpus.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "bench/search/store.h"

namespace alih::bench {

class Corpus::Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {  // splitmix64
    state_ += 0x9E3779B97F4A7C15ULL;
    auto z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  std::size_t below(std::size_t n) { return next() % n; }
  double share() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

namespace {

constexpr std::size_t kWords = 60000;
constexpr std::size_t kSeries = 20;
constexpr std::size_t kTopicWords = 300;
constexpr std::array<std::string_view, 20> kOnsets{"b", "c", "d",  "g",  "h", "j", "k",
                                                   "l", "m", "n",  "p",  "r", "s", "t",
                                                   "w", "y", "ny", "ng", "",  "s"};
constexpr std::array<std::string_view, 6> kVowels{"a", "i", "u", "e", "o", "a"};
constexpr std::array<std::string_view, 8> kCodas{"", "", "", "n", "ng", "r", "k", "s"};

std::string to_old(const std::string& word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool ny = word[i] == 'n' && i + 1 < word.size() && word[i + 1] == 'y';
    if (ny) {
      out += "nj";
      ++i;
    } else if (word[i] == 'u') {
      out += "oe";
    } else if (word[i] == 'j') {
      out += "dj";
    } else if (word[i] == 'c') {
      out += "tj";
    } else if (word[i] == 'y') {
      out += 'j';
    } else {
      out += word[i];
    }
  }
  return out;
}

}  // namespace

Corpus::Corpus(std::uint64_t seed, std::size_t pages) : seed_(seed), pages_(pages) {
  Random random(seed);
  std::set<std::string> seen;
  while (words_.size() < kWords) {
    std::string w;
    // Frequent words are short.
    const auto syllables = 1 + words_.size() / 400 % 2 + random.below(words_.size() < 200 ? 2 : 3);
    for (std::size_t i = 0; i <= syllables; ++i) {
      w += kOnsets[random.below(kOnsets.size())];
      w += kVowels[random.below(kVowels.size())];
    }
    w += kCodas[random.below(kCodas.size())];
    if (seen.insert(w).second) words_.push_back(w);
  }
  double sum = 0;
  for (std::size_t r = 0; r < kWords; ++r) {
    sum += 1 / std::pow(static_cast<double>(r) + 2.7, 1.05);
    sums_.push_back(sum);
  }
  constexpr std::size_t kPairs = 3000;
  for (std::size_t i = 0; i < kPairs; ++i) {
    partners_[words_[20 + random.below(4000)]] = words_[20 + random.below(8000)];
  }
}

std::string Corpus::word(Random& random) const {
  const auto at = std::lower_bound(sums_.begin(), sums_.end(), random.share() * sums_.back());
  return words_[std::min(static_cast<std::size_t>(at - sums_.begin()), words_.size() - 1)];
}

void Corpus::misread(std::string& word, Random& random) const {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kErrors{{{"m", "rn"},
                                                                                   {"d", "cl"},
                                                                                   {"h", "b"},
                                                                                   {"e", "c"},
                                                                                   {"l", "1"},
                                                                                   {"i", "l"},
                                                                                   {"o", "0"},
                                                                                   {"n", "u"},
                                                                                   {"u", "n"},
                                                                                   {"a", "o"},
                                                                                   {"s", "5"},
                                                                                   {"t", "f"}}};
  for (int tries = 0; tries < 6; ++tries) {
    const auto& [from, to] = kErrors[random.below(kErrors.size())];
    const auto at = word.find(from);
    if (at == std::string::npos) continue;
    word = word.substr(0, at) + std::string(to) + word.substr(at + from.size());
    return;
  }
  const auto at = random.below(word.size());
  word[at] = static_cast<char>('a' + random.below(26));
}

void Corpus::each_page(const std::function<void(const std::string&)>& call) {
  Random random(seed_ ^ 0xA5A5A5A5ULL);
  std::size_t item = 0;
  std::size_t left = 0;
  std::size_t series = 0;
  std::size_t year = 0;
  std::string access;
  std::string type;
  std::vector<std::string> names;
  for (std::size_t page = 0; page < pages_; ++page) {
    if (left == 0) {
      ++item;
      left = 1 + static_cast<std::size_t>(-40 * std::log(1 - random.share() * 0.999));
      series = random.below(kSeries);
      year = 1905 + random.below(120);
      const auto a = random.below(10);
      access = a < 6 ? "public" : a < 8 ? "on_premises" : a < 9 ? "restricted" : "closed";
      type = random.below(3) == 0 ? "book" : "letter";
      names.clear();
      for (int i = 0; i < 6; ++i) names.push_back(word(random) + words_[random.below(kWords)]);
    }
    --left;
    const double noise = random.below(8) == 0 ? 0.12 : 0.02;
    const auto length = 180 + random.below(302);
    std::string text;
    std::string before;
    for (std::size_t i = 0; i < length; ++i) {
      std::string w;
      const auto partner = partners_.find(before);
      const double kind = random.share();
      if (partner != partners_.end() && kind < 0.3) {
        w = partner->second;
      } else if (kind < 0.45) {
        // The words of a series are somewhere in the middle of all words.
        w = words_[200 + series * kTopicWords +
                   static_cast<std::size_t>(random.share() * random.share() * kTopicWords)];
      } else if (kind < 0.48) {
        w = names[random.below(names.size())];
      } else {
        w = word(random);
      }
      before = w;
      if (year < 1947) w = to_old(w);
      if (random.share() < noise) misread(w, random);
      if (i > 0) text += ' ';
      text += w;
    }
    std::string line = "p" + std::to_string(page) + "\ti" + std::to_string(item) + "\t" +
                       std::to_string(year) + "\tS" + std::to_string(series) + "\t" + type +
                       "\tid\t" + access + "\t" + text;
    call(line);
  }
}

const std::vector<std::string>& Questions::classes() {
  static const std::vector<std::string> all{"term_frequent", "term_middle",   "term_rare", "and2",
                                            "and3",          "and2_frequent", "or2",       "or3",
                                            "or3_frequent",  "phrase2",       "phrase3",   "prefix",
                                            "fuzzy1",        "filt_or2"};
  return all;
}

void Questions::see(std::string_view line) {
  PageLine page;
  if (!split_line(line, page)) return;
  ++pages_;
  std::set<std::string> terms;
  each_token(page.text, [&](std::string_view t) { terms.emplace(t); });
  for (const auto& t : terms) ++documents_[t];
  constexpr std::size_t kSample = 4000;
  if (sample_.size() < kSample) {
    sample_.emplace_back(line);
  } else if (const auto at = (pages_ * 0x9E3779B97F4A7C15ULL ^ seed_) % pages_; at < kSample) {
    sample_[at] = line;
  }
}

std::vector<std::string> Questions::make(std::size_t per_class) const {
  std::vector<std::string> out;
  std::uint64_t state = seed_;
  const auto below = [&](std::size_t n) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33U) % n;
  };
  const auto share = [&](const std::string& term) {
    const auto found = documents_.find(term);
    return found == documents_.end()
               ? 0.0
               : static_cast<double>(found->second) / static_cast<double>(pages_);
  };
  const auto frequent = [&](const std::string& t) { return share(t) >= 0.05 && share(t) <= 0.95; };
  const auto middle = [&](const std::string& t) { return share(t) >= 0.001 && share(t) <= 0.02; };
  const auto rare = [&](const std::string& t) { return share(t) < 0.001; };
  const auto any = [&](const std::string& t) { return share(t) >= 0.0005 && share(t) <= 0.2; };
  for (const auto& klass : classes()) {
    std::size_t made = 0;
    for (std::size_t tries = 0; made < per_class && tries < per_class * 400; ++tries) {
      PageLine page;
      (void)split_line(sample_[below(sample_.size())], page);
      std::vector<std::string> tokens;
      each_token(page.text, [&](std::string_view t) { tokens.emplace_back(t); });
      if (tokens.size() < 8) continue;
      const auto pick = [&](const auto& good) {
        for (int n = 0; n < 60; ++n) {
          const auto& t = tokens[below(tokens.size())];
          if (t.size() > 2 && good(t)) return t;
        }
        return std::string();
      };
      std::vector<std::string> terms;
      std::string filter;
      if (klass == "term_frequent") {
        terms = {pick(frequent)};
      } else if (klass == "term_middle") {
        terms = {pick(middle)};
      } else if (klass == "term_rare") {
        terms = {pick(rare)};
      } else if (klass == "and2" || klass == "or2" || klass == "filt_or2") {
        terms = {pick(middle), pick(any)};
        if (klass == "filt_or2") {
          filter = std::string(page.series) + " " + std::string(page.access);
        }
      } else if (klass == "and3" || klass == "or3") {
        terms = {pick(middle), pick(any), pick(any)};
      } else if (klass == "and2_frequent") {
        terms = {pick(frequent), pick(frequent)};
      } else if (klass == "or3_frequent") {
        terms = {pick(frequent), pick(frequent), pick(any)};
      } else if (klass == "phrase2" || klass == "phrase3") {
        const std::size_t n = klass == "phrase2" ? 2 : 3;
        const auto at = below(tokens.size() - n);
        terms.assign(tokens.begin() + static_cast<std::ptrdiff_t>(at),
                     tokens.begin() + static_cast<std::ptrdiff_t>(at + n));
        if (std::none_of(terms.begin(), terms.end(), any)) continue;
      } else if (klass == "prefix") {
        const auto t = pick(any);
        if (t.size() < 6) continue;
        terms = {t.substr(0, 5)};
      } else {  // fuzzy1
        auto t = pick(middle);
        if (t.size() < 4) continue;
        t[1 + below(t.size() - 1)] = static_cast<char>('a' + below(26));
        terms = {t};
      }
      if (std::any_of(terms.begin(), terms.end(), [](const auto& t) { return t.empty(); }))
        continue;
      if (std::set<std::string>(terms.begin(), terms.end()).size() < terms.size()) continue;
      std::string line = "q" + std::to_string(out.size()) + "\t" + klass + "\t";
      for (std::size_t i = 0; i < terms.size(); ++i) line += (i > 0 ? " " : "") + terms[i];
      out.push_back(line + "\t" + filter);
      ++made;
    }
  }
  return out;
}

}  // namespace alih::bench
