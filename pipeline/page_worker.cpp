#include "pipeline/page_worker.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include <unistd.h>

#include "core/clock.h"
#include "core/fixity.h"
#include "core/json.h"
#include "pipeline/settings_json.h"
#include "pipeline/worker_answer.h"

namespace alih::pipeline {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
// Code that decides how a page comes out; raise it when the same settings give another result.
constexpr int kPipelineVersion = 4;

json region_json(const Box& box) { return json::array({box.x, box.y, box.width, box.height}); }

}  // namespace

PageWorker::PageWorker(std::string program, const Everything& settings,
                       std::filesystem::path scratch)
    : program_(std::move(program)), settings_(settings), scratch_(std::move(scratch)) {}

Result<std::string> PageWorker::ask(const std::string& request, std::span<const int> files,
                                    double timeout_s) {
  const auto limit = static_cast<std::uint64_t>(settings_.pipeline.page_memory_mib) * kMiB;
  if (child_ && (served_ >= settings_.pipeline.pages_per_worker ||
                 child_->resident_bytes() > limit / 4 * 3)) {
    child_.reset();
  }
  if (!child_) {
    served_ = 0;
    ALIH_TRY(auto started, Child::start(program_, {"page-worker"}));
    child_.emplace(std::move(started));
    const json hello{{"do", "settings"}, {"settings", settings_to_json(settings_)}};
    constexpr int kHelloTimeout = 30;
    auto sent = child_->send(hello.dump(), kHelloTimeout);
    auto heard = sent ? child_->receive(kHelloTimeout)
                      : Result<std::string>(tl::unexpected<Error>(sent.error()));
    if (!heard) {
      child_.reset();
      return heard;
    }
  }
  ++served_;
  auto sent = child_->send(request, timeout_s, files);
  auto answer =
      sent ? child_->receive(timeout_s) : Result<std::string>(tl::unexpected<Error>(sent.error()));
  if (!answer) child_.reset();  // dead, or busy with what we no longer wait for
  return answer;
}

namespace {

// check(0), check(1) …; a page that cannot be read is kept with its problem. When page after page
// kills its reader the file as a whole is given up; after a page that outlasts it the rest is.
template <typename Check>
Status each_frame(std::size_t count, std::vector<CheckedFrame>& out, Check check) {
  constexpr int kMostInARow = 3;
  int died = 0;
  for (std::size_t i = 0; i < count; ++i) {
    auto frame = check(static_cast<int>(i));
    if (frame) {
      died = 0;
      out.push_back(std::move(*frame));
      continue;
    }
    const auto code = frame.error().code;
    if (code == ErrorCode::disk_full || code == ErrorCode::unavailable) {
      return fail(std::move(frame).error());
    }
    died = code == ErrorCode::device_lost ? died + 1 : 0;
    if (died == kMostInARow) return fail(std::move(frame).error());
    CheckedFrame bad;
    bad.problem_id = frame.error().message.id;
    bad.problem_en = frame.error().message.en;
    bad.problem_code = code;
    out.push_back(bad);
    if (code != ErrorCode::timeout) continue;
    const auto why = message("tidak dicoba, karena halaman {} tidak selesai pada waktunya",
                             "not tried, since page {} was not done in time", {i + 1});
    bad.problem_id = why.id;
    bad.problem_en = why.en;
    out.resize(count, bad);
    break;
  }
  return {};
}

}  // namespace

Result<CheckedFrame> PageWorker::check_frame(const Descriptor& file, int frame, double timeout_s,
                                             LookFor what, std::optional<int> orientation) {
  json request{{"do", "check"},        {"file", 0},
               {"frame", frame},       {"split", what.spreads},
               {"blank", what.blanks}, {"separator", what.separators}};
  if (orientation) request["orientation"] = *orientation;
  ALIH_TRY(const auto answer, ask(request.dump(), std::array{file.get()}, timeout_s));
  return checked_frame_from(answer);
}

Result<CheckedFile> PageWorker::check(const std::filesystem::path& file, LookFor what) {
  ALIH_TRY(auto opened, open_to_read(file, Links::follow));
  constexpr std::size_t kHead = 1024;
  std::array<std::byte, kHead> head{};
  const auto got = ::pread(opened.get(), head.data(), head.size(), 0);
  if (is_pdf(std::span(head).first(static_cast<std::size_t>(std::max<ssize_t>(got, 0))))) {
    return check_pdf(std::move(opened), what);
  }
  const json request{{"do", "probe"}, {"file", 0}};
  const double timeout_s = settings_.pipeline.decode_timeout_s;
  ALIH_TRY(const auto answer, ask(request.dump(), std::array{opened.get()}, timeout_s));
  ALIH_TRY(const auto probed, probed_from(answer));
  CheckedFile out{probed.format, probed.extension, {}};
  ALIH_CHECK(each_frame(probed.frames, out.frames,
                        [&](int frame) { return check_frame(opened, frame, timeout_s, what); }));
  return out;
}

Result<CheckedFile> PageWorker::check_pdf(Descriptor file, LookFor what) {
  // The time for opening counts for the first page too: a file of one page ends in time.
  double deadline = monotonic_seconds() + settings_.pipeline.decode_timeout_s;
  ALIH_TRY(const auto opened, Scratch::make(scratch_));
  ALIH_TRY(const auto pdf, Pdf::open(std::move(file), opened.folder(), settings_, deadline));
  CheckedFile out{"pdf", "pdf", {}};
  ALIH_CHECK(each_frame(static_cast<std::size_t>(pdf.pages()), out.frames,
                        [&](int frame) -> Result<CheckedFrame> {
                          if (frame > 0)
                            deadline = monotonic_seconds() + settings_.pipeline.decode_timeout_s;
                          // What one page left behind would be taken for the next one's.
                          ALIH_TRY(const auto folder, Scratch::make(scratch_));
                          return check_pdf_page(pdf.in(folder.folder()), frame + 1, deadline, what);
                        }));
  return out;
}

Result<CheckedFrame> PageWorker::check_pdf_page(const Pdf& pdf, int page, double deadline,
                                                LookFor what) {
  ALIH_TRY(const auto size, pdf.size(page, deadline));
  const auto left = [&] { return std::max(0.1, deadline - monotonic_seconds()); };
  if (auto scan = pdf.embedded(page, size, deadline)) {
    ALIH_TRY(const auto preview, pdf.preview(page, deadline));
    ALIH_TRY(const auto shown, open_to_read(preview, Links::refuse));
    ALIH_TRY(const auto stored, open_to_read(scan->file, Links::refuse));
    const json request{{"do", "match"}, {"file", 0}, {"shown", 1}};
    const auto answer = ask(request.dump(), std::array{stored.get(), shown.get()}, left());
    const int orientation = answer ? orientation_from(*answer).value_or(0) : 0;
    if (orientation > 0) {
      ALIH_TRY(auto frame, check_frame(stored, 0, left(), what, orientation));
      frame.dpi = scan->dpi;
      frame.pdf_image = "embedded";
      return frame;
    }
  } else if (scan.error().code != ErrorCode::not_found) {
    return fail(std::move(scan).error());
  }
  ALIH_TRY(const auto drawn, pdf.rendered(page, size, deadline));
  ALIH_TRY(const auto image, open_to_read(drawn.file, Links::refuse));
  ALIH_TRY(auto frame, check_frame(image, 0, left(), what));
  frame.dpi = drawn.dpi;
  frame.pdf_image = "rendered";
  return frame;
}

Result<PageResult> PageWorker::process(const PageTask& task) {
  std::optional<Scratch> scratch;
  ALIH_TRY(auto input, open_to_read(task.master, Links::follow));
  if (!task.pdf_image.empty()) {
    const double deadline = monotonic_seconds() + settings_.pipeline.decode_timeout_s;
    ALIH_TRY(auto made, Scratch::make(scratch_));
    scratch.emplace(std::move(made));
    ALIH_TRY(const auto pdf, Pdf::open(std::move(input), scratch->folder(), settings_, deadline));
    const int page = task.frame + 1;
    ALIH_TRY(const auto size, pdf.size(page, deadline));
    ALIH_TRY(const auto image, task.pdf_image == "embedded" ? pdf.embedded(page, size, deadline)
                                                            : pdf.rendered(page, size, deadline));
    ALIH_TRY(input, open_to_read(image.file, Links::refuse));
  }
  json request{{"do", "page"},
               {"file", 0},
               {"frame", scratch ? 0 : task.frame},
               {"orientation", task.orientation},
               {"set_dpi", scratch ? task.dpi : 0.0},
               {"languages", task.languages},
               {"read", task.read}};
  if (task.region) request["region"] = region_json(*task.region);
  if (!task.settings.empty()) request["settings"] = task.settings;
  std::vector<int> files{input.get()};
  std::vector<Descriptor> outputs;
  const auto output = [&](const char* what, const std::filesystem::path& path) -> Status {
    if (path.empty()) return {};
    ALIH_TRY(auto file, open_to_write(path));
    request[what] = files.size();
    files.push_back(file.get());
    outputs.push_back(std::move(file));
    return {};
  };
  ALIH_CHECK(output("access", task.access));
  ALIH_CHECK(output("thumbnail", task.thumbnail));
  ALIH_CHECK(output("pyramid", task.pyramid));
  ALIH_CHECK(output("g4", task.g4));
  ALIH_CHECK(output("before", task.before));
  ALIH_CHECK(output("cleaned", task.cleaned));
  const auto answer = ask(request.dump(), files, settings_.pipeline.page_timeout_s);
  auto result =
      answer ? page_result_from(*answer) : Result<PageResult>(fail(Error(answer.error())));
  if (!result) {
    std::error_code error;
    for (const auto& path :
         {task.access, task.thumbnail, task.pyramid, task.g4, task.before, task.cleaned}) {
      if (!path.empty()) std::filesystem::remove(path, error);
    }
    return result;
  }
  // The engine's version is known only now; a blank page met none.
  result->recipe = sha256_hex(recipe_of(task, settings_) + result->reading.engine);
  return result;
}

Result<TriedReading> PageWorker::try_reading(const std::string& languages) {
  const json request{{"do", "try"}, {"languages", languages}};
  ALIH_TRY(const auto answer, ask(request.dump(), {}, settings_.pipeline.page_timeout_s));
  return tried_reading_from(answer);
}

Status PageWorker::make_pdf_image(const std::filesystem::path& access, double dpi, PdfImages images,
                                  const std::filesystem::path& to) {
  ALIH_TRY(const auto input, open_to_read(access, Links::refuse));
  ALIH_TRY(const auto output, open_to_write(to));
  const json request{
      {"do", "pdf"}, {"file", 0}, {"to", 1}, {"dpi", dpi}, {"images", std::string(word(images))}};
  const auto answer =
      ask(request.dump(), std::array{input.get(), output.get()}, settings_.pipeline.page_timeout_s);
  auto done = answer ? pdf_image_from(*answer) : Status(fail(Error(answer.error())));
  if (!done) {
    std::error_code error;
    std::filesystem::remove(to, error);
  }
  return done;
}

std::string recipe_of(const PageTask& task, const Everything& settings) {
  json recipe{{"pipeline", kPipelineVersion},
              {"master_sha256", task.master_sha256},
              {"frame", task.frame},
              {"orientation", task.orientation},
              {"pdf_image", task.pdf_image},
              {"languages", task.languages},
              {"settings", recipe_settings(with_page_settings(settings, task.settings))}};
  if (task.region) recipe["region"] = region_json(*task.region);
  return sha256_hex(recipe.dump());
}

}  // namespace alih::pipeline
