#pragma once

#include <map>
#include <string>

namespace alih {

// What a stage measured and did, for the Event and for the person: name ("deskew"), numbers with
// their unit in the name ("angle_deg"), confidence 0 to 1, and whether pixels were changed.
struct Finding {
  std::string name;
  std::map<std::string, double> numbers;
  double confidence = 1.0;
  bool applied = false;
  std::string note;  // short English word or phrase, e.g. "unsure", "blank"
  bool operator==(const Finding&) const = default;
};

}  // namespace alih
