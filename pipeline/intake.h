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
#include "pipeline/stack.h"

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
  StackRules stack;  // whether separator sheets begin new items
  Known known = Known::tell;
  // Digitise a thing that has been digitised already (its barcode or no. induk is another item's).
  bool once_more = false;
  Agent by = person_agent();  // who does it
  std::optional<Item> draft;  // of a new item: its series, fields and rights as far as they are set
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
  std::string digitization_no;  // of the item that has it; "" = it is closed
  int page = 0;                 // 0 = it is closed
};
// A side of a stack that stood between items, or the blank back of one.
struct SeparatorSide {
  std::string path;  // "" = scanned
  int number = 0;    // of the file's pages, or of the sides that were scanned, from 1
  bool back = false;
  bool kept = false;        // it is a page
  std::vector<Code> codes;  // none of a back
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
  std::vector<SeparatorSide> separators;
};

// Why a stack made no item.
[[nodiscard]] Message only_separators();

// Whether the request is one that ingest() can follow: profile, models, fields. Errors: usage,
// model_missing, bad_field.
[[nodiscard]] Status check_request(const Everything& settings, const IntakeRequest& request);

// Files and folders (sorted by name, not hidden ones) become pages of one item; with `each` every
// file becomes an item; with `stack.split` a separator sheet ends an item and the next page begins
// another one, with the same fields, a number behind the title, and the value of the bar code on
// the separator, where there is one, as `barcode`. A new item's empty fields are filled from the
// catalogue by its barcode and accession number. Each item is in the register before the next one
// is begun. The bytes of a file are its master, unchanged; where pages are split both
// halves are regions of the one master; of a file with pages of several items each item gets the
// whole file. A file that cannot be read is rejected with its reason and the rest goes on. Errors:
// duplicate when the thing has been digitised and !once_more, and what create_item() says.
[[nodiscard]] Result<IngestReport> ingest(Holdings& holdings, const IntakeRequest& request,
                                          const std::vector<std::filesystem::path>& paths,
                                          bool each, const std::string& program,
                                          const Progress& progress);

struct ScanReport {
  struct Made {
    Item item;
    int pages = 0;
  };
  std::vector<Made> items;  // one, unless separators split the stack
  int pages = 0;            // of all
  std::vector<SeparatorSide> separators;
  bool ends_with_separator = false;  // the next sheet would begin a new item
  capture::BatchOutcome outcome;
  double lowest_dpi = 0;
};
// Captures until the feeder is empty. Every page is on disk as a lossless TIFF and in the register
// before the next one is waited for; what came before a jam or a crash stays. Separator sheets as
// for ingest(); a stack of them alone is an error (unreadable).
[[nodiscard]] Result<ScanReport> scan(Holdings& holdings, const IntakeRequest& request,
                                      const capture::ScanRequest& scan_request,
                                      const std::string& program, std::stop_token stop,
                                      const std::function<void(int page)>& on_page);

}  // namespace alih::pipeline
