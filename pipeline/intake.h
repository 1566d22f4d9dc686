#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "capture/scanner.h"
#include "core/holdings.h"
#include "core/result.h"
#include "pipeline/holdings.h"
#include "pipeline/page_worker.h"

namespace alih::pipeline {

// What becomes of files whose bytes are a master already.
enum class Known {
  tell,             // taken all the same: only a person knows whether the sheet is there twice
  refuse,           // rejected, each
  refuse_when_all,  // rejected when all the files of the item are: it is here already
};

// What is known of the material before its pages come.
struct IntakeRequest {
  std::string profile;
  std::string languages;  // OCR models; "" = the profile's or the setting
  std::string series = "ALM-KOL";
  std::vector<std::pair<std::string, std::string>> fields;  // title and the like
  std::optional<ItemId> to;  // add to this item instead of making a new one
  // A picture of an open book becomes two pages; none = as the profile says.
  std::optional<bool> split_pages;
  Known known = Known::tell;
};

struct Rejected {
  std::string path;
  Message reason;
  ErrorCode code = ErrorCode::unreadable;
  int frame = 0;  // this page of a file whose other pages were taken; 0 = the whole file
};
// A file whose bytes are a master already. It is taken in all the same: only a person knows whether
// the sheet is there twice.
struct Duplicate {
  std::string path;
  std::string digitization_no;  // of the item that has it
  int page = 0;
};
struct IngestReport {
  struct Made {
    Item item;
    int pages = 0;
    std::vector<Rejected> rejected;  // files that went nowhere
    std::vector<Duplicate> duplicates;
    int split = 0;         // pictures of an open book that became two pages
    int unsure_split = 0;  // pictures wider than high that stayed one page
  };
  std::vector<Made> items;         // without those that got no page
  std::vector<Rejected> rejected;  // of calls that made no item at all
};

// Whether the request is one that ingest() can follow: profile, models, fields. Errors: usage,
// model_missing, bad_field.
[[nodiscard]] Status check_request(const Everything& settings, const IntakeRequest& request);

// Files and folders (sorted by name, not hidden ones) become pages of one item; with `each` every
// file becomes an item. The bytes of a file are its master, unchanged; where pages are split both
// halves are regions of the one master. A file that cannot be read
// is rejected with its reason and the rest goes on. Errors: what create_item() says.
[[nodiscard]] Result<IngestReport> ingest(Holdings& holdings, const IntakeRequest& request,
                                          const std::vector<std::filesystem::path>& paths,
                                          bool each, const std::string& program,
                                          const Progress& progress);

struct ScanReport {
  std::optional<Item> item;
  int pages = 0;
  capture::BatchOutcome outcome;
  double lowest_dpi = 0;
};
// Captures until the feeder is empty. Every page is on disk as a lossless TIFF and in the register
// before the next one is waited for; what came before a jam or a crash stays.
[[nodiscard]] Result<ScanReport> scan(Holdings& holdings, const IntakeRequest& request,
                                      const capture::ScanRequest& scan_request,
                                      const std::string& program, std::stop_token stop,
                                      const std::function<void(int page)>& on_page);

}  // namespace alih::pipeline
