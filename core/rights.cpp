#include "core/rights.h"

#include <charconv>
#include <string>

namespace alih {
namespace {

int year_in(const Item& item, const char* field) {
  const auto text = item.field(field);
  int year = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), year);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? year : 0;
}

}  // namespace

std::string_view legal_basis(RightsStatus status) {
  switch (status) {
    case RightsStatus::public_domain:
      return "UU 28/2014 ps. 58-59 (masa pelindungan berakhir)";
    case RightsStatus::open_government_work:
      return "UU 28/2014 ps. 42-43; UU 14/2008";
    case RightsStatus::licensed:
      return "UU 28/2014 ps. 80 (izin pemegang hak)";
    case RightsStatus::in_copyright:
      return "UU 28/2014 ps. 58; salinan preservasi ps. 47";
    case RightsStatus::orphan:
      return "UU 28/2014 ps. 47 (pemegang hak tidak ditemukan)";
    case RightsStatus::undetermined:
      return "belum dinilai";
    case RightsStatus::confidential:
      return "UU 14/2008 ps. 17; UU 43/2009 ps. 66; UU 27/2022";
  }
  return "";
}

std::optional<RightsSuggestion> suggest_rights(const Item& item, int year) {
  constexpr int kAfterDeath = 70;
  constexpr int kAfterPublication = 120;
  if (const int died = year_in(item, "creator_died"); died > 0) {
    const int last = died + kAfterDeath;  // protected to its last day
    if (year > last) {
      return RightsSuggestion{
          RightsStatus::public_domain,
          message("pengarang wafat {}, lebih dari 70 tahun yang lalu; pelindungan berakhir {}",
                  "the author died in {}, more than 70 years ago; protection ended in {}",
                  {died, last})};
    }
    return RightsSuggestion{
        RightsStatus::in_copyright,
        message("pengarang wafat {}; dilindungi sampai akhir {}",
                "the author died in {}; protected to the end of {}", {died, last})};
  }
  if (const int issued = year_in(item, "date_issued"); issued > 0) {
    if (year - issued > kAfterPublication) {
      return RightsSuggestion{RightsStatus::public_domain,
                              message("terbit {}, lebih dari 120 tahun yang lalu",
                                      "published in {}, more than 120 years ago", {issued})};
    }
  }
  return std::nullopt;
}

bool for_custodians(const Item& item) {
  return item.access == AccessClass::closed || item.rights == RightsStatus::confidential;
}

}  // namespace alih
