#include "capture/protocol.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/json.h"

namespace alih::capture {
namespace {

using nlohmann::json;

constexpr std::size_t kHeaderBytes = 5;
constexpr std::size_t kMaxText = 4096;  // of one string that a driver gives
constexpr std::size_t kMaxList = 4096;  // entries of one list that a driver gives
constexpr std::size_t kMaxListBytes = kMaxBody / 4;

// Drivers speak Latin-1 now and then: what is no UTF-8 is replaced, not refused.
std::string dump(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string cut(const std::string& text) { return text.substr(0, kMaxText); }

json texts(const std::vector<std::string>& list) {
  json out = json::array();
  std::size_t bytes = 0;
  for (const auto& text : list) {
    bytes += std::min(text.size(), kMaxText);
    if (out.size() >= kMaxList || bytes > kMaxListBytes) break;
    out.push_back(cut(text));
  }
  return out;
}

json options_json(const std::vector<ScanOption>& options) {
  json out = json::array();
  std::size_t bytes = 0;
  for (const auto& option : options) {
    bytes += std::min(option.name.size(), kMaxText) + std::min(option.value.size(), kMaxText);
    if (out.size() >= kMaxList || bytes > kMaxListBytes) break;
    out.push_back({cut(option.name), cut(option.value)});
  }
  return out;
}

std::vector<ScanOption> options_from(const json& j) {
  std::vector<ScanOption> out;
  for (const auto& pair : j)
    out.push_back({pair.at(0).get<std::string>(), pair.at(1).get<std::string>()});
  return out;
}

json device_json(const DeviceInfo& d) {
  json resolutions = d.resolutions;
  if (resolutions.size() > kMaxList) resolutions = json::array();
  return {{"name", cut(d.name)},       {"vendor", cut(d.vendor)},     {"model", cut(d.model)},
          {"type", cut(d.type)},       {"sources", texts(d.sources)}, {"modes", texts(d.modes)},
          {"resolutions", resolutions}};
}

DeviceInfo device_from(const json& j) {
  DeviceInfo d;
  j.at("name").get_to(d.name);
  j.at("vendor").get_to(d.vendor);
  j.at("model").get_to(d.model);
  j.at("type").get_to(d.type);
  j.at("sources").get_to(d.sources);
  j.at("modes").get_to(d.modes);
  j.at("resolutions").get_to(d.resolutions);
  return d;
}

json message_json(const Message& m) { return {{"id", m.id}, {"en", m.en}}; }

Message message_from(const json& j) {
  return {j.at("id").get<std::string>(), j.at("en").get<std::string>()};
}

// An enumerator that came as a number, if it is one of 0 .. last.
template <typename Enum>
Enum enum_from(const json& j, Enum last) {
  const int value = j.get<int>();
  if (value < 0 || value > static_cast<int>(last)) throw std::out_of_range("enumerator");
  return static_cast<Enum>(value);
}

template <typename Reader>
auto decode_with(std::string_view body, Reader read) -> Result<decltype(read(json()))> {
  try {
    return read(json::parse(body));
  } catch (const std::exception& error) {  // nlohmann throws several kinds
    return fail(ErrorCode::damaged, "Pesan dari proses pemindai tidak terbaca: {}",
                "A message of the scanner process cannot be read: {}", {error.what()});
  }
}

}  // namespace

Channel::~Channel() {
  if (fd_ >= 0) ::close(fd_);
}

bool Channel::send(FrameKind kind, std::string_view body) {
  return send(kind, std::as_bytes(std::span(body.data(), body.size())));
}

bool Channel::send(FrameKind kind, std::span<const std::byte> body) {
  if (body.size() > kMaxBody) return false;
  std::array<char, kHeaderBytes> header{};
  const auto length = static_cast<std::uint32_t>(body.size());
  std::memcpy(header.data(), &length, sizeof length);
  header[4] = static_cast<char>(kind);
  const std::size_t total = kHeaderBytes + body.size();
  std::size_t sent = 0;
  while (sent < total) {
    std::array<iovec, 2> parts{};
    std::size_t count = 0;
    if (sent < kHeaderBytes) parts[count++] = {header.data() + sent, kHeaderBytes - sent};
    const std::size_t from = sent > kHeaderBytes ? sent - kHeaderBytes : 0;
    if (from < body.size())
      parts[count++] = {const_cast<std::byte*>(body.data()) + from, body.size() - from};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t done = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    sent += static_cast<std::size_t>(done);
  }
  return true;
}

bool Channel::take_frame(Received& out) {
  const std::size_t have = buffer_.size() - at_;
  if (have < kHeaderBytes) return false;
  std::uint32_t length = 0;
  std::memcpy(&length, buffer_.data() + at_, sizeof length);
  const auto kind = static_cast<std::uint8_t>(buffer_[at_ + 4]);
  if (length > kMaxBody || kind == 0 || kind > static_cast<std::uint8_t>(kLastFrameKind)) {
    out.state = Received::State::broken;
    return true;
  }
  if (have < kHeaderBytes + length) return false;
  out.state = Received::State::frame;
  out.kind = static_cast<FrameKind>(kind);
  out.body.assign(buffer_.data() + at_ + kHeaderBytes, length);
  at_ += kHeaderBytes + length;
  return true;
}

Received Channel::receive(std::chrono::milliseconds wait) {
  using clock = std::chrono::steady_clock;
  const auto until = clock::now() + wait;
  Received out;
  for (;;) {
    if (take_frame(out)) return out;
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
    int left = -1;
    if (wait.count() >= 0) {
      const auto rest = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
      left = static_cast<int>(std::clamp<long long>(rest, 0, 1'000'000));
    }
    pollfd entry{fd_, POLLIN, 0};
    const int ready = ::poll(&entry, 1, left);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return out;
    const std::size_t size = buffer_.size();
    buffer_.resize(size + kPixelChunk);
    const ssize_t got = ready < 0 ? -1 : ::recv(fd_, buffer_.data() + size, kPixelChunk, 0);
    const int reason = errno;
    buffer_.resize(size + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got < 0 && reason == EINTR) continue;
    if (got <= 0) {
      out.state = Received::State::closed;
      return out;
    }
  }
}

std::string encode(const WorkerRequest& r) {
  json j = {{"device", r.scan.device},
            {"max_pages", r.scan.max_pages},
            {"options", options_json(r.scan.options)},
            {"busy_retries", r.busy_retries},
            {"read_timeout_s", r.read_timeout_s}};
  if (r.scan.source) j["source"] = *r.scan.source;
  if (r.scan.mode) j["mode"] = *r.scan.mode;
  if (r.scan.dpi) j["dpi"] = *r.scan.dpi;
  return dump(j);
}

std::string encode(const std::vector<DeviceInfo>& devices) {
  json list = json::array();
  std::size_t bytes = 0;
  for (const auto& device : devices) {
    json one = device_json(device);
    bytes += dump(one).size() + 1;
    if (bytes > kMaxBody / 2) break;
    list.push_back(std::move(one));
  }
  return dump(list);
}

std::string encode(const DeviceInfo& device) { return dump(device_json(device)); }

std::string encode(const Error& error) {
  return dump(
      {{"code", std::string(code_name(error.code))}, {"message", message_json(error.message)}});
}

std::string encode(const PageHeader& h) {
  return dump({{"format", static_cast<int>(h.format)},
               {"width", h.width},
               {"height", h.height},
               {"dpi", {h.dpi_x, h.dpi_y}},
               {"started_at", h.started_at},
               {"ended_at", h.ended_at},
               {"effective", options_json(h.effective)}});
}

std::string encode(const BatchOutcome& outcome) {
  return dump({{"end", static_cast<int>(outcome.end)}, {"detail", message_json(outcome.detail)}});
}

std::string encode(Call call) { return std::to_string(static_cast<int>(call)); }

Result<WorkerRequest> decode_request(std::string_view body) {
  return decode_with(body, [](const json& j) {
    WorkerRequest r;
    j.at("device").get_to(r.scan.device);
    j.at("max_pages").get_to(r.scan.max_pages);
    j.at("busy_retries").get_to(r.busy_retries);
    j.at("read_timeout_s").get_to(r.read_timeout_s);
    r.scan.options = options_from(j.at("options"));
    if (j.contains("source")) r.scan.source = j.at("source").get<std::string>();
    if (j.contains("mode")) r.scan.mode = j.at("mode").get<std::string>();
    if (j.contains("dpi")) r.scan.dpi = j.at("dpi").get<int>();
    return r;
  });
}

Result<std::vector<DeviceInfo>> decode_devices(std::string_view body) {
  return decode_with(body, [](const json& j) {
    std::vector<DeviceInfo> out;
    for (const auto& one : j) out.push_back(device_from(one));
    return out;
  });
}

Result<DeviceInfo> decode_device(std::string_view body) {
  return decode_with(body, [](const json& j) { return device_from(j); });
}

Result<Error> decode_error(std::string_view body) {
  return decode_with(body, [](const json& j) {
    return Error{code_from_name(j.at("code").get<std::string>()), message_from(j.at("message"))};
  });
}

Result<PageHeader> decode_header(std::string_view body) {
  return decode_with(body, [](const json& j) {
    PageHeader h;
    h.format = enum_from(j.at("format"), PixelFormat::rgb48);
    j.at("width").get_to(h.width);
    j.at("height").get_to(h.height);
    j.at("dpi").at(0).get_to(h.dpi_x);
    j.at("dpi").at(1).get_to(h.dpi_y);
    j.at("started_at").get_to(h.started_at);
    j.at("ended_at").get_to(h.ended_at);
    h.effective = options_from(j.at("effective"));
    return h;
  });
}

Result<BatchOutcome> decode_outcome(std::string_view body) {
  return decode_with(body, [](const json& j) {
    return BatchOutcome{enum_from(j.at("end"), BatchEnd::bad_page), message_from(j.at("detail"))};
  });
}

Result<Call> decode_call(std::string_view body) {
  return decode_with(body, [](const json& j) { return enum_from(j, kLastCall); });
}

}  // namespace alih::capture
