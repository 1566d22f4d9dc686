// score_pages [--fold]: reads lines "truth file TAB reading file", prints a line of JSON for each,
// in order.
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bench/score/score.h"
#include "core/json.h"

namespace {

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::span words(argv, static_cast<std::size_t>(argc));
    const bool fold = words.size() == 2 && std::string_view(words[1]) == "--fold";
    if (words.size() > 1 && !fold) {
      std::cerr << "usage: score_pages [--fold] < pairs\n";
      return 2;
    }
    constexpr std::u32string_view watch = U"%é";
    for (std::string line; std::getline(std::cin, line);) {
      const auto tab = line.find('\t');
      if (tab == std::string::npos) throw std::runtime_error("no tab in: " + line);
      const auto s = alih::bench::score(contents(line.substr(0, tab)),
                                        contents(line.substr(tab + 1)), watch, fold);
      const auto watched = [](const alih::bench::Score::Watched& w) {
        return nlohmann::json{{"there", w.there}, {"right", w.right}, {"invented", w.invented}};
      };
      std::cout << nlohmann::json{{"characters", s.characters},
                                  {"character_errors", s.character_errors},
                                  {"words", s.words},
                                  {"word_errors", s.word_errors},
                                  {"read_words", s.read_words},
                                  {"common_words", s.common_words},
                                  {"bag_f1", alih::bench::bag_f1(s)},
                                  {"percent", watched(s.watched[0])},
                                  {"e_acute", watched(s.watched[1])}}
                << '\n';
    }
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "score_pages: " << e.what() << '\n';
    return 1;
  }
}
