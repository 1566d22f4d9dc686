#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/holdings.h"
#include "core/result.h"

// What the digitizing section keeps beside its items: batches of material handed over (step 1 of
// the procedure) and the closings of the Buku Inventaris Alih Media. Values; any thread.
namespace alih {

// One thing of a batch, before it has a number of the register.
struct HandoverEntry {
  int number = 0;                                          // in the list, from 1
  std::map<std::string, std::vector<std::string>> fields;  // by name of core/fields.h
  std::string state = "received";  // "received", "rejected", "returned": of the original
  std::string reason;              // why rejected, or what was returned for
  std::string returned_on;         // local date
  std::string returned_to;
  bool operator==(const HandoverEntry&) const = default;

  [[nodiscard]] std::string field(const std::string& name) const;  // first value or empty
};

// A batch with its own number and list.
struct Handover {
  std::string batch_no;  // "ST/2026/0001", gapless per year
  int year = 0;
  int sequence_no = 0;
  std::string received_on;  // local date
  std::string received_at;  // UTC
  std::string source_unit;
  std::string sender;
  std::string sender_nip;
  std::string receiver;
  std::string receiver_nip;
  std::string note;
  std::vector<HandoverEntry> entries;
  bool operator==(const Handover&) const = default;
};
[[nodiscard]] std::string batch_no(int year, int sequence_no);
// The one form of a number that people write in several ways: "st-2026-1". Empty when it is none.
[[nodiscard]] std::string folded_batch_no(std::string_view text);

// A month or year of the book that nothing is written into any more but corrections in later
// months. It holds all that its print needs, so that the print stays what it was.
struct Closing {
  std::string period;     // "2026-11" or "2026"
  std::string closed_on;  // local date
  std::string at;         // UTC
  std::string by;
  int lines = 0;             // of the period, corrections too
  std::string lines_sha256;  // of their digests in the order of the book, a line each
  std::string unit;          // the office as it was then
  std::string place;
  std::vector<std::string> letterhead;
  std::string paper;
  std::string font;
  std::string signer_title;
  std::string signer_name;
  std::string signer_nip;
  bool operator==(const Closing&) const = default;
};
// "2026-11" lies in "2026-11" and in "2026".
[[nodiscard]] bool in_period(std::string_view month, std::string_view period);

// One file of register/: a batch or a closing, with its events. Its name says which.
struct BookRecord {
  std::string name;  // "handover-2026-0001", "closing-2026-11"
  std::uint64_t revision = 0;
  std::string body;  // JSON of the Handover or Closing
  std::vector<Event> events;
  bool operator==(const BookRecord&) const = default;
};
[[nodiscard]] std::string handover_name(std::string_view batch_no);
[[nodiscard]] std::string closing_name(std::string_view period);

[[nodiscard]] std::string to_json(const Handover& h);
[[nodiscard]] std::string to_json(const Closing& c);
[[nodiscard]] std::string to_json(const BookRecord& r);
// Errors: damaged.
[[nodiscard]] Result<Handover> handover_from_json(std::string_view json);
[[nodiscard]] Result<Closing> closing_from_json(std::string_view json);
[[nodiscard]] Result<BookRecord> book_record_from_json(std::string_view json);

}  // namespace alih
