// PDFs through the door: the scan in a page as it was embedded, else the page drawn.
#include "pipeline/pdf.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/clock.h"
#include "core/fixity.h"
#include "pipeline/page_worker.h"
#include "pipeline/tool.h"
#include "processing/codec.h"
#include "tests/support/drawn_page.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

using ::testing::HasSubstr;
using testing_support::TempFolder;

// A PDF of pages, each with one picture and what its content stream says.
struct PdfPage {
  std::string dictionary;  // of the page, beside type, parent, resources and contents
  std::string content;
};
std::string pdf_of(const Image& gray, const std::vector<PdfPage>& pages) {
  std::vector<std::string> objects;
  std::string kids;
  const auto stream = [](const std::string& dictionary, const std::string& data) {
    return "<< " + dictionary + " /Length " + std::to_string(data.size()) + " >>\nstream\n" + data +
           "\nendstream";
  };
  const std::string pixels(reinterpret_cast<const char*>(gray.bytes().data()), gray.bytes().size());
  objects.push_back("<< /Type /Catalog /Pages 2 0 R >>");
  objects.emplace_back();
  objects.push_back(stream("/Type /XObject /Subtype /Image /Width " + std::to_string(gray.width()) +
                               " /Height " + std::to_string(gray.height()) +
                               " /ColorSpace /DeviceGray /BitsPerComponent 8",
                           pixels));
  objects.push_back("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
  for (const auto& page : pages) {
    const auto number = objects.size() + 1;
    kids += std::to_string(number) + " 0 R ";
    objects.push_back("<< /Type /Page /Parent 2 0 R " + page.dictionary +
                      " /Resources << /XObject << /I 3 0 R >> /Font << /F 4 0 R >> >> /Contents " +
                      std::to_string(number + 1) + " 0 R >>");
    objects.push_back(stream("", page.content));
  }
  objects[1] =
      "<< /Type /Pages /Kids [" + kids + "] /Count " + std::to_string(pages.size()) + " >>";
  std::string out = "%PDF-1.4\n";
  std::string table = "0000000000 65535 f \n";
  for (std::size_t i = 0; i < objects.size(); ++i) {
    std::string offset = std::to_string(out.size());
    table += std::string(10 - offset.size(), '0') + offset + " 00000 n \n";
    out += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const auto start = std::to_string(out.size());
  const auto count = std::to_string(objects.size() + 1);
  out += "xref\n0 " + count + "\n" + table + "trailer << /Size " + count +
         " /Root 1 0 R >>\nstartxref\n" + start + "\n%%EOF\n";
  return out;
}

Image scan() {
  testing_support::PageSpec spec;
  spec.dpi = 150;
  spec.paragraphs = {"# Surat Keputusan", "Pemerintah Kabupaten Banggai menetapkan peraturan ini."};
  return testing_support::draw_page(spec).image;
}

struct PdfDoor : testing::Test {
  TempFolder work;
  Everything settings;
  std::filesystem::path put(const std::string& name, const std::string& bytes) const {
    std::ofstream(work / name, std::ios::binary) << bytes;
    return work / name;
  }
  Result<CheckedFile> check(const std::filesystem::path& file) const {
    PageWorker worker(ALIH_WORKER, settings, work / "scratch");
    return worker.check(file);
  }
};

constexpr const char* kA4 = "/MediaBox [0 0 595 842]";
constexpr const char* kFill = "q 595 0 0 842 0 0 cm /I Do Q";

TEST_F(PdfDoor, TakesTheScanItselfOrDrawsThePage) {
  const auto image = scan();
  const auto pixels = sha256_hex(image.bytes());
  const auto file = put(
      "surat.pdf",
      pdf_of(image, {{kA4, kFill},
                     {std::string(kA4) + " /Rotate 90", kFill},
                     {std::string(kA4) + " /Rotate 180", kFill},
                     {"/MediaBox [0 0 842 595]",
                      "q 0 595 -842 0 842 0 cm /I Do Q"},  // turned by its matrix
                     {kA4, std::string(kFill) + " BT /F 40 Tf 100 300 Td (DISALIN) Tj ET"},
                     {kA4, std::string(kFill) + " BT 3 Tr /F 40 Tf 100 300 Td (tak tampak) Tj ET"},
                     {kA4, "BT /F 12 Tf 100 700 Td (Hanya teks) Tj ET"},
                     {kA4, "q 300 0 0 420 0 0 cm /I Do Q"}}));
  const auto checked = check(file);
  ASSERT_TRUE(checked) << checked.error().message.en;
  EXPECT_EQ(checked->format, "pdf");
  ASSERT_EQ(checked->frames.size(), 8U);
  struct Expected {
    const char* how;
    int orientation;
  };
  // Page 5 has words over the scan, 6 only hidden ones, 7 no scan, on 8 it does not fill the page.
  const std::vector<Expected> expected{{"embedded", 1}, {"embedded", 6}, {"embedded", 3},
                                       {"embedded", 8}, {"rendered", 1}, {"embedded", 1},
                                       {"rendered", 1}, {"rendered", 1}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& frame = checked->frames[i];
    EXPECT_EQ(frame.problem_en, "") << i + 1;
    EXPECT_EQ(frame.pdf_image, expected[i].how) << i + 1;
    EXPECT_EQ(frame.orientation, expected[i].orientation) << i + 1;
    if (frame.pdf_image == "embedded") {
      EXPECT_EQ(frame.pixel_sha256, pixels) << i + 1;
      EXPECT_NEAR(frame.dpi, 150, 1) << i + 1;
    } else {
      EXPECT_EQ(frame.dpi, 300) << i + 1;
      EXPECT_NEAR(frame.width, 2479, 2) << i + 1;
    }
  }
  EXPECT_TRUE(std::filesystem::is_empty(work / "scratch"));
}

TEST_F(PdfDoor, ReadsTheTurnedPageUpright) {
  const auto file = put("turned.pdf", pdf_of(scan(), {{std::string(kA4) + " /Rotate 90", kFill}}));
  PageWorker worker(ALIH_WORKER, settings, work / "scratch");
  const auto checked = worker.check(file);
  ASSERT_TRUE(checked) << checked.error().message.en;
  PageTask task;
  task.master = file;
  task.languages = "ind+eng";
  task.orientation = checked->frames.at(0).orientation;
  task.dpi = checked->frames.at(0).dpi;
  task.pdf_image = checked->frames.at(0).pdf_image;
  settings.processing.stages = {};
  const auto page = worker.process(task);
  ASSERT_TRUE(page) << page.error().message.en;
  // As the PDF shows it, it lies on its side; its letters say which way is up.
  EXPECT_LT(page->access_width, page->access_height);
  EXPECT_NE(page->text.word_count(), 0U);
  EXPECT_TRUE(std::filesystem::is_empty(work / "scratch"));
}

TEST_F(PdfDoor, RefusesWithAReason) {
  const auto good = pdf_of(scan(), {{kA4, kFill}});
  const auto refused = [&](const std::string& name, const std::string& bytes, ErrorCode code,
                           const std::string& words) {
    const auto checked = check(put(name, bytes));
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, code) << name;
    EXPECT_THAT(checked.error().message.en, HasSubstr(words)) << name;
  };
  refused("cut.pdf", good.substr(0, 200), ErrorCode::unreadable, "damaged");
  refused("none.pdf", pdf_of(scan(), {}), ErrorCode::unreadable, "last page (0)");
  settings.processing.limits.max_frames = 2;
  refused("many.pdf", pdf_of(scan(), {{kA4, kFill}, {kA4, kFill}, {kA4, kFill}}),
          ErrorCode::too_large, "3 pages; at most 2");
  settings.processing.limits.max_megapixels = 1;
  const auto large = check(put("large.pdf", good));
  ASSERT_TRUE(large);
  EXPECT_THAT(large->frames.at(0).problem_en, HasSubstr("1240 x 1754"));
}

// A page that never ends takes its own time, not each page's: the rest is not tried.
TEST_F(PdfDoor, APageThatTakesTooLongEndsTheFile) {
  settings.pipeline.decode_timeout_s = 3;
  settings.pipeline.page_memory_mib = 16384;  // time is to end first
  std::string endless = "0 0 m ";
  for (int i = 0; i < 3000000; ++i) endless += "500 500 l 0 500 l 500 0 l ";
  endless += "f*";
  const auto file =
      put("slow.pdf", pdf_of(scan(), {{kA4, kFill}, {kA4, endless}, {kA4, kFill}, {kA4, kFill}}));
  const double start = monotonic_seconds();
  const auto checked = check(file);
  EXPECT_LT(monotonic_seconds() - start, 15);
  ASSERT_TRUE(checked) << checked.error().message.en;
  ASSERT_EQ(checked->frames.size(), 4U);
  EXPECT_EQ(checked->frames[0].problem_en, "");
  ASSERT_EQ(checked->frames[1].problem_code, ErrorCode::timeout);
  EXPECT_THAT(checked->frames[2].problem_en, HasSubstr("since page 2 was not done in time"));
  EXPECT_THAT(checked->frames[3].problem_id, HasSubstr("tidak dicoba"));
}

// Locked by qpdf: with a password to open it, and with one that only forbids changes.
TEST_F(PdfDoor, RefusesLockedOnes) {
  const auto file = put("open.pdf", pdf_of(scan(), {{kA4, kFill}}));
  const auto refused = [&](const std::string& user, const std::string& words_id,
                           const std::string& words_en) {
    const auto locked = work / "locked.pdf";
    const auto made =
        run_tool({"qpdf", "--encrypt", user, "owner", "256", "--", "open.pdf", "locked.pdf"},
                 work.path(), {monotonic_seconds() + 20, 1024, 64});
    ASSERT_TRUE(made) << made.error().message.en;
    ASSERT_EQ(made->exit_code, 0) << made->err;
    const auto checked = check(locked);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::unreadable);
    EXPECT_THAT(checked.error().message.id, HasSubstr(words_id));
    EXPECT_THAT(checked.error().message.en, HasSubstr(words_en));
  };
  refused("rahasia", "kata sandi", "password");
  refused("", "terenkripsi", "encrypted");
}

// Only for its owner, in a folder only for its owner: the tool's user gets a copy.
TEST_F(PdfDoor, ReadsAFileThatOnlyItsOwnerMayRead) {
  const auto file = put("private.pdf", pdf_of(scan(), {{kA4, kFill}}));
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  std::filesystem::permissions(work.path(), std::filesystem::perms::owner_all);
  const auto checked = check(file);
  ASSERT_TRUE(checked) << checked.error().message.en;
  ASSERT_EQ(checked->frames.size(), 1U);
  EXPECT_EQ(checked->frames[0].problem_en, "");
  EXPECT_EQ(checked->frames[0].pdf_image, "embedded");
  EXPECT_TRUE(std::filesystem::is_empty(work / "scratch"));
}

}  // namespace
}  // namespace alih::pipeline
