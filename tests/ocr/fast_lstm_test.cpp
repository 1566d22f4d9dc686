// Our forward pass inside the real library: that it is used, that nothing comes out other than
// without it, and that whatever it does not know is read by the library as ever.
#include "ocr/fast_lstm.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <leptonica/allheaders.h>
#include <tesseract/baseapi.h>

#include "ocr/engine.h"
#include "ocr/models.h"
#include "ocr/traineddata.h"
#include "tests/ocr/lstm_bytes.h"
#include "tests/support/drawn_page.h"
#include "tests/support/temp_folder.h"

namespace alih::ocr {
namespace {

namespace fs = std::filesystem;
using testing_support::draw_page;
using testing_support::LstmBytes;
using testing_support::LstmForm;
using testing_support::random_network;

// Tesseract's lines are only read fast with AVX2, and only there this can be expected.
#define ALIH_NEEDS_KERNEL() \
  if (lstm_kernels().empty()) GTEST_SKIP() << "this processor has no AVX2: all lines are slow"
#define ALIH_NEEDS_MODEL(languages)                                        \
  if (const auto there = check_models(languages, only(languages)); !there) \
  GTEST_SKIP() << there.error().message.en

Settings only(const std::string& languages, const std::string& fast = "auto") {
  Settings out;
  out.languages = languages;
  out.second = "";
  out.fast_lstm = fast;
  return out;
}

Image letter() {
  testing_support::PageSpec spec;
  spec.paragraphs = {"# Laporan Tahunan",
                     "Kepala sekolah menerima 125 surat dari bupati tentang perpustakaan desa, dan "
                     "menjawabnya pada tanggal 17 Agustus 1954.",
                     "Guru dan murid membaca koran lama di Luwuk. The library keeps all of them.",
                     "Soerat dari Toean Controleur kepada goeroe di Balantak.",
                     "Rapat dibuka oleh Sekretaris Daerah; hadir 12 orang."};
  return draw_page(spec).image;
}

// Tesseract by itself, for its hOCR, through a FastLstm of ours.
class Bare {
 public:
  Bare(const std::string& languages, FastLstm& fast) : fast_(fast) {
    const Settings settings;
    if (api_.Init(settings.models.c_str(), languages.c_str(), tesseract::OEM_LSTM_ONLY) != 0) {
      std::abort();
    }
  }
  std::string hocr(Pix* image) {
    const FastLstmUse use(fast_);
    api_.SetImage(image);
    return hocr();
  }
  std::string hocr(const Image& gray) {
    const FastLstmUse use(fast_);
    api_.SetImage(gray.row(0), gray.width(), gray.height(), 1, static_cast<int>(gray.stride()));
    api_.SetSourceResolution(300);
    return hocr();
  }

 private:
  std::string hocr() {
    const std::unique_ptr<char[]> text(api_.GetHOCRText(0));
    return text ? text.get() : "";
  }
  FastLstm& fast_;
  tesseract::TessBaseAPI api_;
};

// The boxes of the words, in order: left top right bottom.
std::vector<std::string> boxes_of(const std::string& hocr) {
  std::vector<std::string> out;
  const std::regex word(
      "class='ocrx_word' id='[^']*' title='bbox (\\d+ \\d+ \\d+ \\d+); x_wconf \\d+'>([^<]*)<");
  for (std::sregex_iterator at(hocr.begin(), hocr.end(), word), end; at != end; ++at) {
    // Rules of tables are no words, and the engine says so.
    if ((*at)[2].str().find_first_not_of('|') != std::string::npos) out.push_back((*at)[1]);
  }
  return out;
}
std::vector<std::string> boxes_of(const TextLayer& text) {
  std::vector<std::string> out;
  for (const auto& block : text.blocks) {
    for (const auto& line : block.lines) {
      for (const auto& word : line.words) {
        const auto& box = word.box;
        out.push_back(std::to_string(box.x) + " " + std::to_string(box.y) + " " +
                      std::to_string(box.x + box.width) + " " + std::to_string(box.y + box.height));
      }
    }
  }
  return out;
}

FastLstm fast_for(const std::string& languages, const std::string& mode) {
  FastLstm out(only(languages, mode), library_tables());
  out.load(model_files(languages, only(languages)));
  return out;
}

std::vector<std::byte> bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::vector<char> read{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::byte> out(read.size());
  std::memcpy(out.data(), read.data(), read.size());
  return out;
}

TEST(FastLstmInTesseract, ReadsTheLinesOfAPage) {
  ALIH_NEEDS_KERNEL();
  const auto report = fast_lstm_report({});
  EXPECT_TRUE(report.possible) << report.why_not_en;
  auto engine = make_engine("ind", only("ind"));
  ASSERT_TRUE(engine) << engine.error().message.en;
  const auto before = fast_lstm_counts();
  ASSERT_TRUE((*engine)->read(letter(), {}));
  const auto counts = fast_lstm_counts() - before;
  EXPECT_EQ(counts.networks_bound, 1);
  EXPECT_EQ(counts.networks_refused, 0);
  EXPECT_EQ(counts.lines_slow, FastLstm::kProof);
  EXPECT_GT(counts.lines_fast, 0) << "the program's functions are not called by the library: "
                                     "see ocr/CMakeLists.txt";
  EXPECT_EQ(counts.differences, 0);
}

TEST(FastLstmInTesseract, GivesTheSameHocrAndWordsAsWithoutOnADrawnPage) {
  const auto page = letter();
  for (const char* languages : {"ind", "ind+eng"}) {
    auto off = fast_for(languages, "off");
    auto on = fast_for(languages, "auto");
    Bare slow(languages, off);
    Bare fast(languages, on);
    const auto expected = slow.hocr(page);
    EXPECT_THAT(expected, testing::HasSubstr("perpustakaan"));
    EXPECT_EQ(fast.hocr(page), expected) << languages;
    EXPECT_EQ(fast.hocr(page), expected) << languages << ", networks known";
    auto engine = make_engine(languages, only(languages));
    auto without = make_engine(languages, only(languages, "off"));
    for (const bool invert : {false, true}) {
      EXPECT_EQ(*(*engine)->read(page, {300, invert}), *(*without)->read(page, {300, invert}));
    }
  }
}

// What a linker may leave out without a word.
TEST(FastLstmInTesseract, StandsInTheLibrarysWayInThisProgram) {
  Dl_info here{};
  ASSERT_NE(::dladdr(reinterpret_cast<void*>(&fast_lstm_counts), &here), 0);
  for (const char* name :
       {"_ZN9tesseract6Series7ForwardEbRKNS_9NetworkIOEPKNS_15TransposedArrayEPNS_14NetworkScratchE"
        "PS1_",
        "_ZN9tesseract9NetworkIO7FromPixERKNS_11StaticShapeENS_5ImageEPNS_5TRandE",
        "_ZN9tesseract9StrideMap9SetStrideERKSt6vectorISt4pairIiiESaIS3_EE",
        "_ZN9tesseract9ImageData14SetPixInternalENS_5ImageEPSt6vectorIcSaIcEE",
        "_ZN9tesseract9ImageData14GetPixInternalERKSt6vectorIcSaIcEE",
        "_ZNK9tesseract16ImageThresholder18ThresholdRectToPixENS_5ImageEiRKSt6vectorIiSaIiEES6_"
        "PS1_",
        "_ZN9tesseract13HistogramRectENS_5ImageEiiiiiPi",
        "_ZN9tesseract11TessBaseAPI16DetectParagraphsEb", "pixErodeBrick", "pixDilateBrick",
        "pixOpenBrick", "pixCloseBrick", "pixCountPixels", "pixScanForForeground"}) {
    Dl_info found{};
    void* const at = ::dlsym(RTLD_DEFAULT, name);
    ASSERT_NE(at, nullptr) << name;
    ASSERT_NE(::dladdr(at, &found), 0) << name;
    EXPECT_EQ(found.dli_fbase, here.dli_fbase) << name << " is " << found.dli_fname;
    // And the library has it too, so that there is something to stand in for.
    EXPECT_NE(::dlsym(RTLD_NEXT, name), nullptr) << name;
  }
}

// The order of words, and their boxes, of the iterator that also knows right-to-left.
TEST(FastLstmInTesseract, GivesTheWordsInTheOrderOfHocr) {
  const auto page = letter();
  auto off = fast_for("ind+eng", "off");
  const auto hocr = Bare("ind+eng", off).hocr(page);
  const auto text = (*make_engine("ind+eng", only("ind+eng")))->read(page, {});
  ASSERT_TRUE(text);
  EXPECT_EQ(boxes_of(*text), boxes_of(hocr));
  EXPECT_GT(boxes_of(hocr).size(), 40U);
}

TEST(FastLstmInTesseract, OffLeavesTheLibraryAlone) {
  auto engine = make_engine("ind", only("ind", "off"));
  ASSERT_TRUE(engine);
  const auto before = fast_lstm_counts();
  ASSERT_TRUE((*engine)->read(letter(), {}));
  const auto counts = fast_lstm_counts() - before;
  EXPECT_EQ(counts.lines_fast + counts.lines_slow, 0);
}

// Every model that is installed, each kernel of this processor: all lines both ways.
TEST(FastLstmInTesseract, VerifyFindsNoDifferenceInAnyModelWithAnyKernel) {
  ALIH_NEEDS_KERNEL();
  const auto page = letter();
  int models = 0;
  for (const auto& model : installed_models({})) {
    if (model == "osd") continue;
    ++models;
    for (const auto* kernel : lstm_kernels()) {
      auto settings = only(model, "verify");
      settings.fast_lstm_kernel = kernel->name;
      auto engine = make_engine(model, settings);
      ASSERT_TRUE(engine) << engine.error().message.en;
      const auto before = fast_lstm_counts();
      ASSERT_TRUE((*engine)->read(page, {}));
      const auto counts = fast_lstm_counts() - before;
      EXPECT_EQ(counts.networks_bound, 1) << model << ' ' << kernel->name;
      EXPECT_EQ(counts.differences, 0) << model << ' ' << kernel->name;
      EXPECT_GE(counts.lines_checked, 5) << model << ' ' << kernel->name;
      EXPECT_EQ(counts.lines_fast, 0) << model << ' ' << kernel->name;
    }
  }
  EXPECT_GE(models, 2);
}

TEST(FastLstmInTesseract, RefusesTheModelOfAnotherNetworkAndReadsThePage) {
  ALIH_NEEDS_KERNEL();
  const auto page = letter();
  auto off = fast_for("ind", "off");
  const auto expected = Bare("ind", off).hocr(page);
  auto wrong = fast_for("eng", "auto");
  wrong.add(random_network({36, 16, 64, {96, -96, 128}, 85}, 1));  // the shape of ind
  const auto before = fast_lstm_counts();
  EXPECT_EQ(Bare("ind", wrong).hocr(page), expected);
  const auto counts = fast_lstm_counts() - before;
  EXPECT_EQ(counts.networks_refused, 1);
  EXPECT_EQ(counts.lines_fast, 0);
  EXPECT_EQ(counts.differences, 0);
}

// A traineddata file with another network in it, all else as it was.
class OtherNetwork {
 public:
  explicit OtherNetwork(const std::string& from) {
    const Settings settings;
    source_ = fs::path(settings.models) / (from + ".traineddata");
    component_ = read_lstm_component(source_.string()).value();
    model_ = read_lstm_model(component_).value();
  }
  // The int8 weights as the float numbers that they stand for.
  std::vector<std::byte> as_float() const {
    auto out = LstmBytes(LstmForm::real).network(model_);
    const auto network = LstmBytes().network(model_).size();
    // The names of layers have other lengths in the file; the recognizer's part starts with the
    // specification, whose flags say "int8".
    const std::string_view mark = "[1,36,0,1";
    const auto* begin = reinterpret_cast<const char*>(component_.data());
    const std::string_view all(begin, component_.size());
    const auto at = all.find(mark, network / 2) - sizeof(std::uint32_t);
    std::vector<std::byte> rest(component_.begin() + std::ptrdiff_t(at), component_.end());
    std::uint32_t size = 0;
    std::memcpy(&size, rest.data(), sizeof size);
    rest[sizeof size + size] &= std::byte{0xFE};
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
  }
  void write(const std::vector<std::byte>& component, const fs::path& to) const {
    auto bytes = bytes_of(source_);
    std::int32_t count = 0;
    std::memcpy(&count, bytes.data(), sizeof count);
    std::vector<std::int64_t> starts(static_cast<std::size_t>(count));
    std::memcpy(starts.data(), bytes.data() + sizeof count, starts.size() * sizeof(std::int64_t));
    const auto start = starts[17];
    for (auto& other : starts) {
      if (other > start) other += std::ssize(component) - std::ssize(component_);
    }
    std::memcpy(bytes.data() + sizeof count, starts.data(), starts.size() * sizeof(std::int64_t));
    const auto from = bytes.begin() + start;
    const auto after = bytes.erase(from, from + std::ssize(component_));
    bytes.insert(after, component.begin(), component.end());
    std::ofstream(to, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  }
  const fs::path& source() const { return source_; }

 private:
  fs::path source_;
  std::vector<std::byte> component_;
  LstmModel model_;
};

TEST(FastLstmInTesseract, LeavesAFloatModelToTheLibraryAndReadsThePage) {
  const testing_support::TempFolder models;
  const OtherNetwork other("ind");
  other.write(other.as_float(), models / "ind.traineddata");
  EXPECT_FALSE(read_lstm_model(read_lstm_component(models / "ind.traineddata").value()));
  auto settings = only("ind");
  settings.models = models.path();
  auto engine = make_engine("ind", settings);
  ASSERT_TRUE(engine) << engine.error().message.en;
  const auto before = fast_lstm_counts();
  const auto text = (*engine)->read(letter(), {});
  ASSERT_TRUE(text) << text.error().message.en;
  EXPECT_THAT(text->text(), testing::HasSubstr("perpustakaan"));
  EXPECT_EQ((fast_lstm_counts() - before).lines_fast, 0);
}

// What our reader sees of a file may be less or other than what Tesseract has read.
TEST(FastLstmInTesseract, ReadsThePageWhenOurReaderFindsNoNetworkInTheFile) {
  const testing_support::TempFolder folder;
  std::ofstream(folder / "cut.traineddata") << "no model";
  const auto whole = bytes_of(model_files("ind", {}).front());
  std::ofstream(folder / "half.traineddata", std::ios::binary)
      .write(reinterpret_cast<const char*>(whole.data()), std::ssize(whole) / 8);
  FastLstm fast(only("ind"), library_tables());
  fast.load(
      {folder / "missing.traineddata", folder / "cut.traineddata", folder / "half.traineddata"});
  const auto before = fast_lstm_counts();
  EXPECT_THAT(Bare("ind", fast).hocr(letter()), testing::HasSubstr("perpustakaan"));
  EXPECT_EQ((fast_lstm_counts() - before).lines_fast, 0);
}

// --- the guard by itself: a library whose results can be bent

// Gives what `model` gives, but from line `wrong_from` on one bit of it is other.
class BentLibrary final : public LibraryLine {
 public:
  BentLibrary(const LstmModel& model, int wrong_from)
      : network_(model, *lstm_kernels().front(), library_tables()), wrong_from_(wrong_from) {}
  bool plain() override { return true; }
  void original() override {
    ++originals;
    network_.forward(line_, kWidth, scratch_, result_);
    if (lines + 1 >= wrong_from_) result_[5] = std::nextafter(result_[5], 2.0F);
  }
  bool equals(std::span<const float> values, int, int) override {
    return std::memcmp(values.data(), result_.data(), values.size_bytes()) == 0;
  }
  void give(std::span<const float>, int, int) override { ++given; }
  void pixels(std::vector<std::int8_t>& out) override { out = line_; }
  void read(FastLstm& fast) {
    fast.forward(this, kWidth, 36, *this);
    ++lines;
  }
  int lines = 0;
  int originals = 0;
  int given = 0;

 private:
  static constexpr int kWidth = 30;
  LstmNetwork network_;
  LstmNetwork::Scratch scratch_;
  int wrong_from_;
  std::vector<std::int8_t> line_ = std::vector<std::int8_t>(kWidth * 36, 40);
  std::vector<float> result_;
};

constexpr int kNever = 1 << 30;

TEST(FastLstmGuard, ComparesALineNowAndThenForEver) {
  ALIH_NEEDS_KERNEL();
  const auto model = random_network({36, 16, 16, {16}, 9}, 3);
  FastLstm fast(only("ind"), library_tables());
  fast.add(model);
  BentLibrary library(model, kNever);
  for (int i = 0; i < 3 * FastLstm::kSample; ++i) library.read(fast);
  EXPECT_EQ(library.originals, FastLstm::kProof + 3);
  EXPECT_EQ(library.given, 3 * FastLstm::kSample - library.originals);
}

TEST(FastLstmGuard, RefusesANetworkThatIsOtherInItsThirdLine) {
  ALIH_NEEDS_KERNEL();
  const auto model = random_network({36, 16, 16, {16}, 9}, 3);
  FastLstm fast(only("ind"), library_tables());
  fast.add(model);
  BentLibrary library(model, 3);
  for (int i = 0; i < 20; ++i) library.read(fast);
  EXPECT_EQ(library.originals, 20);
  EXPECT_EQ(library.given, 0);
}

// A process of its own, as what it does lasts.
TEST(FastLstmGuardDeathTest, OneDifferenceEndsItForTheProcess) {
  ALIH_NEEDS_KERNEL();
  const auto model = random_network({36, 16, 16, {16}, 9}, 3);
  const auto end = [&] {
    FastLstm fast(only("ind"), library_tables());
    fast.add(model);
    BentLibrary library(model, 100);
    for (int i = 0; i < 2 * FastLstm::kSample; ++i) library.read(fast);
    const bool ended = fast_lstm_counts().differences == 1 &&
                       library.originals == FastLstm::kProof + 1 + FastLstm::kSample;
    // Another engine of the process, too.
    FastLstm second(only("ind"), library_tables());
    second.add(model);
    BentLibrary good(model, kNever);
    for (int i = 0; i < 10; ++i) good.read(second);
    std::exit(ended && good.given == 0 ? 0 : 1);
  };
  EXPECT_EXIT(end(), testing::ExitedWithCode(0), "");
}

TEST(FastLstmGuard, ForgetsItsNetworksWhenModelsAreLoaded) {
  ALIH_NEEDS_KERNEL();
  const auto model = random_network({36, 16, 16, {16}, 9}, 3);
  FastLstm fast(only("ind"), library_tables());
  fast.add(model);
  BentLibrary library(model, kNever);
  for (int i = 0; i < 10; ++i) library.read(fast);
  EXPECT_EQ(library.originals, FastLstm::kProof);
  fast.load({});
  fast.add(model);
  for (int i = 0; i < 10; ++i) library.read(fast);
  EXPECT_EQ(library.originals, 2 * FastLstm::kProof);
}

// --- real pages

class Samples : public ::testing::TestWithParam<const char*> {};

TEST_P(Samples, HaveTheSameHocrWithAndWithout) {
  const char* named = std::getenv("ALIH_SAMPLES");
  const auto folder =
      named != nullptr ? fs::path(named) : fs::path(ALIH_SOURCE_DIR) / "../shared/samples";
  if (!fs::is_directory(folder)) {
    GTEST_SKIP() << "no samples at " << folder << "; set ALIH_SAMPLES to their folder";
  }
  const std::string languages = GetParam();
  ALIH_NEEDS_MODEL(languages);
  auto off = fast_for(languages, "off");
  auto on = fast_for(languages, "auto");
  Bare slow(languages, off);
  Bare fast(languages, on);
  const auto before = fast_lstm_counts();
  int pages = 0;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  // A part of them, another one for each model, so that the test ends; ALIH_ALL_SAMPLES=1: all.
#ifdef ALIH_SANITIZED
  constexpr std::size_t kPart = 60;  // sanitizers read thirty times slower
#else
  constexpr std::size_t kPart = 15;
#endif
  const std::size_t every = std::getenv("ALIH_ALL_SAMPLES") != nullptr ? 1 : kPart;
  std::size_t number = languages.size();
  for (const auto& file : files) {
    const auto kind = file.extension();
    if (kind != ".png" && kind != ".jpg" && kind != ".tif") continue;
    if (++number % every != 0) continue;
    Pix* image = pixRead(file.c_str());
    if (image == nullptr) continue;
    // The large ones at half size: a line is a line, and the test is to end.
    constexpr int kLarge = 4'000'000;
    if (pixGetWidth(image) * pixGetHeight(image) > kLarge) {
      Pix* small = pixScale(image, 0.5F, 0.5F);
      pixDestroy(&image);
      image = small;
    }
    ++pages;
    EXPECT_EQ(fast.hocr(image), slow.hocr(image)) << file;
    pixDestroy(&image);
  }
  EXPECT_EQ((fast_lstm_counts() - before).differences, 0);
#ifdef ALIH_SANITIZED
  EXPECT_GT(pages, 0);
#else
  EXPECT_GT(pages, 4);
  const auto counts = fast_lstm_counts() - before;
  if (!lstm_kernels().empty()) {
    EXPECT_GT(counts.lines_fast, 10 * counts.lines_slow);
  }
#endif
}
std::string languages_name(const ::testing::TestParamInfo<const char*>& tested) {
  std::string out = tested.param;
  std::replace(out.begin(), out.end(), '+', '_');
  return out;
}
INSTANTIATE_TEST_SUITE_P(Of, Samples, ::testing::Values("ind", "eng", "ind+eng", "nld", "Latin"),
                         languages_name);

}  // namespace
}  // namespace alih::ocr
