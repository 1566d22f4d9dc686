// A settings file, and the same text as a value from the environment.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = ::memfd_create("settings", MFD_CLOEXEC);
  static const auto path = "/proc/self/fd/" + std::to_string(file);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) {
    std::abort();
  }
  (void)alih::config::load(path, [](const std::string&) { return std::nullopt; });
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)alih::config::load(std::nullopt,
                           [&](const std::string&) { return std::optional<std::string>(text); });
  return 0;
}
