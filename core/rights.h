#pragma once

#include <optional>
#include <string_view>

#include "core/holdings.h"
#include "core/message.h"

namespace alih {

// The article that a rights status rests on when a person names no other basis (UU 28/2014 on
// copyright, UU 14/2008 on public information, UU 43/2009 on archives). Not legal advice.
[[nodiscard]] std::string_view legal_basis(RightsStatus status);

// What the years say about an item's copyright. It only suggests; a person decides.
struct RightsSuggestion {
  RightsStatus status = RightsStatus::undetermined;
  Message reason;
};
// Public domain when the author died more than 70 years ago (counted from 1 January of the year
// after, UU 28/2014 art. 58) or the work came out more than 120 years ago; in copyright when the
// author died later. None when the years say nothing. `year`: the present one.
[[nodiscard]] std::optional<RightsSuggestion> suggest_rights(const Item& item, int year);

// Whether only those who keep closed items may know that it exists.
[[nodiscard]] bool for_custodians(const Item& item);

}  // namespace alih
