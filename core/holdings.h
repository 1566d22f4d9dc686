#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/code.h"
#include "core/finding.h"
#include "core/fixity.h"
#include "core/geometry.h"
#include "core/id.h"
#include "core/image.h"
#include "core/message.h"
#include "core/text_layer.h"

// The words of the domain. Values: copied freely, read by any thread. What they mean in PREMIS,
// ALTO or METS is in docs/glossary.md; how they are written to disk in docs/formats/records.md.
namespace alih {

// A person, a device or a program with its version (PREMIS agent).
struct Agent {
  std::string kind;  // "person", "device", "software"
  std::string name;
  std::string version;
  std::string account =
      {};                // of a person who has one: the name that stays when people change theirs
  std::string nip = {};  // of a person in the civil service, as it was then
  bool operator==(const Agent&) const = default;
};

// What was done, when, by whom, to what, and how it went (PREMIS event). Only ever added. Events of
// the whole repository form one chain: sha256 covers the event and the digest of the one before.
struct Event {
  EventId id;
  std::uint64_t sequence = 0;  // 1, 2, 3 … over the whole repository
  std::string at;              // UTC
  std::string type;            // PREMIS eventType, e.g. "capture"
  Agent agent;
  ItemId item;
  std::string page;     // page id, empty for the item as a whole
  std::string outcome;  // "success", "failure", "warning"
  std::string detail;   // English, for the record; messages to people are made elsewhere
  std::string previous_sha256;
  std::string sha256;
  bool operator==(const Event&) const = default;
};
// Digest of everything in the event but sha256 itself.
[[nodiscard]] std::string event_digest(const Event& event);

// The file first written from the scan or taken in unchanged (preservation master). Never changed.
struct Master {
  std::string file;           // name within the item's folder
  std::string format;         // "tiff", "jpeg", "png", "jp2", "j2k", "bmp", "pdf"
  std::string original_name;  // of an ingested file, empty for a scan
  Fixity fixity;
  std::string pixel_sha256;   // of the packed rows of this page's frame as they came from the
                              // scanner or the decoder
  int frame = 0;              // which image of the file
  std::optional<Box> region;  // part of the frame, pixels; none = all of it
  bool operator==(const Master&) const = default;
};

// A file made from a master; can always be made again.
struct Derivative {
  std::string role;       // "access", "thumbnail"
  std::string file;       // name in the cache
  std::string made_from;  // sha256 of the master
  std::string recipe;     // digest of stages, settings, engine and models
  bool operator==(const Derivative&) const = default;
};

enum class PageState { captured, indexed, blank, failed, removed };

// How a page was read.
struct Reading {
  std::string engine;    // "tesseract 5.3.0"
  std::string models;    // "ind+eng"
  std::string settings;  // short text of the settings that matter
  std::string variant;   // which image was read best: "soft8", "fine8", "soft5", "none", "scanned"
  std::string orthography;  // "old", "modern", "mixed", "unknown"
  double confidence = 0;    // mean over words, 0 to 1
  int words = 0;
  bool operator==(const Reading&) const = default;
};

// One side of one leaf, in order (METS structMap leaf, IIIF canvas).
struct Page {
  PageId id;
  ItemId item;
  int number = 0;     // place in the item, from 1
  int file_seq = 0;   // running number in file names; never changes
  std::string label;  // "1", "iv"
  PageState state = PageState::captured;
  Master master;
  int width = 0;           // of the master's frame, pixels
  int height = 0;          // of the master's frame, pixels
  double dpi = 0;          // 0 = unknown
  std::string color_mode;  // "bilevel", "gray", "color"
  int bit_depth = 0;       // bits a sample
  int orientation = 1;     // TIFF/EXIF tag of the frame, 1 to 8
  std::string languages;   // OCR models for this page, "" = the setting
  // Settings of this page alone, by name: "processing.deskew.enabled" -> "false".
  std::map<std::string, std::string> settings;
  std::map<std::string, std::string> capture;  // effective options of the scanner
  int access_width = 0;                        // of the access image, pixels; 0 until processed
  int access_height = 0;
  Affine to_master;    // access pixel to master pixel
  std::string recipe;  // what the text was made with; empty until processed
  std::vector<Finding> findings;
  std::vector<Code> codes;  // in access pixels
  Reading reading;
  std::string failure;         // why the page was set aside
  std::uint64_t revision = 0;  // counts every change of this page
  bool operator==(const Page&) const = default;
};

enum class ItemState {
  received,
  registered,
  on_hold,
  captured,
  processed,
  checked,
  indexed,
  available,
  rejected,
  returned,
  withdrawn,
};
enum class AccessClass { open, on_premises, restricted, closed };
enum class RightsStatus {
  public_domain,
  open_government_work,
  licensed,
  in_copyright,
  orphan,
  undetermined,
  confidential,
};

// What the Buku Inventaris Alih Media says of an item in ink: never changed. A correction is
// another line with the next version, which says why and who; the newest one counts.
struct RegisterLine {
  int version = 0;          // of this item's lines, from 1
  std::string month;        // "2026-11": where in the book it stands
  std::string at;           // UTC
  std::string by;           // who wrote it
  std::string reason;       // of a correction
  std::uint64_t event = 0;  // sequence of the event that names its digest; orders the book
  std::map<std::string, std::string> values;  // book_values() of core/fields.h at that time
  std::string sha256;                         // of all the above
  bool operator==(const RegisterLine&) const = default;
};
[[nodiscard]] std::string register_line_digest(const RegisterLine& line);

// A thing in the inventory: a letter, a book, a photograph (PREMIS intellectual entity).
struct Item {
  ItemId id;
  std::string digitization_no;  // "ALM/2026/000001"
  int year = 0;
  int sequence_no = 0;        // in the register, per year, without gaps
  std::string registered_on;  // local date
  std::string series;         // "ALM-KOL"
  ItemState state = ItemState::registered;
  AccessClass access = AccessClass::restricted;
  RightsStatus rights = RightsStatus::undetermined;
  std::map<std::string, std::vector<std::string>> fields;  // by name of core/fields.h
  std::uint64_t revision = 0;       // counts every change of the item's own data
  int version = 0;                  // of its OCFL object; 0 = never closed
  std::vector<RegisterLine> lines;  // in ink; none while its line still follows the item
  bool operator==(const Item&) const = default;

  [[nodiscard]] std::string field(const std::string& name) const;  // first value or empty
};

// One sitting at one device, or one call that took in files.
struct Batch {
  BatchId id;
  std::string source;  // device name, or "files"
  Agent operator_agent;
};

// English words for JSON, and what a person reads.
[[nodiscard]] std::string_view word(PageState s);
[[nodiscard]] std::string_view word(ItemState s);
[[nodiscard]] std::string_view word(AccessClass s);
[[nodiscard]] std::string_view word(RightsStatus s);
[[nodiscard]] Message label(PageState s);
[[nodiscard]] Message label(ItemState s);
[[nodiscard]] Message label(AccessClass s);
[[nodiscard]] Message label(RightsStatus s);
[[nodiscard]] std::optional<PageState> page_state_from(std::string_view word);
[[nodiscard]] std::optional<ItemState> item_state_from(std::string_view word);
[[nodiscard]] std::optional<AccessClass> access_class_from(std::string_view word);
[[nodiscard]] std::optional<RightsStatus> rights_status_from(std::string_view word);

// In the order of a list to choose from.
[[nodiscard]] std::span<const AccessClass> all_access_classes();
[[nodiscard]] std::span<const RightsStatus> all_rights_statuses();

// Series come from a table: code, Indonesian name, English name.
struct SeriesName {
  std::string_view code;
  Message label;
};
[[nodiscard]] const std::vector<SeriesName>& all_series();
[[nodiscard]] bool is_series(std::string_view code);

// "ALM/2026/000001" and its folded form "alm-2026-000001" are the same number at every entrance.
[[nodiscard]] std::string digitization_no(int year, int sequence_no);
[[nodiscard]] std::string folded(std::string_view digitization_no);
// Number of a paper of the office that is kept as an item: "BA/2026/000001".
[[nodiscard]] std::string paper_no(std::string_view prefix, int year, int sequence_no);
struct NumberParts {
  int year = 0;
  int sequence_no = 0;
};
[[nodiscard]] std::optional<NumberParts> parse_digitization_no(std::string_view text);

// File names in an item's folder: "alm-2026-000123_m_0001.tif" (role m master, x text layer, …).
[[nodiscard]] std::string file_name(const std::string& digitization_no, char role, int seq,
                                    std::string_view extension);

[[nodiscard]] std::string_view color_mode(PixelFormat format);

}  // namespace alih
