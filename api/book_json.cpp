// JSON of batches, the book's lines and closings, times and papers.
#include <cmath>

#include "api/json_view.h"
#include "core/fields.h"
#include "core/json.h"

namespace alih::api {
namespace {

using json = nlohmann::ordered_json;

std::string text(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

json seconds(const std::optional<double>& s) {
  return s ? json(std::round(*s * 1000) / 1000) : json(nullptr);
}

// "received" until it is registered, then as its item is; or "rejected", "returned".
json head(const pipeline::Holdings& holdings, const Handover& h, const access::Subject& subject,
          json* entries) {
  int waiting = 0;
  int registered = 0;
  int rejected = 0;
  int returned = 0;
  for (const auto& e : h.entries) {
    const auto item = holdings.database().item_of_entry(h.batch_no, e.number);
    if (item) ++registered;
    if (e.state == "rejected") ++rejected;
    if (e.state == "returned") ++returned;
    if (e.state == "received" && !item) ++waiting;
    if (entries == nullptr) continue;
    if (item && !subject.owner && !access::may(subject, access::Action::find, *item)) {
      entries->push_back({{"number", e.number}, {"state", "registered"}, {"title", ""}});
      continue;
    }
    json fields = json::object();
    for (const auto& [name, values] : e.fields) {
      const auto* field = find_field(name);
      const bool many = field != nullptr && field->repeated;
      fields[name] = many ? json(values) : json(values.empty() ? "" : values.front());
    }
    entries->push_back(
        {{"number", e.number},
         {"title", e.field("title")},
         {"state", e.state != "received" ? e.state
                   : item                ? std::string(word(item->state))
                                         : std::string("received")},
         {"digitization_no", item ? json(item->digitization_no) : json(nullptr)},
         {"reason", e.reason},
         {"returned_on", e.returned_on.empty() ? json(nullptr) : json(e.returned_on)},
         {"returned_to", e.returned_to},
         {"fields", fields}});
  }
  return {{"batch_no", h.batch_no},
          {"received_on", h.received_on},
          {"received_at", h.received_at},
          {"source_unit", h.source_unit},
          {"sender", h.sender},
          {"sender_nip", h.sender_nip},
          {"receiver", h.receiver},
          {"receiver_nip", h.receiver_nip},
          {"note", h.note},
          {"count", h.entries.size()},
          {"waiting", waiting},
          {"registered", registered},
          {"rejected", rejected},
          {"returned", returned}};
}

json closing_view(const Closing& c) {
  return {{"period", c.period},
          {"closed_on", c.closed_on},
          {"at", c.at},
          {"by", c.by},
          {"lines", c.lines},
          {"lines_sha256", c.lines_sha256},
          {"signer", c.signer_name}};
}

json step_view(const pipeline::StepTime& s) {
  return {{"active_s", seconds(s.active_s)},
          {"elapsed_s", seconds(s.elapsed_s)},
          {"standard_s", s.standard_s > 0 ? json(s.standard_s) : json(nullptr)},
          {"percent", s.active_s && s.standard_s > 0
                          ? json(std::round(*s.active_s / s.standard_s * 1000) / 10)
                          : json(nullptr)},
          {"by", s.by},
          {"standing", std::string(word(s.standing()))},
          {"label", label(s.standing()).id}};
}

json group_view(const pipeline::TimesGroup& g) {
  json steps = json::object();
  for (std::size_t i = 0; i < g.steps.size(); ++i) {
    const auto& s = g.steps[i];
    steps[std::to_string(i + 1)] = {
        {"measured", s.measured},
        {"within", s.within},
        {"share_within",
         s.measured > 0 ? json(std::round(1000.0 * s.within / s.measured) / 1000) : json(nullptr)},
        {"median_s", s.measured > 0 ? seconds(s.median_s) : json(nullptr)},
        {"p90_s", s.measured > 0 ? seconds(s.p90_s) : json(nullptr)},
        {"elapsed_median_s", s.elapsed_median_s > 0 ? seconds(s.elapsed_median_s) : json(nullptr)},
        {"active_s", seconds(s.active_s)}};
  }
  constexpr double kHour = 3600;
  constexpr std::size_t kScan = 2;
  const double scan_s = g.steps[kScan].active_s;
  return {{"items", g.items},
          {"pages", g.pages},
          {"files", g.files},
          {"days", g.days},
          {"items_per_day",
           g.days > 0 ? json(std::round(10.0 * g.items / g.days) / 10) : json(nullptr)},
          {"pages_per_hour",
           scan_s > 0 ? json(std::round(10.0 * g.pages / (scan_s / kHour)) / 10) : json(nullptr)},
          {"rescan_rate",
           g.pages > 0 ? json(std::round(1000.0 * g.pages_again / g.pages) / 1000) : json(nullptr)},
          {"operator_s", seconds(g.operator_s)},
          {"machine_s", seconds(g.machine_s)},
          {"steps", steps}};
}

}  // namespace

std::string handover_json(const pipeline::Holdings& holdings, const Handover& h,
                          const access::Subject& subject) {
  json entries = json::array();
  auto out = head(holdings, h, subject, &entries);
  out["entries"] = entries;
  return text(out);
}

std::string handovers_json(const pipeline::Holdings& holdings, const std::vector<Handover>& batches,
                           std::size_t total, const access::Subject& subject) {
  json rows = json::array();
  for (const auto& h : batches) rows.push_back(head(holdings, h, subject, nullptr));
  return text({{"handovers", rows}, {"total", total}});
}

std::string receive_json(const pipeline::Holdings& holdings, const pipeline::ReceiveReport& report,
                         const access::Subject& subject) {
  json rejected = json::array();
  for (const auto& r : report.rejected) {
    rejected.push_back({{"row", r.row}, {"reason", r.reason.en}, {"reason_id", r.reason.id}});
  }
  json out{{"rows", report.rows}, {"rejected", rejected}};
  out["handover"] =
      report.batch ? json::parse(handover_json(holdings, *report.batch, subject)) : json(nullptr);
  return text(out);
}

std::string closing_json(const pipeline::ClosedPeriod& closed) {
  auto out = closing_view(closed.closing);
  out["paper"] = closed.kept ? json(closed.kept->digitization_no) : json(nullptr);
  return text(out);
}

std::string closings_json(const std::vector<Closing>& closings) {
  json rows = json::array();
  for (const auto& c : closings) rows.push_back(closing_view(c));
  return text({{"closings", rows}, {"total", rows.size()}});
}

std::string book_json(const pipeline::Holdings& holdings, const std::string& period,
                      const std::vector<pipeline::Holdings::BookLine>& lines) {
  json rows = json::array();
  for (const auto& l : lines) {
    rows.push_back({{"sequence_no", l.item.sequence_no},
                    {"digitization_no", l.item.digitization_no},
                    {"version", l.line.version},
                    {"month", l.line.month},
                    {"correction", !l.first},
                    {"struck", l.struck},
                    {"in_ink", l.in_ink},
                    {"at", l.line.at},
                    {"by", l.line.by},
                    {"reason", l.line.reason},
                    {"sha256", l.line.sha256},
                    {"values", l.line.values}});
  }
  const auto closed = holdings.database().book(closing_name(period));
  json out{{"period", period}, {"lines", rows}, {"total", rows.size()}};
  out["closed"] = nullptr;
  if (closed) {
    if (const auto c = closing_from_json(closed->body)) out["closed"] = closing_view(*c);
  }
  return text(out);
}

std::string performance_json(const pipeline::Performance& p) {
  json items = json::array();
  for (const auto& t : p.items) {
    json steps = json::object();
    for (std::size_t i = 0; i < t.steps.size(); ++i) {
      steps[std::to_string(i + 1)] = step_view(t.steps[i]);
    }
    items.push_back({{"digitization_no", t.item.digitization_no},
                     {"title", t.item.field("title")},
                     {"operator", t.operator_name},
                     {"month", t.month},
                     {"material_type", t.item.field("material_type")},
                     {"pages", t.pages},
                     {"files", t.files},
                     {"pages_again", t.pages_again},
                     {"machine_s", seconds(t.machine_s)},
                     {"steps", steps}});
  }
  const auto groups = [](const std::map<std::string, pipeline::TimesGroup>& rows) {
    json out = json::object();
    for (const auto& [name, g] : rows) out[name] = group_view(g);
    return out;
  };
  return text({{"period", p.period},
               {"all", group_view(p.all)},
               {"by_operator", groups(p.by_operator)},
               {"by_month", groups(p.by_month)},
               {"by_material_type", groups(p.by_type)},
               {"queue",
                {{"handovers", p.batches},
                 {"handover_interval_s", seconds(p.batch_interval_s)},
                 {"waiting", p.waiting},
                 {"oldest_wait_s", seconds(p.oldest_wait_s)},
                 {"states", p.states}}},
               {"items", items}});
}

std::string printed_json(const pipeline::PrintedPaper& paper) {
  json out{{"path", paper.printed.file.path.string()},
           {"bytes", paper.printed.file.bytes},
           {"sha256", paper.printed.file.sha256}};
  out["item_id"] = paper.kept ? json(paper.kept->id.str()) : json(nullptr);
  out["number"] = paper.kept ? json(paper.kept->digitization_no) : json(nullptr);
  return text(out);
}

std::string paper_check_json(const pipeline::PaperCheck& check) {
  auto out = json::parse(verify_json(check.report));
  out["paper"] = {{"kind", check.kind},
                  {"number", check.number},
                  {"digest", check.digest},
                  {"matches", check.report.problems.empty()},
                  {"compared", check.as_printed ? "file" : "code"},
                  {"items", check.items}};
  return text(out);
}

}  // namespace alih::api
