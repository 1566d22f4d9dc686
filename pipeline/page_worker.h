#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/code.h"
#include "core/holdings.h"
#include "core/result.h"
#include "core/text_layer.h"
#include "ocr/fast_lstm_report.h"
#include "pipeline/child.h"
#include "pipeline/holdings.h"
#include "pipeline/pdf.h"
#include "pipeline/profiles.h"
#include "pipeline/settings.h"

namespace alih::pipeline {

// One frame of a file as a worker decoded it.
struct CheckedFrame {
  int width = 0;
  int height = 0;
  double dpi = 0;
  std::string color_mode;
  int bit_depth = 0;
  int orientation = 1;
  std::string pixel_sha256;
  std::string pdf_image;         // of a PDF's page: "embedded" (its one scan) or "rendered"
  std::vector<Box> parts;        // its two pages, when it was found to be an open book; else none
  std::optional<Finding> split;  // what was measured for it; none when nothing was looked for
  std::vector<Code> separator;   // its codes, when it separates the items of a stack; else none
  bool blank = false;            // only when that was looked for
  std::string problem_id;        // why the frame cannot be used, both languages; empty = good
  std::string problem_en;
  ErrorCode problem_code = ErrorCode::unreadable;
};
struct CheckedFile {
  std::string format;     // "tiff"
  std::string extension;  // "tif"
  std::vector<CheckedFrame> frames;
};

// What check() looks for in a frame that it has decoded.
struct LookFor {
  bool spreads = false;     // two pages of an open book
  bool separators = false;  // a sheet that stands between two items
  bool blanks = false;      // whether there is anything on it
};

// A page's task: small, with references only, so that it could be sent to another machine.
struct PageTask {
  std::filesystem::path master;
  std::string master_sha256;
  int frame = 0;
  std::optional<Box> region;  // of the frame as stored; none = all of it
  int orientation = 1;
  double dpi = 0;
  std::string pdf_image;  // how the page comes out of a PDF, as CheckedFrame says; else empty
  std::string languages;
  std::map<std::string, std::string> settings;  // of this page alone
  bool read = true;                             // false: only images
  // Where derivatives go, empty = not wanted.
  std::filesystem::path access;     // JPEG
  std::filesystem::path thumbnail;  // JPEG
  std::filesystem::path pyramid;    // tiled TIFF of several sizes
  std::filesystem::path g4;         // CCITT G4 data of a bilevel page
  std::filesystem::path before;     // JPEG: the page upright and whole, nothing done to it
  std::filesystem::path cleaned;    // JPEG: the picture that OCR reads
};

// What the worker says of fast reading (ocr/fast_lstm_report.h), and what it did for a trial.
struct TriedReading {
  ocr::FastLstmReport report;
  ocr::FastLstmCounts lines;
};

// The service's handle on one worker process: started when first needed, replaced after
// pages_per_worker pages, when its memory grew past the limit, or when it died or hung. The worker
// lives in a cage (cage.h): files are opened here and handed over open. One thread.
class PageWorker {
 public:
  // `program` (worker_program()) is started as `program page-worker`. Pages of PDFs are drawn into
  // folders inside `scratch`, each removed after use.
  PageWorker(std::string program, const Everything& settings, std::filesystem::path scratch);

  // Decodes every frame of a file, each within decode_timeout_s. Errors: unreadable, too_large,
  // timeout, device_lost (crashed).
  [[nodiscard]] Result<CheckedFile> check(const std::filesystem::path& file, LookFor what = {});
  [[nodiscard]] Result<PageResult> process(const PageTask& task);
  // Of a page's access image what a PDF holds of it, mrc or g4, into a file.
  [[nodiscard]] Status make_pdf_image(const std::filesystem::path& access, double dpi,
                                      PdfImages images, const std::filesystem::path& to);
  // Reads a drawn word with these models; "" = only asks the library and the processor. Errors:
  // model_missing.
  [[nodiscard]] Result<TriedReading> try_reading(const std::string& languages);
  [[nodiscard]] pid_t pid() const { return child_ ? child_->pid() : -1; }

 private:
  [[nodiscard]] Result<std::string> ask(const std::string& request, std::span<const int> files,
                                        double timeout_s);
  // `orientation`: where the file itself does not say it right, else none.
  [[nodiscard]] Result<CheckedFrame> check_frame(const Descriptor& file, int frame,
                                                 double timeout_s, LookFor what,
                                                 std::optional<int> orientation = std::nullopt);
  [[nodiscard]] Result<CheckedFile> check_pdf(Descriptor file, LookFor what);
  [[nodiscard]] Result<CheckedFrame> check_pdf_page(const Pdf& pdf, int page, double deadline,
                                                    LookFor what);
  std::string program_;
  Everything settings_;
  std::filesystem::path scratch_;
  std::optional<Child> child_;
  int served_ = 0;
};

// What makes a text: digest of the master, the stages and their settings, models. Same recipe, same
// text, so nothing need be done again.
[[nodiscard]] std::string recipe_of(const PageTask& task, const Everything& settings);

}  // namespace alih::pipeline
