#include "pipeline/page_worker.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <map>

#include <nlohmann/json.hpp>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "core/clock.h"
#include "core/fixity.h"
#include "core/records.h"
#include "ocr/engine.h"
#include "pipeline/read_page.h"
#include "pipeline/settings_json.h"
#include "pipeline/worker_answer.h"
#include "processing/codec.h"
#include "processing/match.h"
#include "processing/prepare.h"
#include "processing/pyramid.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
constexpr int kFd = 3;
// Code that decides how a page comes out; raise it when the same settings give another result.
constexpr int kPipelineVersion = 2;

// File names are bytes, JSON strings are Unicode: a path travels as a list of numbers.
json path_json(const std::filesystem::path& path) {
  const auto& text = path.native();
  return std::vector<unsigned char>(text.begin(), text.end());
}
std::string path_from(const json& j) {
  const auto bytes = j.get<std::vector<unsigned char>>();
  return {bytes.begin(), bytes.end()};
}

json error_json(const Error& e) {
  return {{"error",
           {{"code", std::string(code_name(e.code))}, {"id", e.message.id}, {"en", e.message.en}}}};
}

// --- the worker's side

struct Worker {
  Everything settings;
  std::map<std::string, std::unique_ptr<ocr::Engine>> engines;  // by languages
  std::string kept_path;                                        // of `kept`, empty = none
  std::filesystem::file_time_type kept_stamp;
  std::vector<std::byte> kept;

  Result<ocr::Engine*> engine(const std::string& languages) {
    auto found = engines.find(languages);
    if (found == engines.end()) {
      constexpr std::size_t kMostEngines = 3;  // each holds its models in memory
      if (engines.size() >= kMostEngines) engines.clear();
      ALIH_TRY(auto made, ocr::make_engine(languages, settings.ocr));
      found = engines.emplace(languages, std::move(made)).first;
    }
    return found->second.get();
  }

  // The file last asked for is kept: its other pages are likely to come next.
  Result<std::span<const std::byte>> bytes_of(const std::string& path) {
    constexpr std::size_t kMostKept = std::size_t{128} << 20U;
    std::error_code error;
    const auto stamp = std::filesystem::last_write_time(path, error);
    if (path != kept_path || error || stamp != kept_stamp) {
      kept_path.clear();
      kept = {};
      ALIH_TRY(kept, repository::read_file(
                         path, static_cast<std::uint64_t>(settings.processing.limits.max_file_mib) *
                                   kMiB));
      if (!error && kept.size() <= kMostKept) {
        kept_path = path;
        kept_stamp = stamp;
      }
    }
    return std::span<const std::byte>(kept);
  }

  Result<json> probe(const json& request) {
    ALIH_TRY(const auto bytes, bytes_of(path_from(request.at("path"))));
    ALIH_TRY(const auto info, processing::probe(bytes, settings.processing.limits));
    return json{{"format", std::string(processing::name(info.format))},
                {"extension", std::string(processing::extension(info.format))},
                {"frames", info.frames.size()}};
  }

  Result<json> check(const json& request) {
    ALIH_TRY(const auto bytes, bytes_of(path_from(request.at("path"))));
    const auto& limits = settings.processing.limits;
    const int frame = request.at("frame").get<int>();
    ALIH_TRY(const auto info, processing::probe(bytes, limits));
    ALIH_TRY(const auto image, processing::decode(bytes, frame, limits));
    return json{{"width", image.width()},
                {"height", image.height()},
                {"dpi", image.dpi_x()},
                {"color_mode", std::string(color_mode(image.format()))},
                {"bit_depth", bits_per_sample(image.format())},
                {"orientation", info.frames.at(static_cast<std::size_t>(frame)).orientation},
                {"pixel_sha256", sha256_hex(image.bytes())}};
  }

  // How `path` must be turned to look like `shown`; 0 = it does not.
  Result<json> match(const json& request) {
    const auto& limits = settings.processing.limits;
    ALIH_TRY(const auto shown_bytes, bytes_of(path_from(request.at("shown"))));
    ALIH_TRY(const auto shown, processing::decode(shown_bytes, 0, limits));
    ALIH_TRY(const auto bytes, bytes_of(path_from(request.at("path"))));
    ALIH_TRY(const auto stored, processing::decode(bytes, 0, limits));
    ALIH_TRY(const int orientation, processing::orientation_like(stored, shown));
    return json{{"orientation", orientation}};
  }

  // Only a cache: it may be lost, so nothing is synced. The service gives it its name.
  static Status write_cache(const Result<std::vector<std::byte>>& bytes, const std::string& path) {
    if (!bytes) return fail(bytes.error());
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(bytes->data()),
              static_cast<std::streamsize>(bytes->size()));
    out.close();
    if (!out) {
      return fail(ErrorCode::disk_full, "Citra akses tidak dapat ditulis; diska penuh?",
                  "The access image cannot be written; is the disk full?");
    }
    return {};
  }

  Result<json> page(const json& request) {
    ALIH_TRY(const auto bytes, bytes_of(path_from(request.at("path"))));
    ALIH_TRY(auto master,
             processing::decode(bytes, request.at("frame").get<int>(), settings.processing.limits));
    if (const double dpi = request.at("set_dpi").get<double>(); dpi > 0) {
      master = master.with_dpi(dpi, dpi);
    }
    ALIH_TRY(auto prepared, processing::prepare(master, request.at("orientation").get<int>(),
                                                settings.processing, {}));
    const int quality = settings.processing.access_jpeg_quality;
    if (const auto path = path_from(request.at("access")); !path.empty()) {
      ALIH_CHECK(write_cache(processing::encode_jpeg(prepared.access, quality), path));
    }
    if (const auto path = path_from(request.at("thumbnail")); !path.empty()) {
      ALIH_TRY(const auto small,
               processing::scale_to_fit(prepared.access, settings.processing.thumbnail_px));
      ALIH_CHECK(write_cache(processing::encode_jpeg(small, quality), path));
    }
    if (const auto path = path_from(request.at("pyramid")); !path.empty()) {
      ALIH_CHECK(write_cache(processing::encode_pyramid(prepared.access, quality), path));
    }
    if (const auto path = path_from(request.at("g4")); !path.empty()) {
      ALIH_CHECK(write_cache(processing::encode_g4(prepared.access), path));
    }
    json out{{"width", prepared.access.width()},
             {"height", prepared.access.height()},
             {"to_master", prepared.to_master.m},
             {"findings", json::parse(to_json(prepared.findings))},
             {"blank", prepared.blank}};
    TextLayer text;
    text.width = prepared.access.width();
    text.height = prepared.access.height();
    json reading = nullptr;
    if (request.at("read").get<bool>() && !prepared.blank) {
      const auto languages = request.at("languages").get<std::string>();
      ALIH_TRY(auto* reader, engine(languages));
      ALIH_TRY(auto read, read_page(*reader, prepared, settings));
      text = std::move(read.text);
      reading = {{"engine", reader->name()},
                 {"models", languages},
                 {"settings", reader->settings_text()},
                 {"variant", read.variant},
                 {"confidence", text.mean_confidence()},
                 {"words", text.word_count()}};
    }
    out["text"] = json::parse(to_json(text));
    out["reading"] = reading;
    return out;
  }

  json answer(const std::string& message) {
    try {
      const auto request = json::parse(message);
      const auto what = request.at("do").get<std::string>();
      if (what == "settings") {
        auto given = settings_from_json(request.at("settings").get<std::string>());
        if (!given) return error_json(given.error());
        settings = std::move(*given);
        limit_memory();
        return json::object();
      }
      auto result = what == "probe"   ? probe(request)
                    : what == "check" ? check(request)
                    : what == "match" ? match(request)
                                      : page(request);
      return result ? *result : error_json(result.error());
    } catch (const std::bad_alloc&) {
      engines.clear();
      return error_json(
          {ErrorCode::too_large, message_too_much(settings.pipeline.page_memory_mib)});
    } catch (const std::exception& e) {
      return error_json({ErrorCode::internal, message_of(e)});
    }
  }

  static Message message_too_much(int mib) {
    return alih::message("halaman memerlukan lebih dari {} MiB memori",
                         "the page needs more than {} MiB of memory", {mib});
  }
  static Message message_of(const std::exception& e) {
    return alih::message("galat dalam: {}", "internal error: {}", {e.what()});
  }

  void limit_memory() const {
    constexpr rlim_t kLargestFile = rlim_t{1} << 30U;  // a derivative is far smaller
    const rlimit file{kLargestFile, kLargestFile};
    ::setrlimit(RLIMIT_FSIZE, &file);
#ifndef ALIH_SANITIZED  // AddressSanitizer reserves terabytes; the parent watches resident memory
    const rlimit most{static_cast<rlim_t>(settings.pipeline.page_memory_mib) * kMiB,
                      static_cast<rlim_t>(settings.pipeline.page_memory_mib) * kMiB};
    ::setrlimit(RLIMIT_AS, &most);
#endif
  }
};

}  // namespace

int run_page_worker() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  Worker worker;
  for (std::string message; read_message(kFd, message);) {
    const auto answer = worker.answer(message).dump(-1, ' ', false, json::error_handler_t::replace);
    if (!write_message(kFd, answer)) break;
  }
  return 0;
}

// --- the service's side

PageWorker::PageWorker(std::string program, const Everything& settings,
                       std::filesystem::path scratch)
    : program_(std::move(program)), settings_(settings), scratch_(std::move(scratch)) {}

Result<std::string> PageWorker::ask(const std::string& request, double timeout_s) {
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
  auto sent = child_->send(request, timeout_s);
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

Result<CheckedFrame> PageWorker::check_frame(const std::filesystem::path& file, int frame,
                                             double timeout_s) {
  const json request{{"do", "check"}, {"path", path_json(file)}, {"frame", frame}};
  ALIH_TRY(const auto answer, ask(request.dump(), timeout_s));
  return checked_frame_from(answer);
}

Result<CheckedFile> PageWorker::check(const std::filesystem::path& file) {
  // Opening a pipe would wait for whoever writes to it.
  std::error_code error;
  if (std::filesystem::exists(file, error) && !std::filesystem::is_regular_file(file, error)) {
    return fail(ErrorCode::unreadable, "bukan berkas biasa", "not a regular file");
  }
  constexpr std::size_t kHead = 1024;
  std::array<char, kHead> head{};
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), head.size());
  if (is_pdf(std::as_bytes(std::span(head).first(static_cast<std::size_t>(in.gcount()))))) {
    return check_pdf(file);
  }
  const json request{{"do", "probe"}, {"path", path_json(file)}};
  const double timeout_s = settings_.pipeline.decode_timeout_s;
  ALIH_TRY(const auto answer, ask(request.dump(), timeout_s));
  ALIH_TRY(const auto probed, probed_from(answer));
  CheckedFile out{probed.format, probed.extension, {}};
  ALIH_CHECK(each_frame(probed.frames, out.frames,
                        [&](int frame) { return check_frame(file, frame, timeout_s); }));
  return out;
}

Result<CheckedFile> PageWorker::check_pdf(const std::filesystem::path& file) {
  // The time for opening counts for the first page too: a file of one page ends in time.
  double deadline = monotonic_seconds() + settings_.pipeline.decode_timeout_s;
  ALIH_TRY(const auto opened, Scratch::make(scratch_));
  ALIH_TRY(const auto pdf, Pdf::open(file, opened.folder(), settings_, deadline));
  CheckedFile out{"pdf", "pdf", {}};
  ALIH_CHECK(each_frame(static_cast<std::size_t>(pdf.pages()), out.frames,
                        [&](int frame) -> Result<CheckedFrame> {
                          if (frame > 0)
                            deadline = monotonic_seconds() + settings_.pipeline.decode_timeout_s;
                          // What one page left behind would be taken for the next one's.
                          ALIH_TRY(const auto folder, Scratch::make(scratch_));
                          return check_pdf_page(pdf.in(folder.folder()), frame + 1, deadline);
                        }));
  return out;
}

Result<CheckedFrame> PageWorker::check_pdf_page(const Pdf& pdf, int page, double deadline) {
  ALIH_TRY(const auto size, pdf.size(page, deadline));
  const auto left = [&] { return std::max(0.1, deadline - monotonic_seconds()); };
  if (auto scan = pdf.embedded(page, size, deadline)) {
    ALIH_TRY(const auto shown, pdf.preview(page, deadline));
    const json request{
        {"do", "match"}, {"path", path_json(scan->file)}, {"shown", path_json(shown)}};
    const auto answer = ask(request.dump(), left());
    const int orientation = answer ? orientation_from(*answer).value_or(0) : 0;
    if (orientation > 0) {
      ALIH_TRY(auto frame, check_frame(scan->file, 0, left()));
      frame.dpi = scan->dpi;
      frame.orientation = orientation;
      frame.pdf_image = "embedded";
      return frame;
    }
  } else if (scan.error().code != ErrorCode::not_found) {
    return fail(std::move(scan).error());
  }
  ALIH_TRY(const auto drawn, pdf.rendered(page, size, deadline));
  ALIH_TRY(auto frame, check_frame(drawn.file, 0, left()));
  frame.dpi = drawn.dpi;
  frame.pdf_image = "rendered";
  return frame;
}

Result<PageResult> PageWorker::process(const PageTask& task) {
  std::optional<Scratch> scratch;
  auto path = task.master;
  if (!task.pdf_image.empty()) {
    const double deadline = monotonic_seconds() + settings_.pipeline.decode_timeout_s;
    ALIH_TRY(auto made, Scratch::make(scratch_));
    scratch.emplace(std::move(made));
    ALIH_TRY(const auto pdf, Pdf::open(task.master, scratch->folder(), settings_, deadline));
    const int page = task.frame + 1;
    ALIH_TRY(const auto size, pdf.size(page, deadline));
    ALIH_TRY(const auto image, task.pdf_image == "embedded" ? pdf.embedded(page, size, deadline)
                                                            : pdf.rendered(page, size, deadline));
    path = image.file;
  }
  const json request{{"do", "page"},
                     {"path", path_json(path)},
                     {"frame", scratch ? 0 : task.frame},
                     {"orientation", task.orientation},
                     {"set_dpi", scratch ? task.dpi : 0.0},
                     {"languages", task.languages},
                     {"read", task.read},
                     {"access", path_json(task.access)},
                     {"thumbnail", path_json(task.thumbnail)},
                     {"pyramid", path_json(task.pyramid)},
                     {"g4", path_json(task.g4)}};
  ALIH_TRY(const auto answer, ask(request.dump(), settings_.pipeline.page_timeout_s));
  ALIH_TRY(auto out, page_result_from(answer));
  // The engine's version is known only now; a blank page met none.
  out.recipe = sha256_hex(recipe_of(task, settings_) + out.reading.engine);
  return out;
}

std::string recipe_of(const PageTask& task, const Everything& settings) {
  const json recipe{{"pipeline", kPipelineVersion},
                    {"master_sha256", task.master_sha256},
                    {"frame", task.frame},
                    {"orientation", task.orientation},
                    {"pdf_image", task.pdf_image},
                    {"languages", task.languages},
                    {"settings", recipe_settings(settings)}};
  return sha256_hex(recipe.dump());
}

}  // namespace alih::pipeline
