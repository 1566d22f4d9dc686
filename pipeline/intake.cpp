#include "pipeline/intake.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <thread>
#include <utility>

#include "core/clock.h"
#include "core/fields.h"
#include "core/version.h"
#include "ocr/engine.h"
#include "pipeline/bounded_queue.h"
#include "pipeline/profiles.h"
#include "processing/codec.h"
#include "processing/gutter.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 100000;

// A new item as far as it is known, and the OCR models for its pages.
Result<Item> new_item(const Everything& settings, const IntakeRequest& request,
                      std::string& languages) {
  ALIH_TRY(const auto profile, find_profile(request.profile));
  languages = !request.languages.empty() ? request.languages
              : profile.languages        ? std::string(*profile.languages)
                                         : settings.ocr.languages;
  ALIH_CHECK(ocr::check_models(languages, settings.ocr));
  Item item;
  item.id = ItemId::make();
  ALIH_CHECK(set_field(item, "series", request.series));
  if (!request.profile.empty()) ALIH_CHECK(set_field(item, "capture_profile", request.profile));
  for (const auto& [name, value] : request.fields) ALIH_CHECK(add_field(item, name, value));
  return item;
}

// The item that the pages are for, checked before anything is stored.
Result<Item> draft_of(const Holdings& holdings, const IntakeRequest& request,
                      std::string& languages) {
  ALIH_TRY(auto fresh, new_item(holdings.settings(), request, languages));
  if (!request.to) return fresh;
  ALIH_TRY(auto item, holdings.database().item(*request.to));
  if (item.state == ItemState::withdrawn || item.state == ItemState::rejected ||
      item.state == ItemState::available) {
    return fail(ErrorCode::wrong_state, "{} sudah {}; halaman tidak dapat ditambahkan",
                "{} is {}; no pages can be added", {item.digitization_no, label(item.state).id});
  }
  return item;
}

struct FoundFiles {
  std::vector<fs::path> files;
  std::vector<Rejected> rejected;
};

FoundFiles files_of(const std::vector<fs::path>& paths) {
  FoundFiles found;
  std::error_code error;
  for (const auto& path : paths) {
    if (!fs::exists(path, error)) {
      found.rejected.push_back(
          {path.string(), message("tidak ada", "no such file or folder"), ErrorCode::not_found, 0});
      continue;
    }
    if (!fs::is_directory(path, error)) {
      found.files.push_back(path);
      continue;
    }
    std::vector<fs::path> inside;
    fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error);
    for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
      const auto name = it->path().filename().string();
      std::error_code ignored;
      if (name.starts_with('.')) {
        if (it->is_directory(ignored)) it.disable_recursion_pending();
        continue;
      }
      if (it->is_regular_file(ignored)) inside.push_back(it->path());
      if (inside.size() > kMostFiles) break;
    }
    std::sort(inside.begin(), inside.end());
    found.files.insert(found.files.end(), inside.begin(), inside.end());
  }
  return found;
}

Spreads spreads_of(const IntakeRequest& request, const Profile& profile) {
  return request.split_pages.value_or(profile.split_pages) ? Spreads::split : Spreads::whole;
}

// The page, or the two pages of an open book: regions of one master, the left one first.
void add_drafts(std::vector<PageDraft>& pages, PageDraft page, const std::vector<Box>& parts,
                const std::optional<Finding>& split) {
  if (split) {
    char confidence[16];
    std::snprintf(confidence, sizeof confidence, "%.2f", split->confidence);
    page.findings = {*split};
    page.detail += parts.empty()
                       ? "; not split: " + split->note + ", confidence " + confidence
                       : std::string("; an open book, split with confidence ") + confidence;
  }
  if (parts.empty()) return pages.push_back(std::move(page));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& b = parts[i];
    auto half = page;
    half.master.region = b;
    half.detail += std::string(i == 0 ? ": left page" : ": right page") + ", region " +
                   std::to_string(b.x) + "," + std::to_string(b.y) + "," + std::to_string(b.width) +
                   "," + std::to_string(b.height);
    pages.push_back(std::move(half));
  }
}

// One file into drafts of its pages, its master kept. Nothing is kept of a file without a good
// page.
Result<std::vector<PageDraft>> take_file(Holdings& holdings, PageWorker& worker, const ItemId& item,
                                         const std::string& number, int seq, const fs::path& file,
                                         const IntakeRequest& request, const std::string& languages,
                                         Spreads spreads, IngestReport::Made& made) {
  ALIH_TRY(const auto checked, worker.check(file, spreads));
  const bool any = std::any_of(checked.frames.begin(), checked.frames.end(),
                               [](const CheckedFrame& f) { return f.problem_en.empty(); });
  if (!any) {
    Message why = message("tidak ada halaman di dalamnya", "it holds no page");
    auto code = ErrorCode::unreadable;
    if (!checked.frames.empty()) {
      const auto& first = checked.frames.front();
      why = {first.problem_id, first.problem_en};
      code = first.problem_code;
    }
    return fail(Error{code, std::move(why)});
  }
  const auto name = number.empty() ? Holdings::provisional_name(seq, checked.extension)
                                   : file_name(number, 'm', seq, checked.extension);
  ALIH_TRY(const auto fixity, holdings.keep_master(item, name, file));
  if (const auto known = holdings.database().page_of_master(fixity.sha256)) {
    ALIH_TRY(const auto owner, holdings.database().item(known->item));
    if (request.known == Known::refuse) {
      holdings.forget_master(item, name);
      return fail(ErrorCode::duplicate, "sama dengan {} halaman {}", "the same as {} page {}",
                  {owner.digitization_no, known->number});
    }
    made.duplicates.push_back({file.string(), owner.digitization_no, known->number});
  }
  std::vector<PageDraft> pages;
  for (std::size_t i = 0; i < checked.frames.size(); ++i) {
    const auto& frame = checked.frames[i];
    if (!frame.problem_en.empty()) {
      const auto place = std::to_string(i + 1);
      Message why = message("halaman {}: {}", "", {place, frame.problem_id});
      why.en = message("", "page {}: {}", {place, frame.problem_en}).en;
      made.rejected.push_back(
          {file.string(), std::move(why), frame.problem_code, static_cast<int>(i) + 1});
      continue;
    }
    PageDraft page;
    page.master = {name,   checked.format,     file.filename().string(),
                   fixity, frame.pixel_sha256, static_cast<int>(i),
                   {}};
    page.width = frame.width;
    page.height = frame.height;
    page.dpi = frame.dpi;
    page.color_mode = frame.color_mode;
    page.bit_depth = frame.bit_depth;
    page.orientation = frame.orientation;
    page.languages = languages;
    page.agent = program_agent();
    if (!frame.pdf_image.empty()) page.capture["pdf_image"] = frame.pdf_image;
    page.event_type = "ingestion";
    page.detail = "file taken in unchanged: " + file.filename().string();
    if (!frame.parts.empty())
      ++made.split;
    else if (frame.split)
      ++made.unsure_split;
    add_drafts(pages, std::move(page), frame.parts, frame.split);
  }
  return pages;
}

std::string option_of(const std::vector<capture::ScanOption>& options, std::string_view name) {
  for (const auto& o : options) {
    if (o.name == name) return o.value;
  }
  return {};
}

struct EncodedPage {
  PageDraft draft;
  std::vector<std::byte> tiff;
};

Result<EncodedPage> encode(const capture::CapturedPage& captured, const Item& item, int page_no,
                           const std::string& languages, const std::string& compression) {
  EncodedPage out;
  processing::TiffTags tags;
  tags.document_name = item.digitization_no.empty() ? item.field("title") : item.digitization_no;
  tags.image_description = item.field("title");
  tags.make = captured.device.vendor;
  tags.model = captured.device.model;
  tags.software = "alihmedia " + std::string(kVersion);
  tags.page = page_no - 1;
  auto time = captured.started_at.substr(0, 19);  // 2026-11-24T04:12:28 -> 2026:11:24 04:12:28
  std::replace(time.begin(), time.end(), '-', ':');
  std::replace(time.begin(), time.end(), 'T', ' ');
  tags.date_time = time;
  const auto how = compression == "lzw"    ? processing::TiffCompression::lzw
                   : compression == "none" ? processing::TiffCompression::none
                                           : processing::TiffCompression::deflate;
  ALIH_TRY(out.tiff, processing::encode_tiff(captured.image, tags, how));
  auto& page = out.draft;
  page.master.format = "tiff";
  page.master.pixel_sha256 = captured.pixel_sha256;
  page.width = captured.image.width();
  page.height = captured.image.height();
  page.dpi = captured.image.dpi_x();
  page.color_mode = color_mode(captured.image.format());
  page.bit_depth = bits_per_sample(captured.image.format());
  page.languages = languages;
  for (const auto& o : captured.effective) page.capture[o.name] = o.value;
  // Of a device in the network maker and model are not known.
  const auto device = captured.device.model.empty()
                          ? captured.device.name
                          : captured.device.vendor + " " + captured.device.model;
  page.capture["device"] = device;
  page.capture["device_name"] = captured.device.name;
  page.capture["started_at"] = captured.started_at;
  page.capture["ended_at"] = captured.ended_at;
  page.agent = {"device", device, ""};
  page.event_type = "capture";
  page.detail = "source " + option_of(captured.effective, "source") + ", mode " +
                option_of(captured.effective, "mode") + ", resolution " +
                option_of(captured.effective, "resolution");
  return out;
}

}  // namespace

Status check_request(const Everything& settings, const IntakeRequest& request) {
  std::string languages;
  const auto item = new_item(settings, request, languages);
  return item ? Status() : fail(Error(item.error()));
}

Result<IngestReport> ingest(Holdings& holdings, const IntakeRequest& request,
                            const std::vector<fs::path>& paths, bool each,
                            const std::string& program, const Progress& progress) {
  std::string languages;
  ALIH_TRY(auto draft, draft_of(holdings, request, languages));
  ALIH_TRY(const auto profile, find_profile(request.profile));
  PageWorker worker(program, holdings.settings(), holdings.files().scratch());
  auto found = files_of(paths);
  IngestReport report;
  std::vector<std::vector<fs::path>> calls;
  if (each && !request.to) {
    for (const auto& file : found.files) calls.push_back({file});
  } else {
    calls.push_back(found.files);
  }
  std::uint64_t done = 0;
  for (const auto& files : calls) {
    IngestReport::Made made;
    made.rejected = std::exchange(found.rejected, {});
    if (!request.to) draft.id = ItemId::make();
    std::vector<PageDraft> pages;
    std::ptrdiff_t files_taken = 0;
    int seq = request.to ? holdings.next_file_seq(draft.id) : 1;
    std::map<std::string, int> first_page;  // by digest of its master, of this call
    const int pages_before = request.to ? holdings.page_count(draft.id) : 0;
    for (const auto& file : files) {
      auto taken = take_file(holdings, worker, draft.id, request.to ? draft.digitization_no : "",
                             seq, file, request, languages, spreads_of(request, profile), made);
      progress(++done, found.files.size());
      if (taken) {
        // The same bytes earlier in this call: the item has them twice.
        const int page = pages_before + static_cast<int>(pages.size()) + 1;
        const auto [known, fresh] = first_page.emplace(taken->front().master.fixity.sha256, page);
        if (!fresh && request.known == Known::refuse) {
          holdings.forget_master(draft.id, taken->front().master.file);
          made.rejected.push_back(
              {file.string(),
               message("sama dengan halaman {} dari berkas yang baru diterima",
                       "the same as page {} of the files just taken in", {known->second}),
               ErrorCode::duplicate, 0});
          continue;
        }
        if (!fresh) made.duplicates.push_back({file.string(), "", known->second});
        ++files_taken;
        pages.insert(pages.end(), taken->begin(), taken->end());
        seq += request.to ? static_cast<int>(taken->size()) : 1;
        continue;
      }
      // No room is no fault of the file: stop here, nothing half-stored.
      if (taken.error().code == ErrorCode::disk_full) {
        if (!request.to) holdings.forget(draft.id);
        return fail(std::move(taken).error());
      }
      made.rejected.push_back({file.string(), taken.error().message, taken.error().code, 0});
    }
    const auto known = std::count_if(made.duplicates.begin(), made.duplicates.end(),
                                     [](const auto& d) { return !d.digitization_no.empty(); });
    if (request.known == Known::refuse_when_all && known == files_taken) {
      for (const auto& d : made.duplicates) {
        made.rejected.push_back({d.path,
                                 message("sama dengan {} halaman {}", "the same as {} page {}",
                                         {d.digitization_no, d.page}),
                                 ErrorCode::duplicate, 0});
      }
      for (const auto& page : pages) holdings.forget_master(draft.id, page.master.file);
      pages.clear();
    }
    made.pages = static_cast<int>(pages.size());
    if (pages.empty()) {
      if (!request.to) holdings.forget(draft.id);
      report.rejected.insert(report.rejected.end(), made.rejected.begin(), made.rejected.end());
      continue;
    }
    if (request.to) {
      ALIH_TRY([[maybe_unused]] const auto added, holdings.add_pages(draft.id, pages));
      ALIH_TRY(made.item, holdings.database().item(draft.id));
    } else {
      auto created = holdings.create_item(draft, pages, person_agent());
      if (!created) {
        holdings.forget(draft.id);
        return fail(std::move(created).error());
      }
      made.item = std::move(*created);
    }
    for (auto& duplicate : made.duplicates) {
      if (duplicate.digitization_no.empty()) {
        duplicate.digitization_no = made.item.digitization_no;
      }
    }
    report.items.push_back(std::move(made));
  }
  report.rejected.insert(report.rejected.end(), found.rejected.begin(), found.rejected.end());
  return report;
}

Result<ScanReport> scan(Holdings& holdings, const IntakeRequest& request,
                        const capture::ScanRequest& scan_request, const std::string& program,
                        std::stop_token stop, const std::function<void(int)>& on_page) {
  std::string languages;
  ALIH_TRY(auto item, draft_of(holdings, request, languages));
  ALIH_TRY(const auto profile, find_profile(request.profile));
  auto wanted = scan_request;
  if (!wanted.dpi && profile.dpi) wanted.dpi = *profile.dpi;
  if (!wanted.mode && profile.mode) wanted.mode = std::string(*profile.mode);
  ALIH_CHECK(holdings.files().check_room(0));
  ALIH_TRY(auto session, capture::ScanSession::open(wanted, holdings.settings().capture, program));

  // The reader only reads, so that the device is never kept waiting by the encoder while there is
  // room for four pages; when there is none it waits and no page is dropped.
  using Next = Result<std::variant<capture::CapturedPage, capture::BatchOutcome>>;
  constexpr std::size_t kPagesInFlight = 4;
  BoundedQueue<Next> queue(kPagesInFlight);
  std::stop_source halt;
  const std::stop_callback forward(stop, [&] { halt.request_stop(); });
  std::jthread reader([&] {
    for (;;) {
      auto next = session->next(halt.get_token());
      const bool last = !next || std::holds_alternative<capture::BatchOutcome>(*next);
      queue.push(std::move(next));
      if (last) return;
    }
  });
  // Whatever ends this function early: stop the reader and let it finish its last push.
  struct Drain {
    BoundedQueue<Next>& queue;
    std::stop_source& halt;
    std::jthread& thread;
    ~Drain() {
      halt.request_stop();
      queue.close();
      if (thread.joinable()) thread.join();
    }
  } const drain{queue, halt, reader};

  ScanReport report;
  if (request.to) report.item = item;
  for (;;) {
    auto next = queue.pop();
    if (!next)
      return fail(ErrorCode::internal, "Pembaca pemindai berhenti", "The scanner's reader stopped");
    if (!*next) {
      if (report.pages == 0) return fail(std::move(*next).error());
      report.outcome = {capture::BatchEnd::device_lost, next->error().message};
      break;
    }
    if (auto* outcome = std::get_if<capture::BatchOutcome>(&**next)) {
      report.outcome = std::move(*outcome);
      break;
    }
    const auto& captured = std::get<capture::CapturedPage>(**next);
    const int seq = report.item ? holdings.next_file_seq(item.id) : 1;
    ALIH_TRY(auto encoded, encode(captured, item, seq, languages,
                                  holdings.settings().repository.master_compression));
    const auto name = report.item ? file_name(item.digitization_no, 'm', seq, "tif")
                                  : Holdings::provisional_name(seq, "tif");
    encoded.draft.master.file = name;
    ALIH_TRY(encoded.draft.master.fixity, holdings.keep_master(item.id, name, encoded.tiff));
    processing::Spread spread;
    if (spreads_of(request, profile) == Spreads::split) {
      // The sheet is kept already; what goes wrong here leaves it one page.
      constexpr int kUpright = 1;
      if (auto looked = processing::find_spread(captured.image, kUpright)) {
        spread = std::move(*looked);
      }
    }
    std::vector<PageDraft> drafts;
    add_drafts(drafts, std::move(encoded.draft), spread.parts, spread.finding);
    if (report.item) {
      ALIH_TRY([[maybe_unused]] const auto added, holdings.add_pages(item.id, drafts));
    } else {
      ALIH_TRY(item, holdings.create_item(item, drafts, person_agent()));
      report.item = item;
    }
    report.pages += static_cast<int>(drafts.size());
    if (captured.image.dpi_x() > 0 &&
        (report.lowest_dpi <= 0 || captured.image.dpi_x() < report.lowest_dpi)) {
      report.lowest_dpi = captured.image.dpi_x();
    }
    on_page(report.pages);
  }
  return report;
}

}  // namespace alih::pipeline
