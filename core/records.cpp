#include "core/records.h"

#include "core/json.h"

namespace alih {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 1;

Json json(const Box& b) { return Json::array({b.x, b.y, b.width, b.height}); }
Box box(const Json& j) {
  return {j.at(0).get<int>(), j.at(1).get<int>(), j.at(2).get<int>(), j.at(3).get<int>()};
}

// What an agent has not is left out, so that events of before keep their digests.
Json json(const Agent& a) {
  Json out{{"kind", a.kind}, {"name", a.name}, {"version", a.version}};
  if (!a.account.empty()) out["account"] = a.account;
  if (!a.nip.empty()) out["nip"] = a.nip;
  return out;
}
Agent agent(const Json& j) {
  return {j.at("kind").get<std::string>(), j.at("name").get<std::string>(),
          j.at("version").get<std::string>(), j.value("account", std::string()),
          j.value("nip", std::string())};
}

template <typename IdType>
IdType id(const Json& j) {
  const auto text = j.get<std::string>();
  if (text.empty()) return {};
  auto parsed = IdType::parse(text);
  if (!parsed) throw std::invalid_argument("not a ULID: " + text);
  return *parsed;
}

template <typename E>
E word_of(std::optional<E> value) {
  if (!value) throw std::invalid_argument("unknown code word");
  return *value;
}

Json json(const Event& e) {
  return {{"id", e.id.str()},
          {"sequence", e.sequence},
          {"at", e.at},
          {"type", e.type},
          {"agent", json(e.agent)},
          {"item", e.item.str()},
          {"page", e.page},
          {"outcome", e.outcome},
          {"detail", e.detail},
          {"previous_sha256", e.previous_sha256},
          {"sha256", e.sha256}};
}
Event event(const Json& j) {
  Event e;
  e.id = id<EventId>(j.at("id"));
  e.sequence = j.at("sequence").get<std::uint64_t>();
  e.at = j.at("at").get<std::string>();
  e.type = j.at("type").get<std::string>();
  e.agent = agent(j.at("agent"));
  e.item = id<ItemId>(j.at("item"));
  e.page = j.at("page").get<std::string>();
  e.outcome = j.at("outcome").get<std::string>();
  e.detail = j.at("detail").get<std::string>();
  e.previous_sha256 = j.at("previous_sha256").get<std::string>();
  e.sha256 = j.at("sha256").get<std::string>();
  return e;
}

Json json(const RegisterLine& l) {
  return {{"version", l.version}, {"month", l.month}, {"at", l.at},         {"by", l.by},
          {"reason", l.reason},   {"event", l.event}, {"values", l.values}, {"sha256", l.sha256}};
}
RegisterLine line(const Json& j) {
  RegisterLine l;
  l.version = j.at("version").get<int>();
  l.month = j.at("month").get<std::string>();
  l.at = j.at("at").get<std::string>();
  l.by = j.at("by").get<std::string>();
  l.reason = j.at("reason").get<std::string>();
  l.event = j.at("event").get<std::uint64_t>();
  l.values = j.at("values").get<std::map<std::string, std::string>>();
  l.sha256 = j.at("sha256").get<std::string>();
  return l;
}

Json json(const Item& i) {
  Json j{{"item_id", i.id.str()},
         {"digitization_no", i.digitization_no},
         {"year", i.year},
         {"sequence_no", i.sequence_no},
         {"registered_on", i.registered_on},
         {"series", i.series},
         {"state", word(i.state)},
         {"access_class", word(i.access)},
         {"rights_status", word(i.rights)},
         {"fields", i.fields},
         {"revision", i.revision},
         {"version", i.version}};
  if (!i.lines.empty()) {
    auto& lines = j["register_lines"] = Json::array();
    for (const auto& l : i.lines) lines.push_back(json(l));
  }
  return j;
}
Item item(const Json& j) {
  Item i;
  i.id = id<ItemId>(j.at("item_id"));
  i.digitization_no = j.at("digitization_no").get<std::string>();
  i.year = j.at("year").get<int>();
  i.sequence_no = j.at("sequence_no").get<int>();
  i.registered_on = j.at("registered_on").get<std::string>();
  i.series = j.at("series").get<std::string>();
  i.state = word_of(item_state_from(j.at("state").get<std::string>()));
  i.access = word_of(access_class_from(j.at("access_class").get<std::string>()));
  i.rights = word_of(rights_status_from(j.at("rights_status").get<std::string>()));
  i.fields = j.at("fields").get<std::map<std::string, std::vector<std::string>>>();
  i.revision = j.at("revision").get<std::uint64_t>();
  i.version = j.at("version").get<int>();
  if (j.contains("register_lines")) {
    for (const auto& l : j.at("register_lines")) i.lines.push_back(line(l));
  }
  return i;
}

Json json(const Finding& f) {
  return {{"name", f.name},
          {"numbers", f.numbers},
          {"confidence", f.confidence},
          {"applied", f.applied},
          {"note", f.note}};
}
Json json(const std::vector<Finding>& findings) {
  Json out = Json::array();
  for (const auto& f : findings) out.push_back(json(f));
  return out;
}
Finding finding(const Json& j) {
  return {j.at("name").get<std::string>(), j.at("numbers").get<std::map<std::string, double>>(),
          j.at("confidence").get<double>(), j.at("applied").get<bool>(),
          j.at("note").get<std::string>()};
}
std::vector<Finding> findings(const Json& j) {
  std::vector<Finding> out;
  for (const auto& f : j) out.push_back(finding(f));
  return out;
}

Json json(const std::vector<Code>& codes) {
  Json out = Json::array();
  for (const auto& c : codes) {
    out.push_back({{"kind", c.kind}, {"text", c.text}, {"box", json(c.box)}});
  }
  return out;
}
std::vector<Code> codes(const Json& j) {
  std::vector<Code> out;
  for (const auto& c : j) {
    out.push_back(
        {c.at("kind").get<std::string>(), c.at("text").get<std::string>(), box(c.at("box"))});
  }
  return out;
}

Json json(const Master& m) {
  Json j = {{"file", m.file},
            {"format", m.format},
            {"original_name", m.original_name},
            {"bytes", m.fixity.bytes},
            {"sha512", m.fixity.sha512},
            {"sha256", m.fixity.sha256},
            {"pixel_sha256", m.pixel_sha256},
            {"frame", m.frame}};
  j["region"] = m.region ? json(*m.region) : Json(nullptr);
  return j;
}
Master master(const Json& j) {
  Master m;
  m.file = j.at("file").get<std::string>();
  m.format = j.at("format").get<std::string>();
  m.original_name = j.at("original_name").get<std::string>();
  m.fixity.bytes = j.at("bytes").get<std::uint64_t>();
  m.fixity.sha512 = j.at("sha512").get<std::string>();
  m.fixity.sha256 = j.at("sha256").get<std::string>();
  m.pixel_sha256 = j.at("pixel_sha256").get<std::string>();
  m.frame = j.at("frame").get<int>();
  if (!j.at("region").is_null()) m.region = box(j.at("region"));
  return m;
}

Json json(const Reading& r) {
  return {{"engine", r.engine},   {"models", r.models},           {"settings", r.settings},
          {"variant", r.variant}, {"orthography", r.orthography}, {"confidence", r.confidence},
          {"words", r.words}};
}
Reading reading(const Json& j) {
  return {j.at("engine").get<std::string>(),
          j.at("models").get<std::string>(),
          j.at("settings").get<std::string>(),
          j.at("variant").get<std::string>(),
          j.at("orthography").get<std::string>(),
          j.at("confidence").get<double>(),
          j.at("words").get<int>()};
}

Json json(const Page& p) {
  Json j{{"page_id", p.id.str()},
         {"item_id", p.item.str()},
         {"number", p.number},
         {"file_seq", p.file_seq},
         {"label", p.label},
         {"state", word(p.state)},
         {"master", json(p.master)},
         {"width", p.width},
         {"height", p.height},
         {"dpi", p.dpi},
         {"color_mode", p.color_mode},
         {"bit_depth", p.bit_depth},
         {"orientation", p.orientation},
         {"languages", p.languages},
         {"capture", p.capture},
         {"access_width", p.access_width},
         {"access_height", p.access_height},
         {"to_master", p.to_master.m},
         {"recipe", p.recipe},
         {"findings", json(p.findings)},
         {"reading", json(p.reading)},
         {"failure", p.failure},
         {"revision", p.revision}};
  if (!p.codes.empty()) j["codes"] = json(p.codes);
  if (!p.settings.empty()) j["settings"] = p.settings;
  return j;
}
Page page(const Json& j) {
  Page p;
  p.id = id<PageId>(j.at("page_id"));
  p.item = id<ItemId>(j.at("item_id"));
  p.number = j.at("number").get<int>();
  p.file_seq = j.at("file_seq").get<int>();
  p.label = j.at("label").get<std::string>();
  p.state = word_of(page_state_from(j.at("state").get<std::string>()));
  p.master = master(j.at("master"));
  p.width = j.at("width").get<int>();
  p.height = j.at("height").get<int>();
  p.dpi = j.at("dpi").get<double>();
  p.color_mode = j.at("color_mode").get<std::string>();
  p.bit_depth = j.at("bit_depth").get<int>();
  p.orientation = j.at("orientation").get<int>();
  p.languages = j.at("languages").get<std::string>();
  if (j.contains("settings")) {
    p.settings = j.at("settings").get<std::map<std::string, std::string>>();
  }
  p.capture = j.at("capture").get<std::map<std::string, std::string>>();
  p.access_width = j.at("access_width").get<int>();
  p.access_height = j.at("access_height").get<int>();
  p.to_master.m = j.at("to_master").get<std::array<double, 6>>();
  p.recipe = j.at("recipe").get<std::string>();
  p.findings = findings(j.at("findings"));
  if (j.contains("codes")) p.codes = codes(j.at("codes"));
  p.reading = reading(j.at("reading"));
  p.failure = j.at("failure").get<std::string>();
  p.revision = j.at("revision").get<std::uint64_t>();
  return p;
}

// What few words have stands in an object behind the rest, which most words do without.
Json json(const Word& w) {
  auto j = Json::array({w.text, json(w.box), w.confidence});
  Json more = Json::object();
  if (w.half != Half::none) {
    more["half"] = w.half == Half::first ? 1 : 2;
    more["joined"] = w.joined;
  }
  if (w.corrected) more["corrected"] = true;
  if (!more.empty()) j.push_back(std::move(more));
  return j;
}
Word text_word(const Json& j) {
  Word w{j.at(0).get<std::string>(), box(j.at(1)), j.at(2).get<double>()};
  constexpr std::size_t kMore = 3;
  if (j.size() <= kMore) return w;
  const auto& more = j.at(kMore);
  const int half = more.value("half", 0);
  w.half = half == 1 ? Half::first : half == 2 ? Half::second : Half::none;
  w.joined = more.value("joined", std::string());
  w.corrected = more.value("corrected", false);
  return w;
}

Json json(const TextLayer& t) {
  Json blocks = Json::array();
  for (const auto& b : t.blocks) {
    Json lines = Json::array();
    for (const auto& l : b.lines) {
      Json words = Json::array();
      for (const auto& w : l.words) words.push_back(json(w));
      Json line{{"box", json(l.box)}, {"words", words}};
      if (l.has_baseline()) line["baseline"] = l.baseline;
      lines.push_back(std::move(line));
    }
    blocks.push_back({{"box", json(b.box)}, {"lines", lines}});
  }
  Json alternates = Json::array();
  for (const auto& w : t.alternates) alternates.push_back(json(w));
  return {{"width", t.width}, {"height", t.height}, {"blocks", blocks}, {"alternates", alternates}};
}
TextLayer text(const Json& j) {
  TextLayer t;
  t.width = j.at("width").get<int>();
  t.height = j.at("height").get<int>();
  for (const auto& jb : j.at("blocks")) {
    Block b{box(jb.at("box")), {}};
    for (const auto& jl : jb.at("lines")) {
      Line l{box(jl.at("box")), {}, {}};
      if (jl.contains("baseline")) l.baseline = jl.at("baseline").get<std::array<int, 4>>();
      for (const auto& jw : jl.at("words")) l.words.push_back(text_word(jw));
      b.lines.push_back(std::move(l));
    }
    t.blocks.push_back(std::move(b));
  }
  for (const auto& jw : j.at("alternates")) t.alternates.push_back(text_word(jw));
  return t;
}

Json events_json(const std::vector<Event>& events) {
  Json out = Json::array();
  for (const auto& e : events) out.push_back(json(e));
  return out;
}
std::vector<Event> events(const Json& j) {
  std::vector<Event> out;
  for (const auto& e : j) out.push_back(event(e));
  return out;
}

void check_format(const Json& j, const char* kind) {
  if (j.at("format").get<std::string>() != kind || j.at("version").get<int>() > kFormatVersion) {
    throw std::invalid_argument("another format or a newer version");
  }
}

std::string dump(const Json& j) {
  // OCR may give bytes that are no UTF-8; they are replaced, never thrown over.
  return j.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <typename Read>
auto parse(std::string_view text_in, Read read) -> Result<decltype(read(Json()))> {
  try {
    return read(Json::parse(text_in));
  } catch (const std::exception& e) {
    return fail(ErrorCode::damaged, "Catatan rusak: {}", "The record is damaged: {}", {e.what()});
  }
}

}  // namespace

std::string event_digest(const Event& e) {
  Event bare = e;
  bare.sha256.clear();
  return sha256_hex(dump(json(bare)));
}

std::string register_line_digest(const RegisterLine& l) {
  auto bare = l;
  bare.sha256.clear();
  return sha256_hex(dump(json(bare)));
}

std::string to_json(const Event& e) { return dump(json(e)); }
std::string to_json(const Item& i) { return dump(json(i)); }
std::string to_json(const Page& p) { return dump(json(p)); }
std::string to_json(const TextLayer& t) { return dump(json(t)); }
std::string to_json(const ItemRecord& r) {
  return dump({{"format", "alihmedia-item"},
               {"version", kFormatVersion},
               {"item", json(r.item)},
               {"events", events_json(r.events)}});
}
std::string to_json(const PageRecord& r) {
  return dump({{"format", "alihmedia-page"},
               {"version", kFormatVersion},
               {"page", json(r.page)},
               {"text", json(r.text)},
               {"events", events_json(r.events)}});
}
std::string to_json(const std::vector<Finding>& f) { return dump(json(f)); }
std::string to_json(const std::vector<Code>& c) { return dump(json(c)); }

Result<Event> event_from_json(std::string_view s) {
  return parse(s, [](const Json& j) { return event(j); });
}
Result<Item> item_from_json(std::string_view s) {
  return parse(s, [](const Json& j) { return item(j); });
}
Result<Page> page_from_json(std::string_view s) {
  return parse(s, [](const Json& j) { return page(j); });
}
Result<TextLayer> text_from_json(std::string_view s) {
  return parse(s, [](const Json& j) { return text(j); });
}
Result<std::vector<Finding>> findings_from_json(std::string_view s) {
  return parse(s, [](const Json& j) { return findings(j); });
}
Result<std::vector<Code>> codes_from_json(std::string_view s) {
  return parse(s, [](const Json& j) { return codes(j); });
}
Result<ItemRecord> item_record_from_json(std::string_view s) {
  return parse(s, [](const Json& j) {
    check_format(j, "alihmedia-item");
    return ItemRecord{item(j.at("item")), events(j.at("events"))};
  });
}
Result<PageRecord> page_record_from_json(std::string_view s) {
  return parse(s, [](const Json& j) {
    check_format(j, "alihmedia-page");
    return PageRecord{page(j.at("page")), text(j.at("text")), events(j.at("events"))};
  });
}

}  // namespace alih
