#include "processing/prepare.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "processing/guarded.h"
#include "processing/level.h"
#include "processing/orient.h"
#include "processing/pixels.h"
#include "processing/stages.h"

namespace alih::processing {

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
    // Geometry before tone, which is made of the image as it will lie, in whatever order they are
    // named.
    for (const auto kind : {StageKind::whole, StageKind::geometry, StageKind::tone}) {
      for (const auto& name : settings.stages) {
        ALIH_TRY(const auto* row, find_stage(name));
        if (row->kind != kind) continue;
        if (stop.stop_requested()) return fail(ErrorCode::stopped, "Dihentikan", "Stopped");
        const auto stage = row->make(settings);
        if (kind == StageKind::whole) {
          ALIH_TRY(auto step, stage->run(out.access, stop));
          out.codes.insert(out.codes.end(), step.codes.begin(), step.codes.end());
          out.findings.insert(out.findings.end(), step.findings.begin(), step.findings.end());
          continue;
        }
        if (kind == StageKind::geometry) {
          ALIH_TRY(auto step, stage->run(out.access, stop));
          out.access = std::move(step.image);
          out.to_master = compose(out.to_master, step.to_input);
          out.findings.insert(out.findings.end(), step.findings.begin(), step.findings.end());
          continue;
        }
        if (name == "level" && bilevel) {
          // Black and white already: there is no background to level.
          out.findings.push_back({"level", {}, 1.0, false, "bilevel"});
          continue;
        }
        if (out.reading.empty()) {
          ALIH_TRY(out.reading, reading_variant(out.access, "none", settings));
        }
        // Blankness is judged on what is printed, not on what levelling made of the grain.
        const bool judges = name == "blank";
        ALIH_TRY(auto step, stage->run(judges ? out.access : out.reading, stop));
        if (!judges) out.reading = std::move(step.image);
        for (auto& finding : step.findings) {
          if (finding.name == "blank") out.blank = finding.note == "blank";
          out.findings.push_back(std::move(finding));
        }
      }
    }
    if (out.reading.empty()) {
      ALIH_TRY(out.reading, reading_variant(out.access, "none", settings));
    }
    out.scanned_to_access = compose(inverse(out.to_master), scanned_to_master);
    for (auto& code : out.codes) {
      code.box = mapped(out.scanned_to_access, code.box, out.access.width(), out.access.height());
    }
    return out;
  });
}

Result<Image> reading_variant(const Image& access, const std::string& variant,
                              const Settings& settings) {
  if (variant == "none") {
    if (access.format() == PixelFormat::gray8) return access;
    return to_image(to_gray(access), access.dpi_x(), access.dpi_y());
  }
  auto how = settings.level;
  if (variant == "soft8")
    how.clip = 0.8;
  else if (variant == "soft5")
    how.clip = 0.5;
  else {
    return fail(ErrorCode::bad_setting, "Citra baca \"{}\" tidak dikenal",
                "Reading image \"{}\" is not known", {variant});
  }
  return level(access, how);
}

Result<Image> scale_to_fit(const Image& image, int max_side_px) {
  const int longest = std::max(image.width(), image.height());
  const Image plain = to_8bit(image);
  if (longest <= max_side_px) return plain;
  const double scale = static_cast<double>(max_side_px) / longest;
  const cv::Size size(std::max(1, static_cast<int>(image.width() * scale)),
                      std::max(1, static_cast<int>(image.height() * scale)));
  cv::Mat out;
  cv::resize(view(plain), out, size, 0, 0, cv::INTER_AREA);
  return to_image(out, image.dpi_x() * scale, image.dpi_y() * scale);
}

}  // namespace alih::processing
