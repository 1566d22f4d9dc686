// Pictures of an open book through the whole pipeline: two pages of one master.
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/intake.h"
#include "pipeline/processor.h"
#include "pipeline/worker_answer.h"
#include "processing/codec.h"
#include "processing/orient.h"
#include "tests/support/drawn_spread.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

using ::testing::HasSubstr;
using testing_support::draw_spread;
using testing_support::TempFolder;
using testing_support::text_spread;

Everything settings() {
  Everything out;
  out.repository.keep_free_mib = 0;
  out.repository.keep_free_percent = 0;
  out.repository.ballast_mib = 0;
  return out;
}
void quiet(std::uint64_t, std::uint64_t) {}

Image bilevel(const Image& gray) {
  const auto stride = Image::stride_for(PixelFormat::bilevel, gray.width());
  std::vector<std::byte> bytes(stride * static_cast<std::size_t>(gray.height()));
  for (int y = 0; y < gray.height(); ++y) {
    auto* out = bytes.data() + stride * static_cast<std::size_t>(y);
    for (std::size_t x = 0; x < static_cast<std::size_t>(gray.width()); ++x) {
      if (gray.row(y)[x] < 128) out[x / 8] |= std::byte{0x80} >> (x % 8);
    }
  }
  return Image(PixelFormat::bilevel, gray.width(), gray.height(), std::move(bytes), gray.dpi_x(),
               gray.dpi_y());
}

struct Split : testing::Test {
  TempFolder work;
  std::unique_ptr<Holdings> holdings;

  void SetUp() override { open(); }
  void open() {
    auto opened = Holdings::open(work / "data", settings(), Holdings::Mode::write);
    ASSERT_TRUE(opened) << opened.error().message.en;
    holdings = std::move(*opened);
  }
  void put(const std::string& name, const Image& image) const {
    std::filesystem::create_directories(work / "in");
    const auto bytes = processing::encode_tiff(image, {});
    std::ofstream(work / ("in/" + name), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes->data()),
               static_cast<std::streamsize>(bytes->size()));
  }
  Result<IngestReport> take(std::optional<bool> split, const std::string& profile = "") const {
    IntakeRequest request;
    request.fields = {
        {"title", "Buku terbuka"},         {"batch_no", "1"},     {"source_unit", "Layanan"},
        {"material_type", "book"},         {"language", "ind"},   {"script", "Latn"},
        {"page_count_declared", "5"},      {"condition", "good"}, {"original_location", "Rak 1"},
        {"rights_status", "public_domain"}};
    request.split_pages = split;
    request.profile = profile;
    return ingest(*holdings, request, {work / "in"}, false, ALIH_WORKER, quiet);
  }
  void process() const {
    Processor processor(*holdings, ALIH_WORKER,
                        [](const PageDone& done) { EXPECT_FALSE(done.failed) << done.error; });
    processor.wait_until_idle({});
  }
  [[nodiscard]] TextLayer text(const Page& page) const {
    return holdings->database().text(page.item, page.file_seq).value_or(TextLayer{});
  }
};

int count(const TextLayer& text, const std::string& word) {
  int out = 0;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& w : line.words) out += w.text.starts_with(word) ? 1 : 0;
    }
  }
  return out;
}

// Every word's box, mapped to the master, has ink in it and lies on its own side of the fold.
void check_boxes(const Page& page, const TextLayer& text, const Image& master, double fold,
                 bool left) {
  int words = 0;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& word : line.words) {
        const auto box = mapped(page.to_master, word.box, master.width(), master.height());
        if (left) {
          EXPECT_LT(box.x + box.width / 2, fold) << word.text;
        } else {
          EXPECT_GT(box.x + box.width / 2, fold) << word.text;
        }
        int darkest = 255;
        for (int y = box.y; y < box.y + box.height; ++y) {
          for (int x = box.x; x < box.x + box.width; ++x) {
            darkest = std::min<int>(darkest, master.row(y)[x]);
          }
        }
        EXPECT_LT(darkest, 130) << word.text << " at " << box.x << ", " << box.y;
        ++words;
      }
    }
  }
  EXPECT_GT(words, 100);
}

TEST_F(Split, MakesTwoPagesOfOneMasterThatAreReadApart) {
  auto spec = text_spread();
  const auto straight = draw_spread(spec);
  spec.skew_deg = 1.5;
  const auto skewed = draw_spread(spec);
  put("1.tif", straight.image);
  put("2.tif", skewed.image);
  put("3.tif", testing_support::draw_page(spec.left).image);
  const auto taken = take(true);
  ASSERT_TRUE(taken) << taken.error().message.en;
  const auto& made = taken->items.at(0);
  EXPECT_EQ(made.pages, 5);
  EXPECT_EQ(made.split, 2);
  EXPECT_EQ(made.unsure_split, 0);
  process();

  const auto& database = holdings->database();
  const auto pages = database.pages(made.item.id);
  ASSERT_EQ(pages.size(), 5U);
  std::set<std::string> recipes;
  std::set<std::string> jobs;
  for (const auto& page : pages) {
    EXPECT_EQ(page.state, PageState::indexed);
    recipes.insert(page.recipe);
    jobs.insert(job_for(page, settings()).input_sha256);
  }
  EXPECT_EQ(recipes.size(), 5U) << "two halves of one master have recipes of their own";
  EXPECT_EQ(jobs.size(), 5U);
  for (const int first : {0, 2}) {
    const auto& left = pages[static_cast<std::size_t>(first)];
    const auto& right = pages[static_cast<std::size_t>(first) + 1];
    const auto& drawn = first == 0 ? straight : skewed;
    EXPECT_EQ(left.number + 1, right.number);
    EXPECT_EQ(left.master.file, right.master.file);
    EXPECT_EQ(left.master.fixity, right.master.fixity);
    EXPECT_EQ(left.width, drawn.image.width()) << "of the whole frame";
    ASSERT_TRUE(left.master.region && right.master.region);
    EXPECT_EQ(left.master.region->x, 0);
    EXPECT_EQ(right.master.region->x, left.master.region->width);
    EXPECT_EQ(right.master.region->x + right.master.region->width, drawn.image.width());
    ASSERT_FALSE(left.findings.empty());
    EXPECT_EQ(left.findings.front().name, "split");
    EXPECT_TRUE(left.findings.front().applied);
    const auto left_text = text(left);
    const auto right_text = text(right);
    EXPECT_GE(count(left_text, "kiri"), 13);
    EXPECT_EQ(count(left_text, "kanan"), 0);
    EXPECT_GE(count(right_text, "kanan"), 13);
    EXPECT_EQ(count(right_text, "kiri"), 0);
    check_boxes(left, left_text, drawn.image, drawn.fold_x, true);
    check_boxes(right, right_text, drawn.image, drawn.fold_x, false);
  }
  EXPECT_FALSE(pages[4].master.region);
  EXPECT_NE(pages[4].findings.front().name, "split");
  std::set<std::string> masters;
  for (const auto& page : pages) masters.insert(page.master.file);
  EXPECT_EQ(masters.size(), 3U);

  int told = 0;
  for (const auto& event : database.events(made.item.id)) {
    if (event.type != "ingestion" || event.page.empty()) continue;
    if (event.page == pages[0].id.str()) {
      ++told;
      EXPECT_THAT(event.detail, HasSubstr("an open book, split with confidence "));
      EXPECT_THAT(event.detail, HasSubstr("left page, region 0,0,"));
    }
    if (event.page == pages[1].id.str()) {
      ++told;
      EXPECT_THAT(event.detail, HasSubstr("right page, region "));
    }
  }
  EXPECT_EQ(told, 2);

  // Read again: the finding of the intake is there once, and no more.
  ASSERT_TRUE(holdings->redo_page(made.item.id, 1, {}, person_agent()));
  process();
  const auto again = database.page(made.item.id, 1);
  ASSERT_TRUE(again);
  ASSERT_EQ(again->findings.size(), pages[0].findings.size());
  for (std::size_t i = 0; i < again->findings.size(); ++i) {
    EXPECT_EQ(again->findings[i].name, pages[0].findings[i].name);
  }
  EXPECT_EQ(again->findings.front(), pages[0].findings.front());
  EXPECT_EQ(again->master, pages[0].master);

  // Closed, verified, and known from the files alone.
  const auto closed = holdings->close(made.item.id, person_agent());
  ASSERT_TRUE(closed) << closed.error().message.en;
  EXPECT_TRUE(holdings->verify({}, quiet).problems.empty());
  const auto before = database.pages(made.item.id);
  holdings.reset();
  const auto rebuilt = rebuild(work / "data", settings(), quiet);
  ASSERT_TRUE(rebuilt) << rebuilt.error().message.en;
  EXPECT_EQ(rebuilt->pages, 5);
  open();
  ASSERT_TRUE(holdings);
  EXPECT_EQ(holdings->database().pages(made.item.id), before);
  EXPECT_TRUE(holdings->verify({}, quiet).problems.empty());
  indexer::SearchRequest search;
  search.query = "kanan";
  const auto found = holdings->database().search(search);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->total, 2U);
}

TEST_F(Split, IsAskedForOrThatOfAProfileOfBooks) {
  put("1.tif", draw_spread(text_spread()).image);
  const auto pages = [&](std::optional<bool> split, const std::string& profile) {
    const auto taken = take(split, profile);
    return taken ? taken->items.at(0).pages : -1;
  };
  EXPECT_EQ(pages(std::nullopt, ""), 1);
  EXPECT_EQ(pages(std::nullopt, "arsip"), 1);
  EXPECT_EQ(pages(std::nullopt, "buku"), 2);
  EXPECT_EQ(pages(false, "buku"), 1);
  EXPECT_EQ(pages(true, "arsip"), 2);
}

TEST_F(Split, LeavesAWidePageWholeAndSaysWhy) {
  const auto page = testing_support::draw_page(text_spread().left).image;
  const auto bytes = page.bytes().first(page.stride() * 800);
  put("1.tif", Image(page.format(), page.width(), 800, {bytes.begin(), bytes.end()}, 150, 150));
  const auto taken = take(true);
  ASSERT_TRUE(taken) << taken.error().message.en;
  const auto& made = taken->items.at(0);
  EXPECT_EQ(made.pages, 1);
  EXPECT_EQ(made.unsure_split, 1);
  process();
  const auto kept = holdings->database().page(made.item.id, 1);
  ASSERT_TRUE(kept);
  EXPECT_FALSE(kept->master.region);
  EXPECT_EQ(kept->findings.front().name, "split");
  EXPECT_FALSE(kept->findings.front().applied);
  EXPECT_FALSE(kept->findings.front().note.empty());
  const auto events = holdings->database().events_of(made.item.id, kept->id.str());
  EXPECT_THAT(events.front().detail, HasSubstr("; not split: "));
}

TEST_F(Split, IsTheSameForAPictureStoredOnItsSide) {
  const auto drawn = draw_spread(text_spread());
  // As a camera stores it: turned, with a tag that says how.
  auto stored = processing::upright(drawn.image, 8);
  ASSERT_TRUE(stored);
  auto bytes = *processing::encode_tiff(*stored, {});
  // encode_tiff() writes tag 274 (orientation) = 1 as a SHORT, low byte first.
  const std::array<std::uint8_t, 8> entry{0x12, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00};
  const auto at = std::search(bytes.begin(), bytes.end(), entry.begin(), entry.end(),
                              [](std::byte a, std::uint8_t b) { return a == std::byte{b}; });
  ASSERT_NE(at, bytes.end());
  *(at + 8) = std::byte{6};
  std::filesystem::create_directories(work / "in");
  std::ofstream(work / "in/1.tif", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  const auto taken = take(true);
  ASSERT_TRUE(taken) << taken.error().message.en;
  ASSERT_EQ(taken->items.at(0).pages, 2);
  process();
  const auto pages = holdings->database().pages(taken->items.at(0).item.id);
  EXPECT_EQ(pages[0].orientation, 6);
  EXPECT_EQ(pages[0].master.region->width, stored->width()) << "cut across the stored picture";
  for (const bool left : {true, false}) {
    const auto& page = pages[left ? 0 : 1];
    EXPECT_EQ(count(text(page), left ? "kanan" : "kiri"), 0);
    EXPECT_GE(count(text(page), left ? "kiri" : "kanan"), 13);
    int dark = 0;
    int words = 0;
    for (const auto& block : text(page).blocks) {
      for (const auto& line : block.lines) {
        for (const auto& word : line.words) {
          const auto box = mapped(page.to_master, word.box, stored->width(), stored->height());
          int darkest = 255;
          for (int y = box.y; y < box.y + box.height; ++y) {
            for (int x = box.x; x < box.x + box.width; ++x) {
              darkest = std::min<int>(darkest, stored->row(y)[x]);
            }
          }
          ++words;
          dark += darkest < 130 ? 1 : 0;
        }
      }
    }
    EXPECT_EQ(dark, words);
  }
}

// A folder of pages with the separator sheet at `sheets`.
struct Stacked : Split {
  void put_stack(int count, const std::set<int>& sheets) const {
    for (int i = 1; i <= count; ++i) {
      auto spec = text_spread().left;
      spec.paragraphs.front() += " " + std::to_string(i);
      auto image = testing_support::draw_page(spec).image;
      if (sheets.contains(i)) image = separator();
      put(std::to_string(i) + ".tif", image);
    }
  }
  // White, with patch T at the left edge.
  static Image separator() {
    constexpr int kWidth = 1240;
    constexpr int kHeight = 1754;
    std::vector<std::byte> bytes(std::size_t{kWidth} * kHeight, std::byte{255});
    int x = 80;
    for (const int width : {12, 30, 12, 30}) {
      for (int y = 400; y < 1000; ++y) {
        std::fill_n(bytes.begin() + y * kWidth + x, width, std::byte{0});
      }
      x += width + 12;
    }
    return Image(PixelFormat::gray8, kWidth, kHeight, std::move(bytes), 150, 150);
  }
  Result<IngestReport> take_stack(Known known, bool split = true) const {
    IntakeRequest request;
    request.fields = {{"title", "Surat"}};
    request.stack.split = split;
    request.known = known;
    return ingest(*holdings, request, {work / "in"}, false, ALIH_WORKER, quiet);
  }
  static std::vector<int> pages(const IngestReport& report) {
    std::vector<int> out;
    for (const auto& made : report.items) out.push_back(made.pages);
    return out;
  }
};

TEST_F(Stacked, BecomesItemsOfWhichALaterIntakeMakesOnlyTheMissingOnes) {
  put_stack(3, {3});
  const auto first = take_stack(Known::tell);  // as far as it came before the power went
  ASSERT_TRUE(first) << first.error().message.en;
  EXPECT_EQ(pages(*first), std::vector<int>{2});
  EXPECT_EQ(first->separators.size(), 1U);
  put_stack(6, {3, 5});
  const auto again = take_stack(Known::refuse_when_all);
  ASSERT_TRUE(again) << again.error().message.en;
  EXPECT_EQ(pages(*again), (std::vector<int>{1, 1}));
  EXPECT_EQ(again->rejected.size(), 2U) << "the pages that are here";
  for (const auto& r : again->rejected) EXPECT_EQ(r.code, ErrorCode::duplicate);
  ASSERT_EQ(again->items.size(), 2U);
  EXPECT_EQ(again->items[1].item.field("title"), "Surat (2)") << "of those that this call made";
  EXPECT_TRUE(holdings->verify({}, quiet).problems.empty());
}

TEST_F(Stacked, OfNoSheetsIsOneItem) {
  put_stack(3, {2});
  const auto taken = take_stack(Known::tell, false);
  ASSERT_TRUE(taken) << taken.error().message.en;
  EXPECT_EQ(pages(*taken), std::vector<int>{3});
  EXPECT_TRUE(taken->separators.empty());
}

TEST_F(Split, GivesABlackAndWhiteSpreadTwoG4Images) {
  put("1.tif", bilevel(draw_spread(text_spread()).image));
  const auto taken = take(true);
  ASSERT_TRUE(taken) << taken.error().message.en;
  ASSERT_EQ(taken->items.at(0).pages, 2);
  process();
  PageWorker worker(ALIH_WORKER, settings(), holdings->files().scratch());
  std::set<std::uintmax_t> sizes;
  for (const auto& page : holdings->database().pages(taken->items.at(0).item.id)) {
    EXPECT_EQ(page.color_mode, "bilevel");
    const auto path = ready_image(*holdings, worker, page, g4_name(page));
    ASSERT_TRUE(path) << path.error().message.en;
    sizes.insert(std::filesystem::file_size(*path));
    EXPECT_LT(page.access_width, page.access_height);
    EXPECT_GE(count(text(page), page.number == 1 ? "kiri" : "kanan"), 13);
    EXPECT_EQ(count(text(page), page.number == 1 ? "kanan" : "kiri"), 0);
  }
  EXPECT_EQ(sizes.size(), 2U) << "not the same image twice";
}

TEST_F(Split, AddedToAnItemGoesOnWithItsNumbers) {
  put("1.tif", draw_spread(text_spread()).image);
  const auto taken = take(true);
  ASSERT_TRUE(taken);
  const auto id = taken->items.at(0).item.id;
  auto spec = text_spread();
  spec.inner_mm = 12;
  put("1.tif", draw_spread(spec).image);
  put("2.tif", testing_support::draw_page(spec.left).image);
  IntakeRequest request;
  request.to = id;
  request.split_pages = true;
  const auto added = ingest(*holdings, request, {work / "in"}, false, ALIH_WORKER, quiet);
  ASSERT_TRUE(added) << added.error().message.en;
  const auto pages = holdings->database().pages(id);
  ASSERT_EQ(pages.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(pages[i].number, static_cast<int>(i) + 1);
  EXPECT_EQ(pages[2].master.file, pages[3].master.file);
  EXPECT_NE(pages[1].master.file, pages[2].master.file);
  EXPECT_NE(pages[3].master.file, pages[4].master.file);
  EXPECT_TRUE(holdings->verify({}, quiet).problems.empty());
}

TEST(WorkerAnswer, TellsNoPartsThatLieOutsideTheFrame) {
  const std::string head =
      R"({"width":100,"height":50,"dpi":300,"color_mode":"gray","bit_depth":8,"orientation":1,)"
      R"("pixel_sha256":"00","split":[{"name":"split","numbers":{},"confidence":0.9,)"
      R"("applied":true,"note":""}],"parts":)";
  const auto good = checked_frame_from(head + "[[0,0,60,50],[60,0,40,50]]}");
  ASSERT_TRUE(good) << good.error().message.en;
  ASSERT_EQ(good->parts.size(), 2U);
  EXPECT_EQ(good->parts[1], (Box{60, 0, 40, 50}));
  EXPECT_TRUE(good->split);
  for (const char* bad :
       {"[[0,0,60,50],[60,0,41,50]]}", "[[-1,0,60,50],[60,0,40,50]]}", "[[0,0,0,50],[60,0,40,50]]}",
        "[[0,0,60],[60,0,40,50]]}", "7}", "[[2147483647,0,2147483647,50],[60,0,40,50]]}"}) {
    EXPECT_FALSE(checked_frame_from(head + bad)) << bad;
  }
  EXPECT_TRUE(checked_frame_from(head + "[[0,0,60,50]]}")->parts.empty()) << "a half alone";
}

}  // namespace
}  // namespace alih::pipeline
