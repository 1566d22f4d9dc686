#include "pipeline/page_worker_main.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <span>

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fixity.h"
#include "core/json.h"
#include "core/records.h"
#include "core/text_evidence.h"
#include "ocr/engine.h"
#include "ocr/fast_lstm_report.h"
#include "pipeline/cage.h"
#include "pipeline/child.h"
#include "pipeline/descriptor.h"
#include "pipeline/lines_read.h"
#include "pipeline/orientation.h"
#include "pipeline/profiles.h"
#include "pipeline/read_page.h"
#include "pipeline/settings_json.h"
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

constexpr int kFd = 3;

json error_json(const Error& e) {
  return {{"error",
           {{"code", std::string(code_name(e.code))}, {"id", e.message.id}, {"en", e.message.en}}}};
}

json region_json(const Box& box) { return json::array({box.x, box.y, box.width, box.height}); }

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
      auto made = ocr::make_engine(model, settings.ocr, ocr::WordList::left_out);
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
    forget_file();
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

  void forget_file() {
    kept_key.reset();
    kept = {};
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

  // Whether lines are read fast by this library on this machine, and with these models; none = only
  // what the library and the processor say.
  Result<json> try_reading(const json& request) const {
    const auto report = ocr::fast_lstm_report(settings.ocr);
    json out{{"possible", report.possible},
             {"kernel", report.kernel},
             {"id", report.why_not_id},
             {"en", report.why_not_en}};
    const auto languages = request.at("languages").get<std::string>();
    if (languages.empty() || !report.possible) return out;
    ALIH_TRY(const auto lines, ocr::try_fast_lstm(languages, settings.ocr));
    out["lines"] = {lines.lines_fast,  lines.lines_slow,     lines.lines_checked,
                    lines.differences, lines.networks_bound, lines.networks_refused};
    return out;
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
    // Of a file with other pages the bytes are kept: they are asked for next.
    const auto held = processing::probe(bytes, settings.processing.limits);
    if (!held || held->frames.size() == 1) forget_file();
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
                 {"settings", reader->settings_text(read.how)},
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
                    : what == "try"   ? try_reading(request)
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
  // Pictures of pages are made and dropped all the time: given back to the kernel each time, all
  // their pages would be faulted in and zeroed again (7 % of the CPU of a page, measured).
  constexpr int kMiB = 1 << 20;
  ::mallopt(M_MMAP_THRESHOLD, 32 * kMiB);  // the most that glibc takes
  ::mallopt(M_TRIM_THRESHOLD, 128 * kMiB);
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

}  // namespace alih::pipeline
