#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/scanner.h"

// What supervisor and worker say to each other over one socket pair: frames of a length (4 bytes,
// host order: both ends are of one build, on one machine), a kind (1 byte) and a body.
namespace alih::capture {

enum class FrameKind : std::uint8_t {
  request = 1,  // to the worker: ScanRequest and the deadlines it must know
  feed,         // to the worker: scan one more page
  stop,         // to the worker: end the batch at the next chance
  devices,      // all that were found, without details
  device,       // one of them with its details
  opened,       // device is open and its options are set
  refused,      // Error: could not open
  calling,      // one Call: which deadline counts from now
  progress,     // new bytes came
  page,         // PageHeader
  pixels,       // packed rows, in pieces
  page_end,     // digest of all pixels as the worker sees it
  end,          // BatchOutcome, or the end of a list
};
constexpr FrameKind kLastFrameKind = FrameKind::end;

// What the worker is doing in the driver: each has its own deadline.
enum class Call : std::uint8_t { list, open, start, read, send, wait, cancel, close };
constexpr Call kLastCall = Call::close;

constexpr std::size_t kMaxBody = std::size_t{1} << 20;  // bytes of one frame's body
constexpr std::size_t kPixelChunk = std::size_t{1} << 18;
constexpr std::chrono::seconds kLongestWait{
    8};  // of one pause before a busy scanner is asked again

struct Received {
  enum class State { frame, nothing, closed, broken };  // broken: no frame of ours
  State state = State::nothing;
  FrameKind kind = FrameKind::end;
  std::string body;
};

// One end of the socket pair; closes it. One thread.
class Channel {
 public:
  explicit Channel(int fd) : fd_(fd) {}
  ~Channel();
  Channel(Channel&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)), at_(other.at_) {}
  Channel& operator=(Channel&&) = delete;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // False when the other end is gone or the body is too long.
  [[nodiscard]] bool send(FrameKind kind, std::string_view body = {});
  [[nodiscard]] bool send(FrameKind kind, std::span<const std::byte> body);
  // Waits at most so long for a frame; a negative time waits for ever.
  [[nodiscard]] Received receive(std::chrono::milliseconds wait);

 private:
  [[nodiscard]] bool take_frame(Received& out);

  int fd_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;  // first byte of the buffer that was not taken
};

struct WorkerRequest {
  ScanRequest scan;
  int busy_retries = 0;
  int read_timeout_s = 30;
};

struct PageHeader {
  PixelFormat format = PixelFormat::gray8;
  int width = 0;
  int height = 0;
  double dpi_x = 0;
  double dpi_y = 0;
  std::string started_at;
  std::string ended_at;
  std::vector<ScanOption> effective;
};

// JSON of the frames' bodies. Every body stays below kMaxBody: what a driver says too much is cut.
// Errors of the readers: damaged.
[[nodiscard]] std::string encode(const WorkerRequest& request);
[[nodiscard]] std::string encode(const std::vector<DeviceInfo>& devices);
[[nodiscard]] std::string encode(const DeviceInfo& device);
[[nodiscard]] std::string encode(const Error& error);
[[nodiscard]] std::string encode(const PageHeader& header);
[[nodiscard]] std::string encode(const BatchOutcome& outcome);
[[nodiscard]] std::string encode(Call call);
[[nodiscard]] Result<WorkerRequest> decode_request(std::string_view body);
[[nodiscard]] Result<std::vector<DeviceInfo>> decode_devices(std::string_view body);
[[nodiscard]] Result<DeviceInfo> decode_device(std::string_view body);
[[nodiscard]] Result<Error> decode_error(std::string_view body);
[[nodiscard]] Result<PageHeader> decode_header(std::string_view body);
[[nodiscard]] Result<BatchOutcome> decode_outcome(std::string_view body);
[[nodiscard]] Result<Call> decode_call(std::string_view body);

}  // namespace alih::capture
