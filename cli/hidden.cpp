#include "capture/scanner.h"
#include "cli/verb.h"
#include "pipeline/import_worker.h"
#include "pipeline/page_worker.h"

namespace alih::cli {

// Processes that the program starts of itself; not for people.
void add_hidden(CLI::App& app, Command& chosen) {
  auto* page = app.add_subcommand("page-worker", "")->group("");
  page->callback([&chosen] {
    chosen = [](Environment&) -> Result<int> { return pipeline::run_page_worker(); };
  });
  auto* rows = app.add_subcommand("import-worker", "")->group("");
  rows->callback([&chosen] {
    chosen = [](Environment&) -> Result<int> { return pipeline::run_import_worker(); };
  });
  auto fd = std::make_shared<int>(3);
  auto list = std::make_shared<bool>(false);
  auto* scan = app.add_subcommand("scan-worker", "")->group("");
  scan->add_option("--fd", *fd);
  scan->add_flag("--list", *list);
  scan->callback([&chosen, fd, list] {
    chosen = [fd, list](Environment&) -> Result<int> {
      return capture::run_scan_worker(*fd, *list);
    };
  });
}

}  // namespace alih::cli
