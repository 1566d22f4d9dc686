// The program's full-text index for corpora of others: search_adapter index|query|add, see
// bench/README.md.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "bench/search/store.h"

namespace {

using namespace alih;
using namespace alih::bench;

int complain(const std::string& what) {
  std::cerr << "search_adapter: " << what << '\n';
  return 1;
}

// Calls with each line, without a header line that names the columns.
template <typename Call>
bool each_line(const std::string& path, Call&& call) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return false;
  std::vector<char> buffer(std::size_t{1} << 20U);
  in.rdbuf()->pubsetbuf(buffer.data(), static_cast<std::streamsize>(buffer.size()));
  std::string line;
  for (bool first = true; std::getline(in, line); first = false) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (first && (line.starts_with("page_id\t") || line.starts_with("qid\t"))) continue;
    if (!line.empty() && !call(line)) return false;
  }
  return true;
}

int index(const std::string& corpus, const std::string& folder) {
  const auto start = cpu_seconds();
  std::size_t pages = 0;
  {
    std::filesystem::remove_all(folder);
    auto store = Store::open(folder, true);
    if (!store) return complain(store.error().message.en);
    Status bad;
    const bool read = each_line(corpus, [&](const std::string& line) {
      PageLine page;
      if (!split_line(line, page)) return true;
      ++pages;
      bad = (*store)->add_bulk(page);
      return bad.has_value();
    });
    if (!bad) return complain(bad.error().message.en);
    if (!read) return complain("cannot read " + corpus);
    if (auto done = (*store)->finish_bulk(); !done) return complain(done.error().message.en);
    if (auto done = (*store)->merge_all(); !done) return complain(done.error().message.en);
  }
  const auto cpu = cpu_seconds() - start;
  std::printf(
      "{\"engine\":\"alihmedia\",\"pages\":%zu,\"cpu\":%.3f,\"bytes_per_page\":%.1f,"
      "\"peak_mib\":%.1f}\n",
      pages, cpu,
      pages > 0 ? static_cast<double>(folder_bytes(folder)) / static_cast<double>(pages) : 0,
      peak_mib());
  return 0;
}

int query(const std::string& folder, const std::string& queries, const std::string& out_path,
          int repeats) {
  auto store = Store::open(folder, false);
  if (!store) return complain(store.error().message.en);
  struct Question {
    std::string qid, klass, terms, filter;
    std::vector<double> times;
    std::vector<std::string> pages;
  };
  std::vector<Question> questions;
  const bool read = each_line(queries, [&](const std::string& line) {
    Question q;
    std::array<std::string*, 4> fields{&q.qid, &q.klass, &q.terms, &q.filter};
    std::size_t at = 0;
    for (auto* field : fields) {
      if (at > line.size()) break;
      const auto end = std::min(line.find('\t', at), line.size());
      *field = line.substr(at, end - at);
      at = end + 1;
    }
    questions.push_back(std::move(q));
    return true;
  });
  if (!read) return complain("cannot read " + queries);
  constexpr std::size_t kTop = 10;
  for (int pass = 0; pass <= repeats; ++pass) {
    for (auto& q : questions) {
      const auto before = thread_cpu_microseconds();
      const auto answer = (*store)->query(q.klass, q.terms, q.filter, kTop);
      const auto took = thread_cpu_microseconds() - before;
      if (!answer) return complain(q.qid + ": " + answer.error().message.en);
      if (pass > 0) q.times.push_back(took);
      if (pass == repeats) q.pages = (*store)->names(*answer);
    }
  }
  std::ofstream out(out_path, std::ios::binary);
  for (auto& q : questions) {
    double median = 0;
    if (!q.times.empty()) {
      const auto middle = q.times.begin() + static_cast<std::ptrdiff_t>(q.times.size() / 2);
      std::nth_element(q.times.begin(), middle, q.times.end());
      median = *middle;
    }
    char time[32];
    std::snprintf(time, sizeof time, "%.1f", median);
    out << q.qid << '\t' << q.klass << '\t' << time << '\t';
    for (std::size_t i = 0; i < q.pages.size(); ++i) out << (i > 0 ? " " : "") << q.pages[i];
    out << '\n';
  }
  out.flush();
  return out ? 0 : complain("cannot write " + out_path);
}

int add(const std::string& extra, const std::string& folder) {
  auto store = Store::open(folder, false);
  if (!store) return complain(store.error().message.en);
  constexpr std::size_t kAtOnce = 50;
  std::vector<std::string> lines;
  std::vector<double> times;
  std::string trouble;
  const auto commit = [&]() -> bool {
    std::vector<PageLine> pages;
    for (const auto& line : lines) {
      PageLine page;
      if (split_line(line, page)) pages.push_back(page);
    }
    if (pages.empty()) return true;
    // Found: a page of this commit by two of its words.
    std::string words;
    std::size_t taken = 0;
    each_token(pages.back().text, [&](std::string_view t) {
      if (taken++ < 2) words.append(t).append(" ");
    });
    const auto start = std::chrono::steady_clock::now();
    if (auto done = (*store)->add(pages); !done) {
      trouble = done.error().message.en;
      return false;
    }
    const auto answer = (*store)->query(taken > 1 ? "phrase2" : "term", words, "", 10);
    if (!answer || (taken > 0 && answer->best.empty())) {
      trouble = "a page that was added is not found";
      return false;
    }
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
            .count());
    lines.clear();
    return true;
  };
  const bool read = each_line(extra, [&](const std::string& line) {
    lines.push_back(line);
    return lines.size() < kAtOnce || commit();
  });
  if (!trouble.empty() || !read || !commit()) {
    return complain(trouble.empty() ? "cannot read " + extra : trouble);
  }
  double median = 0;
  double most = 0;
  if (!times.empty()) {
    std::sort(times.begin(), times.end());
    median = times[times.size() / 2];
    most = times.back();
  }
  std::printf("{\"engine\":\"alihmedia\",\"add50_p50_ms\":%.2f,\"max_ms\":%.2f,\"n\":%zu}\n",
              median, most, times.size());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto verb = arguments.empty() ? std::string() : arguments[0];
  if (verb == "index" && arguments.size() == 3) return index(arguments[1], arguments[2]);
  if (verb == "query" && arguments.size() == 5) {
    return query(arguments[1], arguments[2], arguments[3], std::max(1, std::atoi(argv[5])));
  }
  if (verb == "add" && arguments.size() == 3) return add(arguments[1], arguments[2]);
  std::cerr << "search_adapter index CORPUS.tsv DIR\n"
               "search_adapter query DIR QUERIES.tsv OUT REPEATS\n"
               "search_adapter add EXTRA.tsv DIR\n";
  return 2;
}
