// Product, Xapian and SQLite FTS5 on the same drawn pages in one run: bench/README.md.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <set>
#include <thread>

#include "bench/search/corpus.h"
#include "bench/search/full.h"
#include "bench/search/peers.h"

namespace {

using namespace alih::bench;
namespace fs = std::filesystem;

struct Options {
  std::size_t pages = 20000;
  std::size_t queries = 50;
  std::uint64_t seed = 1;
  int repeats = 3;
  bool peers = true;
  bool full = true;
};

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == by)
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}

double at(std::vector<double> times, double share) {
  if (times.empty()) return 0;
  std::sort(times.begin(), times.end());
  return times[std::min(times.size() - 1,
                        static_cast<std::size_t>(share * static_cast<double>(times.size())))];
}
double mean(const std::vector<double>& times) {
  double sum = 0;
  for (const double t : times) sum += t;
  return times.empty() ? 0 : sum / static_cast<double>(times.size());
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string a = argv[i];
    const auto value = [&] { return i + 1 < argc ? std::atol(argv[++i]) : 0L; };
    if (a == "--pages") {
      o.pages = static_cast<std::size_t>(value());
    } else if (a == "--queries") {
      o.queries = static_cast<std::size_t>(value());
    } else if (a == "--seed") {
      o.seed = static_cast<std::uint64_t>(value());
    } else if (a == "--repeats") {
      o.repeats = static_cast<int>(value());
    } else if (a == "--alone") {
      o.peers = false;
    } else if (a == "--plain") {
      o.full = false;
    } else {
      std::fprintf(stderr,
                   "search_bench [--pages N] [--queries N a class] [--seed N] [--repeats N] "
                   "[--alone] [--plain]\n");
      return 2;
    }
  }
  const auto folder = fs::temp_directory_path() / ("alih-search-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(make_product(folder / "product"));
  if (o.peers) {
    engines.push_back(make_xapian(folder / "xapian"));
    engines.push_back(make_fts5(folder / "fts5"));
  }

  // Pages first, so that making them costs no engine anything.
  std::vector<std::string> lines;
  std::vector<std::string> extra;
  Questions asked(o.seed);
  constexpr std::size_t kExtra = 1000;
  Corpus corpus(o.seed, o.pages + kExtra);
  corpus.each_page([&](const std::string& line) {
    if (lines.size() < o.pages) {
      asked.see(line);
      lines.push_back(line);
    } else {
      extra.push_back(line);
    }
  });
  std::vector<Question> questions;
  for (const auto& line : asked.make(o.queries)) {
    const auto fields = split(line, '\t');
    questions.push_back({fields[1], split(fields[2], ' '), fields.size() > 3 ? fields[3] : ""});
  }

  std::printf("%zu pages, seed %lu; CPU seconds of the process, thread CPU microseconds\n\n",
              o.pages, o.seed);
  std::map<std::string, double> cost;
  for (const auto& engine : engines) {
    const auto start = cpu_seconds();
    for (const auto& line : lines) {
      PageLine page;
      if (split_line(line, page)) engine->index(page);
    }
    engine->finish();
    const auto built = cpu_seconds() - start;
    engine->compact();
    const auto all = cpu_seconds() - start;
    cost[engine->name()] = built;
    std::printf("index  %-10s %8.0f pages/CPU s (%.0f with its compaction)  %7.0f bytes/page\n",
                engine->name().c_str(), static_cast<double>(o.pages) / built,
                static_cast<double>(o.pages) / all,
                static_cast<double>(engine->bytes()) / static_cast<double>(o.pages));
    std::fflush(stdout);
  }
  for (std::size_t e = 1; e < engines.size(); ++e) {
    std::printf("       throughput of the product: %.2f x %s\n",
                cost[engines[e]->name()] / cost["alihmedia"], engines[e]->name().c_str());
  }

  FullIndex full(folder / "full");
  if (o.full) {
    const auto built = full.build(lines);
    std::printf("       with the full analyzer and roots %8.0f pages/CPU s",
                static_cast<double>(o.pages) / built);
    for (std::size_t e = 1; e < engines.size(); ++e) {
      std::printf("  %.2f x %s", cost[engines[e]->name()] / built, engines[e]->name().c_str());
    }
    std::printf("\n");
  }

  std::printf("\n%-16s", "class");
  for (const auto& engine : engines)
    std::printf(" | %-10s p50/p95/p99/mean        ", engine->name().c_str());
  std::printf(" | mean ratio, overlap\n");
  for (const auto& klass : Questions::classes()) {
    std::vector<std::vector<double>> times(engines.size());
    std::vector<std::vector<std::vector<std::string>>> pages(engines.size());
    for (std::size_t e = 0; e < engines.size(); ++e) {
      if (!engines[e]->can(klass)) continue;
      for (const auto& q : questions) {
        if (q.klass != klass) continue;
        std::vector<double> own;
        std::vector<std::string> found;
        for (int r = 0; r <= o.repeats; ++r) {
          const auto start = thread_cpu_microseconds();
          found = engines[e]->query(q.klass, q.terms, q.filter);
          if (r > 0) own.push_back(thread_cpu_microseconds() - start);
        }
        times[e].push_back(at(own, 0.5));
        pages[e].push_back(std::move(found));
      }
    }
    std::printf("%-16s", klass.c_str());
    for (const auto& t : times) {
      if (t.empty())
        std::printf(" | %-34s", "-");
      else
        std::printf(" | %7.0f %7.0f %7.0f %8.1f  ", at(t, 0.5), at(t, 0.95), at(t, 0.99), mean(t));
    }
    std::printf(" |");
    for (std::size_t e = 1; e < engines.size(); ++e) {
      if (times[e].empty()) continue;
      double same = 0;
      for (std::size_t q = 0; q < pages[0].size(); ++q) {
        const std::set<std::string> own(pages[0][q].begin(), pages[0][q].end());
        std::size_t both = 0;
        for (const auto& p : pages[e][q]) both += own.count(p);
        const auto most = std::max(own.size(), pages[e][q].size());
        same += most == 0 ? 1 : static_cast<double>(both) / static_cast<double>(most);
      }
      std::printf(" %s %.1fx %.2f", engines[e]->name().c_str(), mean(times[e]) / mean(times[0]),
                  same / static_cast<double>(std::max<std::size_t>(1, pages[0].size())));
    }
    std::printf("\n");
    std::fflush(stdout);
  }

  const auto exact = std::count_if(questions.begin(), questions.end(), [&](const Question& q) {
    return engines[0]->is_exact(q.klass, q.terms, q.filter);
  });
  std::printf("\npruned answers that are the exhaustive ones: %ld of %zu\n", exact,
              questions.size());

  // 50 new pages until they are found, wall time.
  for (const auto& engine : engines) {
    std::vector<double> times;
    constexpr std::size_t kAtOnce = 50;
    for (std::size_t from = 0; from + kAtOnce <= extra.size(); from += kAtOnce) {
      std::vector<PageLine> pages(kAtOnce);
      for (std::size_t i = 0; i < kAtOnce; ++i) (void)split_line(extra[from + i], pages[i]);
      std::vector<std::string> words;
      each_token(pages.back().text, [&](std::string_view t) {
        if (words.size() < 3) words.emplace_back(t);
      });
      const auto start = std::chrono::steady_clock::now();
      engine->add(pages);
      const auto found = engine->query("phrase3", words, "");
      times.push_back(
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
              .count());
      if (found.empty()) std::printf("%s does not find what was added\n", engine->name().c_str());
    }
    std::printf("add 50 pages, ms wall  %-10s p50 %.1f  max %.1f\n", engine->name().c_str(),
                at(times, 0.5), at(times, 1.0));
  }

  // Questions while pages come in and merges go on.
  auto& product = *engines[0];
  const auto ask = [&](const std::atomic<bool>* until) {
    std::vector<double> times;
    for (std::size_t i = 0; until == nullptr ? i < questions.size() * 2 : !*until; ++i) {
      const auto& q = questions[i % questions.size()];
      if (q.klass == "fuzzy1") continue;
      const auto start = thread_cpu_microseconds();
      (void)product.query(q.klass, q.terms, q.filter);
      times.push_back(thread_cpu_microseconds() - start);
    }
    return times;
  };
  const auto quiet = ask(nullptr);
  std::atomic<bool> over{false};
  std::vector<double> busy;
  std::thread asker([&] { busy = ask(&over); });
  for (int round = 0; round < 6; ++round) {
    for (std::size_t from = 0; from + 50 <= extra.size(); from += 50) {
      std::vector<PageLine> pages(50);
      for (std::size_t i = 0; i < 50; ++i) (void)split_line(extra[from + i], pages[i]);
      product.add(pages);
    }
  }
  over = true;
  asker.join();
  std::printf(
      "question CPU p50 / p99, us: quiet %.0f / %.0f, during ingest and merge %.0f / %.0f "
      "(%.2f x)\n",
      at(quiet, 0.5), at(quiet, 0.99), at(busy, 0.5), at(busy, 0.99),
      at(busy, 0.99) / at(quiet, 0.99));
  const auto opening = product.opening();
  std::printf("opening, ms: after a clean end %.0f, after a kill %.0f\n", opening.clean,
              opening.killed);
  if (o.full) {
    full.ask(questions);
    full.provoke(questions);
  }
  std::printf("peak memory %.0f MiB\n", peak_mib());
  engines.clear();
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return 0;
}
