#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sane/sane.h>

#include "capture/scanner.h"
#include "core/result.h"

// libsane with C++ manners. Worker process only; all calls from one thread.
namespace alih::capture {

// What a status means to an operator.
[[nodiscard]] Message words_for(SANE_Status status);

// sane_init and sane_exit.
class SaneLibrary {
 public:
  [[nodiscard]] static Result<SaneLibrary> start();
  ~SaneLibrary();
  SaneLibrary(SaneLibrary&& other) noexcept : live_(std::exchange(other.live_, false)) {}
  SaneLibrary& operator=(SaneLibrary&&) = delete;
  SaneLibrary(const SaneLibrary&) = delete;
  SaneLibrary& operator=(const SaneLibrary&) = delete;

  // Looks for devices: may take seconds. `local`: not in the network.
  [[nodiscard]] Result<std::vector<DeviceInfo>> devices(bool local) const;

 private:
  SaneLibrary() = default;
  bool live_ = true;
};

// One open device; closes it. Its library must outlive it.
class SaneDevice {
 public:
  [[nodiscard]] static Result<SaneDevice> open(const std::string& name);
  ~SaneDevice();
  SaneDevice(SaneDevice&& other) noexcept
      : name_(std::move(other.name_)), handle_(std::exchange(other.handle_, nullptr)) {}
  SaneDevice& operator=(SaneDevice&&) = delete;
  SaneDevice(const SaneDevice&) = delete;
  SaneDevice& operator=(const SaneDevice&) = delete;

  // Sets everything that the request names, in the order that drivers need: source, mode, depth,
  // resolution, the rest, paper size. Errors: bad_field with what the device offers.
  [[nodiscard]] Status configure(const ScanRequest& request);
  // Name, sources, modes and resolutions as they can be chosen now.
  [[nodiscard]] DeviceInfo describe() const;
  // Every active option that can be read.
  [[nodiscard]] std::vector<ScanOption> effective() const;
  // Text of one such option; nothing when it is not there.
  [[nodiscard]] std::optional<std::string> value(const std::string& option) const;
  [[nodiscard]] std::vector<double> resolution() const;  // x and y in dpi; 0 = unknown

  [[nodiscard]] SANE_Status start() { return sane_start(handle_); }
  [[nodiscard]] SANE_Status parameters(SANE_Parameters& out) {
    return sane_get_parameters(handle_, &out);
  }
  [[nodiscard]] SANE_Status read(SANE_Byte* out, SANE_Int size, SANE_Int& length) {
    return sane_read(handle_, out, size, &length);
  }
  void cancel() { sane_cancel(handle_); }

 private:
  struct Option {
    SANE_Int index = 0;
    const SANE_Option_Descriptor* about = nullptr;
  };
  SaneDevice(std::string name, SANE_Handle handle) : name_(std::move(name)), handle_(handle) {}
  [[nodiscard]] SANE_Int option_count() const;
  [[nodiscard]] std::optional<Option> find(const std::string& option) const;
  [[nodiscard]] std::optional<std::string> read_text(const Option& option) const;
  [[nodiscard]] Status set(const std::string& option, const std::string& text);
  [[nodiscard]] Status set_word(const std::string& option, const std::string& wanted, bool source);
  [[nodiscard]] Status set_dpi(int dpi);
  [[nodiscard]] Status write(const std::string& name, SANE_Int index, void* value) const;

  std::string name_;
  SANE_Handle handle_ = nullptr;
};

}  // namespace alih::capture
