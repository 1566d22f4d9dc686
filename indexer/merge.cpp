#include "indexer/merge.h"

#include <algorithm>
#include <string>

namespace alih::indexer {
namespace {

constexpr std::uint32_t kGone = 0xFFFFFFFFU;

}  // namespace

Merge::Merge(std::vector<std::shared_ptr<const Segment>> segments,
             const std::function<bool(std::uint32_t)>& deleted)
    : segments_(std::move(segments)) {
  for (const auto& segment : segments_) {
    const auto& from = segment->documents();
    auto& moved = moved_.emplace_back(from.size(), kGone);
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (deleted(from.ordinal(i))) continue;
      moved[i] = static_cast<std::uint32_t>(documents_.size());
      documents_.add(from.document(i));
    }
  }
}

Status Merge::each_term(const std::function<Status(Field, std::string_view, const Postings&)>& call,
                        const std::stop_token& stop) const {
  std::vector<std::unique_ptr<TermWalk>> walks;
  for (const auto& segment : segments_) {
    ALIH_TRY(auto walk, segment->walk(""));
    walks.push_back(std::move(walk));
  }
  Postings one;
  Postings all;
  std::string key;
  constexpr std::size_t kAskEvery = 256;  // terms
  for (std::size_t terms = 0;; ++terms) {
    if (terms % kAskEvery == 0 && stop.stop_requested()) {
      return fail(ErrorCode::stopped, "Dihentikan", "Stopped");
    }
    bool any = false;
    for (const auto& walk : walks) {
      if (walk->valid() && (!any || walk->key() < key)) {
        key = walk->key();
        any = true;
      }
    }
    if (!any) return {};
    const auto field = static_cast<Field>(key[0]);
    const bool places = has_positions(field);
    all.clear();
    for (std::size_t s = 0; s < walks.size(); ++s) {
      auto& walk = *walks[s];
      if (!walk.valid() || walk.key() != key) continue;
      ALIH_CHECK(segments_[s]->read(walk.list(), places, one));
      const auto& moved = moved_[s];
      std::size_t at = 0;
      for (std::size_t i = 0; i < one.docs.size(); ++i) {
        const auto count = one.counts[i];
        const auto to = moved[one.docs[i]];
        if (to != kGone) {
          all.docs.push_back(to);
          all.counts.push_back(count);
          if (places) {
            const auto first = one.positions.begin() + static_cast<std::ptrdiff_t>(at);
            all.positions.insert(all.positions.end(), first, first + count);
          }
        }
        at += count;
      }
      ALIH_CHECK(walk.next());
    }
    if (!all.docs.empty()) ALIH_CHECK(call(field, std::string_view(key).substr(1), all));
  }
}

}  // namespace alih::indexer
