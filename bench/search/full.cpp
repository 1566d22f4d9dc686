#include "bench/search/full.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "bench/search/corpus.h"
#include "indexer/snippet.h"
#include "indexer/text_index.h"

namespace alih::bench {
namespace {

using namespace indexer;

constexpr int kHits = 10;
constexpr int kSnippetWords = 30;

void check(const Status& status) {
  if (status) return;
  std::cerr << "bench/search: " << status.error().message.en << '\n';
  std::exit(1);
}

// The words of a line of the corpus where a page would have them: ten a line, 300 dpi.
TextLayer layer_of(std::string_view text) {
  constexpr int kWordsALine = 10;
  constexpr int kLetter = 21;
  constexpr int kLineHeight = 58;
  TextLayer out;
  out.width = 2480;
  out.height = 3508;
  auto& block = out.blocks.emplace_back();
  int left = 0;
  each_token(text, [&](std::string_view token) {
    if (block.lines.empty() || block.lines.back().words.size() == kWordsALine) {
      block.lines.emplace_back();
      left = 250;
    }
    const int top = 300 + kLineHeight * static_cast<int>(block.lines.size());
    const int width = kLetter * static_cast<int>(token.size());
    Word word;
    word.text = token;
    word.box = {left, top, width, 40};
    word.confidence = 0.95;
    block.lines.back().words.push_back(std::move(word));
    left += width + kLetter;
  });
  return out;
}

std::string as_typed(const Question& q) {
  const bool phrase = q.klass.starts_with("phrase");
  const bool any = q.klass.starts_with("or") || q.klass.starts_with("filt");
  std::string out = phrase ? "\"" : "";
  for (std::size_t i = 0; i < q.terms.size(); ++i) {
    if (i > 0) out += any ? " OR " : " ";
    out += q.terms[i];
  }
  if (phrase) out += '"';
  if (q.klass.starts_with("prefix")) out += '*';
  if (q.klass.starts_with("fuzzy")) out += '~';
  return out;
}

double at(std::vector<double>& times, double share) {
  if (times.empty()) return 0;
  std::sort(times.begin(), times.end());
  return times[std::min(times.size() - 1,
                        static_cast<std::size_t>(share * static_cast<double>(times.size())))];
}

}  // namespace

FullIndex::FullIndex(std::filesystem::path folder)
    : folder_(std::move(folder)),
      stemmer_(installed_words()),
      synonyms_(Synonyms::from_text(built_in_synonyms())) {
  std::filesystem::remove_all(folder_);
  auto store = Store::open(folder_, true);
  if (!store) check(fail(std::move(store).error()));
  store_ = std::move(*store);
}

double FullIndex::build(const std::vector<std::string>& lines) {
  double spent = 0;
  for (const auto& line : lines) {
    PageLine page;
    if (!split_line(line, page)) continue;
    const auto layer = layer_of(page.text);
    const auto start = cpu_seconds();
    check(store_->add_bulk(page, layer, stemmer_));
    spent += cpu_seconds() - start;
  }
  const auto start = cpu_seconds();
  check(store_->finish_bulk());
  spent += cpu_seconds() - start;
  check(store_->merge_all());
  std::uint32_t ordinal = 0;
  for (const auto& line : lines) {
    PageLine page;
    if (split_line(line, page)) check(store_->keep_text(++ordinal, layer_of(page.text)));
  }
  return spent;
}

void FullIndex::ask(const std::vector<Question>& questions) {
  struct Times {
    std::vector<double> search;
    std::vector<double> shown;
  };
  std::map<std::string, Times> times;
  std::size_t boxes = 0;
  for (const auto& q : questions) {
    SearchRequest request;
    request.query = as_typed(q);
    request.limit = kHits;
    for (int round = 0; round < 2; ++round) {  // the first one is not timed
      const auto start = thread_cpu_microseconds();
      const auto view = store_->view();
      const auto found = search(*view, stemmer_, synonyms_, request);
      const auto searched = thread_cpu_microseconds();
      if (!found) check(fail(Error(found.error())));
      for (const auto& match : found->window) {
        const auto text = store_->text(match.page_seq);
        if (!text) check(fail(Error(text.error())));
        boxes += show_page(*text, found->highlight, stemmer_, kSnippetWords).boxes.size();
      }
      const auto end = thread_cpu_microseconds();
      if (round == 0) continue;
      times[q.klass].search.push_back(searched - start);
      times[q.klass].shown.push_back(end - searched);
    }
  }
  std::printf(
      "\nas the program asks: spellings, roots, synonyms, misreadings, total, facets; then "
      "snippets "
      "and boxes of %d hits\n%-16s | search p50/p95/p99, us   | snippets p50/p95/p99\n",
      kHits, "class");
  for (const auto& klass : Questions::classes()) {
    auto& t = times[klass];
    std::printf("%-16s | %7.0f %7.0f %7.0f | %7.0f %7.0f %7.0f\n", klass.c_str(), at(t.search, 0.5),
                at(t.search, 0.95), at(t.search, 0.99), at(t.shown, 0.5), at(t.shown, 0.95),
                at(t.shown, 0.99));
  }
  std::printf("%zu boxes\n", boxes);
}

void FullIndex::provoke(const std::vector<Question>& questions) {
  constexpr std::size_t kLeaves = 32;
  constexpr std::size_t kWidened = 8;
  std::vector<std::string> words;
  std::set<std::string> beginnings;
  for (const auto& q : questions) {
    if (!q.klass.starts_with("term_frequent") || q.terms[0].size() < 4) continue;
    words.push_back(q.terms[0]);
    beginnings.insert(q.terms[0].substr(0, 2));
  }
  if (words.empty()) return;
  const auto many = [&](std::size_t n, const std::string& between, const std::string& behind = "") {
    std::string out;
    for (std::size_t i = 0; i < n; ++i)
      out += (i > 0 ? between : "") + words[i % words.size()] + behind;
    return out;
  };
  std::string starred;
  std::string any_starred;
  std::size_t stars = 0;
  for (const auto& b : beginnings) {
    if (stars++ == kWidened) break;
    starred += b + "* ";
    any_starred += (any_starred.empty() ? "" : " OR ") + b + "*";
  }
  std::string same;
  for (int i = 0; i < 300; ++i) same += words[0] + " ";
  std::string parts;
  for (int i = 0; i < 900; ++i) parts += "a-";
  const std::vector<std::pair<std::string, std::string>> asked{
      {"a*", "a*"},
      {"two letters and *", *beginnings.begin() + "*"},
      {"8 of them", starred},
      {"8 of them, any", any_starred},
      {"1,000 words", many(1000, " ")},
      {"32 words", many(kLeaves, " ")},
      {"32 words, any", many(kLeaves, " OR ")},
      {"50 words with ~", many(50, " ", "~")},
      {"8 words with ~", many(kWidened, " ", "~")},
      {"8 words with ~, any", many(kWidened, " OR ", "~")},
      {"8 long strange words with ~",
       "kamasitarobe~ OR penudidikan~ OR mengatakkan~ OR sebagaian~ OR "
       "perkampunan~ OR tjeritanja~ OR keadaannja~ OR bermatjam~"},
      {"a phrase of 300 words", '"' + many(300, " ").substr(0, 1990) + '"'},
      {"a phrase of one word, 300 times", '"' + same.substr(0, 1990) + '"'},
      {"a word of 900 parts", parts},
      {"a word of 1,900 letters with ~", std::string(1900, 'a') + "~"},
      {"200,000 bytes", std::string(200000, 'x')},
      {"31 exclusions", words[0] + " -" + many(kLeaves - 1, " -")},
      {"nothing but signs", "-\"*~: -\"*~:"},
  };
  std::printf("\nquestions that ask for too much, ms CPU\n");
  for (const auto& [name, query] : asked) {
    SearchRequest request;
    request.query = query;
    const auto view = store_->view();
    const auto start = thread_cpu_microseconds();
    const auto found = search(*view, stemmer_, synonyms_, request);
    const auto ms = (thread_cpu_microseconds() - start) / 1000;
    std::string said = found ? std::to_string(found->total) + " pages" : found.error().message.en;
    if (found) {
      for (const auto& note : found->notes) said += "; " + note.en;
    }
    std::printf("%-32s %8.1f  %s\n", name.c_str(), ms, said.c_str());
  }
}

}  // namespace alih::bench
