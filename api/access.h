#pragma once

#include "core/holdings.h"

namespace alih::api {

// Who asks. staff: at this machine (a loopback address, not through a proxy); everyone else is the
// public until people have accounts.
enum class Viewer { staff, open_public };

// What a viewer may see of an item, by its access class and rights (the office's table of rights).
// Every route asks here.
struct Visible {
  bool metadata = false;
  bool snippets = false;
  bool images = false;
};
[[nodiscard]] Visible visible(Viewer viewer, const Item& item);
[[nodiscard]] AccessClass widest_access(Viewer viewer);

}  // namespace alih::api
