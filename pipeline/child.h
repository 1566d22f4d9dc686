#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "core/result.h"

namespace alih::pipeline {

// A process of our own with a socket to it: native code that strangers' bytes can crash runs there.
// Messages are text of at most 256 MiB with a length in front. One thread. The child is killed and
// reaped when the object goes.
class Child {
 public:
  // `program arguments…` with the other end of the socket as descriptor 3.
  [[nodiscard]] static Result<Child> start(const std::string& program,
                                           const std::vector<std::string>& arguments);
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Errors: timeout; device_lost when the child is gone, with how it ended ("killed by signal 11").
  [[nodiscard]] Status send(std::string_view message, double timeout_s);
  [[nodiscard]] Result<std::string> receive(double timeout_s);
  // Resident memory now, bytes; 0 when unknown.
  [[nodiscard]] std::uint64_t resident_bytes() const;

 private:
  Child(pid_t pid, int fd) : pid_(pid), fd_(fd) {}
  void end();
  [[nodiscard]] tl::unexpected<Error> gone();
  pid_t pid_ = -1;
  int fd_ = -1;
};

// The child's side of the socket: no deadlines, false at the end of the connection.
[[nodiscard]] bool read_message(int fd, std::string& message);
[[nodiscard]] bool write_message(int fd, std::string_view message);

// Path of the running program.
[[nodiscard]] std::string own_program();

}  // namespace alih::pipeline
