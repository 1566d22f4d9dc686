#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace alih::bench {

// Pages that nobody wrote, the same for the same seed: words with the frequencies of real text
// (Zipf and Mandelbrot), some of them more in one series than in others, names that belong to an
// item, words that like to stand together, misreadings (2 in 100 words, 12 in 100 on one page of
// eight), the old spelling before 1947.
class Corpus {
 public:
  Corpus(std::uint64_t seed, std::size_t pages);
  // Calls with each page as a line of the adapter's corpus, in order.
  void each_page(const std::function<void(const std::string& line)>& call);

 private:
  class Random;
  [[nodiscard]] std::string word(Random& random) const;
  void misread(std::string& word, Random& random) const;
  std::uint64_t seed_;
  std::size_t pages_;
  std::vector<std::string> words_;
  std::vector<double> sums_;  // cumulated frequencies
  std::unordered_map<std::string, std::string> partners_;
};

// Questions of 14 classes as lines of the adapter (qid, class, terms, filter), made from what
// stands on the pages.
class Questions {
 public:
  explicit Questions(std::uint64_t seed) : seed_(seed) {}
  // For every page, in order.
  void see(std::string_view line);
  [[nodiscard]] std::vector<std::string> make(std::size_t per_class) const;
  static const std::vector<std::string>& classes();

 private:
  std::uint64_t seed_;
  std::size_t pages_ = 0;
  std::unordered_map<std::string, std::uint32_t> documents_;  // by term
  std::vector<std::string> sample_;                           // some of the lines
};

}  // namespace alih::bench
