#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/code.h"
#include "core/result.h"
#include "core/text_layer.h"
#include "repository/export/pdf_archive.h"

// A paper of the office as what stands on it, from top to bottom; how it is laid out on sheets is
// in paper.cpp. A new kind of paper is a function that makes a Paper (pipeline/papers/), no
// drawing.
namespace alih::repository {

enum class Align { left, center, right, justify };

struct Text {
  std::string text;  // one paragraph, UTF-8
  double size = 11;  // points
  bool bold = false;
  bool underline = false;
  Align align = Align::justify;
  double before = 0;  // points of white above and below
  double after = 6;
  double keep = 0;  // points that must be free below it: of a heading, so that it is not the last
};

// "Nomor : 12" with the colons below each other.
struct Fields {
  struct Row {
    std::string label;
    std::string value;
  };
  std::vector<Row> rows;
  double size = 11;
  double label_share = 0.3;  // of the width
  double after = 6;
};

struct Table {
  struct Column {
    std::string title;
    double share = 1;  // of the width, relative to the other columns
    Align align = Align::left;
  };
  struct Row {
    std::vector<std::string> cells;
    bool bold = false;
    bool struck = false;  // a line that a correction below it replaces
  };
  std::vector<Column> columns;
  bool numbered = false;  // a second head with 1, 2, 3 …, as in registers of offices
  std::vector<Row> rows;  // the head is repeated on each sheet; a row is not cut
  double size = 9;
  double after = 10;
};

// Up to three beside each other, kept on one sheet.
struct Signatures {
  struct Block {
    std::string place_and_date;  // "Luwuk, 28 November 2026", or empty
    std::string capacity;        // "Kepala Dinas …,"
    std::string name;            // empty = dots to be filled in by hand
    std::string nip;
  };
  std::vector<Block> blocks;
  double size = 11;
};

// A QR code with words beside it.
struct Stamp {
  QrCode code;
  std::vector<std::string> lines;
  double side = 60;  // points
};

// Code 39 across the sheet with its text below.
struct BarCode {
  std::string text;
  double height = 40;  // points
};

struct NewSheet {};

using Block = std::variant<Text, Fields, Table, Signatures, Stamp, BarCode, NewSheet>;

struct Paper {
  std::string title;  // of the file
  std::string identifier;
  std::string at;  // UTC, the date in the file
  bool landscape = false;
  bool folio = false;                   // 215 x 330 mm ("F4"), else A4
  std::vector<std::string> letterhead;  // lines, the second and third the largest; none = no head
  std::vector<Block> blocks;
  std::string footer;  // left at the foot of each sheet; "Halaman 1 dari 3" is right
  std::string font = "Liberation Serif";
};

struct Printed {
  Exported file;
  int sheets = 0;
  std::vector<TextLayer> texts;  // what stands on each sheet and where, at kTextDpi
};
inline constexpr double kTextDpi = 300;

// Lays the paper out and writes it as PDF/A, aside and renamed; the same paper gives the same
// bytes. Its tables are in it as data, too: "data.csv", associated with the document (PDF/A-3; a
// paper without a table is PDF/A-2). A table of 20,000 rows takes some seconds. One call at a time
// a thread; any thread. Errors: what writing says; bad_field when a table's row has other cells
// than its columns, or a bar code holds what Code 39 cannot say.
[[nodiscard]] Result<Printed> print_paper(const Paper& paper, const std::filesystem::path& to,
                                          PdfA part = PdfA::a3u);

// The paper's tables as write_tables() has them, as CSV in memory; empty = it has none.
[[nodiscard]] std::string tables_csv(const Paper& paper);
// The paper's tables, for a spreadsheet: the head and the rows, of several tables with the words in
// bold above each. Struck lines say so in a last column. `to` ends in .xlsx or .csv. Errors: usage
// for another ending or a paper without a table.
[[nodiscard]] Result<Exported> write_tables(const Paper& paper, const std::filesystem::path& to);

}  // namespace alih::repository
