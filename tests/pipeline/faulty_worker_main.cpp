// A page worker that hands every task to the real one, except for the pages that it was told to
// fail at: FAULTY_PAGES="0002:crash 0005:hang 0007:leave", numbers as in the names of the masters.
// Usage: faulty_worker page-worker, with REAL_PROGRAM in the environment.
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>
#include <sys/prctl.h>
#include <unistd.h>

#include "pipeline/child.h"

namespace {

// A request names its file as a list of bytes.
std::string fault_for(const std::string& request) {
  const auto bytes = nlohmann::json::parse(request).at("path").get<std::vector<unsigned char>>();
  const std::string path(bytes.begin(), bytes.end());
  std::istringstream faults(std::getenv("FAULTY_PAGES"));
  for (std::string fault; faults >> fault;) {
    const auto colon = fault.find(':');
    if (path.find("_m_" + fault.substr(0, colon) + ".") != std::string::npos) {
      return fault.substr(colon + 1);
    }
  }
  return {};
}

void fail_as(const std::string& fault) {
  if (fault == "crash") std::abort();
  if (fault == "leave") std::_Exit(9);
  if (fault == "hang") ::pause();
}

}  // namespace

int main() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  auto real = alih::pipeline::Child::start(std::getenv("REAL_PROGRAM"), {"page-worker"});
  if (!real) return 1;
  constexpr double kPatience = 120;
  for (std::string message; alih::pipeline::read_message(3, message);) {
    if (message.find("\"do\":\"page\"") != std::string::npos) fail_as(fault_for(message));
    if (!real->send(message, kPatience)) return 1;
    const auto answer = real->receive(kPatience);
    if (!answer || !alih::pipeline::write_message(3, *answer)) return 1;
  }
  return 0;
}
