#include "pipeline/intake.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <thread>
#include <utility>

#include "core/clock.h"
#include "core/fields.h"
#include "core/rights.h"
#include "core/version.h"
#include "ocr/models.h"
#include "pipeline/bounded_queue.h"
#include "pipeline/catalogue.h"
#include "pipeline/profiles.h"
#include "processing/codec.h"

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
  Item item = request.draft.value_or(Item());
  item.id = ItemId::make();
  if (!request.draft) ALIH_CHECK(set_field(item, "series", request.series));
  if (!request.profile.empty()) ALIH_CHECK(set_field(item, "capture_profile", request.profile));
  for (const auto& [name, value] : request.fields) ALIH_CHECK(add_field(item, name, value));
  return item;
}

// How a new item is made of the draft, which is filled from the catalogue before.
Holdings::NewItem described(const Holdings& holdings, const IntakeRequest& request, Item& draft,
                            bool first) {
  Holdings::NewItem how;
  // Of the items of one stack only the first can be asked for by a number.
  how.refuse_digitised = first && !request.once_more;
  if (const auto record = fill_from_catalogue(holdings.database(), draft)) {
    how.detail = "described by catalogue record " + record->item.id.str() + " (" + record->source +
                 ", " + record->identity + ")";
  }
  return how;
}

// The item that the pages are for, checked before anything is stored.
Result<Item> draft_of(const Holdings& holdings, const IntakeRequest& request,
                      std::string& languages) {
  ALIH_TRY(auto fresh, new_item(holdings.settings(), request, languages));
  if (!request.to) {
    (void)fill_from_catalogue(holdings.database(), fresh);
    if (!request.once_more) ALIH_CHECK(refuse_digitised(holdings.database(), fresh));
    return fresh;
  }
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

bool splits_pages(const IntakeRequest& request, const Profile& profile) {
  return request.split_pages.value_or(profile.split_pages);
}

// Of the items that separators make of one stack the second, third … are numbered.
void number_title(Item& item, int nth) {
  const auto title = item.field("title");
  if (nth > 1 && !title.empty()) {
    (void)set_field(item, "title", title + " (" + std::to_string(nth) + ")");
  }
}

// Of the separator in front of the item, unless the person said it. A value that is no good for the
// field stays in the report only.
void label_item(Item& item, const std::string& value) {
  if (!value.empty() && item.field("barcode").empty()) (void)set_field(item, "barcode", value);
}

// Each once, as a separator sheet shows the same patch at all its edges.
std::string names_of(const std::vector<Code>& codes) {
  std::set<std::string> names;
  for (const auto& c : codes) names.insert(c.text.empty() ? c.kind : c.kind + " " + c.text);
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
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

Message known_and_closed() {
  return message("sudah ada di sini dan tertutup; tanyakan kepada arsiparis",
                 "it is here already and closed; ask an archivist");
}

Error why_none(const CheckedFile& checked) {
  if (checked.frames.empty()) {
    return {ErrorCode::unreadable, message("tidak ada halaman di dalamnya", "it holds no page")};
  }
  const auto& first = checked.frames.front();
  return {first.problem_code, {first.problem_id, first.problem_en}};
}

// Gathers the pages of one item after the other, and makes the items. One thread.
class Items {
 public:
  // `draft`: the item that is there already, or the first new one.
  Items(Holdings& holdings, const IntakeRequest& request, Item draft, std::string languages,
        IngestReport& report)
      : holdings_(holdings),
        request_(request),
        languages_(std::move(languages)),
        existing_(request.to.has_value()),
        draft_(std::move(draft)),
        report_(report) {
    if (existing_) {
      pages_before_ = holdings_.page_count(draft_.id);
    }
  }

  void reject(Rejected rejected) { made_.rejected.push_back(std::move(rejected)); }
  // The next page is the first one behind a separator that says so.
  void label(const std::string& value) { label_item(draft_, value); }
  void tell(std::string first_detail) { first_detail_ = std::move(first_detail); }

  // Pages of the item: frames of one file, of which some can be read. What is wrong with the file
  // is told, and nothing is kept of it then. Errors: disk_full.
  Status add(const fs::path& file, const CheckedFile& checked, const std::vector<int>& frames) {
    auto taken = take(file, checked, frames);
    if (!taken) {
      // No room is no fault of the file: stop here, nothing half-stored.
      if (taken.error().code == ErrorCode::disk_full) {
        abandon();
        return fail(std::move(taken).error());
      }
      reject({file.string(), taken.error().message, taken.error().code, 0});
      return {};
    }
    if (taken->empty()) return {};
    // The same bytes earlier in this call: the item has them twice.
    const int page = pages_before_ + static_cast<int>(pages_.size()) + 1;
    const auto [known, fresh] = first_page_.emplace(taken->front().master.fixity.sha256, page);
    if (!fresh && request_.known == Known::refuse) {
      holdings_.forget_master(draft_.id, taken->front().master.file);
      reject({file.string(),
              message("sama dengan halaman {} dari berkas yang baru diterima",
                      "the same as page {} of the files just taken in", {known->second}),
              ErrorCode::duplicate, 0});
      return {};
    }
    if (!fresh) made_.duplicates.push_back({file.string(), "", known->second});
    ++files_taken_;
    ++seq_;
    std::move(taken->begin(), taken->end(), std::back_inserter(pages_));
    return {};
  }

  void abandon() {
    if (!existing_) holdings_.forget(draft_.id);
  }

  // Makes the item of what was gathered, if there is anything; what comes next is for a new one.
  Status finish() {
    ALIH_CHECK(make());
    made_ = {};
    pages_.clear();
    first_page_.clear();
    first_detail_.clear();
    files_taken_ = 0;
    seq_ = 1;
    pages_before_ = 0;
    existing_ = false;
    std::string languages;
    ALIH_TRY(draft_, new_item(holdings_.settings(), request_, languages));
    return {};
  }

 private:
  Result<std::vector<PageDraft>> take(const fs::path& file, const CheckedFile& checked,
                                      const std::vector<int>& frames) {
    const auto good = [&](int i) {
      return checked.frames[static_cast<std::size_t>(i)].problem_en.empty();
    };
    std::vector<PageDraft> pages;
    const auto name = Holdings::provisional_name(seq_, checked.extension);
    Fixity fixity;
    if (std::any_of(frames.begin(), frames.end(), good)) {
      ALIH_TRY(fixity, holdings_.keep_master(draft_.id, name, file));
      // Other pages of the same file may be another item's.
      const bool whole = frames.size() == checked.frames.size();
      const auto asked = whole ? std::span<const int>() : std::span(frames);
      if (const auto known = holdings_.database().page_of_master(fixity.sha256, asked)) {
        ALIH_TRY(const auto owner, holdings_.database().item(known->item));
        // Whoever works here must not do it twice, but need not learn where it is.
        const bool closed = for_custodians(owner);
        if (request_.known == Known::refuse) {
          holdings_.forget_master(draft_.id, name);
          if (closed) return fail(Error{ErrorCode::duplicate, known_and_closed()});
          return fail(ErrorCode::duplicate, "sama dengan {} halaman {}", "the same as {} page {}",
                      {owner.digitization_no, known->number});
        }
        made_.duplicates.push_back(
            {file.string(), closed ? "" : owner.digitization_no, closed ? 0 : known->number});
      }
    }
    for (const int i : frames) {
      const auto& frame = checked.frames[static_cast<std::size_t>(i)];
      if (!good(i)) {
        const auto place = std::to_string(i + 1);
        Message why = message("halaman {}: {}", "", {place, frame.problem_id});
        why.en = message("", "page {}: {}", {place, frame.problem_en}).en;
        reject({file.string(), std::move(why), frame.problem_code, i + 1});
        continue;
      }
      PageDraft page;
      page.master = {name, checked.format, file.filename().string(), fixity, frame.pixel_sha256, i,
                     {}};
      page.width = frame.width;
      page.height = frame.height;
      page.dpi = frame.dpi;
      page.color_mode = frame.color_mode;
      page.bit_depth = frame.bit_depth;
      page.orientation = frame.orientation;
      page.languages = languages_;
      page.agent = program_agent();
      if (!frame.pdf_image.empty()) page.capture["pdf_image"] = frame.pdf_image;
      page.event_type = "ingestion";
      page.detail = "file taken in unchanged: " + file.filename().string();
      if (pages_.empty() && pages.empty()) page.detail += first_detail_;
      if (!frame.parts.empty())
        ++made_.split;
      else if (frame.split)
        ++made_.unsure_split;
      add_drafts(pages, std::move(page), frame.parts, frame.split);
    }
    return pages;
  }

  Status make() {
    const auto is_elsewhere = [](const Duplicate& d) {
      return !d.digitization_no.empty() || d.page == 0;
    };
    const auto known =
        std::count_if(made_.duplicates.begin(), made_.duplicates.end(), is_elsewhere);
    if (request_.known == Known::refuse_when_all && known == files_taken_) {
      for (const auto& d : made_.duplicates) {
        reject({d.path,
                d.page == 0 ? known_and_closed()
                            : message("sama dengan {} halaman {}", "the same as {} page {}",
                                      {d.digitization_no, d.page}),
                ErrorCode::duplicate, 0});
      }
      for (const auto& page : pages_) holdings_.forget_master(draft_.id, page.master.file);
      pages_.clear();
    }
    made_.pages = static_cast<int>(pages_.size());
    if (pages_.empty()) {
      abandon();
      report_.rejected.insert(report_.rejected.end(), made_.rejected.begin(), made_.rejected.end());
      return {};
    }
    if (existing_) {
      ALIH_TRY([[maybe_unused]] const auto added,
               holdings_.add_pages(draft_.id, pages_, request_.by));
      ALIH_TRY(made_.item, holdings_.database().item(draft_.id));
    } else {
      ++new_items_;
      if (request_.stack.split) number_title(draft_, new_items_);
      const auto how = described(holdings_, request_, draft_, new_items_ == 1);
      auto created = holdings_.create_item(draft_, pages_, request_.by, how);
      if (!created) {
        holdings_.forget(draft_.id);
        return fail(std::move(created).error());
      }
      made_.item = std::move(*created);
    }
    for (auto& duplicate : made_.duplicates) {
      if (!is_elsewhere(duplicate)) {
        duplicate.digitization_no = made_.item.digitization_no;
      }
    }
    report_.items.push_back(std::move(made_));
    return {};
  }

  Holdings& holdings_;
  const IntakeRequest& request_;
  std::string languages_;
  bool existing_;
  Item draft_;
  IngestReport& report_;
  IngestReport::Made made_;
  std::vector<PageDraft> pages_;
  std::string first_detail_;
  std::map<std::string, int> first_page_;  // by digest of its master, of this item
  std::ptrdiff_t files_taken_ = 0;
  int seq_ = 1;
  int pages_before_ = 0;
  int new_items_ = 0;
};

// The frames of one file, in the order of the stack, to the items that they belong to.
Status deal_out(const fs::path& file, const CheckedFile& checked, Stack& stack, Items& items,
                bool keeps_separators, std::vector<SeparatorSide>& separators) {
  std::vector<int> frames;  // of the item at hand
  const auto add = [&]() -> Status {
    if (frames.empty()) return {};
    return items.add(file, checked, std::exchange(frames, {}));
  };
  for (std::size_t i = 0; i < checked.frames.size(); ++i) {
    const auto& frame = checked.frames[i];
    const auto side = stack.next(frame.separator, frame.blank);
    const bool page = side.role == Side::Role::page;
    if (!page) {
      separators.push_back({file.string(), static_cast<int>(i) + 1,
                            side.role == Side::Role::separator_back, keeps_separators,
                            frame.separator});
    }
    // An item is whole as soon as its last page is here.
    if (side.role == Side::Role::separator && (!keeps_separators || side.begins_item)) {
      ALIH_CHECK(add());
      ALIH_CHECK(items.finish());
      items.tell("; behind a separator sheet: " + names_of(frame.separator));
    }
    if (side.begins_item) items.label(stack.label());
    if (page || keeps_separators) frames.push_back(static_cast<int>(i));
  }
  return add();
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

// Whether the device says that it feeds both sides of each sheet.
bool feeds_duplex(const capture::CapturedPage& captured) {
  auto source = option_of(captured.effective, "source");
  std::transform(source.begin(), source.end(), source.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return source.find("duplex") != std::string::npos;
}

// Puts scanned sides into the items that they belong to, each before the next one comes. One
// thread.
class Scanned {
 public:
  // `item`: the one that is there already, or the first new one.
  Scanned(Holdings& holdings, const IntakeRequest& request, const Profile& profile, Item item,
          std::string languages, PageWorker& worker, ScanReport& report)
      : holdings_(holdings),
        request_(request),
        profile_(profile),
        languages_(std::move(languages)),
        worker_(worker),
        item_(std::move(item)),
        there_(request.to.has_value()),
        report_(report),
        new_items_(there_ ? 0 : 1) {}

  Status take(const capture::CapturedPage& captured) {
    ++sides_;
    // Kept first, whatever is on it.
    const int seq = there_ ? holdings_.next_file_seq(item_.id) : 1;
    ALIH_TRY(auto encoded, encode(captured, item_, seq, languages_,
                                  holdings_.settings().repository.master_compression));
    auto& draft = encoded.draft;
    draft.master.file = Holdings::provisional_name(seq, "tif");
    ALIH_TRY(draft.master.fixity, holdings_.keep_master(item_.id, draft.master.file, encoded.tiff));
    // What goes wrong in what follows leaves the side one page of the item at hand.
    const auto& rules = request_.stack;
    const auto seen = look_at(draft.master);
    const auto& codes = seen.separator;
    Side side;
    if (rules.split) {
      if (!stack_) {
        auto known = rules;
        known.duplex = rules.duplex || feeds_duplex(captured);
        stack_.emplace(known);
      }
      side = stack_->next(codes, seen.blank);
    }
    const bool page = side.role == Side::Role::page;
    report_.ends_with_separator = !page && !rules.keep_separators;
    if (!page) {
      report_.separators.push_back(
          {"", sides_, side.role == Side::Role::separator_back, rules.keep_separators, codes});
      if (!codes.empty()) behind_ = "; behind a separator sheet: " + names_of(codes);
      if (!rules.keep_separators) {
        holdings_.forget_master(item_.id, draft.master.file);
        return there_ ? begin_item() : Status();
      }
    }
    if (side.begins_item) {
      if (there_) ALIH_CHECK(move_on(draft, captured));
      label_item(item_, stack_->label());
      draft.detail += behind_;
    }
    std::vector<PageDraft> drafts;
    add_drafts(drafts, std::move(draft), seen.parts, seen.split);
    if (there_) {
      ALIH_TRY([[maybe_unused]] const auto added,
               holdings_.add_pages(item_.id, drafts, request_.by));
    } else {
      const auto how = described(holdings_, request_, item_, new_items_ == 1);
      ALIH_TRY(item_, holdings_.create_item(item_, drafts, request_.by, how));
      there_ = true;
    }
    if (report_.items.empty() || report_.items.back().item.id != item_.id) {
      report_.items.push_back({item_, 0});
    }
    report_.items.back().pages += static_cast<int>(drafts.size());
    report_.pages += static_cast<int>(drafts.size());
    return {};
  }

  void finish() {
    if (!there_) holdings_.forget(item_.id);
  }

 private:
  // What is on the side, as a worker sees it; nothing when none could look.
  CheckedFrame look_at(const Master& master) {
    const auto& rules = request_.stack;
    const LookFor what{splits_pages(request_, profile_), rules.split, rules.split};
    if (!what.spreads && !what.separators) return {};
    auto checked = worker_.check(holdings_.files().master_path(item_.id, master), what);
    if (checked && checked->frames.size() == 1) return std::move(checked->frames.front());
    return {};
  }

  Status begin_item() {
    std::string languages;
    ALIH_TRY(item_, new_item(holdings_.settings(), request_, languages));
    number_title(item_, ++new_items_);
    there_ = false;
    return {};
  }

  // Begins an item with this side, whose master goes over to it.
  Status move_on(PageDraft& draft, const capture::CapturedPage& captured) {
    const auto before = item_.id;
    const auto old_name = std::exchange(draft.master.file, Holdings::provisional_name(1, "tif"));
    ALIH_CHECK(begin_item());
    // Its tags name the item and the page.
    ALIH_TRY(const auto again, encode(captured, item_, 1, languages_,
                                      holdings_.settings().repository.master_compression));
    ALIH_TRY(draft.master.fixity, holdings_.keep_master(item_.id, draft.master.file, again.tiff));
    holdings_.forget_master(before, old_name);
    return {};
  }

  Holdings& holdings_;
  const IntakeRequest& request_;
  const Profile& profile_;
  std::string languages_;
  PageWorker& worker_;
  Item item_;
  bool there_;  // in the register
  ScanReport& report_;
  std::optional<Stack> stack_;
  std::string behind_;
  int sides_ = 0;
  int new_items_;  // begun in this scan
};

}  // namespace

Message only_separators() {
  return message("hanya ada lembar pemisah, tidak ada halaman; tidak ada nomor yang dipakai",
                 "there are only separator sheets and no page; no number was used");
}

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
  const auto& rules = request.stack;
  const LookFor what{splits_pages(request, profile), rules.split, rules.split && rules.duplex};
  std::uint64_t done = 0;
  Items items(holdings, request, std::move(draft), languages, report);
  for (auto& rejected : std::exchange(found.rejected, {})) items.reject(std::move(rejected));
  for (const auto& files : calls) {
    Stack stack(rules);
    for (const auto& file : files) {
      const auto checked = worker.check(file, what);
      const bool any = checked && std::any_of(checked->frames.begin(), checked->frames.end(),
                                              [](const auto& f) { return f.problem_en.empty(); });
      if (any) {
        ALIH_CHECK(
            deal_out(file, *checked, stack, items, rules.keep_separators, report.separators));
      } else {
        // Nothing is kept of a file without a good page.
        const auto why = checked ? why_none(*checked) : checked.error();
        if (why.code == ErrorCode::disk_full) {
          items.abandon();
          return fail(Error(why));
        }
        items.reject({file.string(), why.message, why.code, 0});
        (void)stack.next({}, false);
      }
      progress(++done, found.files.size());
    }
    ALIH_CHECK(items.finish());
  }
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
  PageWorker worker(program, holdings.settings(), holdings.files().scratch());
  Scanned scanned(holdings, request, profile, std::move(item), languages, worker, report);
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
    ALIH_CHECK(scanned.take(captured));
    if (captured.image.dpi_x() > 0 &&
        (report.lowest_dpi <= 0 || captured.image.dpi_x() < report.lowest_dpi)) {
      report.lowest_dpi = captured.image.dpi_x();
    }
    on_page(report.pages);
  }
  scanned.finish();
  return report;
}

}  // namespace alih::pipeline
