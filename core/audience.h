#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/holdings.h"

namespace alih {

// What a licence allows beyond the rights status "licensed" itself: the field licence_allows.
struct Licence {
  bool images = false;    // anyone may look at the pages
  bool download = false;  // and take them home
  bool operator==(const Licence&) const = default;
};
[[nodiscard]] Licence licence_of(const Item& item);

// All that access to an item depends on but its series and its state, as a number below
// kAccessKinds: access class, rights status and, of licensed works, the licence.
inline constexpr unsigned kAccessKinds = 40;
[[nodiscard]] unsigned access_kind(AccessClass access, RightsStatus rights, const Licence& licence);
[[nodiscard]] unsigned access_kind(const Item& item);

// For whom a search is answered: kinds of items whose descriptions may be found, and whose pages'
// words may be searched and shown. Bits by access_kind(). What is not in it takes part in nothing:
// no count, facet, suggestion or hit. The default is everything.
struct Audience {
  static constexpr std::uint64_t kEverything = (std::uint64_t{1} << kAccessKinds) - 1;
  std::uint64_t records = kEverything;
  std::uint64_t texts = kEverything;
  std::uint64_t short_texts = 0;  // of texts: only so many words of a page are shown
  int short_words = 0;
  std::vector<std::string> no_text_series;  // series whose pages' words are not searched

  [[nodiscard]] bool everything() const {
    return records == kEverything && texts == kEverything && no_text_series.empty();
  }
  [[nodiscard]] static bool has(std::uint64_t kinds, unsigned kind) {
    return (kinds >> kind & 1U) != 0;
  }
};

}  // namespace alih
