// A page worker that hands every task to the real one, except for the pages that it was told to
// fail at: FAULTY_PAGES="0002:crash 0005:hang 0007:leave 0008:cry 0009:hoard", numbers as in the
// names of the masters.
// Usage: faulty_worker page-worker, with REAL_PROGRAM in the environment.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include <sys/prctl.h>
#include <unistd.h>

#include "core/json.h"
#include "pipeline/child.h"

namespace {

using alih::pipeline::Descriptor;

// A request brings its file along open; /proc knows its name.
std::string fault_for(const std::string& request, const std::vector<Descriptor>& files) {
  const auto number = nlohmann::json::parse(request).at("file").get<std::size_t>();
  const auto path =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(files.at(number).get()))
          .string();
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
  if (fault == "cry") {
    // More than a pipe holds: lost rather than waited for.
    std::cerr << std::string(200000, '.') << std::flush;
    std::cerr.clear();
    ::usleep(300000);
    std::cerr << "\n\x1b[31maduh\xff\n" << std::flush;
    std::abort();
  }
  if (fault == "leave") std::_Exit(9);
  if (fault == "hang") ::pause();
  if (fault == "hoard") throw std::bad_alloc();  // as the real one ends at its limit of memory
}

}  // namespace

int main() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  auto real = alih::pipeline::Child::start(std::getenv("REAL_PROGRAM"), {"page-worker"});
  if (!real) return 1;
  constexpr double kPatience = 120;
  std::vector<Descriptor> files;
  for (std::string message; alih::pipeline::read_message(3, message, files);) {
    if (message.find("\"do\":\"page\"") != std::string::npos) fail_as(fault_for(message, files));
    std::vector<int> numbers;
    for (const auto& file : files) numbers.push_back(file.get());
    if (!real->send(message, kPatience, numbers)) return 1;
    const auto answer = real->receive(kPatience);
    if (!answer || !alih::pipeline::write_message(3, *answer)) return 1;
  }
  return 0;
}
