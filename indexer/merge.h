#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "indexer/segment.h"

namespace alih::indexer {

// The documents of several segments one after another without the deleted ones, and every term's
// list over them, sorted by field and term. Segments in ascending order of ordinals. One thread.
// Errors: damaged, unavailable, cancelled when it is asked to stop.
class Merge {
 public:
  Merge(std::vector<std::shared_ptr<const Segment>> segments,
        const std::function<bool(std::uint32_t ordinal)>& deleted);
  [[nodiscard]] const Documents& documents() const { return documents_; }
  [[nodiscard]] Status each_term(
      const std::function<Status(Field field, std::string_view term, const Postings&)>& call,
      const std::stop_token& stop = {}) const;

 private:
  std::vector<std::shared_ptr<const Segment>> segments_;
  std::vector<std::vector<std::uint32_t>> moved_;  // old place -> new one
  Documents documents_;
};

}  // namespace alih::indexer
