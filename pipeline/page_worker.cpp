#include "pipeline/page_worker.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <map>
#include <span>

#include <nlohmann/json.hpp>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fixity.h"
#include "core/records.h"
#include "core/text_evidence.h"
#include "ocr/engine.h"
#include "ocr/fast_lstm_report.h"
#include "pipeline/cage.h"
#include "pipeline/lines_read.h"
#include "pipeline/orientation.h"
#include "pipeline/read_page.h"
#include "pipeline/settings_json.h"
#include "pipeline/worker_answer.h"
#include "processing/blank.h"
#include "processing/codec.h"
#include "processing/codes.h"
#include "processing/gutter.h"
#include "processing/layers.h"
#include "processing/match.h"
#include "processing/prepare.h"
#include "processing/pyramid.h"
#include "processing/quality.h"
#include "repository/durable_file.h"
#include "repository/export/layers_file.h"

namespace alih::pipeline {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
constexpr int kFd = 3;
// Code that decides how a page comes out; raise it when the same settings give another result.
constexpr int kPipelineVersion = 4;

json error_json(const Error& e) {
  return {{"error",
           {{"code", std::string(code_name(e.code))}, {"id", e.message.id}, {"en", e.message.en}}}};
}

json region_json(const Box& box) { return json::array({box.x, box.y, box.width, box.height}); }

// --- the worker's side

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Which file an open one is, as it is now.
struct FileKey {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  std::int64_t size = 0;
  bool operator==(const FileKey&) const = default;
};

// The worker opens no file of the service's or the user's: open ones come along with the request,
// which names them by number.
using Files = std::vector<Descriptor>;

int file_of(const json& request, const char* what, const Files& files) {
  return files.at(request.at(what).get<std::size_t>()).get();
}

struct Worker {
  Everything settings;
  std::map<std::string, std::unique_ptr<ocr::Engine>> engines;  // by languages
  std::unique_ptr<ocr::Engine> second;
  bool caged = false;
  // The file last asked for is kept: its other pages are likely to come next.
  std::optional<FileKey> kept_key;
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

  // For words with signs that the page's models lack; none when they have them, or when it is off.
  ocr::Engine* second_engine(const std::string& languages) {
    const auto& model = settings.ocr.second;
    const bool has_it = ("+" + languages + "+").find("+" + model + "+") != std::string::npos;
    if (model.empty() || has_it) return nullptr;
    if (!second) {
      auto made = ocr::make_engine(model, settings.ocr);
      if (!made) return nullptr;
      second = std::move(*made);
    }
    return second.get();
  }

  Result<std::span<const std::byte>> bytes_of(int file) {
    constexpr std::size_t kMostKept = std::size_t{128} << 20U;
    struct stat info {};
    if (::fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
      return fail(ErrorCode::unreadable, "bukan berkas biasa", "not a regular file");
    }
    const FileKey key{info.st_dev, info.st_ino, info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
                      info.st_size};
    if (kept_key == key) return std::span<const std::byte>(kept);
    kept_key.reset();
    kept = {};
    const int most = settings.processing.limits.max_file_mib;
    if (key.size > std::int64_t{most} << 20U) {
      return fail(ErrorCode::too_large, "berkas lebih besar dari {} MiB",
                  "the file is larger than {} MiB", {most});
    }
    kept.resize(static_cast<std::size_t>(key.size));
    std::size_t have = 0;
    while (have < kept.size()) {
      const auto got =
          ::pread(file, kept.data() + have, kept.size() - have, static_cast<off_t>(have));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0)
        return fail(repository::system_error(errno, "membaca berkas", "reading the file"));
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
    }
    kept.resize(have);
    if (kept.size() <= kMostKept) kept_key = key;
    return std::span<const std::byte>(kept);
  }

  Result<json> probe(const json& request, const Files& files) {
    ALIH_TRY(const auto bytes, bytes_of(file_of(request, "file", files)));
    ALIH_TRY(const auto info, processing::probe(bytes, settings.processing.limits));
    return json{{"format", std::string(processing::name(info.format))},
                {"extension", std::string(processing::extension(info.format))},
                {"frames", info.frames.size()}};
  }

  Result<json> check(const json& request, const Files& files) {
    ALIH_TRY(const auto bytes, bytes_of(file_of(request, "file", files)));
    const auto& limits = settings.processing.limits;
    const int frame = request.at("frame").get<int>();
    ALIH_TRY(const auto info, processing::probe(bytes, limits));
    ALIH_TRY(const auto image, processing::decode(bytes, frame, limits));
    const int orientation =
        request.value("orientation", info.frames.at(static_cast<std::size_t>(frame)).orientation);
    json out{{"width", image.width()},
             {"height", image.height()},
             {"dpi", image.dpi_x()},
             {"color_mode", std::string(color_mode(image.format()))},
             {"bit_depth", bits_per_sample(image.format())},
             {"orientation", orientation},
             {"pixel_sha256", sha256_hex(image.bytes())}};
    if (request.value("blank", false)) {
      ALIH_TRY(out["blank"], processing::is_blank(image, settings.processing.blank));
    }
    if (request.value("separator", false)) {
      ALIH_TRY(const auto codes, processing::find_separator(image));
      out["separator"] = json::parse(to_json(codes));
      if (!codes.empty()) return out;  // no page of a book
    }
    if (!request.value("split", false)) return out;
    ALIH_TRY(const auto spread, processing::find_spread(image, orientation));
    if (!spread.finding) return out;
    out["split"] = json::parse(to_json(std::vector{*spread.finding}));
    for (const auto& part : spread.parts) out["parts"].push_back(region_json(part));
    return out;
  }

  // How `file` must be turned to look like `shown`; 0 = it does not.
  Result<json> match(const json& request, const Files& files) {
    const auto& limits = settings.processing.limits;
    ALIH_TRY(const auto shown_bytes, bytes_of(file_of(request, "shown", files)));
    ALIH_TRY(const auto shown, processing::decode(shown_bytes, 0, limits));
    ALIH_TRY(const auto bytes, bytes_of(file_of(request, "file", files)));
    ALIH_TRY(const auto stored, processing::decode(bytes, 0, limits));
    ALIH_TRY(const int orientation, processing::orientation_like(stored, shown));
    return json{{"orientation", orientation}};
  }

  // Only a cache: it may be lost, so nothing is synced. The service gives it its name.
  static Status write_cache(const Result<std::vector<std::byte>>& bytes, int file) {
    if (!bytes) return fail(bytes.error());
    for (std::span<const std::byte> left(*bytes); !left.empty();) {
      const auto done = ::write(file, left.data(), left.size());
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) {
        return fail(ErrorCode::disk_full, "Citra akses tidak dapat ditulis; diska penuh?",
                    "The access image cannot be written; is the disk full?");
      }
      left = left.subspan(static_cast<std::size_t>(done));
    }
    return {};
  }

  // A picture for a PDF of a page's access image. Of a photograph's page in two layers nothing but
  // the background is left: then the mask is missing.
  Result<json> pdf_image(const json& request, const Files& files) {
    ALIH_TRY(const auto bytes, bytes_of(file_of(request, "file", files)));
    ALIH_TRY(auto access, processing::decode(bytes, 0, settings.processing.limits));
    // A JPEG has whole dots only.
    const double dpi = request.at("dpi").get<double>();
    access = access.with_dpi(dpi, dpi);
    const int to = file_of(request, "to", files);
    if (request.at("images").get<std::string>() == word(PdfImages::g4)) {
      ALIH_TRY(const auto black, processing::black_and_white(access));
      ALIH_CHECK(write_cache(processing::encode_g4(black), to));
      return json::object();
    }
    const auto& how = settings.processing.layers;
    ALIH_TRY(const auto layers, processing::layers(access, how));
    std::vector<std::byte> mask;
    if (!layers.mask.empty()) {
      ALIH_TRY(mask, processing::encode_g4(layers.mask));
    }
    ALIH_TRY(const auto background,
             processing::encode_jpeg(layers.background, how.background_quality,
                                     processing::JpegCoding::small));
    ALIH_CHECK(write_cache(
        repository::layers_file(access.width(), access.height(), layers.ink, background, mask),
        to));
    return json::object();
  }

  Result<json> page(const json& request, const Files& files) {
    // What each part cost in CPU time, for people who tune.
    Finding times{"times", {}, 1.0, false, ""};
    double last = cpu_seconds();
    const auto lap = [&](const char* what) {
      const double now = cpu_seconds();
      times.numbers[what] = std::round((now - last) * 10000) / 10;
      last = now;
    };
    const auto how = with_page_settings(settings, request.value("settings", PageSettings{}));
    ALIH_TRY(const auto bytes, bytes_of(file_of(request, "file", files)));
    ALIH_TRY(auto master,
             processing::decode(bytes, request.at("frame").get<int>(), settings.processing.limits));
    if (const double dpi = request.at("set_dpi").get<double>(); dpi > 0) {
      master = master.with_dpi(dpi, dpi);
    }
    Affine to_frame;  // pixel of the page's region -> pixel of the frame
    if (const auto r = request.value("region", std::array<int, 4>{}); r[2] > 0) {
      ALIH_TRY(master, processing::part_of(master, {r[0], r[1], r[2], r[3]}));
      to_frame.m[2] = r[0];
      to_frame.m[5] = r[1];
    }
    lap("decode_ms");
    ALIH_TRY(auto prepared,
             processing::prepare(master, request.at("orientation").get<int>(), how.processing, {}));
    lap("prepare_ms");
    // What the stages say of themselves is not told twice.
    for (const auto& finding : prepared.findings) {
      if (const auto ms = finding.numbers.find("ms"); ms != finding.numbers.end()) {
        times.numbers["prepare_ms"] -= ms->second;
      }
    }
    times.numbers["prepare_ms"] = std::max(0.0, std::round(times.numbers["prepare_ms"] * 10) / 10);
    const bool reads = request.at("read").get<bool>();
    TextLayer text;
    json reading = nullptr;
    if (reads && !prepared.blank) {
      const auto languages = request.at("languages").get<std::string>();
      ALIH_TRY(auto* reader, engine(languages));
      const int orientation = request.at("orientation").get<int>();
      const auto turned = [&](int degrees) {
        return processing::prepare(master, turned_orientation(orientation, degrees), how.processing,
                                   {});
      };
      const auto read_it = [&] {
        return read_page(
            *reader, prepared, how, [&] { return second_engine(languages); }, turned);
      };
      const auto before = ocr::fast_lstm_counts();
      ALIH_TRY(auto read, read_it());
      // Lines before the one that differed were not compared: once more, by the library alone.
      if (settings.ocr.fast_lstm == "auto" && (ocr::fast_lstm_counts() - before).differences > 0) {
        ALIH_TRY(read, read_it());
      }
      const auto lines = ocr::fast_lstm_counts() - before;
      if (read.turned) prepared = std::move(*read.turned);
      if (read.orientation) prepared.findings.push_back(std::move(*read.orientation));
      prepared.findings.push_back(
          finding_of({lines.lines_fast, lines.lines_slow, lines.lines_checked, lines.differences},
                     ocr::fast_lstm_report(settings.ocr).kernel));
      text = std::move(read.text);
      put_back(text, prepared.bend);
      if (read.second.asked > 0) {
        prepared.findings.push_back(
            {"second_reading",
             {{"asked", read.second.asked}, {"replaced", read.second.replaced}},
             1.0,
             read.second.replaced > 0,
             settings.ocr.second});
      }
      prepared.findings.push_back(measure_text(text));
      reading = {{"engine", reader->name()},
                 {"models", languages},
                 {"settings", reader->settings_text()},
                 {"variant", read.variant},
                 {"confidence", text.mean_confidence()},
                 {"words", text.word_count()}};
    }
    text.width = prepared.access.width();
    text.height = prepared.access.height();
    lap("read_ms");
    const int quality = settings.processing.access_jpeg_quality;
    if (request.contains("access")) {
      ALIH_CHECK(write_cache(processing::encode_jpeg(prepared.access, quality),
                             file_of(request, "access", files)));
    }
    if (request.contains("thumbnail")) {
      ALIH_TRY(const auto small,
               processing::scale_to_fit(prepared.access, settings.processing.thumbnail_px));
      ALIH_CHECK(write_cache(processing::encode_jpeg(small, quality),
                             file_of(request, "thumbnail", files)));
    }
    if (request.contains("pyramid")) {
      ALIH_CHECK(write_cache(processing::encode_pyramid(prepared.access, quality),
                             file_of(request, "pyramid", files)));
    }
    if (request.contains("g4")) {
      ALIH_CHECK(
          write_cache(processing::encode_g4(prepared.access), file_of(request, "g4", files)));
    }
    if (request.contains("before")) {
      ALIH_CHECK(write_cache(processing::encode_jpeg(processing::plain(prepared.scanned), quality),
                             file_of(request, "before", files)));
    }
    if (request.contains("cleaned")) {
      ALIH_CHECK(write_cache(processing::encode_jpeg(prepared.reading, quality),
                             file_of(request, "cleaned", files)));
    }
    lap("images_ms");
    if (reads) {
      // A page that cannot be measured is read all the same.
      auto measured = processing::measure_quality(master, prepared);
      if (measured) prepared.findings.push_back(std::move(*measured));
      lap("quality_ms");
    }
    json out{{"width", prepared.access.width()},
             {"height", prepared.access.height()},
             {"to_master", compose(to_frame, prepared.to_master).m},
             {"codes", json::parse(to_json(prepared.codes))},
             {"blank", prepared.blank}};
    // What a code says is searched like another reading of the page, and never shown as its text.
    for (const auto& code : prepared.codes) {
      if (!code.text.empty()) text.alternates.push_back({code.text, code.box, 1.0});
    }
    prepared.findings.push_back(std::move(times));
    out["findings"] = json::parse(to_json(prepared.findings));
    out["text"] = json::parse(to_json(text));
    out["reading"] = reading;
    return out;
  }

  json answer(const std::string& message, const Files& files) {
    try {
      const auto request = json::parse(message);
      const auto what = request.at("do").get<std::string>();
      if (what == "settings") {
        auto given = settings_from_json(request.at("settings").get<std::string>());
        if (!given) return error_json(given.error());
        settings = std::move(*given);
        enter_cage();
        return json::object();
      }
      if (!caged)
        return error_json(
            {ErrorCode::internal, alih::message("pengaturan belum diterima", "no settings yet")});
      auto result = what == "probe"   ? probe(request, files)
                    : what == "check" ? check(request, files)
                    : what == "match" ? match(request, files)
                    : what == "pdf"   ? pdf_image(request, files)
                                      : page(request, files);
      return result ? *result : error_json(result.error());
    } catch (const std::bad_alloc&) {
      engines.clear();
      second.reset();
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

  // Only the service has spoken so far; from here on it may be strangers.
  void enter_cage() {
    constexpr int kLargestFileMib = 1024;  // a derivative is far smaller
    auto cage =
        Cage::for_worker(settings.ocr.models, {settings.pipeline.page_memory_mib, kLargestFileMib});
    cage.enter();
    caged = true;
  }
};

}  // namespace

void put_back(TextLayer& text, const processing::Bend& bend) {
  if (bend.empty()) return;
  for (auto& block : text.blocks) {
    block.box = bend.to_bent(block.box);
    for (auto& line : block.lines) {
      line.box = bend.to_bent(line.box);
      if (line.has_baseline()) {
        auto& b = line.baseline;
        b[1] = static_cast<int>(std::lround(bend.bent_y(b[0], b[1])));
        b[3] = static_cast<int>(std::lround(bend.bent_y(b[2], b[3])));
      }
      for (auto& w : line.words) w.box = bend.to_bent(w.box);
    }
  }
  for (auto& w : text.alternates) w.box = bend.to_bent(w.box);
}

int run_page_worker() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  Worker worker;
  Files files;
  for (std::string message; read_message(kFd, message, files);) {
    const auto answer =
        worker.answer(message, files).dump(-1, ' ', false, json::error_handler_t::replace);
    files.clear();
    if (!write_message(kFd, answer)) break;
  }
  return 0;
}

// --- the service's side

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
