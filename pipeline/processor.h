#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/result.h"
#include "pipeline/holdings.h"
#include "pipeline/page_worker.h"
#include "repository/export/exporter.h"
#include "repository/export/records.h"

namespace alih::pipeline {

// What became of one page in a worker.
struct PageDone {
  Item item;
  Page page;
  bool failed = false;     // this attempt
  bool set_aside = false;  // and it was the last
  std::string error;       // English
  double seconds = 0;
};

struct ProcessSummary {
  int pages_done = 0;
  int pages_failed = 0;  // set aside
  int items_done = 0;
  double seconds = 0;
};

// Works the queue off with settings.workers page workers, a thread each. Jobs are in the queue, so
// a crash loses nothing: the next run takes up what is left. When there is no room on the disk it
// waits until there is. Any thread (mutex_).
class Processor {
 public:
  // on_trouble: a sentence for the person when work has to wait, and when it goes on; may be empty.
  Processor(Holdings& holdings, std::string program, std::function<void(const PageDone&)> on_page,
            std::function<void(const Message&)> on_trouble = {});
  ~Processor();  // stops; a page in work is given up and stays in the queue
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;

  // Looks for new jobs.
  void wake();
  // Waits until nothing is left to do or stop is asked for; then no page is in work.
  void wait_until_idle(std::stop_token stop);
  // No new page is begun; those in work are finished, for at most that long. What is not finished
  // then goes back to the queue and counts as no attempt.
  void finish(double seconds);
  [[nodiscard]] ProcessSummary summary() const;
  [[nodiscard]] int running() const;

 private:
  void work(std::stop_token stop);
  void one_page(PageWorker& worker, const JobRef& job);
  void wait_for_room(std::stop_token stop, const Error& why);

  Holdings& holdings_;
  const std::string program_;
  const std::function<void(const PageDone&)> on_page_;
  const std::function<void(const Message&)> on_trouble_;
  const double started_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // mutex_ guards:
  std::vector<JobRef> running_;
  std::map<std::pair<ItemId, int>, int> not_its_fault_;  // in a row, by page
  bool waiting_for_room_ = false;
  bool told_ = false;        // that work waits
  std::uint64_t calls_ = 0;  // of wake()
  ProcessSummary summary_;

  std::mutex report_mutex_;  // one report at a time
  std::vector<std::jthread> threads_;
};

// Makes the access image and thumbnail of a page again, as files in the cache.
[[nodiscard]] Status make_access_images(const Holdings& holdings, PageWorker& worker,
                                        const Page& page);
[[nodiscard]] std::string access_name(const Page& page);
[[nodiscard]] std::string thumbnail_name(const Page& page);
[[nodiscard]] std::string pyramid_name(const Page& page);
[[nodiscard]] std::string g4_name(const Page& page);
// What a stage does, for people; none when a finding is of no stage.
[[nodiscard]] std::optional<Message> stage_label(std::string_view finding);
// For people who judge what the stages did: the page as it came, upright and whole, and the picture
// that OCR reads. In the cache, made when asked for.
enum class View { before, cleaned };
[[nodiscard]] std::string view_name(const Page& page, View view);
[[nodiscard]] Result<std::filesystem::path> ready_view(const Holdings& holdings, PageWorker& worker,
                                                       const Page& page, View view);
// The derivative of that name in the cache, all of the page's being made when it is not there.
[[nodiscard]] Result<std::filesystem::path> ready_image(const Holdings& holdings,
                                                        PageWorker& worker, const Page& page,
                                                        const std::string& name);

// One tile of a pyramid file as JPEG. Errors: not_found, damaged.
[[nodiscard]] Result<std::vector<std::byte>> pyramid_tile(const std::filesystem::path& file,
                                                          int level, int column, int row);

// Where the page of a PDF lies in the cache. The name tells what it was made with, so one of a page
// as it was before is never taken for it as it is.
[[nodiscard]] std::string pdf_image_name(const Page& page, PdfImages images,
                                         const Everything& settings);
[[nodiscard]] Result<std::filesystem::path> ready_pdf_image(const Holdings& holdings,
                                                            PageWorker& worker, const Page& page,
                                                            PdfImages images);
// What the PDF of an item holds: what is asked for, else what its profile says, else the setting.
// Errors: usage, bad_setting.
[[nodiscard]] Result<PdfImages> pdf_images_of(const Item& item, std::string_view asked,
                                              const Everything& settings);

// What exporters may use of an item; `holdings` and `worker` must outlive it. One thread.
// Where the item is to be seen: `base_url` without a slash at its end.
[[nodiscard]] std::string item_url(const Item& item, const std::string& base_url);
// What the formats of descriptions need of an item.
[[nodiscard]] repository::RecordEntry record_entry(const Holdings& holdings, const Item& item,
                                                   const std::string& base_url);
[[nodiscard]] repository::Package package_of(const Holdings& holdings, PageWorker& worker,
                                             const Item& item, PdfImages images);

// Pages in the queue whose OCR models are not installed make the run pointless: said before it
// begins. Errors: model_missing.
[[nodiscard]] Status check_queue_models(const Holdings& holdings);

}  // namespace alih::pipeline
