#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "capture/settings.h"
#include "core/image.h"
#include "core/message.h"
#include "core/result.h"

// Scanning through SANE. Drivers of scanners hang, crash and write where they should not: they run
// in a process of their own, one a session, which is ended when a deadline of Settings passes.
namespace alih::capture {

// A vendor option by its SANE name; yes/no, a number, or a word of the device's list.
struct ScanOption {
  std::string name;
  std::string value;
  bool operator==(const ScanOption&) const = default;
};

// What is not set keeps the device's own default.
struct ScanRequest {
  std::string device;                 // SANE name, e.g. "fujitsu:fi-7160:12345"
  std::optional<std::string> source;  // the device's word, or "flatbed", "adf", "duplex"
  std::optional<std::string> mode;    // the device's word, or "color", "gray", "lineart"
  std::optional<int> dpi;
  std::vector<ScanOption> options;
  int max_pages = 0;  // 0 = until the feeder is empty; one page from a flatbed
};

struct DeviceInfo {
  std::string name;
  std::string vendor;  // empty when a session opens a network device
  std::string model;
  std::string type;
  std::vector<std::string> sources;
  std::vector<std::string> modes;
  std::vector<int> resolutions;  // dpi; of a range, the usual values in it
};

struct CapturedPage {
  Image image;
  std::string pixel_sha256;           // packed rows, from the scanner's buffer
  std::vector<ScanOption> effective;  // every active readable option with its real value
  DeviceInfo device;
  std::string started_at;  // UTC, before the sheet was fed
  std::string ended_at;    // UTC, after its last byte
};

enum class BatchEnd {
  feeder_empty,  // after at least one page
  page_limit,    // max_pages are there
  single_sheet,  // the one page of a flatbed
  no_paper,      // the feeder was empty from the start
  stopped,       // by the stop token, or at the scanner
  jam,           // many drivers call a double feed a jam, too
  cover_open,    //
  device_busy,   // still busy or warming up after all retries
  device_lost,   // switched off, unplugged, network gone
  crashed,       // the driver's process died
  hung,          // a deadline passed, the driver's process was ended
  bad_page,      // the page came damaged or not whole; it does not exist
};

struct BatchOutcome {
  BatchEnd end = BatchEnd::crashed;
  Message detail;  // for the operator
};

// Stable English word for records, e.g. "feeder_empty".
[[nodiscard]] std::string_view name(BatchEnd end);

// The supervisor's side of one batch at one device. One thread, and that thread must live as long
// as the session: the kernel ends the worker with the thread that started it.
class ScanSession {
 public:
  // Starts `program scan-worker --fd 3`, opens the device and sets its options. Errors: bad_field
  // (with what the device offers), not_found, busy, device_lost, timeout, unavailable.
  [[nodiscard]] static Result<std::unique_ptr<ScanSession>> open(const ScanRequest& request,
                                                                 const Settings& settings,
                                                                 const std::string& program);
  ~ScanSession();  // cancels, closes, and ends the worker within the deadlines
  ScanSession(const ScanSession&) = delete;
  ScanSession& operator=(const ScanSession&) = delete;

  // Feeds one sheet and waits for its page, or says why there are no more. A sheet that is moving
  // when `stop` is asked is still delivered; after it no sheet is fed. After a BatchOutcome every
  // call gives the same outcome. Pages already given stay good whatever comes.
  [[nodiscard]] Result<std::variant<CapturedPage, BatchOutcome>> next(std::stop_token stop);

 private:
  struct State;
  explicit ScanSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Starts `program scan-worker --fd 3 --list`. A device that cannot be opened now is listed without
// sources, modes and resolutions. Errors: timeout, device_lost, unavailable.
[[nodiscard]] Result<std::vector<DeviceInfo>> list_devices(const Settings& settings,
                                                           const std::string& program);

// The worker's main, of the process that the two functions above start: the only code that calls
// libsane. Returns the exit code.
[[nodiscard]] int run_scan_worker(int fd, bool list);

}  // namespace alih::capture
