#include "pipeline/processor.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <unistd.h>

#include "core/clock.h"
#include "core/fields.h"
#include "core/fixity.h"
#include "ocr/models.h"
#include "pipeline/turn.h"
#include "processing/pyramid.h"
#include "processing/stages.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;

PageTask task_of(const Holdings& holdings, const Page& page, bool read) {
  PageTask task;
  task.master = holdings.files().master_path(page.item, page.master);
  task.master_sha256 = page.master.fixity.sha256;
  task.frame = page.master.frame;
  task.region = page.master.region;
  // Read again, the page is looked at from all sides again.
  task.orientation =
      read ? page.orientation : turned_orientation(page.orientation, turn_of(page.findings));
  task.dpi = page.dpi;
  if (page.master.format == "pdf") {
    const auto how = page.capture.find("pdf_image");
    task.pdf_image = how == page.capture.end() ? "rendered" : how->second;
  }
  task.languages = languages_of(page, holdings.settings());
  task.settings = page.settings;
  task.read = read;
  const auto aside = [&](const std::string& name) {
    return holdings.files().cache_file(page.item, name).string() + ".partial";
  };
  task.access = aside(access_name(page));
  task.thumbnail = aside(thumbnail_name(page));
  task.pyramid = aside(pyramid_name(page));
  if (page.color_mode == "bilevel") task.g4 = aside(g4_name(page));
  return task;
}

// The worker wrote aside; a name is given only to a whole file.
void keep_images(const PageTask& task) {
  for (const auto& aside :
       {task.access, task.thumbnail, task.pyramid, task.g4, task.before, task.cleaned}) {
    if (aside.empty()) continue;
    std::error_code error;
    const auto name = aside.string();
    fs::rename(aside, name.substr(0, name.size() - std::string_view(".partial").size()), error);
  }
}

// What OCR read, and what PDFs held of the page as it was, with whatever settings. They are not
// asked for again, since their names tell the page's recipe; with the same recipe they are made
// anew.
void forget_pdf_images(const Holdings& holdings, const Page& page) {
  const auto number = std::to_string(page.file_seq) + ".";
  std::error_code error;
  std::vector<fs::path> old;
  const auto folder = holdings.files().cache_file(page.item, access_name(page)).parent_path();
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto name = at->path().filename().string();
    if (name.starts_with("m_" + number) || name.starts_with("g_" + number) ||
        name.starts_with("r_" + number)) {
      old.push_back(at->path());
    }
  }
  for (const auto& path : old) fs::remove(path, error);
}

}  // namespace

std::string access_name(const Page& page) { return "a_" + std::to_string(page.file_seq) + ".jpg"; }
std::string thumbnail_name(const Page& page) {
  return "t_" + std::to_string(page.file_seq) + ".jpg";
}
std::string pyramid_name(const Page& page) { return "p_" + std::to_string(page.file_seq) + ".tif"; }
std::string g4_name(const Page& page) { return "b_" + std::to_string(page.file_seq) + ".g4"; }

std::optional<Message> stage_label(std::string_view finding) {
  for (const auto& row : processing::all_stages()) {
    if (row.name == finding) return row.label;
  }
  return std::nullopt;
}

std::string view_name(const Page& page, View view) {
  return (view == View::before ? "o_" : "r_") + std::to_string(page.file_seq) + ".jpg";
}

Result<fs::path> ready_view(const Holdings& holdings, PageWorker& worker, const Page& page,
                            View view) {
  const auto path = holdings.files().cache_file(page.item, view_name(page, view));
  std::error_code error;
  if (fs::exists(path, error)) return path;
  auto task = task_of(holdings, page, false);
  // Several may ask at once.
  const auto aside = path.string() + "." + std::to_string(::getpid()) + ".partial";
  for (auto* other : {&task.access, &task.thumbnail, &task.pyramid, &task.g4}) other->clear();
  (view == View::before ? task.before : task.cleaned) = aside;
  ALIH_CHECK(repository::make_folder(path.parent_path()));
  auto made = worker.process(task);
  if (!made && made.error().code == ErrorCode::device_lost) made = worker.process(task);
  if (!made) return fail(std::move(made).error());
  fs::rename(aside, path, error);
  if (error) {
    return fail(repository::system_error(error.value(), "menulis " + path.string(),
                                         "writing " + path.string()));
  }
  return path;
}

Result<fs::path> ready_image(const Holdings& holdings, PageWorker& worker, const Page& page,
                             const std::string& name) {
  const auto path = holdings.files().cache_file(page.item, name);
  std::error_code error;
  if (fs::exists(path, error)) return path;
  auto made = make_access_images(holdings, worker, page);
  // The worker dies with the thread that started it; a second try starts another.
  if (!made && made.error().code == ErrorCode::device_lost) {
    made = make_access_images(holdings, worker, page);
  }
  if (!made) return fail(std::move(made).error());
  return path;
}

std::string pdf_image_name(const Page& page, PdfImages images, const Everything& settings) {
  if (images == PdfImages::jpeg) return access_name(page);
  // Code that decides how these come out; raise it when the same page gives another picture.
  constexpr int kVersion = 1;
  const auto& how = settings.processing.layers;
  auto made_with = page.recipe.empty() ? page.master.fixity.sha256 : page.recipe;
  for (const int part : {kVersion, how.background_dpi, how.picture_dpi, how.background_quality,
                         settings.processing.access_jpeg_quality}) {
    made_with += " " + std::to_string(part);
  }
  constexpr std::size_t kEnough = 12;
  const bool layers = images == PdfImages::mrc;
  return (layers ? "m_" : "g_") + std::to_string(page.file_seq) + "." +
         sha256_hex(made_with).substr(0, kEnough) + (layers ? ".layers" : ".g4");
}

Result<fs::path> ready_pdf_image(const Holdings& holdings, PageWorker& worker, const Page& page,
                                 PdfImages images) {
  if (page.color_mode == "bilevel") return ready_image(holdings, worker, page, g4_name(page));
  if (images == PdfImages::jpeg) return ready_image(holdings, worker, page, access_name(page));
  const auto path =
      holdings.files().cache_file(page.item, pdf_image_name(page, images, holdings.settings()));
  std::error_code error;
  if (fs::exists(path, error)) return path;
  ALIH_TRY(const auto access, ready_image(holdings, worker, page, access_name(page)));
  // Two exports of one item may be at work.
  const auto aside = path.string() + "." + std::to_string(::getpid()) + ".partial";
  auto made = worker.make_pdf_image(access, page.dpi, images, aside);
  if (!made && made.error().code == ErrorCode::device_lost) {
    made = worker.make_pdf_image(access, page.dpi, images, aside);
  }
  if (!made) return fail(std::move(made).error());
  fs::rename(aside, path, error);
  if (error) {
    return fail(repository::system_error(error.value(), "menulis " + path.string(),
                                         "writing " + path.string()));
  }
  return path;
}

Result<PdfImages> pdf_images_of(const Item& item, std::string_view asked,
                                const Everything& settings) {
  if (!asked.empty()) {
    if (const auto images = pdf_images_from(asked)) return *images;
    return fail(ErrorCode::usage, "Citra PDF \"{}\" tidak dikenal; yang ada: jpeg, mrc, g4",
                "PDF pictures \"{}\" are not known; there are: jpeg, mrc, g4", {asked});
  }
  // A profile of an older version of the program says nothing.
  const auto profile = find_profile(item.field("capture_profile"));
  if (profile && profile->pdf_images) return *profile->pdf_images;
  if (const auto images = pdf_images_from(settings.pipeline.pdf_images)) return *images;
  return fail(ErrorCode::bad_setting, "pipeline.pdf_images harus jpeg, mrc, atau g4",
              "pipeline.pdf_images must be jpeg, mrc or g4");
}

Result<std::vector<std::byte>> pyramid_tile(const fs::path& file, int level, int column, int row) {
  return processing::pyramid_tile(file, level, column, row);
}

repository::Package package_of(const Holdings& holdings, PageWorker& worker, const Item& item,
                               PdfImages images) {
  repository::Package package;
  package.item = item;
  const auto& database = holdings.database();
  for (auto& page : database.pages(item.id)) {
    if (page.state == PageState::removed) continue;
    // An export names the stages that changed the page. What they measured is most of its record: a
    // long book is written in little memory.
    std::erase_if(page.findings, [](const Finding& f) { return !f.applied; });
    for (auto& finding : page.findings) finding.numbers.clear();
    page.findings.shrink_to_fit();
    package.pages.push_back(std::move(page));
  }
  package.master = [&holdings](const Page& page) {
    return holdings.files().master_path(page.item, page.master);
  };
  if (const auto newest = database.newest_event(item.id)) package.changed_at = newest->at;
  package.text = [&database](const Page& page) { return database.text(page.item, page.file_seq); };
  package.image = [&holdings, &worker, images](const Page& page) {
    return ready_pdf_image(holdings, worker, page, images);
  };
  return package;
}

std::string item_url(const Item& item, const std::string& base_url) {
  return base_url + "/koleksi/" + folded(item.digitization_no);
}

repository::RecordEntry record_entry(const Holdings& holdings, const Item& item,
                                     const std::string& base_url) {
  repository::RecordEntry entry;
  entry.item = item;
  remove_personal(entry.item);
  entry.url = item_url(item, base_url);
  if (const auto newest = holdings.database().newest_event(item.id)) entry.changed_at = newest->at;
  entry.pages = holdings.database().pages(item.id);
  std::erase_if(entry.pages, [](const Page& p) { return p.state == PageState::removed; });
  for (auto& page : entry.pages) page.findings.clear();
  entry.images = static_cast<int>(entry.pages.size());
  return entry;
}

Status make_access_images(const Holdings& holdings, PageWorker& worker, const Page& page) {
  const auto task = task_of(holdings, page, false);
  ALIH_CHECK(repository::make_folder(task.access.parent_path()));
  ALIH_TRY([[maybe_unused]] const auto result, worker.process(task));
  keep_images(task);
  return {};
}

Status check_queue_models(const Holdings& holdings) {
  std::set<std::string> seen;
  for (const auto& job : holdings.database().jobs()) {
    if (job.set_aside) continue;
    const auto page = holdings.database().page_by_seq(job.item, job.file_seq);
    if (!page) continue;
    const auto languages = languages_of(*page, holdings.settings());
    if (!seen.insert(languages).second) continue;
    ALIH_CHECK(ocr::check_models(languages, holdings.settings().ocr));
  }
  return {};
}

Processor::Processor(Holdings& holdings, std::string program,
                     std::function<void(const PageDone&)> on_page,
                     std::function<void(const Message&)> on_trouble)
    : holdings_(holdings),
      program_(std::move(program)),
      on_page_(std::move(on_page)),
      on_trouble_(std::move(on_trouble)),
      started_(monotonic_seconds()) {
  holdings_.queue().wake();
  for (int i = 0; i < holdings.settings().pipeline.workers; ++i) {
    threads_.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
  }
}

Processor::~Processor() {
  for (auto& thread : threads_) thread.request_stop();
  changed_.notify_all();
  threads_.clear();
}

void Processor::wake() {
  holdings_.queue().wake();
  const std::lock_guard lock(mutex_);
  ++calls_;
  changed_.notify_all();
}

int Processor::running() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(running_.size());
}

ProcessSummary Processor::summary() const {
  const std::lock_guard lock(mutex_);
  auto out = summary_;
  out.seconds = monotonic_seconds() - started_;
  return out;
}

void Processor::wait_until_idle(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const bool working = !running_.empty() || waiting_for_room_;
    if (!working) {
      lock.unlock();
      const bool idle = holdings_.queue().idle() || holdings_.database().broken();
      lock.lock();
      if (idle && running_.empty()) return;
    }
    changed_.wait_for(lock, stop, std::chrono::milliseconds(200), [] { return false; });
  }
}

void Processor::finish(double seconds) {
  for (auto& thread : threads_) thread.request_stop();
  std::unique_lock lock(mutex_);
  changed_.notify_all();
  changed_.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return running_.empty(); });
  const auto left = running_;
  lock.unlock();
  for (const auto& job : left) (void)holdings_.queue().given_back(job);
}

void Processor::work(std::stop_token stop) {
  PageWorker worker(program_, holdings_.settings(), holdings_.files().scratch());
  constexpr std::chrono::seconds kLookAgain{1};  // for what comes with the hour or ends elsewhere
  while (!stop.stop_requested()) {
    std::uint64_t calls = 0;
    {
      const std::lock_guard lock(mutex_);
      calls = calls_;
    }
    const auto job = holdings_.queue().take();
    if (!job) {
      if (job.error().code != ErrorCode::disk_full) return;  // nothing can be written down any more
      wait_for_room(stop, job.error());
      continue;
    }
    if (!*job) {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kLookAgain, [&] { return calls_ != calls; });
      continue;
    }
    {
      const std::lock_guard lock(mutex_);
      running_.push_back(**job);
    }
    one_page(worker, **job);
    holdings_.queue().release(**job);
    bool room = true;
    {
      const std::lock_guard lock(mutex_);
      std::erase(running_, **job);
      room = !waiting_for_room_;
      ++calls_;
      changed_.notify_all();
    }
    if (!room) {
      wait_for_room(stop, {ErrorCode::disk_full, message("diska penuh", "the disk is full")});
    }
  }
}

// Looks every second whether what failed can go on.
void Processor::wait_for_room(std::stop_token stop, const Error& why) {
  std::unique_lock lock(mutex_);
  const bool first = !std::exchange(told_, true);
  waiting_for_room_ = true;
  lock.unlock();
  if (first && on_trouble_) {
    on_trouble_({why.message.id + "; pengolahan menunggu sampai ada ruang",
                 why.message.en + "; processing waits until there is room"});
  }
  holdings_.files().trim_ballast();
  constexpr std::uint64_t kEnough = std::uint64_t{32} << 20U;
  while (!stop.stop_requested() && holdings_.files().free_bytes() < kEnough) {
    lock.lock();
    changed_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
    lock.unlock();
  }
  lock.lock();
  waiting_for_room_ = false;
  if (stop.stop_requested() || !std::exchange(told_, false)) return;
  lock.unlock();
  if (on_trouble_)
    on_trouble_(message("Ada ruang lagi; pengolahan dilanjutkan",
                        "There is room again; processing goes on"));
}

void Processor::one_page(PageWorker& worker, const JobRef& job) {
  const double start = monotonic_seconds();
  PageDone done;
  const auto item = holdings_.database().item(job.item);
  const auto page = holdings_.database().page_by_seq(job.item, job.file_seq);
  if (!item || !page) return;  // gone from under us: the queue will see
  const auto task = task_of(holdings_, *page, true);
  auto status = repository::make_folder(task.access.parent_path());
  if (status) {
    // Only a page that was read before can have pictures for PDFs: they are made of its access
    // image.
    std::error_code error;
    const auto access = holdings_.files().cache_file(page->item, access_name(*page));
    const bool again = fs::exists(access, error);
    auto result = worker.process(task);
    if (result) {
      keep_images(task);
      if (again) forget_pdf_images(holdings_, *page);
      const auto finished = holdings_.finish_page(job, *result, monotonic_seconds() - start);
      if (!finished) status = fail(Error(finished.error()));
    } else {
      status = fail(std::move(result).error());
    }
  }
  done.failed = !status;
  const std::pair<ItemId, int> key{job.item, job.file_seq};
  if (!status) {
    done.error = status.error().message.en;
    const auto code = status.error().code;
    bool innocent = code == ErrorCode::disk_full || code == ErrorCode::unavailable;
    {
      constexpr int kMostInARow = 20;
      const std::lock_guard lock(mutex_);
      if (code == ErrorCode::unavailable) innocent = ++not_its_fault_[key] < kMostInARow;
      if (code == ErrorCode::disk_full) waiting_for_room_ = true;
    }
    if (innocent) {
      (void)holdings_.queue().given_back(
          job);  // if not even that, it is refunded at the next start
      if (code == ErrorCode::unavailable)
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
      return;
    }
    const auto set_aside = holdings_.fail_attempt(job, done.error);
    done.set_aside = set_aside.value_or(false);
  }
  done.seconds = monotonic_seconds() - start;
  done.item = holdings_.database().item(job.item).value_or(*item);
  done.page = holdings_.database().page_by_seq(job.item, job.file_seq).value_or(*page);
  {
    const std::lock_guard lock(mutex_);
    not_its_fault_.erase(key);
    if (!done.failed) ++summary_.pages_done;
    if (done.set_aside) ++summary_.pages_failed;
    const bool was_waiting = item->state == ItemState::captured;
    const bool now_done =
        done.item.state == ItemState::indexed || done.item.state == ItemState::processed;
    if (was_waiting && now_done && (!done.failed || done.set_aside)) ++summary_.items_done;
  }
  const std::lock_guard lock(report_mutex_);
  on_page_(done);
}

}  // namespace alih::pipeline
