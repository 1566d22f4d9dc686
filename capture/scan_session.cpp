#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "capture/page_assembler.h"
#include "capture/protocol.h"
#include "capture/scanner.h"
#include "capture/worker_process.h"
#include "core/fixity.h"

namespace alih::capture {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr milliseconds kSlice{100};       // how often the stop token is looked at
constexpr milliseconds kExitGrace{5000};  // for a worker that has said everything

seconds deadline_of(Call call, const Settings& s) {
  switch (call) {
    case Call::list:
      return seconds(s.discovery_timeout_s);
    case Call::open:
      return seconds(s.open_timeout_s);
    case Call::start:
      return seconds(s.start_timeout_s);
    case Call::read:
      // The worker itself ends a page whose reads return nothing; this is for a read that hangs.
      return seconds(s.read_timeout_s + 1);
    case Call::send:
      return seconds(s.read_timeout_s);
    case Call::wait:
      return kLongestWait + seconds(5);
    case Call::cancel:
      return seconds(s.cancel_timeout_s);
    case Call::close:
      break;
  }
  return seconds(s.close_timeout_s);
}

Message words_of(Call call) {
  switch (call) {
    case Call::list:
      return message("mencari pemindai", "looking for scanners");
    case Call::open:
      return message("membuka pemindai", "opening the scanner");
    case Call::start:
      return message("memulai halaman", "starting a page");
    case Call::read:
      return message("membaca halaman", "reading a page");
    case Call::send:
      return message("menyerahkan halaman", "handing over a page");
    case Call::wait:
      return message("menunggu pemindai", "waiting for the scanner");
    case Call::cancel:
      return message("membatalkan", "cancelling");
    case Call::close:
      break;
  }
  return message("menutup pemindai", "closing the scanner");
}

Message hung_words(Call call) {
  const Message what = words_of(call);
  return {"Pemindai tidak menjawab saat " + what.id + "; penggeraknya dihentikan",
          "The scanner did not answer while " + what.en + "; its driver was ended"};
}

Message gone_words(const WorkerExit& exit) {
  if (exit.ended_by_us)
    return message("Proses pemindai mengirim data yang tidak dikenal dan dihentikan",
                   "The scanner process sent something that is not understood and was ended");
  if (exit.signal != 0)
    return message("Penggerak pemindai berhenti mendadak (sinyal {})",
                   "The scanner's driver crashed (signal {})", {exit.signal});
  return message("Proses pemindai berhenti sebelum selesai (kode {})",
                 "The scanner process ended before it was done (code {})", {exit.code});
}

// What came of waiting for the worker.
struct Report {
  enum class Kind { frame, hung, gone, broken };
  Kind kind = Kind::gone;
  Received frame;
};

// The worker and the deadline of what it is doing.
class Supervised {
 public:
  Supervised(std::unique_ptr<WorkerProcess> process, const Settings& settings, Call first)
      : process_(std::move(process)), settings_(settings) {
    enter(first);
  }

  [[nodiscard]] WorkerProcess& process() { return *process_; }
  [[nodiscard]] Call call() const { return call_; }
  void enter(Call call) {
    call_ = call;
    renew();
  }
  void renew() { until_ = steady_clock::now() + deadline_of(call_, settings_); }
  void ask_stop() {
    // A worker that is gone already needs no word.
    if (!std::exchange(stop_sent_, true)) (void)process_->channel().send(FrameKind::stop);
  }
  [[nodiscard]] bool stop_sent() const { return stop_sent_; }

  // The next frame that matters, or why there is none. `renewing` false: one deadline for all.
  Report wait(const std::stop_token& stop, bool renewing = true) {
    for (;;) {
      if (stop.stop_requested()) ask_stop();
      const bool exited = process_->has_exited();  // before the read: its last words come first
      Received got = process_->channel().receive(exited ? milliseconds(0) : kSlice);
      switch (got.state) {
        case Received::State::broken:
          return {Report::Kind::broken, {}};
        case Received::State::closed:
          return {Report::Kind::gone, {}};
        case Received::State::nothing:
          if (exited) return {Report::Kind::gone, {}};
          if (steady_clock::now() >= until_) return {Report::Kind::hung, {}};
          continue;
        case Received::State::frame:
          break;
      }
      if (got.kind == FrameKind::calling) {
        const auto call = decode_call(got.body);
        if (!call) return {Report::Kind::broken, {}};
        call_ = *call;
      }
      if (renewing) renew();
      if (steady_clock::now() >= until_) return {Report::Kind::hung, {}};
      if (got.kind == FrameKind::calling || got.kind == FrameKind::progress) continue;
      return {Report::Kind::frame, std::move(got)};
    }
  }

  // Lets the worker cancel and close, each within its deadline. False when it had to be ended.
  bool let_close() {
    for (;;) {
      const Report report = wait(std::stop_token());
      if (report.kind == Report::Kind::frame) continue;
      const bool alone = report.kind == Report::Kind::gone;
      return !process_->finish(alone ? kExitGrace : milliseconds(0)).ended_by_us;
    }
  }

 private:
  std::unique_ptr<WorkerProcess> process_;
  Settings settings_;
  Call call_ = Call::open;
  steady_clock::time_point until_;
  bool stop_sent_ = false;
};

// An error for a worker that gave no answer while opening or listing.
tl::unexpected<Error> no_answer(Supervised& worker, Report::Kind kind) {
  if (kind == Report::Kind::hung) {
    const Message words = hung_words(worker.call());
    worker.process().finish(milliseconds(0));
    return fail(Error{ErrorCode::timeout, words});
  }
  const bool gone = kind == Report::Kind::gone;
  const WorkerExit exit = worker.process().finish(gone ? kExitGrace : milliseconds(0));
  return fail(Error{ErrorCode::device_lost, gone_words(exit)});
}

}  // namespace

std::string_view name(BatchEnd end) {
  switch (end) {
    case BatchEnd::feeder_empty:
      return "feeder_empty";
    case BatchEnd::page_limit:
      return "page_limit";
    case BatchEnd::single_sheet:
      return "single_sheet";
    case BatchEnd::no_paper:
      return "no_paper";
    case BatchEnd::stopped:
      return "stopped";
    case BatchEnd::jam:
      return "jam";
    case BatchEnd::cover_open:
      return "cover_open";
    case BatchEnd::device_busy:
      return "device_busy";
    case BatchEnd::device_lost:
      return "device_lost";
    case BatchEnd::crashed:
      return "crashed";
    case BatchEnd::hung:
      return "hung";
    case BatchEnd::bad_page:
      break;
  }
  return "bad_page";
}

struct ScanSession::State {
  State(std::unique_ptr<WorkerProcess> process, const Settings& settings)
      : worker(std::move(process), settings, Call::open) {}

  Result<std::variant<CapturedPage, BatchOutcome>> ended(BatchOutcome with) {
    outcome = std::move(with);
    return std::variant<CapturedPage, BatchOutcome>(*outcome);
  }

  // The worker gave no answer: end it and say why.
  Result<std::variant<CapturedPage, BatchOutcome>> lost(Report::Kind kind) {
    if (kind == Report::Kind::hung) {
      const Message words = hung_words(worker.call());
      worker.process().finish(milliseconds(0));
      return ended({BatchEnd::hung, words});
    }
    const bool gone = kind == Report::Kind::gone;
    const WorkerExit exit = worker.process().finish(gone ? kExitGrace : milliseconds(0));
    return ended({BatchEnd::crashed, gone_words(exit)});
  }

  Result<std::variant<CapturedPage, BatchOutcome>> finished(std::string_view body) {
    auto told = decode_outcome(body);
    if (!told) return lost(Report::Kind::broken);
    if (!worker.let_close()) {
      told->detail.id += ". Penggerak pemindai tidak mau menutup dan dihentikan";
      told->detail.en += ". The scanner's driver did not close and was ended";
    }
    return ended(std::move(*told));
  }

  Result<std::variant<CapturedPage, BatchOutcome>> damaged_page() {
    worker.process().finish(milliseconds(0));
    return ended(
        {BatchEnd::bad_page,
         message("Halaman rusak di antara proses pemindai dan program; tidak disimpan",
                 "The page was damaged between the scanner process and the program; it was "
                 "not kept")});
  }

  Result<std::variant<CapturedPage, BatchOutcome>> take_page(std::string_view body,
                                                             const std::stop_token& stop) {
    auto header = decode_header(body);
    if (!header || header->width <= 0 || header->height <= 0) return lost(Report::Kind::broken);
    const std::size_t stride = Image::stride_for(header->format, header->width);
    const auto height = static_cast<std::size_t>(header->height);
    if (height > PageAssembler::kMaxPageBytes / stride) return lost(Report::Kind::broken);
    std::vector<std::byte> pixels(stride * height);
    std::size_t at = 0;
    Sha256 digest;
    for (;;) {
      const Report report = worker.wait(stop);
      if (report.kind != Report::Kind::frame) return lost(report.kind);
      const auto& frame = report.frame;
      if (frame.kind == FrameKind::page_end) {
        std::string sha256 = digest.finish();
        if (at != pixels.size() || sha256 != frame.body) return damaged_page();
        return CapturedPage{Image(header->format, header->width, header->height, std::move(pixels),
                                  header->dpi_x, header->dpi_y),
                            std::move(sha256),
                            std::move(header->effective),
                            device,
                            std::move(header->started_at),
                            std::move(header->ended_at)};
      }
      if (frame.kind != FrameKind::pixels || frame.body.size() > pixels.size() - at)
        return lost(Report::Kind::broken);
      std::memcpy(pixels.data() + at, frame.body.data(), frame.body.size());
      digest.add(std::span<const std::byte>(pixels).subspan(at, frame.body.size()));
      at += frame.body.size();
    }
  }

  Supervised worker;
  DeviceInfo device;
  std::optional<BatchOutcome> outcome;
};

ScanSession::ScanSession(std::unique_ptr<State> state) : state_(std::move(state)) {}

ScanSession::~ScanSession() {
  if (state_->outcome) return;
  state_->worker.ask_stop();
  state_->worker.enter(Call::cancel);
  state_->worker.let_close();
}

Result<std::unique_ptr<ScanSession>> ScanSession::open(const ScanRequest& request,
                                                       const Settings& settings,
                                                       const std::string& program) {
  if (request.max_pages < 0)
    return fail(ErrorCode::bad_field, "Jumlah halaman tidak boleh kurang dari 0: {}",
                "The number of pages must not be below 0: {}", {request.max_pages});
  ALIH_TRY(auto process, WorkerProcess::spawn(program, request.device));
  auto state = std::make_unique<State>(std::move(process), settings);
  Supervised& worker = state->worker;
  if (!worker.process().channel().send(
          FrameKind::request,
          encode(WorkerRequest{request, settings.busy_retries, settings.read_timeout_s})))
    return no_answer(worker, Report::Kind::gone);
  const Report report = worker.wait(std::stop_token());
  if (report.kind != Report::Kind::frame) return no_answer(worker, report.kind);
  if (report.frame.kind == FrameKind::opened) {
    auto device = decode_device(report.frame.body);
    if (!device) return no_answer(worker, Report::Kind::broken);
    state->device = std::move(*device);
    return std::unique_ptr<ScanSession>(new ScanSession(std::move(state)));
  }
  auto error = decode_error(report.frame.body);
  if (report.frame.kind != FrameKind::refused || !error)
    return no_answer(worker, Report::Kind::broken);
  worker.let_close();
  return fail(std::move(*error));
}

Result<std::variant<CapturedPage, BatchOutcome>> ScanSession::next(std::stop_token stop) {
  State& s = *state_;
  if (s.outcome) return std::variant<CapturedPage, BatchOutcome>(*s.outcome);
  s.worker.enter(Call::start);
  if (stop.stop_requested()) s.worker.ask_stop();
  // When the worker is gone already, its last words or its absence are read below.
  if (!s.worker.stop_sent()) (void)s.worker.process().channel().send(FrameKind::feed);
  const Report report = s.worker.wait(stop);
  if (report.kind != Report::Kind::frame) return s.lost(report.kind);
  if (report.frame.kind == FrameKind::page) return s.take_page(report.frame.body, stop);
  if (report.frame.kind == FrameKind::end) return s.finished(report.frame.body);
  return s.lost(Report::Kind::broken);
}

Result<std::vector<DeviceInfo>> list_devices(const Settings& settings, const std::string& program) {
  ALIH_TRY(auto process, WorkerProcess::spawn(program, std::nullopt));
  Supervised worker(std::move(process), settings, Call::list);
  std::vector<DeviceInfo> found;
  bool known = false;
  for (;;) {
    // One deadline for all: a device that hangs when it is opened is listed as it was found.
    const Report report = worker.wait(std::stop_token(), false);
    if (report.kind != Report::Kind::frame) {
      if (!known) return no_answer(worker, report.kind);
      worker.process().finish(milliseconds(0));
      return found;
    }
    const auto& frame = report.frame;
    if (frame.kind == FrameKind::end) {
      worker.enter(Call::close);
      worker.let_close();
      return found;
    }
    if (frame.kind == FrameKind::refused) {
      auto error = decode_error(frame.body);
      if (!error) return no_answer(worker, Report::Kind::broken);
      return fail(std::move(*error));
    }
    if (frame.kind == FrameKind::devices) {
      ALIH_TRY(found, decode_devices(frame.body));
      known = true;
    } else if (frame.kind == FrameKind::device) {
      ALIH_TRY(const auto device, decode_device(frame.body));
      const auto same = std::find_if(found.begin(), found.end(),
                                     [&](const DeviceInfo& d) { return d.name == device.name; });
      if (same != found.end()) *same = device;
    }
  }
}

}  // namespace alih::capture
