#include <cstdlib>
#include <string_view>

#include "capture/scanner.h"

// The worker alone, as the program's hidden verb starts it: scan-worker --fd 3 [--list].
int main(int argc, char** argv) {
  if (argc < 4 || std::string_view(argv[1]) != "scan-worker" || std::string_view(argv[2]) != "--fd")
    return 2;
  const bool list = argc > 4 && std::string_view(argv[4]) == "--list";
  return alih::capture::run_scan_worker(std::atoi(argv[3]), list);
}
