#include "api/access.h"

namespace alih::api {

AccessClass widest_access(Viewer viewer) {
  return viewer == Viewer::staff ? AccessClass::closed : AccessClass::open;
}

Visible visible(Viewer viewer, const Item& item) {
  if (viewer == Viewer::staff) return {true, true, true};
  if (item.access != AccessClass::open || item.state == ItemState::withdrawn) return {};
  switch (item.rights) {
    case RightsStatus::public_domain:
    case RightsStatus::open_government_work:
    case RightsStatus::licensed:
      return {true, true, true};
    case RightsStatus::in_copyright:
    case RightsStatus::orphan:
      return {true, true, false};
    case RightsStatus::undetermined:
      return {true, false, false};
    case RightsStatus::confidential:
      return {};
  }
  return {};
}

}  // namespace alih::api
