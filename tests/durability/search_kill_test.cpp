// The full-text index is killed at any moment of commits and merges: what was acknowledged is
// there, and what is there is what an index made anew has, term by term.
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/search/store.h"
#include "indexer/micro_segment.h"
#include "tests/durability/archive.h"
#include "tests/support/temp_folder.h"

namespace alih::durability {
namespace {

using bench::PageLine;
using bench::Store;
using testing_support::TempFolder;

constexpr std::size_t kAtOnce = 7;      // pages of a commit
constexpr std::size_t kKeyedFrom = 60;  // documents

std::string text_of(std::size_t page) {
  std::mt19937 random(static_cast<unsigned>(page) * 7919U + 1U);
  std::string out = "halaman" + std::to_string(page);
  for (int i = 0; i < 30; ++i) out += " kata" + std::to_string(random() % (i % 3 == 0 ? 5 : 400));
  return out;
}
// What commit n takes out: one page of before.
std::vector<std::uint32_t> removed_by(std::size_t commit) {
  if (commit < 3 || commit % 2 == 0) return {};
  return {static_cast<std::uint32_t>((commit * 31) % (commit * kAtOnce)) + 1};
}

[[noreturn]] void work(const fs::path& folder) {
  auto store = Store::open(folder / "db", true, kKeyedFrom);
  if (!store) ::_exit(3);
  std::size_t commit = 0;
  {
    // How far it came: ordinals are counted from 1.
    for (const auto& s : (*store)->view()->segments()) {
      const auto& d = s.segment->documents();
      if (d.size() > 0) commit = std::max<std::size_t>(commit, d.ordinal(d.size() - 1));
    }
    commit = commit / kAtOnce;
  }
  std::ofstream acknowledged(folder / "acknowledged", std::ios::app);
  // One that was made and not told before the kill is known now: a slow disk may let two rounds in
  // turn end so.
  if (commit > 0) acknowledged << commit - 1 << std::endl;  // NOLINT: as below
  for (;; ++commit) {
    std::vector<std::string> names;
    std::vector<std::string> texts;
    std::vector<PageLine> pages;
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      names.push_back("p" + std::to_string(commit * kAtOnce + i));
      texts.push_back(text_of(commit * kAtOnce + i));
    }
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      pages.push_back({names[i], "i1", "1936", "S", "t", "id", "public", texts[i]});
    }
    if (!(*store)->add(pages, removed_by(commit))) ::_exit(4);
    acknowledged << commit << std::endl;  // NOLINT: it must be out before the next
  }
}

using Contents = std::map<std::string, std::map<std::uint32_t, std::vector<std::uint32_t>>>;

// Term -> ordinal -> places, of what lives.
std::string read_contents(const indexer::IndexView& view, Contents& out) {
  for (const auto& live : view.segments()) {
    const auto& segment = *live.segment;
    const auto walk = segment.walk("");
    if (!walk) return "a segment cannot be read\n";
    for (auto& w = **walk; w.valid();) {
      indexer::Postings p;
      if (!segment.read(w.list(), true, p)) return "a list cannot be read\n";
      std::size_t at = 0;
      for (std::size_t i = 0; i < p.docs.size(); ++i) {
        if (!live.live || live.live->test(p.docs[i])) {
          auto& places = out[std::string(w.key())][segment.documents().ordinal(p.docs[i])];
          if (!places.empty()) return "a document stands in two segments\n";
          places.assign(p.positions.begin() + static_cast<std::ptrdiff_t>(at),
                        p.positions.begin() + static_cast<std::ptrdiff_t>(at + p.counts[i]));
        }
        at += p.counts[i];
      }
      if (!w.next()) return "a segment cannot be read on\n";
    }
  }
  return "";
}

std::string check(const fs::path& folder) {
  long last = -1;
  {
    std::ifstream in(folder / "acknowledged");
    for (long n = 0; in >> n;) last = std::max(last, n);
  }
  auto store = Store::open(folder / "db", true, kKeyedFrom);
  if (!store) return "open: " + store.error().message.en + "\n";
  Contents found;
  if (auto bad = read_contents(*(*store)->view(), found); !bad.empty()) return bad;
  std::uint32_t newest = 0;
  for (const auto& s : (*store)->view()->segments()) {
    const auto& d = s.segment->documents();
    if (d.size() > 0) newest = std::max(newest, d.ordinal(d.size() - 1));
  }
  // The newest pages may be the ones that were taken out: the acknowledged ones count at least.
  const auto commits =
      std::max<std::size_t>(static_cast<std::size_t>(last + 1), (newest + kAtOnce - 1) / kAtOnce);
  if (commits > static_cast<std::size_t>(last + 2)) return "more commits than were made\n";
  std::set<std::uint32_t> gone;
  for (std::size_t c = 0; c < commits; ++c) {
    for (const auto o : removed_by(c)) gone.insert(o);
  }
  indexer::Inverter fresh;
  for (std::size_t p = 0; p < commits * kAtOnce; ++p) {
    const auto ordinal = static_cast<std::uint32_t>(p + 1);
    if (gone.contains(ordinal)) continue;
    indexer::Document d;
    d.ordinal = ordinal;
    d.item = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    fresh.add_document(d);
    std::uint32_t position = 0;
    bench::each_token(text_of(p), [&](std::string_view t) {
      fresh.add_term(indexer::Field::text, t, position++);
    });
  }
  Contents truth;
  if (!fresh.empty()) {
    const auto segment = indexer::MicroSegment::open(indexer::encode_micro(fresh));
    if (!segment) return "the fresh index cannot be made\n";
    indexer::IndexView view;
    view.add_segment(1, *segment, [](std::uint32_t) { return false; });
    (void)read_contents(view, truth);
  }
  if (found == truth) return "";
  std::string out = "terms " + std::to_string(found.size()) + " instead of " +
                    std::to_string(truth.size()) + ", commits " + std::to_string(commits) + "\n";
  for (const auto& [term, documents] : truth) {
    const auto there = found.find(term);
    if (there == found.end() || there->second != documents) {
      return out + "first difference at " + term.substr(1) + "\n";
    }
  }
  return out + "a term too many\n";
}

TEST(SearchKill, TheIndexIsWhatAFreshOneIs) {
  const auto rounds = number_of("ALIHMEDIA_SEARCH_KILLS", 10);
  std::mt19937 random(static_cast<unsigned>(number_of("ALIHMEDIA_SEED", 1)));
  const TempFolder folder;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) work(folder.path());
    std::this_thread::sleep_for(std::chrono::milliseconds(150 + random() % 900));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
    const auto end = in_child([&] { return check(folder.path()); });
    ASSERT_EQ(end.said, "") << "round " << round;
    ASSERT_EQ(end.code, 0) << "round " << round << " signal " << end.signal;
  }
  std::ifstream in(folder / "acknowledged");
  long last = -1;
  for (long n = 0; in >> n;) last = n;
  std::printf("%lu kills, %ld commits\n", static_cast<unsigned long>(rounds), last + 1);
  EXPECT_GT(last, 20) << "enough commits for merges";
}

}  // namespace
}  // namespace alih::durability
