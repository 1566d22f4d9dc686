#include "api/json_view.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/clock.h"
#include "core/confidence.h"
#include "core/doubts.h"
#include "core/fields.h"
#include "core/json.h"
#include "core/rights.h"
#include "pipeline/backup.h"

namespace alih::api {
namespace {

using json = nlohmann::ordered_json;

std::string text(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

json box(const Box& b) { return json::array({b.x, b.y, b.width, b.height}); }

std::vector<Page> live(std::vector<Page> pages) {
  std::erase_if(pages, [](const Page& p) { return p.state == PageState::removed; });
  return pages;
}

json summary(const Item& item, const std::vector<Page>& pages) {
  return {{"digitization_no", item.digitization_no},
          {"item_id", item.id.str()},
          {"series", item.series},
          {"title", item.field("title")},
          {"state", std::string(word(item.state))},
          {"version", item.version},
          {"access_class", std::string(word(item.access))},
          {"rights_status", std::string(word(item.rights))},
          {"pages", pages.size()},
          {"incomplete", incomplete_fields(item, pages)}};
}

json agent_view(const Agent& a) {
  json out{{"kind", a.kind}, {"name", a.name}, {"version", a.version}};
  if (!a.account.empty()) out["account"] = a.account;
  if (!a.nip.empty()) out["nip"] = a.nip;
  return out;
}

json event_view(const Event& e) {
  return {{"sequence", e.sequence},       {"at", e.at},        {"type", e.type},
          {"agent", agent_view(e.agent)}, {"page", e.page},    {"outcome", e.outcome},
          {"detail", e.detail},           {"sha256", e.sha256}};
}

// Values by the table: a repeated field is a list, a number a number.
void put_fields(json& out, const std::map<std::string, std::vector<std::string>>& values) {
  for (const auto& f : all_fields()) {
    if (f.personal) continue;
    const auto found = values.find(std::string(f.name));
    if (found == values.end() || found->second.empty()) {
      if (!f.repeated)
        out[std::string(f.name)] = nullptr;
      else
        out[std::string(f.name)] = json::array();
      continue;
    }
    if (f.repeated) {
      out[std::string(f.name)] = found->second;
      continue;
    }
    const auto& value = found->second.front();
    if (f.type == FieldType::number) {
      const auto number = json::parse(value, nullptr, false);
      out[std::string(f.name)] = number.is_number() ? number : json(value);
    } else {
      out[std::string(f.name)] = value;
    }
  }
}

// What is nobody's business but the staff's, by the page's keys.
void hide_workings(json& page) {
  for (const char* name : {"master", "reading", "risk"}) page[name] = nullptr;
  for (const char* name : {"findings", "codes", "reasons"}) page[name] = json::array();
  for (const char* name : {"settings", "capture"}) page[name] = json::object();
  for (const char* name : {"recipe", "failure"}) page[name] = "";
}

json page_view(const Page& p, const pipeline::PageRisk& risk) {
  json reasons = json::array();
  for (const auto* reason : risk.reasons) reasons.push_back(std::string(reason->name));
  json master = {{"file", p.master.file},
                 {"format", p.master.format},
                 {"original_name", p.master.original_name},
                 {"bytes", p.master.fixity.bytes},
                 {"sha512", p.master.fixity.sha512},
                 {"sha256", p.master.fixity.sha256},
                 {"pixel_sha256", p.master.pixel_sha256},
                 {"frame", p.master.frame},
                 {"region", p.master.region ? box(*p.master.region) : json(nullptr)}};
  return {{"page", p.number},
          {"label", p.label},
          {"state", std::string(word(p.state))},
          {"master", master},
          {"width", p.width},
          {"height", p.height},
          {"dpi", p.dpi},
          {"color_mode", p.color_mode},
          {"bit_depth", p.bit_depth},
          {"orientation", p.orientation},
          {"access_width", p.access_width},
          {"access_height", p.access_height},
          {"to_master", p.to_master.m},
          {"findings", json::parse(to_json(p.findings))},
          {"codes", json::parse(to_json(p.codes))},
          {"confidence", share_right(p)},
          {"risk", risk.known ? json(std::round(risk.risk * 1000) / 1000) : json(nullptr)},
          {"reasons", reasons},
          {"reading",
           {{"engine", p.reading.engine},
            {"models", p.reading.models},
            {"settings", p.reading.settings},
            {"variant", p.reading.variant},
            {"orthography", p.reading.orthography},
            {"engine_confidence", p.reading.confidence},
            {"words", p.reading.words}}},
          {"recipe", p.recipe},
          {"settings", p.settings},
          {"capture", p.capture},
          {"failure", p.failure}};
}

}  // namespace

bool is_of_workings(std::string_view field) {
  return field == "operator" || field == "qc_by" || field == "storage_location";
}

namespace {
void hide_staff(json& row) {
  for (auto& [name, value] : row.items()) {
    if (is_of_workings(name)) value = nullptr;
  }
}
}  // namespace

std::string item_json(const pipeline::Holdings& holdings, const Item& item, Detail detail) {
  const auto pages = live(holdings.database().pages(item.id));
  json out = summary(item, pages);
  out["year"] = item.year;
  put_fields(out, register_values(item, pages));
  if (detail == Detail::open) hide_staff(out);
  json events = json::array();
  if (detail == Detail::staff) {
    for (const auto& e : holdings.database().events(item.id)) events.push_back(event_view(e));
    if (const auto suggested = suggest_rights(item, local_year())) {
      out["rights_suggestion"] = {{"rights_status", std::string(word(suggested->status))},
                                  {"reason", suggested->reason.en},
                                  {"reason_id", suggested->reason.id}};
    }
    out["warnings"] = json::array();
    for (const auto& d : doubts_of(item)) {
      out["warnings"].push_back({{"field", d.field}, {"text", d.text.en}, {"text_id", d.text.id}});
    }
  }
  out["events"] = events;
  return text(out);
}

std::string personal_json(const Item& item, const pipeline::PersonalValues& values) {
  return text({{"digitization_no", item.digitization_no},
               {"item_id", item.id.str()},
               {"personal", values}});
}

std::string items_json(const pipeline::Holdings& holdings, const std::vector<Item>& items,
                       std::size_t total) {
  json rows = json::array();
  for (const auto& item : items) {
    rows.push_back(summary(item, live(holdings.database().pages(item.id))));
  }
  return text({{"items", rows}, {"total", total}});
}

std::string pages_json(const Item& item, const std::vector<Page>& all, const PageOrder& order,
                       Detail detail) {
  const auto pages = live(all);
  const auto risks = pipeline::page_risks(item, pages);
  std::vector<std::size_t> places(pages.size());
  std::iota(places.begin(), places.end(), 0);
  if (order.by_risk) {
    std::stable_sort(places.begin(), places.end(),
                     [&](std::size_t a, std::size_t b) { return risks[a].risk > risks[b].risk; });
  }
  places.resize(std::min(places.size(), order.most));
  json rows = json::array();
  for (const auto i : places) {
    rows.push_back(page_view(pages[i], risks[i]));
    if (detail == Detail::open) hide_workings(rows.back());
  }
  return text({{"pages", rows}, {"total", pages.size()}});
}

std::string worst_pages_json(const std::vector<pipeline::RiskyPage>& pages, std::size_t total) {
  json rows = json::array();
  for (const auto& p : pages) {
    json row{{"digitization_no", p.item.digitization_no},
             {"item_id", p.item.id.str()},
             {"title", p.item.field("title")}};
    row.update(page_view(p.page, p.risk));
    rows.push_back(std::move(row));
  }
  return text({{"pages", rows}, {"total", total}});
}

std::string page_json(const Item& item, const std::vector<Page>& pages, const Page& page,
                      const TextLayer& layer, Detail detail) {
  const auto risks = pipeline::page_risks(item, pages);
  const auto at = std::find_if(pages.begin(), pages.end(),
                               [&](const Page& p) { return p.file_seq == page.file_seq; });
  json out =
      page_view(page, at == pages.end() ? pipeline::PageRisk{}
                                        : risks[static_cast<std::size_t>(at - pages.begin())]);
  if (detail == Detail::open) hide_workings(out);
  json words = json::array();
  for (const auto& block : layer.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& w : line.words) {
        json word{{"text", w.text},
                  {"box", box(w.box)},
                  {"confidence", std::round(chance_right(w.confidence) * 1000) / 1000},
                  {"engine_confidence", w.confidence}};
        if (w.half != Half::none) {
          word["half"] = w.half == Half::first ? "first" : "second";
          word["joined"] = w.joined;
        }
        if (w.corrected) word["corrected"] = true;
        words.push_back(std::move(word));
      }
    }
  }
  out["words"] = words;
  out["text"] = layer.text();
  return text(out);
}

std::string register_json(const pipeline::Holdings& holdings, const std::vector<Item>& items,
                          std::size_t total, const std::function<Detail(const Item&)>& detail) {
  json rows = json::array();
  for (const auto& item : items) {
    const auto pages = live(holdings.database().pages(item.id));
    json row;
    put_fields(row, register_values(item, pages));
    row["item_id"] = item.id.str();
    row["series"] = item.series;
    row["state"] = std::string(word(item.state));
    row["access_class"] = std::string(word(item.access));
    row["rights_status"] = std::string(word(item.rights));
    row["incomplete"] = incomplete_fields(item, pages);
    const bool open = detail && detail(item) == Detail::open;
    if (open) hide_staff(row);
    json lines = json::array();
    for (const auto& l : item.lines) {
      if (open) break;
      lines.push_back({{"version", l.version},
                       {"month", l.month},
                       {"at", l.at},
                       {"by", l.by},
                       {"reason", l.reason},
                       {"sha256", l.sha256}});
    }
    row["lines"] = lines;  // in ink
    rows.push_back(std::move(row));
  }
  return text({{"rows", rows}, {"total", total}});
}

std::string search_json(const indexer::SearchRequest& request,
                        const indexer::SearchResult& result) {
  json hits = json::array();
  int rank = 0;
  for (const auto& hit : result.hits) {
    const auto& number = hit.item.digitization_no;  // none of a catalogue record
    json h = {{"digitization_no", number.empty() ? json(nullptr) : json(number)},
              {"item_id", hit.item.id.str()},
              {"series", hit.item.series},
              {"title", hit.item.field("title")},
              {"kind", hit.page ? "page" : "record"}};
    if (hit.page) {
      h["page"] = hit.page->number;
      h["page_label"] = hit.page->label;
    }
    ++rank;
    h["score"] = request.audience.everything() ? hit.score : 1.0 / (request.offset + rank);
    h["snippet"] = hit.snippet;
    if (hit.page) {
      json boxes = json::array();
      for (const auto& b : hit.boxes) boxes.push_back(box(b));
      h["boxes"] = boxes;
    }
    h["matched"] = hit.matched;
    if (request.by_item) h["matches_in_item"] = hit.in_item;
    hits.push_back(std::move(h));
  }
  json years = json::object();
  for (const auto& [year, count] : result.years) years[std::to_string(year)] = count;
  json notes = json::array();
  for (const auto& note : result.notes) notes.push_back({{"id", note.id}, {"en", note.en}});
  return text({{"query", request.query},
               {"total", result.total},
               {"took_ms", result.took_ms},
               {"offset", request.offset},
               {"hits", hits},
               {"facets",
                {{"series", result.series},
                 {"year", years},
                 {"type", result.types},
                 {"language", result.languages}}},
               {"suggestions", result.suggestions},
               {"notes", notes}});
}

namespace {
json record_view(const CatalogueRecord& r) {
  json out{{"record_id", r.item.id.str()},
           {"series", r.item.series},
           {"identity", r.identity},
           {"source", r.source},
           {"title", r.item.field("title")},
           {"fields", r.item.fields},
           {"extra", r.extra}};
  return out;
}
json made_view(const std::vector<Item>& items) {
  json out = json::array();
  for (const auto& i : items) {
    out.push_back({{"digitization_no", i.digitization_no},
                   {"item_id", i.id.str()},
                   {"title", i.field("title")},
                   {"link", "/koleksi/" + folded(i.digitization_no)}});
  }
  return out;
}
}  // namespace

std::string import_json(const pipeline::ImportReport& report) {
  json rejected = json::array();
  for (const auto& r : report.rejected) {
    rejected.push_back({{"row", r.row}, {"reason", r.reason.en}, {"reason_id", r.reason.id}});
  }
  return text({{"rows", report.rows},
               {"imported", report.imported},
               {"updated", report.updated},
               {"unchanged", report.unchanged},
               {"rejected", rejected},
               {"import_id", report.id.empty() ? json(nullptr) : json(report.id)},
               {"items", made_view(report.items)},
               {"pages", report.pages}});
}

std::string look_up_json(const pipeline::LookUp& found) {
  return text({{"record", found.record ? record_view(*found.record) : json(nullptr)},
               {"digitised", made_view(found.digitised)}});
}

std::string records_json(const std::vector<CatalogueRecord>& records, std::size_t total) {
  json rows = json::array();
  for (const auto& r : records) rows.push_back(record_view(r));
  return text({{"records", rows}, {"total", total}});
}

namespace {
json rejected_view(const std::vector<pipeline::Rejected>& rejected) {
  json out = json::array();
  for (const auto& r : rejected) {
    json row{{"path", r.path},
             {"reason", r.reason.en},
             {"reason_id", r.reason.id},
             {"code", std::string(code_name(r.code))}};
    if (r.frame > 0) row["frame"] = r.frame;
    out.push_back(std::move(row));
  }
  return out;
}
json duplicates_view(const std::vector<pipeline::Duplicate>& duplicates) {
  json out = json::array();
  for (const auto& d : duplicates) {
    const bool closed = d.digitization_no.empty();
    out.push_back({{"path", d.path},
                   {"digitization_no", closed ? json(nullptr) : json(d.digitization_no)},
                   {"page", closed ? json(nullptr) : json(d.page)}});
  }
  return out;
}
json separators_view(const std::vector<pipeline::SeparatorSide>& separators) {
  json out = json::array();
  for (const auto& s : separators) {
    json codes = json::array();
    for (const auto& c : s.codes) codes.push_back({{"kind", c.kind}, {"text", c.text}});
    json row;
    if (!s.path.empty()) row["path"] = s.path;
    row["number"] = s.number;
    row["back"] = s.back;
    row["kept"] = s.kept;
    row["codes"] = codes;
    out.push_back(std::move(row));
  }
  return out;
}
}  // namespace

std::string scan_json(const pipeline::ScanReport& report, const std::string& device) {
  json items = json::array();
  for (const auto& made : report.items) {
    items.push_back({{"digitization_no", made.item.digitization_no},
                     {"item_id", made.item.id.str()},
                     {"pages", made.pages}});
  }
  const auto& first = report.items.front().item;
  return text({{"digitization_no", first.digitization_no},
               {"item_id", first.id.str()},
               {"pages_captured", report.pages},
               {"device", device},
               {"outcome", std::string(capture::name(report.outcome.end))},
               {"items", items},
               {"separators", separators_view(report.separators)}});
}

std::string ingest_json(const pipeline::IngestReport& report) {
  json items = json::array();
  for (const auto& made : report.items) {
    items.push_back({{"digitization_no", made.item.digitization_no},
                     {"item_id", made.item.id.str()},
                     {"pages", made.pages},
                     {"split", made.split},
                     {"unsure_split", made.unsure_split},
                     {"rejected", rejected_view(made.rejected)},
                     {"duplicates", duplicates_view(made.duplicates)}});
  }
  return text({{"items", items},
               {"rejected", rejected_view(report.rejected)},
               {"separators", separators_view(report.separators)}});
}

std::string verify_json(const pipeline::VerifyReport& report) {
  json problems = json::array();
  for (const auto& p : report.problems) {
    problems.push_back({{"kind", p.kind}, {"where", p.where}, {"detail", p.detail}});
  }
  return text({{"checked_files", report.checked_files},
               {"checked_bytes", report.checked_bytes},
               {"problems", problems}});
}

namespace {
json fixity_view(const pipeline::Holdings& holdings,
                 const std::function<bool(const Result<Item>&)>& shown) {
  json damaged = json::array();
  constexpr std::size_t kMost = 20;
  for (const auto& d : holdings.database().damage(std::nullopt)) {
    const auto item = holdings.database().item(d.item);
    if (item && !shown(item)) continue;
    damaged.push_back({{"digitization_no", item ? item->digitization_no : d.item.str()},
                       {"file", d.file},
                       {"kind", d.kind},
                       {"detail", d.detail},
                       {"found_at", d.found_at}});
    if (damaged.size() == kMost) break;
  }
  const auto patrol = holdings.patrol_state();
  return {{"round_began", patrol.round_began},
          {"last_round_ended", patrol.last_round_ended},
          {"checked_files", patrol.checked_files},
          {"checked_bytes", patrol.checked_bytes},
          {"damaged", damaged}};
}

// Whether lines are read by the program's own fast way, and what came of it so far.
json reading_view(const pipeline::Holdings& holdings) {
  const auto lines = holdings.lines_read();
  const auto kernel = holdings.fast_kernel();
  return {{"fast_lstm", holdings.settings().ocr.fast_lstm},
          {"kernel", kernel.empty() ? json(nullptr) : json(kernel)},
          {"lines_fast", lines.fast},
          {"lines_slow", lines.slow},
          {"lines_checked", lines.checked},
          {"differences", lines.differences}};
}
}  // namespace

std::string status_json(const pipeline::Holdings& holdings, const access::Subject& subject) {
  const auto shown = [&](const Result<Item>& item) {
    return item && (subject.owner || access::may(subject, access::Action::find, *item));
  };
  const auto& database = holdings.database();
  json errors = json::array();
  constexpr std::size_t kMostErrors = 20;
  database.each_job([&](const indexer::Job& job) {
    if (!job.set_aside) return true;
    const auto item = database.item(job.item);
    if (!shown(item)) return true;
    const auto page = database.page_by_seq(job.item, job.file_seq);
    errors.push_back({{"digitization_no", item ? item->digitization_no : job.item.str()},
                      {"page", page ? page->number : job.file_seq},
                      {"attempts", job.attempts},
                      {"error", job.last_error}});
    return errors.size() < kMostErrors;
  });
  std::map<std::string, int> states;
  for (const auto& item : database.items({})) {
    if (shown(item)) ++states[std::string(word(item.state))];
  }
  const auto stats = holdings.queue().stats();
  const auto& settings = holdings.settings().pipeline;
  json forecast = nullptr;
  if (const double pace = holdings.seconds_a_page(); pace > 0) {
    const double per_minute = 60.0 * settings.workers / pace;
    forecast = {{"pages_per_minute", per_minute},
                {"seconds_left", static_cast<double>(stats.pending) * 60 / per_minute}};
  }
  const auto free = holdings.files().free_bytes();
  const auto floor = holdings.files().floor_bytes();
  const auto backup = pipeline::backup_state(holdings);
  return text({{"queue",
                {{"pending", stats.pending - std::min(stats.pending, stats.running)},
                 {"running", stats.running},
                 {"failed", stats.set_aside},
                 {"urgent", stats.urgent},
                 {"paused", holdings.paused()},
                 {"night_from", settings.night_from},
                 {"night_until", settings.night_until},
                 {"forecast", forecast}}},
               {"items", states},
               {"disk",
                {{"free_bytes", free},
                 {"floor_bytes", floor},
                 {"intake", free >= floor ? "open" : "stopped"}}},
               {"backup",
                {{"last", backup.last.empty() ? json(nullptr) : json(backup.last)},
                 {"dir", backup.dir.empty() ? json(nullptr) : json(backup.dir)},
                 {"overdue", backup.overdue}}},
               {"fixity", fixity_view(holdings, shown)},
               {"reading", reading_view(holdings)},
               {"workers", settings.workers},
               {"errors", errors}});
}

std::string problem_json(const Error& error, Language language, const std::string& request_id) {
  const int status = http_status(error.code);
  return text({{"type", "urn:alihmedia:error:" + std::string(code_name(error.code))},
               {"title", std::string(code_name(error.code))},
               {"status", status},
               {"detail", error.message.in(language)},
               {"request_id", request_id}});
}

}  // namespace alih::api
