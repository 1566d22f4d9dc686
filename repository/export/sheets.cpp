#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "core/fields.h"
#include "core/id.h"
#include "repository/durable_file.h"
#include "repository/export/records.h"
#include "repository/export/rows.h"
#include "repository/import/values.h"
#include "repository/tables.h"

namespace alih::repository {
namespace {

namespace fs = std::filesystem;

std::string foreign(const RecordEntry& e, std::string_view name) {
  const auto found = e.extra.find(std::string(name));
  if (found == e.extra.end()) return {};
  std::string out;
  for (const auto& v : found->second) out += (out.empty() ? "" : "|") + v;
  return out;
}

std::string joined(const Item& item, const std::string& name, std::string_view between,
                   std::size_t from = 0) {
  const auto found = item.fields.find(name);
  std::string out;
  if (found == item.fields.end()) return out;
  for (auto i = from; i < found->second.size(); ++i) {
    if (!out.empty()) out += between;
    out += found->second[i];
  }
  return out;
}

std::string slims_list(const Item& item, const std::string& name) {
  const auto found = item.fields.find(name);
  std::string out;
  if (found == item.fields.end()) return out;
  for (const auto& v : found->second) out += "<" + v + ">";
  return out;
}

// ---- INLISLite

std::string indonesian_date(const std::string& iso) {
  constexpr std::size_t kSize = 10;
  if (iso.size() != kSize) return iso;
  return iso.substr(8, 2) + "-" + iso.substr(5, 2) + "-" + iso.substr(0, 4);
}

std::string worksheet_of(const Item& item) {
  const auto type = item.field("material_type");
  if (type == "magazine" || type == "newspaper") return "Terbitan Berkala";
  if (type == "map" || type == "cartographic_record") return "Bahan Kartografis";
  if (type == "manuscript") return "Manuskrip";
  return "Monograf";
}

Cells inlislite_row(const RecordEntry& e, std::size_t number) {
  Cells out;
  const auto& item = e.item;
  const auto title = item.field("title");
  const auto colon = title.find(" : ");
  for (const auto column : kInlisliteColumns) {
    const auto kept = foreign(e, column);
    std::string value;
    if (column == "NO") {
      value = std::to_string(number);
    } else if (column == "JUDUL UTAMA") {
      value = title.substr(0, colon);
    } else if (column == "ANAK JUDUL") {
      value = colon == std::string::npos ? "" : title.substr(colon + 3);
    } else if (column == "JENIS BAHAN") {
      value = kept.empty() ? worksheet_of(item) : kept;
    } else if (column == "TAJUK PENGARANG") {
      value = item.field("creator");
    } else if (column == "PENGARANG TAMBAHAN NAMA ORANG") {
      value = joined(item, "creator", "; ", 1);
    } else if (column == "TAJUK PENGARANG BADAN KOOPERASI") {
      value = item.field("corporate_creator");
    } else if (column == "PENGARANG TAMBAHAN NAMA BADAN") {
      value = joined(item, "corporate_creator", "; ", 1);
    } else if (column == "NOMOR PANGGIL EKSEMPLAR") {
      value = kept.empty() ? item.field("call_no") : kept;
    } else if (column == "SUBJEK TOPIK") {
      value = joined(item, "subject", "; ");
    } else if (column == "BAHASA") {
      value = joined(item, "language", "; ");
    } else if (column == "TAHUN TERBIT") {
      value = item.field("date_printed").empty() ? item.field("date_issued")
                                                 : item.field("date_printed");
    } else if (column == "JUMLAH HALAMAN") {
      value = !item.field("extent").empty() ? item.field("extent")
              : item.field("page_count_declared").empty()
                  ? ""
                  : item.field("page_count_declared") + " hlm.";
    } else if (column == "DIMENSI") {
      value = item.field("height_cm");
      if (!item.field("width_cm").empty()) value += " x " + item.field("width_cm");
      value = value.empty() ? kept : value + " cm";
    } else {
      for (const auto& f : all_fields()) {
        if (f.in.inlislite != column) continue;
        value = item.field(std::string(f.name));
        if (f.type == FieldType::date) value = indonesian_date(value);
      }
      if (value.empty()) value = kept;
    }
    out.push_back(std::move(value));
  }
  return out;
}

Cells inlislite_names(bool old) {
  Cells out;
  for (const auto column : kInlisliteColumns) {
    std::string name(column);
    if (!old) {
      name = plain_name(name);
      std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      });
    }
    out.push_back(std::move(name));
  }
  return out;
}

// One row a copy: INLISLite has one no. induk in a row.
std::vector<RecordEntry> copies_of(const std::vector<RecordEntry>& entries) {
  std::vector<RecordEntry> out;
  for (const auto& e : entries) {
    const auto numbers = e.item.fields.find("accession_no");
    if (numbers == e.item.fields.end() || numbers->second.size() < 2) {
      out.push_back(e);
      continue;
    }
    for (const auto& number : numbers->second) {
      auto one = e;
      one.item.fields["accession_no"] = {number};
      if (number != numbers->second.front()) one.item.fields.erase("barcode");
      out.push_back(std::move(one));
    }
  }
  return out;
}

// ---- SLiMS

Cells slims_row(const RecordEntry& e) {
  Cells out;
  const auto& item = e.item;
  for (const auto column : kSlimsColumns) {
    const auto kept = foreign(e, column);
    std::string value;
    if (column == "gmd_name") {
      value = kept.empty() ? "Text" : kept;
    } else if (column == "isbn_issn") {
      value = item.field("isbn").empty() ? item.field("issn") : item.field("isbn");
    } else if (column == "publish_year") {
      value = item.field("date_printed").empty() ? item.field("date_issued")
                                                 : item.field("date_printed");
    } else if (column == "collation") {
      value = !item.field("extent").empty() ? item.field("extent")
              : item.field("page_count_declared").empty()
                  ? ""
                  : item.field("page_count_declared") + " hlm.";
    } else if (column == "language_name") {
      value = item.field("language").empty() ? kept : language_name(item.field("language"));
    } else if (column == "authors") {
      value = slims_list(item, "creator");
    } else if (column == "topics") {
      value = slims_list(item, "subject");
    } else if (column == "item_code") {
      value = item.field("barcode").empty() ? slims_list(item, "accession_no")
                                            : slims_list(item, "barcode");
    } else {
      for (const auto& f : all_fields()) {
        if (f.in.slims == column) value = item.field(std::string(f.name));
      }
      if (value.empty()) value = kept;
    }
    out.push_back(std::move(value));
  }
  return out;
}

// ---- AtoM

std::string level_name(const std::string& level) {
  if (level.empty()) return "Item";
  auto out = level;
  out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}

std::string atom_id(const RecordEntry& e) {
  if (auto id = foreign(e, "legacyId"); !id.empty()) return id;
  if (!e.item.digitization_no.empty()) return folded(e.item.digitization_no);
  return e.item.id.str();
}

Cells atom_row(const RecordEntry& e, const std::string& parent) {
  Cells out;
  const auto& item = e.item;
  const auto printed = item.field("date_printed");
  const auto issued = item.field("date_issued");
  for (const auto column : kAtomColumns) {
    const auto kept = foreign(e, column);
    std::string value;
    if (column == "legacyId") {
      value = atom_id(e);
    } else if (column == "parentId") {
      value = parent;
    } else if (column == "identifier") {
      value =
          item.field("reference_no").empty() ? item.digitization_no : item.field("reference_no");
    } else if (column == "levelOfDescription") {
      value = kept.empty() ? level_name(item.field("level")) : kept;
    } else if (column == "language") {
      for (const auto& code : split(joined(item, "language", "|"), '|')) {
        value += (value.empty() ? "" : "|") + language_two_letters(code);
      }
    } else if (column == "accessionNumber") {
      value = joined(item, "accession_no", "|");
    } else if (column == "accessConditions") {
      value = kept.empty() && !item.digitization_no.empty() ? label(item.access).id : kept;
    } else if (column == "alternativeIdentifiers") {
      value = kept.empty() ? item.digitization_no : kept;
    } else if (column == "alternativeIdentifierLabels") {
      value = kept.empty() && !item.digitization_no.empty() ? "No. Inventaris Alih Media" : kept;
    } else if (column == "digitalObjectURI") {
      value = kept.empty() ? e.url : kept;
    } else if (column == "extentAndMedium") {
      value = item.field("extent");
      if (value.empty() && e.images > 0) value = std::to_string(e.images) + " citra digital";
    } else if (column == "eventDates") {
      value = printed.empty() ? kept : printed;
      if (value.empty() && !issued.empty() && foreign(e, "eventStartDates").empty()) value = issued;
    } else if (column == "eventTypes") {
      const bool any = !printed.empty() || !issued.empty() || !item.field("date_from").empty() ||
                       !joined(item, "creator", "|").empty();
      value = !kept.empty() ? kept : any ? "Creation" : "";
    } else if (column == "eventStartDates" || column == "eventEndDates") {
      const auto own = item.field(column == "eventStartDates" ? "date_from" : "date_to");
      value = !kept.empty() ? kept : own.empty() ? "" : own + "-00-00";
    } else if (column == "publicationStatus") {
      value = !kept.empty() ? kept : item.access == AccessClass::open ? "Published" : "Draft";
    } else if (column == "culture") {
      value = kept.empty() ? "id" : kept;
    } else {
      for (const auto& f : all_fields()) {
        if (f.in.atom != column) continue;
        value = joined(item, std::string(f.name), "|");
      }
      if (value.empty()) value = kept;
    }
    out.push_back(std::move(value));
  }
  return out;
}

}  // namespace

Result<Exported> write_inlislite(const std::vector<RecordEntry>& entries, const fs::path& to) {
  const auto rows = copies_of(entries);
  return write_xlsx(to, {inlislite_names(false)}, rows.size(),
                    [&](std::size_t i) { return inlislite_row(rows[i], i + 1); });
}

Result<Exported> write_inlislite_old(const std::vector<RecordEntry>& entries, const fs::path& to) {
  const auto rows = copies_of(entries);
  Cells groups(kInlisliteColumns.size());
  groups[1] = "DATA EKSEMPLAR";
  groups[16] = "DATA KATALOG";
  groups[38] = "DATA SERIAL";
  return write_xlsx(to, {groups, inlislite_names(true)}, rows.size(),
                    [&](std::size_t i) { return inlislite_row(rows[i], i + 1); });
}

Result<Exported> write_slims(const std::vector<RecordEntry>& entries, const fs::path& to) {
  return write_csv(to, {Cells(kSlimsColumns.begin(), kSlimsColumns.end())}, entries.size(),
                   [&](std::size_t i) { return slims_row(entries[i]); });
}

Result<Exported> write_atom(const std::vector<RecordEntry>& entries, const fs::path& to) {
  // Who stands under whom: by AtoM's own numbers, else by reference number.
  std::map<std::string, std::size_t> by_id;
  std::map<std::string, std::size_t> by_reference;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    by_id.emplace(atom_id(entries[i]), i);
    if (const auto no = entries[i].item.field("reference_no"); !no.empty()) {
      by_reference.emplace(no, i);
    }
  }
  const auto parent_of = [&](std::size_t i) {
    if (const auto id = by_id.find(foreign(entries[i], "parentId")); id != by_id.end()) {
      return id->second;
    }
    const auto no = by_reference.find(entries[i].item.field("parent_ref"));
    return no != by_reference.end() && no->second != i ? no->second : entries.size();
  };
  std::vector<std::size_t> order;
  std::vector<bool> done(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::vector<std::size_t> line;  // from the row up to one that stands already
    std::set<std::size_t> seen;
    for (auto at = i; at < entries.size() && !done[at] && seen.insert(at).second;
         at = parent_of(at)) {
      line.push_back(at);
    }
    for (auto it = line.rbegin(); it != line.rend(); ++it) {
      order.push_back(*it);
      done[*it] = true;
    }
  }
  std::vector<std::size_t> place(entries.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  return write_csv(to, {Cells(kAtomColumns.begin(), kAtomColumns.end())}, order.size(),
                   [&](std::size_t i) {
                     const auto parent = parent_of(order[i]);
                     // A ring of parents is cut where it began.
                     const bool above = parent < entries.size() && place[parent] < i;
                     return atom_row(entries[order[i]], above ? atom_id(entries[parent]) : "");
                   });
}

namespace {

std::vector<const MetadataField*> register_columns() {
  std::vector<const MetadataField*> out;
  for (const auto& f : all_fields()) {
    if (!f.personal) out.push_back(&f);
  }
  return out;
}

Cells register_head() {
  Cells out;
  for (const auto* f : register_columns()) out.push_back(f->label.id);
  out.insert(out.end(), {"Kelas Akses", "Status Hak Cipta"});
  return out;
}

Cells register_row(const RecordEntry& e) {
  const auto values = register_values(e.item, e.pages);
  Cells out;
  for (const auto* f : register_columns()) {
    std::string cell;
    const auto found = values.find(std::string(f->name));
    if (found != values.end() &&
        !(e.item.digitization_no.empty() && f->filled_by == FilledBy::program)) {
      for (const auto& v : found->second) cell += (cell.empty() ? "" : "; ") + v;
    }
    out.push_back(std::move(cell));
  }
  const bool numbered = !e.item.digitization_no.empty();
  out.emplace_back(numbered ? word(e.item.access) : std::string_view());
  out.emplace_back(numbered ? word(e.item.rights) : std::string_view());
  return out;
}

}  // namespace

Result<Exported> write_register_csv(const std::vector<RecordEntry>& entries, const fs::path& to) {
  return write_csv(
      to, {register_head()}, entries.size(),
      [&](std::size_t i) { return register_row(entries[i]); }, "\xEF\xBB\xBF");
}

Result<Exported> write_register_xlsx(const std::vector<RecordEntry>& entries, const fs::path& to) {
  return write_xlsx(to, {register_head()}, entries.size(),
                    [&](std::size_t i) { return register_row(entries[i]); });
}

}  // namespace alih::repository
