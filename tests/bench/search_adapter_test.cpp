// The adapter for corpora of others, run as they run it, against every page scored one by one.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "core/json.h"
#include "indexer/documents.h"
#include "tests/support/temp_folder.h"

namespace {

namespace fs = std::filesystem;
using alih::testing_support::TempFolder;
using nlohmann::json;

constexpr std::size_t kPages = 3000;
constexpr std::size_t kExtra = 120;
constexpr std::size_t kTop = 10;

struct PageOf {
  std::string id, series, access, text;
  std::vector<std::string> words;
};

// Page n, always the same one: some words on most pages, some on a few.
PageOf page(std::size_t n) {
  std::mt19937 random(static_cast<unsigned>(n) * 2654435761U + 7U);
  PageOf p;
  p.id = "hal-" + std::to_string(n);
  p.series = "S" + std::to_string(n / 40 % 3);
  p.access = n / 40 % 2 == 0 ? "public" : "closed";
  const auto length = 10 + random() % 90;
  for (std::size_t i = 0; i < length; ++i) {
    const auto r = random() % 1000;
    std::string w;
    for (auto rest = r < 500 ? r % 8 : r < 850 ? 10 + r % 90 : 100 + random() % 1500;;) {
      constexpr std::string_view kLetters = "bdgkmprstw";
      w += kLetters[rest % 10];
      w += "aiueo"[rest % 5];
      rest /= 10;
      if (rest == 0) break;
    }
    w += "ng";
    p.words.push_back(w);
    // Capitals and signs are no part of words.
    if (i > 0) p.text += random() % 9 == 0 ? ", " : " ";
    if (random() % 10 == 0) w[0] = static_cast<char>(w[0] - 'a' + 'A');
    p.text += w;
  }
  return p;
}

std::string line_of(const PageOf& p, std::size_t n) {
  return p.id + "\ti" + std::to_string(n / 40) + "\t1936\t" + p.series + "\tletter\tid\t" +
         p.access + "\t" + p.text + "\n";
}

struct QuestionOf {
  std::string id, klass;
  std::vector<std::string> words;
  std::string filter;
};

bool one_edit(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto corner = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto d =
          std::min({corner + (a[i - 1] == b[j - 1] ? 0U : 1U), row[j] + 1, row[j - 1] + 1});
      corner = row[j];
      row[j] = d;
    }
  }
  return row[b.size()] <= 1;
}

// BM25 with k1 = 1.2 and b = 0.75 of every page, as a textbook has it.
class Truth {
 public:
  explicit Truth(const std::vector<PageOf>& pages) : pages_(pages) {
    for (const auto& p : pages) {
      // As long as the index says: in steps of 2 in 100.
      lengths_.push_back(alih::indexer::length_of_code(
          alih::indexer::length_code(static_cast<std::uint32_t>(p.words.size()))));
      average_ += lengths_.back() / static_cast<double>(pages.size());
      for (const auto& w : p.words) vocabulary_.insert(w);
    }
  }
  [[nodiscard]] std::map<std::string, double> scores(const QuestionOf& q) const {
    // A part is some words of which any counts; a phrase is weighed as its words are together.
    std::vector<std::set<std::string>> parts;
    for (const auto& w : q.words) {
      std::set<std::string> any;
      for (const auto& v : vocabulary_) {
        const bool meant = q.klass.starts_with("prefix")   ? v.starts_with(w)
                           : q.klass.starts_with("fuzzy1") ? one_edit(v, w)
                                                           : v == w;
        if (meant) any.insert(v);
      }
      parts.push_back(std::move(any));
    }
    std::vector<double> idf;
    for (const auto& part : parts) {
      double n = 0;
      for (const auto& p : pages_) n += count(p, part) > 0 ? 1 : 0;
      const auto all = static_cast<double>(pages_.size());
      idf.push_back(std::log(1 + (all - n + 0.5) / (n + 0.5)));
    }
    const bool phrase = q.klass.starts_with("phrase");
    const bool any = q.klass.starts_with("or") || q.klass.starts_with("filt");
    std::map<std::string, double> out;
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      const auto& p = pages_[i];
      if (!q.filter.empty() && q.filter != p.series + " " + p.access) continue;
      std::size_t found = 0;
      double score = 0;
      if (phrase) {
        double weight = 0;
        for (const auto one : idf) weight += one;
        double times = 0;
        for (std::size_t at = 0; at + q.words.size() <= p.words.size(); ++at) {
          if (std::equal(q.words.begin(), q.words.end(),
                         p.words.begin() + static_cast<std::ptrdiff_t>(at))) {
            ++times;
          }
        }
        if (times == 0) continue;
        out[p.id] = weight * part_score(times, i);
        continue;
      }
      for (std::size_t n = 0; n < parts.size(); ++n) {
        const auto times = count(p, parts[n]);
        if (times == 0) continue;
        ++found;
        score += idf[n] * part_score(times, i);
      }
      if (found == 0 || (!any && found < parts.size())) continue;
      out[p.id] = score;
    }
    return out;
  }

 private:
  [[nodiscard]] double part_score(double times, std::size_t page) const {
    return times * 2.2 / (times + 1.2 * (0.25 + 0.75 * lengths_[page] / average_));
  }
  static double count(const PageOf& p, const std::set<std::string>& any) {
    return static_cast<double>(std::count_if(p.words.begin(), p.words.end(),
                                             [&](const auto& w) { return any.contains(w); }));
  }
  const std::vector<PageOf>& pages_;
  std::vector<double> lengths_;
  double average_ = 0;
  std::set<std::string> vocabulary_;
};

std::vector<QuestionOf> questions(const std::vector<PageOf>& pages) {
  std::mt19937 random(5);
  std::vector<QuestionOf> out;
  for (const std::string klass : {"term", "term_rare", "and2", "and3", "or2", "or3", "phrase2",
                                  "phrase3", "prefix", "fuzzy1", "filt_or2"}) {
    for (int i = 0; i < 12; ++i) {
      const auto& p = pages[random() % pages.size()];
      const std::size_t n = klass.back() == '3' ? 3 : klass.back() == '2' ? 2 : 1;
      QuestionOf q;
      q.id = klass + "-" + std::to_string(i);
      q.klass = klass;
      const auto at = random() % (p.words.size() - n);
      for (std::size_t w = 0; w < n; ++w) {
        q.words.push_back(klass.starts_with("phrase") ? p.words[at + w]
                                                      : p.words[random() % p.words.size()]);
      }
      if (klass == "prefix") q.words[0].resize(std::max<std::size_t>(3, q.words[0].size() - 3));
      if (klass == "filt_or2") q.filter = p.series + " " + p.access;
      if (std::set<std::string>(q.words.begin(), q.words.end()).size() < n) continue;
      out.push_back(std::move(q));
    }
  }
  out.push_back({"none", "term", {"takada"}, ""});
  out.push_back({"none-and", "and2", {pages[0].words[0], "takada"}, ""});
  return out;
}

// What the adapter prints.
std::string run(const TempFolder& folder, const std::string& arguments) {
  const auto out = folder / "printed";
  const auto command = std::string(ALIH_SEARCH_ADAPTER) + " " + arguments + " >" + out.string();
  EXPECT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT: our own words
  std::ifstream in(out);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Asks, and compares the scores of the pages that were named with the best ones there are: equals
// may stand for each other.
void expect_truth(const TempFolder& folder, const std::vector<PageOf>& pages) {
  const auto asked = questions(pages);
  {
    std::ofstream out(folder / "questions.tsv");
    for (const auto& q : asked) {
      out << q.id << '\t' << q.klass << '\t';
      for (std::size_t i = 0; i < q.words.size(); ++i) out << (i > 0 ? " " : "") << q.words[i];
      out << '\t' << q.filter << '\n';
    }
  }
  EXPECT_EQ(
      run(folder, "query " + (folder / "db").string() + " " + (folder / "questions.tsv").string() +
                      " " + (folder / "answers.tsv").string() + " 2"),
      "");
  const Truth truth(pages);
  std::ifstream in(folder / "answers.tsv");
  std::size_t with_answers = 0;
  for (const auto& q : asked) {
    std::string line;
    ASSERT_TRUE(std::getline(in, line)) << q.id;
    std::istringstream columns(line);
    std::string id;
    std::string klass;
    std::string microseconds;
    std::getline(columns, id, '\t');
    std::getline(columns, klass, '\t');
    std::getline(columns, microseconds, '\t');
    EXPECT_EQ(id, q.id);
    EXPECT_EQ(klass, q.klass);
    EXPECT_GT(std::stod(microseconds), 0) << line;
    const auto scores = truth.scores(q);
    std::vector<double> best;
    for (const auto& [name, score] : scores) best.push_back(score);
    std::sort(best.rbegin(), best.rend());
    best.resize(std::min(best.size(), kTop));
    std::set<std::string> named;
    std::vector<double> found;
    for (std::string name; columns >> name;) {
      EXPECT_TRUE(named.insert(name).second) << line;
      ASSERT_TRUE(scores.contains(name)) << q.id << ": " << name << " does not match";
      found.push_back(scores.at(name));
    }
    ASSERT_EQ(found.size(), best.size()) << q.id;
    for (std::size_t i = 0; i < best.size(); ++i) {
      EXPECT_NEAR(found[i], best[i], 1e-3 * best[i]) << q.id << " place " << i + 1;
    }
    if (!best.empty()) ++with_answers;
  }
  EXPECT_GT(with_answers, asked.size() / 2);
}

TEST(SearchAdapter, AnswersAreThoseOfEveryPageScoredOneByOne) {
  const TempFolder folder;
  std::vector<PageOf> pages;
  {
    std::ofstream corpus(folder / "corpus.tsv");
    corpus << "page_id\titem_id\tyear\tseries\ttype\tlang\taccess\ttext\n";
    std::ofstream extra(folder / "extra.tsv");
    for (std::size_t n = 0; n < kPages + kExtra; ++n) {
      auto p = page(n);
      (n < kPages ? corpus : extra) << line_of(p, n);
      pages.push_back(std::move(p));
    }
  }
  const std::vector<PageOf> first(pages.begin(), pages.begin() + kPages);
  const auto db = (folder / "db").string();
  const auto made =
      json::parse(run(folder, "index " + (folder / "corpus.tsv").string() + " " + db));
  EXPECT_EQ(made.at("engine"), "alihmedia");
  EXPECT_EQ(made.at("pages"), kPages);
  EXPECT_GT(made.at("cpu").get<double>(), 0);
  EXPECT_GT(made.at("bytes_per_page").get<double>(), 0);
  EXPECT_GT(made.at("peak_mib").get<double>(), 0);
  expect_truth(folder, first);

  // Commits of 50, the last one smaller; then the new pages count like the others.
  const auto added = json::parse(run(folder, "add " + (folder / "extra.tsv").string() + " " + db));
  EXPECT_EQ(added.at("engine"), "alihmedia");
  EXPECT_EQ(added.at("n"), 3);
  EXPECT_GT(added.at("add50_p50_ms").get<double>(), 0);
  EXPECT_GE(added.at("max_ms").get<double>(), added.at("add50_p50_ms").get<double>());
  expect_truth(folder, pages);
}

}  // namespace
