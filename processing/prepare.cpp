#include "processing/prepare.h"

#include <algorithm>
#include <cmath>
#include <ctime>

#include <opencv2/imgproc.hpp>

#include "processing/guarded.h"
#include "processing/level.h"
#include "processing/make_stage.h"
#include "processing/orient.h"
#include "processing/pixels.h"

namespace alih::processing {
namespace {

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// One stage, on the image that its kind works on.
Status run(const StageRow& row, const Settings& settings, bool bilevel, const Image& whole,
           const std::stop_token& stop, Prepared& out) {
  const auto stage = make_stage(row, settings);
  if (row.kind == StageKind::tone && out.reading.empty()) {
    ALIH_TRY(out.reading, reading_variant(out.flat, "none", settings));
  }
  if (row.name == "level" && bilevel) {
    // Black and white already: there is no background to level.
    out.findings.push_back({"level", {}, 1.0, false, "bilevel"});
    return {};
  }
  if (row.name == "show_through" && bilevel) {
    out.findings.push_back({"show_through", {}, 1.0, false, "bilevel"});
    return {};
  }
  const auto input = [&]() -> const Image& {
    switch (row.kind) {
      case StageKind::whole:
        return whole;
      case StageKind::frame:
      case StageKind::judge:
      case StageKind::geometry:
        return out.access;
      case StageKind::paint:
      case StageKind::flat:
        return out.flat;
      case StageKind::tone:
        return out.reading;
    }
    return out.access;
  };
  ALIH_TRY(auto step, stage->run(input(), stop));
  switch (row.kind) {
    case StageKind::whole:
      out.codes.insert(out.codes.end(), step.codes.begin(), step.codes.end());
      break;
    case StageKind::judge:
      break;
    case StageKind::frame:
    case StageKind::geometry:
      out.access = std::move(step.image);
      out.to_master = compose(out.to_master, step.to_input);
      break;
    case StageKind::paint:
      out.flat = std::move(step.image);
      if (settings.edges.access) out.access = out.flat;
      break;
    case StageKind::flat:
      out.flat = std::move(step.image);
      out.bend = std::move(step.bend);
      break;
    case StageKind::tone:
      out.reading = std::move(step.image);
      break;
  }
  for (auto& finding : step.findings) {
    if (finding.name == "blank") out.blank = finding.note == "blank";
    out.findings.push_back(std::move(finding));
  }
  return {};
}

}  // namespace

Result<Prepared> prepare(const Image& master, int orientation, const Settings& settings,
                         std::stop_token stop) {
  cv::setNumThreads(1);  // pages run side by side, each in a process of its own
  return guarded<Prepared>([&]() -> Result<Prepared> {
    Prepared out;
    const bool bilevel = master.format() == PixelFormat::bilevel;
    ALIH_TRY(out.access, upright(to_8bit(master), orientation));
    out.scanned = bilevel && orientation <= 1 ? master : out.access;
    const auto scanned_to_master = upright_to_stored(orientation, master.width(), master.height());
    out.to_master = scanned_to_master;
    ALIH_CHECK(check_stages(settings));
    using enum StageKind;
    const Image whole_page = out.access;
    for (const auto kind : {frame, judge, whole, geometry, paint, flat, tone}) {
      // Of a blank page nothing more is wanted.
      if (out.blank) break;
      for (const auto& name : settings.stages) {
        ALIH_TRY(const auto* row, find_stage(name));
        if (row->kind != kind || !row->enabled(settings)) continue;
        if (stop.stop_requested()) return fail(ErrorCode::stopped, "Dihentikan", "Stopped");
        const double start = cpu_seconds();
        ALIH_CHECK(run(*row, settings, bilevel, whole_page, stop, out));
        if (!out.findings.empty() && out.findings.back().name == name) {
          constexpr double kTenths = 10;
          out.findings.back().numbers["ms"] =
              std::round((cpu_seconds() - start) * 1000 * kTenths) / kTenths;
        }
      }
      // What later kinds start from.
      if (kind == geometry) out.flat = out.access;
    }
    if (out.flat.empty()) out.flat = out.access;
    if (out.reading.empty()) {
      ALIH_TRY(out.reading, reading_variant(out.flat, "none", settings));
    }
    out.scanned_to_access = compose(inverse(out.to_master), scanned_to_master);
    for (auto& code : out.codes) {
      code.box = mapped(out.scanned_to_access, code.box, out.access.width(), out.access.height());
    }
    return out;
  });
}

Result<Image> reading_variant(const Image& flat, const std::string& variant,
                              const Settings& settings) {
  if (variant == "none") {
    if (flat.format() == PixelFormat::gray8) return flat;
    return to_image(to_gray(flat), flat.dpi_x(), flat.dpi_y());
  }
  auto how = settings.level;
  auto background = Background::coarse;
  if (variant == "soft8" || variant == "fine8")
    how.clip = 0.8;
  else if (variant == "soft5")
    how.clip = 0.5;
  else {
    return fail(ErrorCode::bad_setting, "Citra baca \"{}\" tidak dikenal",
                "Reading image \"{}\" is not known", {variant});
  }
  if (variant == "fine8") background = Background::fine;
  return level(flat, how, nullptr, background);
}

Image plain(const Image& image) { return to_8bit(image); }

Result<Image> scale_to_fit(const Image& image, int max_side_px) {
  const int longest = std::max(image.width(), image.height());
  const Image plain = to_8bit(image);
  if (longest <= max_side_px) return plain;
  const double scale = static_cast<double>(max_side_px) / longest;
  const cv::Size size(std::max(1, static_cast<int>(image.width() * scale)),
                      std::max(1, static_cast<int>(image.height() * scale)));
  cv::Mat out;
  // Most of the way by a whole number, which is much faster.
  cv::resize(reduced_by(view(plain), longest / (2 * max_side_px)), out, size, 0, 0, cv::INTER_AREA);
  return to_image(out, image.dpi_x() * scale, image.dpi_y() * scale);
}

}  // namespace alih::processing
