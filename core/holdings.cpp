#include "core/holdings.h"

#include <charconv>

#include <fmt/format.h>

namespace alih {
namespace {

template <typename E>
struct Row {
  E value;
  std::string_view word;
  std::string_view id;
  std::string_view en;
};

constexpr std::array kPageStates{
    Row<PageState>{PageState::captured, "captured", "dipindai", "captured"},
    Row<PageState>{PageState::indexed, "indexed", "terindeks", "indexed"},
    Row<PageState>{PageState::blank, "blank", "kosong", "blank"},
    Row<PageState>{PageState::failed, "failed", "gagal", "failed"},
    Row<PageState>{PageState::removed, "removed", "dikeluarkan", "removed"},
};
constexpr std::array kItemStates{
    Row<ItemState>{ItemState::received, "received", "diterima", "received"},
    Row<ItemState>{ItemState::registered, "registered", "terdaftar", "registered"},
    Row<ItemState>{ItemState::on_hold, "on_hold", "ditunda", "on hold"},
    Row<ItemState>{ItemState::captured, "captured", "dipindai", "captured"},
    Row<ItemState>{ItemState::processed, "processed", "diolah", "processed"},
    Row<ItemState>{ItemState::checked, "checked", "diperiksa", "checked"},
    Row<ItemState>{ItemState::indexed, "indexed", "terindeks", "indexed"},
    Row<ItemState>{ItemState::available, "available", "tersedia", "available"},
    Row<ItemState>{ItemState::rejected, "rejected", "ditolak", "rejected"},
    Row<ItemState>{ItemState::returned, "returned", "dikembalikan", "returned"},
    Row<ItemState>{ItemState::withdrawn, "withdrawn", "ditarik", "withdrawn"},
};
constexpr std::array kAccess{
    Row<AccessClass>{AccessClass::open, "public", "publik", "public"},
    Row<AccessClass>{AccessClass::on_premises, "on_premises", "layanan di tempat", "on premises"},
    Row<AccessClass>{AccessClass::restricted, "restricted", "terbatas", "restricted"},
    Row<AccessClass>{AccessClass::closed, "closed", "tertutup", "closed"},
};
constexpr std::array kRights{
    Row<RightsStatus>{RightsStatus::undetermined, "undetermined", "belum dinilai", "undetermined"},
    Row<RightsStatus>{RightsStatus::public_domain, "public_domain", "domain publik",
                      "public domain"},
    Row<RightsStatus>{RightsStatus::open_government_work, "open_government_work",
                      "karya pemerintah terbuka", "open government work"},
    Row<RightsStatus>{RightsStatus::licensed, "licensed", "dengan izin pemegang hak", "licensed"},
    Row<RightsStatus>{RightsStatus::in_copyright, "in_copyright", "dilindungi hak cipta",
                      "in copyright"},
    Row<RightsStatus>{RightsStatus::orphan, "orphan", "karya yatim piatu", "orphan work"},
    Row<RightsStatus>{RightsStatus::confidential, "confidential", "rahasia", "confidential"},
};

template <typename Rows, typename E>
const auto& row_of(const Rows& rows, E value) {
  for (const auto& row : rows) {
    if (row.value == value) return row;
  }
  return rows.front();
}

template <typename E, std::size_t N>
std::optional<E> from_word(const std::array<Row<E>, N>& rows, std::string_view text) {
  for (const auto& row : rows) {
    if (row.word == text) return row.value;
  }
  return std::nullopt;
}

template <typename E, std::size_t N>
constexpr std::array<E, N> values_of(const std::array<Row<E>, N>& rows) {
  std::array<E, N> out{};
  for (std::size_t i = 0; i < N; ++i) out[i] = rows[i].value;
  return out;
}

}  // namespace

std::string Item::field(const std::string& name) const {
  const auto found = fields.find(name);
  return found == fields.end() || found->second.empty() ? std::string() : found->second.front();
}

std::string_view word(PageState s) { return row_of(kPageStates, s).word; }
std::string_view word(ItemState s) { return row_of(kItemStates, s).word; }
std::string_view word(AccessClass s) { return row_of(kAccess, s).word; }
std::string_view word(RightsStatus s) { return row_of(kRights, s).word; }
Message label(PageState s) { return message(row_of(kPageStates, s).id, row_of(kPageStates, s).en); }
Message label(ItemState s) { return message(row_of(kItemStates, s).id, row_of(kItemStates, s).en); }
Message label(AccessClass s) { return message(row_of(kAccess, s).id, row_of(kAccess, s).en); }
Message label(RightsStatus s) { return message(row_of(kRights, s).id, row_of(kRights, s).en); }
std::optional<PageState> page_state_from(std::string_view w) { return from_word(kPageStates, w); }
std::optional<ItemState> item_state_from(std::string_view w) { return from_word(kItemStates, w); }
std::optional<AccessClass> access_class_from(std::string_view w) { return from_word(kAccess, w); }
std::optional<RightsStatus> rights_status_from(std::string_view w) { return from_word(kRights, w); }

std::span<const AccessClass> all_access_classes() {
  static const auto all = values_of(kAccess);
  return all;
}
std::span<const RightsStatus> all_rights_statuses() {
  static const auto all = values_of(kRights);
  return all;
}

const std::vector<SeriesName>& all_series() {
  static const std::vector<SeriesName> rows = {
      {"ALM-KOL", {"Koleksi alih media", "Digitized collection"}},
      {"ALM-ARS", {"Arsip alih media", "Digitized archives"}},
      {"ALM-BA", {"Berita Acara alih media", "Records of digitization"}},
      {"ALM-BIAM", {"Buku Inventaris Alih Media", "Digitization register"}},
      {"ALM-LAP", {"Laporan alih media", "Reports of digitization"}},
      {"KOL-INDUK", {"Buku Induk dan katalog", "Accession book and catalogue"}},
  };
  return rows;
}

bool is_series(std::string_view code) {
  for (const auto& row : all_series()) {
    if (row.code == code) return true;
  }
  return false;
}

std::string digitization_no(int year, int sequence_no) {
  return fmt::format("ALM/{:04}/{:06}", year, sequence_no);
}

std::string paper_no(std::string_view prefix, int year, int sequence_no) {
  return fmt::format("{}/{:04}/{:06}", prefix, year, sequence_no);
}

std::string folded(std::string_view number) {
  std::string out;
  for (const char c : number) {
    if (c == '/') {
      out += '-';
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return out;
}

std::optional<NumberParts> parse_digitization_no(std::string_view text) {
  const std::string plain = folded(text);
  constexpr std::string_view prefix = "alm-";
  if (!plain.starts_with(prefix)) return std::nullopt;
  const auto dash = plain.find('-', prefix.size());
  if (dash != prefix.size() + 4) return std::nullopt;
  NumberParts parts;
  const char* const end = plain.data() + plain.size();
  const auto year = std::from_chars(plain.data() + prefix.size(), plain.data() + dash, parts.year);
  const auto sequence = std::from_chars(plain.data() + dash + 1, end, parts.sequence_no);
  if (year.ec != std::errc() || year.ptr != plain.data() + dash || sequence.ec != std::errc() ||
      sequence.ptr != end || parts.year < 0 || parts.sequence_no < 1) {
    return std::nullopt;
  }
  return parts;
}

std::string file_name(const std::string& number, char role, int seq, std::string_view extension) {
  return fmt::format("{}_{}_{:04}.{}", folded(number), role, seq, extension);
}

std::string_view color_mode(PixelFormat format) {
  switch (format) {
    case PixelFormat::bilevel:
      return "bilevel";
    case PixelFormat::gray8:
    case PixelFormat::gray16:
      return "gray";
    case PixelFormat::rgb24:
    case PixelFormat::rgb48:
      return "color";
  }
  return "gray";
}

}  // namespace alih
