#include "pipeline/page_worker.h"

#include <csignal>
#include <fstream>
#include <map>

#include <nlohmann/json.hpp>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "core/fixity.h"
#include "core/records.h"
#include "indexer/analyzer.h"
#include "indexer/spelling.h"
#include "ocr/engine.h"
#include "pipeline/read_page.h"
#include "pipeline/settings_json.h"
#include "processing/codec.h"
#include "processing/prepare.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
constexpr int kFd = 3;
// Code that decides how a page comes out; raise it when the same settings give another result.
constexpr int kPipelineVersion = 2;

json error_json(const Error& e) {
  return {{"error",
           {{"code", std::string(code_name(e.code))}, {"id", e.message.id}, {"en", e.message.en}}}};
}

// --- the worker's side

struct Worker {
  Everything settings;
  std::map<std::string, std::unique_ptr<ocr::Engine>> engines;  // by languages

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

  Result<std::vector<std::byte>> bytes_of(const std::string& path) const {
    return repository::read_file(
        path, static_cast<std::uint64_t>(settings.processing.limits.max_file_mib) * kMiB);
  }

  Result<json> check(const json& request) const {
    ALIH_TRY(const auto bytes, bytes_of(request.at("path").get<std::string>()));
    const auto& limits = settings.processing.limits;
    ALIH_TRY(const auto info, processing::probe(bytes, limits));
    json frames = json::array();
    for (std::size_t i = 0; i < info.frames.size(); ++i) {
      json frame;
      const auto& f = info.frames[i];
      const auto image = processing::decode(bytes, static_cast<int>(i), limits);
      if (!image) {
        frame["problem_id"] = image.error().message.id;
        frame["problem_en"] = image.error().message.en;
      } else {
        frame["width"] = image->width();
        frame["height"] = image->height();
        frame["dpi"] = image->dpi_x();
        frame["color_mode"] = std::string(color_mode(image->format()));
        frame["bit_depth"] = bits_per_sample(image->format());
        frame["orientation"] = f.orientation;
        frame["pixel_sha256"] = sha256_hex(image->bytes());
      }
      frames.push_back(std::move(frame));
    }
    return json{{"format", std::string(processing::name(info.format))},
                {"extension", std::string(processing::extension(info.format))},
                {"frames", frames}};
  }

  Status write_jpeg(const Image& image, const std::string& path) const {
    if (path.empty()) return {};
    ALIH_TRY(const auto jpeg,
             processing::encode_jpeg(image, settings.processing.access_jpeg_quality));
    // Only a cache: it may be lost, so nothing is synced. The service gives it its name.
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(jpeg.data()),
              static_cast<std::streamsize>(jpeg.size()));
    out.close();
    if (!out) {
      return fail(ErrorCode::disk_full, "Citra akses tidak dapat ditulis; diska penuh?",
                  "The access image cannot be written; is the disk full?");
    }
    return {};
  }

  Result<json> page(const json& request) {
    ALIH_TRY(const auto bytes, bytes_of(request.at("path").get<std::string>()));
    ALIH_TRY(const auto master,
             processing::decode(bytes, request.at("frame").get<int>(), settings.processing.limits));
    ALIH_TRY(auto prepared, processing::prepare(master, request.at("orientation").get<int>(),
                                                settings.processing, {}));
    ALIH_CHECK(write_jpeg(prepared.access, request.at("access").get<std::string>()));
    if (const auto path = request.at("thumbnail").get<std::string>(); !path.empty()) {
      ALIH_TRY(const auto small,
               processing::scale_to_fit(prepared.access, settings.processing.thumbnail_px));
      ALIH_CHECK(write_jpeg(small, path));
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
      auto result = what == "check" ? check(request) : page(request);
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

PageWorker::PageWorker(std::string program, const Everything& settings)
    : program_(std::move(program)), settings_(settings) {}

Result<std::string> PageWorker::ask(const std::string& request, int timeout_s) {
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

Result<json> read_answer(Result<std::string> answer) {
  if (!answer) return fail(std::move(answer).error());
  auto j = json::parse(*answer, nullptr, false);
  if (j.is_discarded() || !j.is_object()) {
    return fail(ErrorCode::internal, "jawaban proses pengolah tidak terbaca",
                "the worker's answer cannot be read");
  }
  if (const auto e = j.find("error"); e != j.end()) {
    return fail(Error{code_from_name(e->value("code", std::string())),
                      {e->value("id", std::string()), e->value("en", std::string())}});
  }
  return j;
}

}  // namespace

Result<CheckedFile> PageWorker::check(const std::filesystem::path& file) {
  const json request{{"do", "check"}, {"path", file.string()}};
  ALIH_TRY(const auto answer,
           read_answer(ask(request.dump(-1, ' ', false, json::error_handler_t::replace),
                           settings_.pipeline.decode_timeout_s)));
  try {
    CheckedFile out{
        answer.at("format").get<std::string>(), answer.at("extension").get<std::string>(), {}};
    for (const auto& f : answer.at("frames")) {
      CheckedFrame frame;
      frame.problem_id = f.value("problem_id", std::string());
      frame.problem_en = f.value("problem_en", std::string());
      if (frame.problem_en.empty()) {
        frame.width = f.at("width").get<int>();
        frame.height = f.at("height").get<int>();
        frame.dpi = f.at("dpi").get<double>();
        frame.color_mode = f.at("color_mode").get<std::string>();
        frame.bit_depth = f.at("bit_depth").get<int>();
        frame.orientation = f.at("orientation").get<int>();
        frame.pixel_sha256 = f.at("pixel_sha256").get<std::string>();
      }
      out.frames.push_back(std::move(frame));
    }
    return out;
  } catch (const std::exception& e) {
    return fail(ErrorCode::internal, "jawaban proses pengolah: {}", "the worker's answer: {}",
                {e.what()});
  }
}

Result<PageResult> PageWorker::process(const PageTask& task) {
  const json request{{"do", "page"},
                     {"path", task.master.string()},
                     {"frame", task.frame},
                     {"orientation", task.orientation},
                     {"dpi", task.dpi},
                     {"languages", task.languages},
                     {"read", task.read},
                     {"access", task.access.string()},
                     {"thumbnail", task.thumbnail.string()}};
  ALIH_TRY(const auto answer, read_answer(ask(request.dump(), settings_.pipeline.page_timeout_s)));
  try {
    PageResult out;
    out.access_width = answer.at("width").get<int>();
    out.access_height = answer.at("height").get<int>();
    out.to_master.m = answer.at("to_master").get<std::array<double, 6>>();
    ALIH_TRY(out.findings, findings_from_json(answer.at("findings").dump()));
    out.blank = answer.at("blank").get<bool>();
    ALIH_TRY(out.text, text_from_json(answer.at("text").dump()));
    if (const auto& r = answer.at("reading"); !r.is_null()) {
      out.reading.engine = r.at("engine").get<std::string>();
      out.reading.models = r.at("models").get<std::string>();
      out.reading.settings = r.at("settings").get<std::string>();
      out.reading.variant = r.at("variant").get<std::string>();
      out.reading.confidence = r.at("confidence").get<double>();
      out.reading.words = r.at("words").get<int>();
    }
    std::vector<std::string> terms;
    for (const auto& t : indexer::analyze(out.text)) {
      if (!t.joined && t.position < indexer::kAlternatePosition) terms.push_back(t.term);
    }
    out.reading.orthography = indexer::word(indexer::classify(terms));
    // The engine's version is known only now; a blank page met none.
    out.recipe = sha256_hex(recipe_of(task, settings_) + out.reading.engine);
    return out;
  } catch (const std::exception& e) {
    return fail(ErrorCode::internal, "jawaban proses pengolah: {}", "the worker's answer: {}",
                {e.what()});
  }
}

std::string recipe_of(const PageTask& task, const Everything& settings) {
  const json recipe{{"pipeline", kPipelineVersion}, {"master_sha256", task.master_sha256},
                    {"frame", task.frame},          {"orientation", task.orientation},
                    {"languages", task.languages},  {"settings", recipe_settings(settings)}};
  return sha256_hex(recipe.dump());
}

}  // namespace alih::pipeline
