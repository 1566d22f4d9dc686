#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "core/result.h"
#include "pipeline/descriptor.h"

namespace alih::pipeline {

// A process of our own with a socket to it: native code that strangers' bytes can crash runs there.
// Messages are text of at most 256 MiB with a length in front; those to the child may bring open
// files along. What it prints on standard error is read while we wait for it, and its end is kept.
// One thread. The child is killed and reaped when the object goes.
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
  // The child gets copies of `files`, at most kMostFiles. Errors: timeout; device_lost when the
  // child is gone, with how it ended ("killed by signal 11") and its last words.
  [[nodiscard]] Status send(std::string_view message, double timeout_s,
                            std::span<const int> files = {});
  [[nodiscard]] Result<std::string> receive(double timeout_s);
  // Resident memory now, bytes; 0 when unknown.
  [[nodiscard]] std::uint64_t resident_bytes() const;

 private:
  Child(pid_t pid, Descriptor socket, Descriptor complaints)
      : pid_(pid), socket_(std::move(socket)), complaints_(std::move(complaints)) {}
  void end();
  // Moves all bytes or says why not, and listens to the complaints meanwhile.
  template <typename Call>
  [[nodiscard]] Status exchange(short event, char* data, std::size_t size, double until,
                                const Message& late, Call call);
  void listen();
  [[nodiscard]] tl::unexpected<Error> gone();
  pid_t pid_ = -1;
  Descriptor socket_;
  Descriptor complaints_;
  std::string said_;  // of this task, the end of it
};

inline constexpr std::size_t kMostFiles = 8;

// The child's side of the socket: no deadlines, false at the end of the connection. `files` are
// those that came with the message.
[[nodiscard]] bool read_message(int fd, std::string& message, std::vector<Descriptor>& files);
[[nodiscard]] bool write_message(int fd, std::string_view message);

// Path of the program that workers are: beside the running one, its name and "-worker".
[[nodiscard]] std::string worker_program();

}  // namespace alih::pipeline
