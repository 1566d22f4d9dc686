#include "core/catalogue.h"

#include "core/fixity.h"
#include "core/json.h"

namespace alih {

using Json = nlohmann::ordered_json;

std::string folded_identifier(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || c == '\t') continue;
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

std::string identity_of(const Item& item, const ForeignValues& extra) {
  const auto foreign = [&](const char* name) {
    const auto found = extra.find(name);
    return found == extra.end() || found->second.empty() ? std::string() : found->second.front();
  };
  // AtoM's own number first: an archive's reference number is repeated under each parent.
  if (auto id = foreign("legacyId"); !id.empty()) return "atom:" + id;
  if (auto id = folded_identifier(item.field("barcode")); !id.empty()) return "barcode:" + id;
  if (auto id = folded_identifier(item.field("accession_no")); !id.empty()) {
    return "accession:" + id;
  }
  if (auto id = foreign("001"); !id.empty()) return "control:" + id;
  if (auto id = item.field("ils_bibid"); !id.empty()) return "bib:" + id;
  if (auto id = item.field("reference_no"); !id.empty()) return "reference:" + id;
  std::string text;
  for (const char* name : {"title", "creator", "publisher", "date_issued", "date_printed",
                           "edition", "volume", "issue", "isbn", "call_no"}) {
    text += item.field(name) + "\n";
  }
  constexpr std::size_t kEnough = 32;
  return "text:" + sha256_hex(text).substr(0, kEnough);
}

std::string to_json(const CatalogueRecord& r) {
  Json j{{"id", r.item.id.str()},
         {"series", r.item.series},
         {"identity", r.identity},
         {"source", r.source},
         {"fields", r.item.fields}};
  if (!r.extra.empty()) j["extra"] = r.extra;
  return j.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<CatalogueRecord> catalogue_record_from_json(std::string_view text) {
  try {
    const auto j = Json::parse(text);
    CatalogueRecord r;
    auto id = ItemId::parse(j.at("id").get<std::string>());
    if (!id) throw std::invalid_argument("id");
    r.item.id = *id;
    r.item.series = j.at("series").get<std::string>();
    r.item.state = ItemState::received;
    r.identity = j.at("identity").get<std::string>();
    r.source = j.at("source").get<std::string>();
    r.item.fields = j.at("fields").get<std::map<std::string, std::vector<std::string>>>();
    if (j.contains("extra")) r.extra = j.at("extra").get<ForeignValues>();
    return r;
  } catch (const std::exception& e) {
    return fail(ErrorCode::damaged, "Catatan katalog rusak: {}",
                "The catalogue record is damaged: {}", {e.what()});
  }
}

}  // namespace alih
