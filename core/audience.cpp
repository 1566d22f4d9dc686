#include "core/audience.h"

#include <algorithm>

namespace alih {
namespace {

constexpr unsigned kRights = 7;
constexpr unsigned kSlots = kRights + 3;  // licensed: nothing more, images, download, both
static_assert(kSlots * 4 == kAccessKinds);

}  // namespace

Licence licence_of(const Item& item) {
  const auto found = item.fields.find("licence_allows");
  if (found == item.fields.end()) return {};
  const auto has = [&](const char* word) {
    return std::find(found->second.begin(), found->second.end(), word) != found->second.end();
  };
  return {has("images"), has("download")};
}

unsigned access_kind(AccessClass access, RightsStatus rights, const Licence& licence) {
  auto slot = static_cast<unsigned>(rights);
  if (rights == RightsStatus::licensed && (licence.images || licence.download)) {
    slot = kRights - 1 + (licence.images ? 1U : 0U) + (licence.download ? 2U : 0U);
  }
  return static_cast<unsigned>(access) * kSlots + slot;
}

unsigned access_kind(const Item& item) {
  return access_kind(item.access, item.rights, licence_of(item));
}

}  // namespace alih
