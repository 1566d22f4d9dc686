#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/message.h"
#include "core/result.h"
#include "pipeline/holdings.h"
#include "repository/paper/paper.h"

namespace alih::pipeline {

// A person of the setting office.officials.
struct Official {
  std::string role;
  std::string title;
  std::string name;
  std::string nip;
  std::string from;  // first and last day in the role, empty = open
  std::string until;
};
// Errors: bad_field, with the line that cannot be read.
[[nodiscard]] Result<std::vector<Official>> officials(const Office& office);
// Whoever had the role on that day; the later row counts. Errors: bad_field when nobody had it.
[[nodiscard]] Result<Official> official_on(const Office& office, std::string_view role,
                                           std::string_view iso_date);

struct PaperRequest {
  std::vector<std::string> about;
  bool draft = false;  // also with empty fields; marked as such, and not kept
};

// A kind of paper that the program fills from its own facts. A row in papers.cpp.
struct PaperKind {
  std::string_view kind;
  Message label;
  Message about;  // what --for names
  Result<repository::Paper> (*make)(const Holdings& holdings, const PaperRequest& request);
  std::string_view series;  // that the printed paper is kept in as an item; "" = not kept
  std::string_view prefix;  // of its number there
};
[[nodiscard]] const std::vector<PaperKind>& all_paper_kinds();

struct PrintedPaper {
  repository::Printed printed;
  std::optional<Item> kept;       // the paper as an item of its series
  std::vector<Message> warnings;  // what a reader may stumble over, such as an odd NIP
};
// Into a PDF, which is kept as an item too, with its words; or by the ending of `to` its tables as
// .xlsx or .csv, which are not. A closed month or year of the register comes out as it was kept
// when it was closed. `program` is this binary. Errors: usage for an unknown kind or period,
// not_found, bad_field naming every mandatory field that is empty (nothing is written then), what
// writing says.
[[nodiscard]] Result<PrintedPaper> print_paper(Holdings& holdings, std::string_view kind,
                                               const PaperRequest& request,
                                               const std::filesystem::path& to, const Agent& by,
                                               const std::string& program);

// Whether numbers by this pattern can be counted on: {no} and {tahun} are in it, and apart. Errors:
// bad_setting.
[[nodiscard]] Status check_record_number(const std::string& pattern);
// Gives the items, which are to stand on one Berita Acara, their ba_no: the one that some of them
// have, else the next of the year by office.record_number. `kind`: of the paper it is for.
// `permits`: whether whoever asks may describe the item. Errors: usage for a paper that has no such
// number, not_found, what `permits` says, wrong_state when they have several,
// bad_setting as above.
[[nodiscard]] Result<std::string> number_record(Holdings& holdings, std::string_view kind,
                                                const std::vector<std::string>& about,
                                                const Agent& by,
                                                const std::function<Status(const Item&)>& permits);

// Closes a month or year of the Buku Inventaris and keeps its print. Errors: of close_period() and
// print_paper(); the period stays closed when only the print failed.
struct ClosedPeriod {
  Closing closing;
  std::optional<Item> kept;
};
[[nodiscard]] Result<ClosedPeriod> close_register(Holdings& holdings, const std::string& period,
                                                  const Agent& by, const std::string& program);

// A printed paper, as a PDF or a scan of it, against what the repository has: the digest in its QR
// code and every file that it stands for; of a PDF that is no scan also whether it is as it was
// printed (problem "paper_altered"; "paper_unsure" where text lies over a scan). Errors: unreadable
// when it has no code of ours.
struct PaperCheck {
  std::string kind;         // "ba", "st", "biam"
  std::string number;       // of the paper: of the Berita Acara, the batch, the period
  std::string digest;       // as printed
  bool as_printed = false;  // the very file; of anything else the code alone was compared
  std::vector<std::string> items;
  VerifyReport report;
};
[[nodiscard]] Result<PaperCheck> check_paper(const Holdings& holdings,
                                             const std::filesystem::path& file,
                                             const std::string& program);

}  // namespace alih::pipeline
