#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <sys/prctl.h>
#include <sys/resource.h>

#include "capture/page_assembler.h"
#include "capture/protocol.h"
#include "capture/sane_device.h"
#include "core/clock.h"
#include "core/fixity.h"

namespace alih::capture {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kReadBytes = std::size_t{1} << 18;  // smaller reads cost a multiple
constexpr milliseconds kProgressEvery{200};
constexpr milliseconds kEmptyReadPause{10};
constexpr int kWarmingUp = 12;  // not in sane.h of 1.2, but some drivers say it
constexpr int kMaxFrames = 3;   // of one page

// The supervisor is gone: nobody is there to tell, so cancel, close and go.
struct SupervisorGone : std::exception {};

void tell(Channel& channel, FrameKind kind, std::string_view body = {}) {
  if (!channel.send(kind, body)) throw SupervisorGone();
}

void calling(Channel& channel, Call call) { tell(channel, FrameKind::calling, encode(call)); }

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

bool busy(SANE_Status status) {
  return status == SANE_STATUS_DEVICE_BUSY || static_cast<int>(status) == kWarmingUp;
}

// The sentence of an end, with what the driver said where that tells more.
Message words_for_end(BatchEnd end, int pages) {
  switch (end) {
    case BatchEnd::feeder_empty:
      return message("Pengumpan kosong setelah {} halaman", "The feeder is empty after {} pages",
                     {pages});
    case BatchEnd::page_limit:
      return message("Batas {} halaman tercapai", "The limit of {} pages is reached", {pages});
    case BatchEnd::single_sheet:
      return message("Satu halaman selesai dipindai", "One page was scanned");
    case BatchEnd::no_paper:
      return message("Tidak ada kertas di pengumpan", "There is no paper in the feeder");
    case BatchEnd::stopped:
      return message("Dihentikan setelah {} halaman; periksa baki keluaran",
                     "Stopped after {} pages; check the output tray", {pages});
    case BatchEnd::jam:
      return message("Kertas macet atau tertarik ganda; {} halaman sebelumnya aman",
                     "Paper jam or double feed; the {} pages before are safe", {pages});
    case BatchEnd::cover_open:
      return message("Tutup pemindai terbuka; {} halaman sebelumnya aman",
                     "The scanner's cover is open; the {} pages before are safe", {pages});
    case BatchEnd::device_busy:
      return message("Pemindai masih sibuk atau memanas; coba lagi nanti",
                     "The scanner is still busy or warming up; try again later");
    case BatchEnd::device_lost:
      return message("Hubungan ke pemindai terputus; {} halaman sebelumnya aman",
                     "The connection to the scanner was lost; the {} pages before are safe",
                     {pages});
    case BatchEnd::hung:
      return message("Pemindai tidak mengirim data lagi; {} halaman sebelumnya aman",
                     "The scanner sent no more data; the {} pages before are safe", {pages});
    case BatchEnd::crashed:
    case BatchEnd::bad_page:
      break;
  }
  return message("Halaman {} rusak dan tidak disimpan", "Page {} is damaged and was not kept",
                 {pages + 1});
}

// One batch at one open device.
class Batch {
 public:
  Batch(Channel& channel, SaneDevice& device, const WorkerRequest& request)
      : channel_(channel), device_(device), request_(request), buffer_(kReadBytes) {
    const std::string source = lower(device.value("source").value_or(""));
    source_known_ = !source.empty();
    feeder_ = source.find("adf") != std::string::npos ||
              source.find("feeder") != std::string::npos ||
              source.find("duplex") != std::string::npos;
    effective_ = device.effective();
    const auto dpi = device.resolution();
    dpi_x_ = dpi.at(0);
    dpi_y_ = dpi.at(1);
  }

  // Until an end of any kind; each page waits for the supervisor's word, so that no sheet is fed
  // that nobody asked for.
  BatchOutcome run() {
    for (;;) {
      if (const auto done = limit_reached()) return outcome(*done);
      const Received order = channel_.receive(milliseconds(-1));
      if (order.state != Received::State::frame) throw SupervisorGone();
      if (order.kind == FrameKind::stop) return outcome(BatchEnd::stopped);
      if (auto end = scan_page()) return std::move(*end);
      ++pages_;
    }
  }

 private:
  [[nodiscard]] BatchOutcome outcome(BatchEnd end) const {
    return {end, words_for_end(end, pages_)};
  }
  [[nodiscard]] BatchOutcome bad_page(const Message& why) const {
    const Message head = words_for_end(BatchEnd::bad_page, pages_);
    return {BatchEnd::bad_page, {head.id + ": " + why.id, head.en + ": " + why.en}};
  }

  [[nodiscard]] std::optional<BatchEnd> limit_reached() const {
    const int limit = request_.scan.max_pages;
    // Nobody turns the sheet on the glass meanwhile. A device that does not tell its source may
    // have a feeder: there a limit is taken at its word.
    const bool glass = !feeder_ && (source_known_ || limit <= 1);
    if (glass && pages_ == 1) return BatchEnd::single_sheet;
    if (limit > 0 && pages_ >= limit) return BatchEnd::page_limit;
    return std::nullopt;
  }

  [[nodiscard]] std::optional<BatchOutcome> scan_page() {
    const std::string started_at = utc_now();
    PageAssembler page;
    for (int frame = 0; frame < kMaxFrames && !page.complete(); ++frame) {
      if (auto end = start_frame(frame)) return end;
      if (auto end = read_frame(page)) return end;
    }
    const std::string ended_at = utc_now();
    auto image = page.finish(dpi_x_, dpi_y_);
    if (!image) return bad_page(image.error().message);
    deliver(*image, started_at, ended_at);
    return std::nullopt;
  }

  // sane_start, again after a pause while the scanner is busy or warming up.
  [[nodiscard]] std::optional<BatchOutcome> start_frame(int frame) {
    milliseconds pause{1000};
    SANE_Status status = SANE_STATUS_DEVICE_BUSY;
    for (int attempt = 0; attempt <= request_.busy_retries; ++attempt) {
      if (attempt > 0) {
        calling(channel_, Call::wait);
        const Received order = channel_.receive(pause);
        if (order.state == Received::State::frame && order.kind == FrameKind::stop)
          return outcome(BatchEnd::stopped);
        if (order.state != Received::State::nothing) throw SupervisorGone();
        pause = std::min<milliseconds>(pause * 2, kLongestWait);
      }
      calling(channel_, Call::start);
      status = device_.start();
      if (!busy(status)) break;
    }
    if (status == SANE_STATUS_GOOD) return std::nullopt;
    if (frame > 0 && (status == SANE_STATUS_NO_DOCS || status == SANE_STATUS_EOF))
      return bad_page(words_for(SANE_STATUS_EOF));
    // Some drivers say "end of file" for an empty feeder.
    if (status == SANE_STATUS_NO_DOCS || status == SANE_STATUS_EOF) return no_more_paper();
    return broken_off(status);
  }

  [[nodiscard]] BatchOutcome no_more_paper() const {
    return outcome(pages_ == 0 ? BatchEnd::no_paper : BatchEnd::feeder_empty);
  }

  [[nodiscard]] BatchOutcome broken_off(SANE_Status status) const {
    if (busy(status)) return outcome(BatchEnd::device_busy);
    switch (static_cast<int>(status)) {
      case SANE_STATUS_JAMMED:
        return outcome(BatchEnd::jam);
      case SANE_STATUS_COVER_OPEN:
        return outcome(BatchEnd::cover_open);
      case SANE_STATUS_IO_ERROR:
        return outcome(BatchEnd::device_lost);
      case SANE_STATUS_CANCELLED:
        return outcome(BatchEnd::stopped);
      default:
        return bad_page(words_for(status));
    }
  }

  [[nodiscard]] std::optional<BatchOutcome> read_frame(PageAssembler& page) {
    calling(channel_, Call::read);
    SANE_Parameters p{};
    if (const SANE_Status status = device_.parameters(p); status != SANE_STATUS_GOOD)
      return broken_off(status);
    FrameShape shape;
    // Drivers that send compressed pictures give numbers that the enumeration does not have.
    int format = 0;
    static_assert(sizeof format == sizeof p.format);
    std::memcpy(&format, &p.format, sizeof format);
    switch (format) {
      case SANE_FRAME_GRAY:
        shape.channels = FrameShape::Channels::gray;
        break;
      case SANE_FRAME_RGB:
        shape.channels = FrameShape::Channels::rgb;
        break;
      case SANE_FRAME_RED:
        shape.channels = FrameShape::Channels::red;
        break;
      case SANE_FRAME_GREEN:
        shape.channels = FrameShape::Channels::green;
        break;
      case SANE_FRAME_BLUE:
        shape.channels = FrameShape::Channels::blue;
        break;
      default:
        return bad_page(message("pemindai mengirim format {} yang bukan piksel; matikan kompresi",
                                "the scanner sends format {}, no pixels; switch compression off",
                                {format}));
    }
    shape.last_frame = p.last_frame != SANE_FALSE;
    shape.depth = p.depth;
    shape.pixels_per_line = p.pixels_per_line;
    shape.bytes_per_line = p.bytes_per_line;
    shape.lines = p.lines;
    if (auto ok = page.begin_frame(shape); !ok) return bad_page(ok.error().message);
    return read_bytes(page);
  }

  [[nodiscard]] std::optional<BatchOutcome> read_bytes(PageAssembler& page) {
    const std::chrono::seconds patience(request_.read_timeout_s);
    auto last_byte = steady_clock::now();
    auto last_told = last_byte;
    for (;;) {
      SANE_Int length = 0;  // drivers leave it unwritten on errors
      const SANE_Status status =
          device_.read(buffer_.data(), static_cast<SANE_Int>(buffer_.size()), length);
      if (status == SANE_STATUS_EOF) {
        if (auto ok = page.end_frame(); !ok) return bad_page(ok.error().message);
        return std::nullopt;
      }
      // Some drivers find out only here that nothing was in the feeder.
      if (status == SANE_STATUS_NO_DOCS && page.received() == 0) return no_more_paper();
      if (status != SANE_STATUS_GOOD) return broken_off(status);
      if (length < 0 || static_cast<std::size_t>(length) > buffer_.size())
        return bad_page(message("penggerak memberi jumlah bita yang mustahil ({})",
                                "the driver gave an impossible number of bytes ({})", {length}));
      const auto now = steady_clock::now();
      if (length == 0) {
        // A dead network scanner goes on like this for ever.
        if (now - last_byte >= patience) return outcome(BatchEnd::hung);
        std::this_thread::sleep_for(kEmptyReadPause);
        continue;
      }
      last_byte = now;
      const auto bytes = std::as_bytes(std::span(buffer_.data(), static_cast<std::size_t>(length)));
      if (auto ok = page.add(bytes); !ok) return bad_page(ok.error().message);
      if (now - last_told >= kProgressEvery) {
        tell(channel_, FrameKind::progress);
        last_told = now;
      }
    }
  }

  void deliver(const Image& image, const std::string& started_at, const std::string& ended_at) {
    calling(channel_, Call::send);
    PageHeader header{image.format(), image.width(), image.height(), image.dpi_x(),
                      image.dpi_y(),  started_at,    ended_at,       effective_};
    tell(channel_, FrameKind::page, encode(header));
    Sha256 digest;
    auto rest = image.bytes();
    while (!rest.empty()) {
      const auto part = rest.first(std::min(kPixelChunk, rest.size()));
      digest.add(part);
      if (!channel_.send(FrameKind::pixels, part)) throw SupervisorGone();
      rest = rest.subspan(part.size());
    }
    tell(channel_, FrameKind::page_end, digest.finish());
  }

  Channel& channel_;
  SaneDevice& device_;
  const WorkerRequest& request_;
  std::vector<SANE_Byte> buffer_;
  std::vector<ScanOption> effective_;
  bool source_known_ = false;
  bool feeder_ = false;
  double dpi_x_ = 0;
  double dpi_y_ = 0;
  int pages_ = 0;
};

// Cancels at the end and after every error, or the next client finds a scanner that still sends.
class CancelAtEnd {
 public:
  explicit CancelAtEnd(SaneDevice& device) : device_(device) {}
  ~CancelAtEnd() { device_.cancel(); }
  CancelAtEnd(const CancelAtEnd&) = delete;
  CancelAtEnd& operator=(const CancelAtEnd&) = delete;

 private:
  SaneDevice& device_;
};

void name_maker(DeviceInfo& device, const std::vector<DeviceInfo>& found) {
  for (const auto& d : found) {
    if (d.name != device.name) continue;
    device.vendor = d.vendor;
    device.model = d.model;
    device.type = d.type;
  }
}

Status run_batch(Channel& channel, const WorkerRequest& request) {
  calling(channel, Call::open);
  ALIH_TRY(auto library, SaneLibrary::start());
  // Only this device's driver is asked (worker_process.cpp), and only for what hangs on this
  // machine: maker and model go into the master. Some drivers need the search before they open.
  const auto found = library.devices(true);
  calling(channel, Call::open);
  ALIH_TRY(auto device, SaneDevice::open(request.scan.device));
  calling(channel, Call::open);
  ALIH_CHECK(device.configure(request.scan));
  DeviceInfo about = device.describe();
  if (found) name_maker(about, *found);
  tell(channel, FrameKind::opened, encode(about));
  {
    const CancelAtEnd guard(device);
    const BatchOutcome outcome = Batch(channel, device, request).run();
    tell(channel, FrameKind::end, encode(outcome));
    calling(channel, Call::cancel);
  }
  // device and library close now, in this order.
  calling(channel, Call::close);
  return {};
}

Status run_list(Channel& channel) {
  calling(channel, Call::list);
  ALIH_TRY(auto library, SaneLibrary::start());
  ALIH_TRY(const auto devices, library.devices(false));
  tell(channel, FrameKind::devices, encode(devices));
  for (const DeviceInfo& found : devices) {
    auto device = SaneDevice::open(found.name);
    if (!device) continue;
    DeviceInfo full = device->describe();
    name_maker(full, devices);
    tell(channel, FrameKind::device, encode(full));
  }
  tell(channel, FrameKind::end);
  return {};
}

Status serve(Channel& channel, bool list) {
  if (list) return run_list(channel);
  const Received first = channel.receive(milliseconds(-1));
  if (first.state != Received::State::frame || first.kind != FrameKind::request)
    throw SupervisorGone();
  ALIH_TRY(const auto request, decode_request(first.body));
  return run_batch(channel, request);
}

}  // namespace

int run_scan_worker(int fd, bool list) {
  // A vendor's driver may hang: it must not outlive the program. Network drivers write to dead
  // connections. A core file would hold readers' pages.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGPIPE, SIG_IGN);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  Channel channel(fd);
  try {
    const Status done = serve(channel, list);
    if (!done && channel.send(FrameKind::refused, encode(done.error()))) return 0;
    return done ? 0 : 1;
  } catch (const SupervisorGone&) {
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "scan-worker: %s\n", error.what());
    return 1;
  }
}

}  // namespace alih::capture
