#pragma once

#include <filesystem>
#include <vector>

#include <linux/filter.h>

#include "pipeline/descriptor.h"

// What a child process that handles strangers' bytes may do: nothing but compute, read what the
// system installed, and use what it was handed. Each feature of the kernel is used where it is
// there; a kernel without one still gets the others.
namespace alih::pipeline {

// The user that caged processes become when the service runs as root.
inline constexpr unsigned kNobody = 65534;

struct CageLimits {
  int memory_mib = 1024;
  int file_mib = 1024;  // largest file it may write
  int cpu_s = 0;        // 0 = no limit
};

// Made ready in the parent, or in the process itself, where memory may be taken; entered in the
// child. One thread.
class Cage {
 public:
  // For a page worker that cages itself: reads system folders and `models`, writes nowhere, no
  // network, no process but itself.
  [[nodiscard]] static Cage for_worker(const std::filesystem::path& models,
                                       const CageLimits& limits);
  // For a program that is about to be executed: it also writes in `folder` and reads `input` (an
  // open file, -1 = none), and may execute what the system installed. `folder` is an open folder;
  // it is given to kNobody when that is whom the program runs as.
  [[nodiscard]] static Cage for_tool(int folder, int input, const CageLimits& limits);

  // For the rest of the life of this process. System calls only, so it may stand between fork and
  // exec; the process must have one thread. What the kernel does not know is left out.
  void enter() noexcept;

 private:
  enum class Role { worker, tool };
  Cage(Role role, const CageLimits& limits);
  void limit() const noexcept;
  void drop_user() const noexcept;
  void restrict_files() const noexcept;
  void restrict_calls() noexcept;

  CageLimits limits_;
  bool to_nobody_ = true;
  Descriptor rules_;  // of Landlock; closed = no Landlock
  std::vector<sock_filter> filter_;
};

// What this machine's kernel gives to cages. Any thread.
struct CageReport {
  int landlock_abi = 0;  // 0 = none
  bool seccomp = false;
  bool drops_user = false;  // the service runs as root, its children do not
};
[[nodiscard]] CageReport cage_report();

}  // namespace alih::pipeline
