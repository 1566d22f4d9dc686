#include "core/book.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/json.h"
#include "core/records.h"

namespace alih {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "alihmedia-register";
constexpr int kVersion = 1;

std::string dump(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); }

template <typename Read>
auto parse(std::string_view text, Read read) -> Result<decltype(read(Json()))> {
  try {
    return read(Json::parse(text));
  } catch (const std::exception& e) {
    return fail(ErrorCode::damaged, "Catatan rusak: {}", "The record is damaged: {}", {e.what()});
  }
}

std::string str(const Json& j, const char* name) { return j.at(name).get<std::string>(); }

}  // namespace

std::string HandoverEntry::field(const std::string& name) const {
  const auto found = fields.find(name);
  return found == fields.end() || found->second.empty() ? std::string() : found->second.front();
}

std::string batch_no(int year, int sequence_no) {
  return fmt::format("ST/{:04}/{:04}", year, sequence_no);
}

std::string folded_batch_no(std::string_view text) {
  const auto plain = folded(text);
  constexpr std::string_view kPrefix = "st-";
  constexpr std::size_t kYear = 4;
  if (!plain.starts_with(kPrefix) || plain.size() < kPrefix.size() + kYear + 2) return {};
  int year = 0;
  int sequence = 0;
  const char* const from = plain.data() + kPrefix.size();
  const char* const end = plain.data() + plain.size();
  const auto a = std::from_chars(from, from + kYear, year);
  if (a.ptr != from + kYear || *a.ptr != '-') return {};
  const auto b = std::from_chars(a.ptr + 1, end, sequence);
  if (b.ec != std::errc() || b.ptr != end || sequence < 1) return {};
  return folded(batch_no(year, sequence));
}

bool in_period(std::string_view month, std::string_view period) {
  return !period.empty() && month.substr(0, period.size()) == period;
}

std::string handover_name(std::string_view no) {
  const auto plain = folded_batch_no(no);
  return plain.empty() ? std::string() : "handover-" + plain.substr(3);
}
std::string closing_name(std::string_view period) { return "closing-" + std::string(period); }

std::string to_json(const Handover& h) {
  Json entries = Json::array();
  for (const auto& e : h.entries) {
    entries.push_back({{"number", e.number},
                       {"fields", e.fields},
                       {"state", e.state},
                       {"reason", e.reason},
                       {"returned_on", e.returned_on},
                       {"returned_to", e.returned_to}});
  }
  return dump({{"batch_no", h.batch_no},
               {"year", h.year},
               {"sequence_no", h.sequence_no},
               {"received_on", h.received_on},
               {"received_at", h.received_at},
               {"source_unit", h.source_unit},
               {"sender", h.sender},
               {"sender_nip", h.sender_nip},
               {"receiver", h.receiver},
               {"receiver_nip", h.receiver_nip},
               {"note", h.note},
               {"entries", entries}});
}

Result<Handover> handover_from_json(std::string_view text) {
  return parse(text, [](const Json& j) {
    Handover h;
    h.batch_no = str(j, "batch_no");
    h.year = j.at("year").get<int>();
    h.sequence_no = j.at("sequence_no").get<int>();
    h.received_on = str(j, "received_on");
    h.received_at = str(j, "received_at");
    h.source_unit = str(j, "source_unit");
    h.sender = str(j, "sender");
    h.sender_nip = str(j, "sender_nip");
    h.receiver = str(j, "receiver");
    h.receiver_nip = str(j, "receiver_nip");
    h.note = str(j, "note");
    for (const auto& e : j.at("entries")) {
      HandoverEntry entry;
      entry.number = e.at("number").get<int>();
      entry.fields = e.at("fields").get<std::map<std::string, std::vector<std::string>>>();
      entry.state = str(e, "state");
      entry.reason = str(e, "reason");
      entry.returned_on = str(e, "returned_on");
      entry.returned_to = str(e, "returned_to");
      h.entries.push_back(std::move(entry));
    }
    return h;
  });
}

std::string to_json(const Closing& c) {
  return dump({{"period", c.period},
               {"closed_on", c.closed_on},
               {"at", c.at},
               {"by", c.by},
               {"lines", c.lines},
               {"lines_sha256", c.lines_sha256},
               {"unit", c.unit},
               {"place", c.place},
               {"letterhead", c.letterhead},
               {"paper", c.paper},
               {"font", c.font},
               {"signer_title", c.signer_title},
               {"signer_name", c.signer_name},
               {"signer_nip", c.signer_nip}});
}

Result<Closing> closing_from_json(std::string_view text) {
  return parse(text, [](const Json& j) {
    Closing c;
    c.period = str(j, "period");
    c.closed_on = str(j, "closed_on");
    c.at = str(j, "at");
    c.by = str(j, "by");
    c.lines = j.at("lines").get<int>();
    c.lines_sha256 = str(j, "lines_sha256");
    c.unit = str(j, "unit");
    c.place = str(j, "place");
    c.letterhead = j.at("letterhead").get<std::vector<std::string>>();
    c.paper = str(j, "paper");
    c.font = str(j, "font");
    c.signer_title = str(j, "signer_title");
    c.signer_name = str(j, "signer_name");
    c.signer_nip = str(j, "signer_nip");
    return c;
  });
}

std::string to_json(const BookRecord& r) {
  Json events = Json::array();
  for (const auto& e : r.events) events.push_back(Json::parse(to_json(e)));
  return dump({{"format", kFormat},
               {"version", kVersion},
               {"name", r.name},
               {"revision", r.revision},
               {"body", Json::parse(r.body)},
               {"events", events}});
}

Result<BookRecord> book_record_from_json(std::string_view text) {
  return parse(text, [](const Json& j) {
    if (str(j, "format") != kFormat || j.at("version").get<int>() > kVersion) {
      throw std::invalid_argument("another format or a newer version");
    }
    BookRecord r;
    r.name = str(j, "name");
    r.revision = j.at("revision").get<std::uint64_t>();
    r.body = dump(j.at("body"));
    for (const auto& e : j.at("events")) {
      auto event = event_from_json(e.dump());
      if (!event) throw std::invalid_argument("an event");
      r.events.push_back(std::move(*event));
    }
    return r;
  });
}

}  // namespace alih
