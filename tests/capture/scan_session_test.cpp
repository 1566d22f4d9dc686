#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "capture/scanner.h"
#include "core/fixity.h"
#include "processing/codec.h"
#include "tests/support/book.h"

namespace alih::capture {
namespace {

namespace fs = std::filesystem;

using Options = std::vector<ScanOption>;

// A whole batch: its pages and its end.
struct Batch {
  std::vector<CapturedPage> pages;
  std::optional<BatchOutcome> outcome;
  std::optional<Error> error;
};

Batch scan(const ScanRequest& request, const Settings& settings = {}) {
  Batch out;
  auto session = ScanSession::open(request, settings, ALIH_SCAN_WORKER);
  if (!session) {
    out.error = session.error();
    return out;
  }
  for (int i = 0; i < 40; ++i) {
    auto step = (*session)->next({});
    if (!step) {
      out.error = step.error();
      return out;
    }
    if (auto* page = std::get_if<CapturedPage>(&*step)) {
      out.pages.push_back(std::move(*page));
    } else {
      out.outcome = std::get<BatchOutcome>(*step);
      return out;
    }
  }
  return out;
}

std::string end_of(const Batch& batch) {
  if (batch.error) return "error: " + batch.error->message.en;
  return batch.outcome ? std::string(name(batch.outcome->end)) : "none";
}

std::string value_of(const CapturedPage& page, const std::string& option) {
  for (const auto& [key, value] : page.effective)
    if (key == option) return value;
  return "(none)";
}

// A PNM file of scanimage: header lines, then bytes.
struct Pnm {
  std::string magic;
  int width = 0;
  int height = 0;
  std::string bytes;
};

Pnm parse_pnm(const std::string& file) {
  Pnm out;
  std::size_t at = 0;
  const auto line = [&] {
    std::string text = "#";
    while (!text.empty() && text[0] == '#') {
      const std::size_t end = file.find('\n', at);
      if (end == std::string::npos) return std::string();
      text = file.substr(at, end - at);
      at = end + 1;
    }
    return text;
  };
  out.magic = line();
  std::istringstream(line()) >> out.width >> out.height;
  if (out.magic != "P4") line();
  out.bytes = file.substr(std::min(at, file.size()));
  return out;
}

class ScanSessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("SANE_CONFIG_DIR", ALIH_SANE_CONFIG, 1);
    ::setenv("LD_LIBRARY_PATH", ALIH_SANE_DRIVERS, 1);
    std::string name = (fs::temp_directory_path() / "alih-capture-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  // Pages that scanimage gives for the same device and options.
  std::vector<Pnm> scanimage(const ScanRequest& r, bool batch) {
    std::string command = "scanimage -d " + r.device + " --format=pnm";
    if (r.source) command += " --source '" + *r.source + "'";
    if (r.mode) command += " --mode '" + *r.mode + "'";
    for (const auto& [key, value] : r.options)
      if (key == "depth") command += " --depth " + value;
    if (r.dpi) command += " --resolution " + std::to_string(*r.dpi);
    for (const auto& [key, value] : r.options)
      if (key != "depth") command += " --" + key + "='" + value + "'";
    const std::string pattern = (folder_ / "page").string();
    command += batch ? " --batch='" + pattern + "%03d.pnm'" : " > '" + pattern + "001.pnm'";
    command += " 2>/dev/null";
    const int status = std::system(command.c_str());  // NOLINT: the test's own words
    EXPECT_NE(status, -1);
    std::vector<Pnm> out;
    for (int i = 1; i < 100; ++i) {
      const std::string digits = std::to_string(1000 + i).substr(1);
      std::ifstream file(pattern + digits + ".pnm", std::ios::binary);
      if (!file) break;
      out.push_back(parse_pnm(std::string(std::istreambuf_iterator<char>(file), {})));
    }
    return out;
  }

  // Pixels as scanimage writes them: 16 bit in big-endian order, padding bits clear.
  static std::string as_pnm(const Image& image) {
    std::string out(reinterpret_cast<const char*>(image.bytes().data()), image.bytes().size());
    if (bits_per_sample(image.format()) == 16)
      for (std::size_t i = 0; i + 1 < out.size(); i += 2) std::swap(out[i], out[i + 1]);
    return out;
  }
  // scanimage writes padded lines as they come, padding included, under a header with the width of
  // the pixels alone: the padding is taken out here.
  static std::string without_padding(const Pnm& pnm, const Image& image) {
    const std::size_t stride = image.stride();
    const std::size_t line = pnm.bytes.size() / static_cast<std::size_t>(pnm.height);
    const int width = image.width();
    std::string out;
    for (std::size_t at = 0; at + line <= pnm.bytes.size(); at += line) {
      out += pnm.bytes.substr(at, stride);
      if (image.format() == PixelFormat::bilevel && width % 8 != 0)
        out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) &
                                       (0xFFU << (8 - width % 8) & 0xFFU));
    }
    return out;
  }

  void expect_same_as_scanimage(const ScanRequest& request, std::size_t pages) {
    const Batch batch = scan(request);
    const auto expected = scanimage(request, pages > 1);
    ASSERT_EQ(batch.pages.size(), pages) << end_of(batch);
    ASSERT_EQ(expected.size(), pages);
    for (std::size_t i = 0; i < pages; ++i) {
      const CapturedPage& page = batch.pages[i];
      EXPECT_EQ(page.image.width(), expected[i].width);
      EXPECT_EQ(page.image.height(), expected[i].height);
      EXPECT_TRUE(as_pnm(page.image) == without_padding(expected[i], page.image))
          << "page " << i + 1;
      EXPECT_EQ(page.pixel_sha256, sha256_hex(page.image.bytes()));
      EXPECT_LE(page.started_at, page.ended_at);
    }
  }

  fs::path folder_;
};

ScanRequest adf(const std::string& mode, const std::string& depth, int dpi = 75) {
  return {"test:0",
          "Automatic Document Feeder",
          mode,
          dpi,
          Options{{"depth", depth}, {"test-picture", "Color pattern"}},
          0};
}

ScanRequest test_device() {
  ScanRequest request;
  request.device = "test:0";
  return request;
}

ScanRequest flatbed(Options options, const std::string& mode = "Color") {
  options.push_back({"test-picture", "Color pattern"});
  return {"test:0", "Flatbed", mode, 75, std::move(options), 0};
}

TEST_F(ScanSessionTest, FeederGray8) {
  expect_same_as_scanimage(adf("Gray", "8"), 10);
  const Batch batch = scan(adf("Gray", "8"));
  EXPECT_EQ(end_of(batch), "feeder_empty");
  ASSERT_EQ(batch.pages.size(), 10U);
  const CapturedPage& page = batch.pages.front();
  EXPECT_EQ(page.image.format(), PixelFormat::gray8);
  EXPECT_EQ(page.image.dpi_x(), 75);
  EXPECT_EQ(page.image.dpi_y(), 75);
  EXPECT_EQ(value_of(page, "source"), "Automatic Document Feeder");
  EXPECT_EQ(value_of(page, "mode"), "Gray");
  EXPECT_EQ(value_of(page, "depth"), "8");
  EXPECT_EQ(value_of(page, "resolution"), "75");
  EXPECT_EQ(value_of(page, "hand-scanner"), "no");
  EXPECT_EQ(value_of(page, "three-pass"), "(none)") << "inactive in gray";
  EXPECT_EQ(page.device.name, "test:0");
}
TEST_F(ScanSessionTest, FeederColour8) { expect_same_as_scanimage(adf("Color", "8"), 10); }
TEST_F(ScanSessionTest, FeederGray1) {
  expect_same_as_scanimage(adf("Gray", "1"), 10);
  const Batch batch = scan(adf("Gray", "1"));
  ASSERT_FALSE(batch.pages.empty());
  EXPECT_EQ(batch.pages[0].image.format(), PixelFormat::bilevel);
}
TEST_F(ScanSessionTest, FeederGray16) { expect_same_as_scanimage(adf("Gray", "16"), 10); }
TEST_F(ScanSessionTest, FeederColour16) { expect_same_as_scanimage(adf("Color", "16"), 10); }

// scanimage itself breaks off with a failed assertion on one bit of colour, so that its own pages
// at eight bits are the measure: solid pictures must be the same, a pattern only 0 and 255.
TEST_F(ScanSessionTest, FeederColour1) {
  for (const char* picture : {"Solid black", "Solid white", "Grid"}) {
    ScanRequest one = adf("Color", "1");
    one.options[1].value = picture;
    ScanRequest eight = adf("Color", "8");
    eight.options[1].value = picture;
    const Batch batch = scan(one);
    const auto expected = scanimage(eight, true);
    ASSERT_EQ(batch.pages.size(), 10U) << end_of(batch);
    ASSERT_EQ(expected.size(), 10U);
    EXPECT_EQ(batch.pages[9].image.format(), PixelFormat::rgb24);
    EXPECT_TRUE(as_pnm(batch.pages[9].image) == expected[9].bytes) << picture;
  }
  const Batch pattern = scan(adf("Color", "1"));
  ASSERT_EQ(pattern.pages.size(), 10U);
  bool black = false;
  bool white = false;
  for (const std::byte b : pattern.pages[0].image.bytes()) {
    ASSERT_TRUE(b == std::byte{0} || b == std::byte{255});
    (b == std::byte{0} ? black : white) = true;
  }
  EXPECT_TRUE(black && white);
}

TEST_F(ScanSessionTest, HandScannerWithoutHeight) {
  expect_same_as_scanimage(flatbed({{"hand-scanner", "yes"}}), 1);
}
TEST_F(ScanSessionTest, ThreePasses) {
  for (const char* order : {"RGB", "RBG", "GBR", "GRB", "BRG", "BGR"})
    expect_same_as_scanimage(flatbed({{"three-pass", "yes"}, {"three-pass-order", order}}), 1);
  const Batch batch = scan(flatbed({{"three-pass", "true"}}));
  ASSERT_EQ(batch.pages.size(), 1U);
  EXPECT_EQ(value_of(batch.pages[0], "three-pass"), "yes");
}
TEST_F(ScanSessionTest, ThreePassesFromTheFeeder) {
  ScanRequest request = adf("Color", "8");
  request.options.push_back({"three-pass", "yes"});
  const Batch batch = scan(request);
  EXPECT_EQ(batch.pages.size(), 10U) << end_of(batch);
  EXPECT_EQ(end_of(batch), "feeder_empty");
}
TEST_F(ScanSessionTest, PaddedLines) {
  expect_same_as_scanimage(flatbed({{"ppl-loss", "13"}}), 1);
  expect_same_as_scanimage(flatbed({{"ppl-loss", "13"}}, "Gray"), 1);
}
TEST_F(ScanSessionTest, ShortReads) {
  expect_same_as_scanimage(flatbed({{"read-limit", "yes"}, {"read-limit-size", "7"}}), 1);
  expect_same_as_scanimage(flatbed({{"fuzzy-parameters", "yes"}, {"non-blocking", "yes"}}), 1);
}

TEST_F(ScanSessionTest, DeviceDefaultsAreLeftAlone) {
  ScanRequest request;
  request.device = "test:0";
  expect_same_as_scanimage(request, 1);
  EXPECT_EQ(end_of(scan(request)), "single_sheet");
}

TEST_F(ScanSessionTest, EveryReadStatus) {
  const std::array<std::array<const char*, 2>, 11> table{{
      {"UNSUPPORTED", "bad_page"},
      {"CANCELLED", "stopped"},
      {"DEVICE_BUSY", "device_busy"},
      {"INVAL", "bad_page"},
      {"EOF", "bad_page"},
      {"JAMMED", "jam"},
      {"NO_DOCS", "no_paper"},
      {"COVER_OPEN", "cover_open"},
      {"IO_ERROR", "device_lost"},
      {"NO_MEM", "bad_page"},
      {"ACCESS_DENIED", "bad_page"},
  }};
  for (const auto& [status, expected] : table) {
    ScanRequest request = adf("Gray", "8");
    request.options.push_back({"read-return-value", std::string("SANE_STATUS_") + status});
    const Batch batch = scan(request);
    EXPECT_TRUE(batch.pages.empty()) << status;
    EXPECT_EQ(end_of(batch), expected) << status;
    ASSERT_TRUE(batch.outcome);
    EXPECT_FALSE(batch.outcome->detail.id.empty());
    EXPECT_FALSE(batch.outcome->detail.en.empty());
  }
}

TEST_F(ScanSessionTest, PageLimit) {
  ScanRequest request = adf("Gray", "8");
  request.max_pages = 3;
  const Batch feeder = scan(request);
  EXPECT_EQ(feeder.pages.size(), 3U);
  EXPECT_EQ(end_of(feeder), "page_limit");

  request = flatbed({}, "Gray");
  request.max_pages = 2;
  const Batch glass = scan(request);
  EXPECT_EQ(glass.pages.size(), 1U) << "nobody turns the sheet on the glass";
  EXPECT_EQ(end_of(glass), "single_sheet");

  request.max_pages = 1;
  EXPECT_EQ(end_of(scan(request)), "single_sheet");
  request.max_pages = -1;
  EXPECT_TRUE(scan(request).error);
}

TEST_F(ScanSessionTest, PagesTellMakerAndModel) {
  const Batch batch = scan(flatbed({}, "Gray"));
  ASSERT_EQ(batch.pages.size(), 1U);
  EXPECT_EQ(batch.pages.front().device.vendor, "Noname");
  EXPECT_EQ(batch.pages.front().device.model, "frontend-tester");
}

TEST_F(ScanSessionTest, StopFeedsNoFurtherSheet) {
  std::stop_source stop;
  auto session = ScanSession::open(adf("Gray", "8"), {}, ALIH_SCAN_WORKER);
  ASSERT_TRUE(session);
  for (int i = 0; i < 2; ++i) {
    const auto page = (*session)->next(stop.get_token());
    ASSERT_TRUE(page && std::holds_alternative<CapturedPage>(*page));
  }
  stop.request_stop();
  for (int i = 0; i < 2; ++i) {
    const auto end = (*session)->next(stop.get_token());
    ASSERT_TRUE(end && std::holds_alternative<BatchOutcome>(*end));
    EXPECT_EQ(name(std::get<BatchOutcome>(*end).end), "stopped");
  }
}

TEST_F(ScanSessionTest, StopDeliversTheSheetThatMoves) {
  ScanRequest request = adf("Color", "8", 150);
  request.options.push_back({"read-delay", "yes"});
  request.options.push_back({"read-delay-duration", "100000"});
  auto session = ScanSession::open(request, {}, ALIH_SCAN_WORKER);
  ASSERT_TRUE(session);
  std::stop_source stop;
  std::jthread person([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop.request_stop();
  });
  const auto page = (*session)->next(stop.get_token());
  EXPECT_TRUE(stop.stop_requested()) << "the page came before the stop: the test proves nothing";
  ASSERT_TRUE(page && std::holds_alternative<CapturedPage>(*page));
  const auto end = (*session)->next(stop.get_token());
  ASSERT_TRUE(end && std::holds_alternative<BatchOutcome>(*end));
  EXPECT_EQ(name(std::get<BatchOutcome>(*end).end), "stopped");
}

TEST_F(ScanSessionTest, SessionMayBeDroppedAnyTime) {
  for (int pages : {0, 1}) {
    auto session = ScanSession::open(adf("Gray", "8"), {}, ALIH_SCAN_WORKER);
    ASSERT_TRUE(session);
    for (int i = 0; i < pages; ++i) ASSERT_TRUE((*session)->next({}));
  }
  const Batch after = scan(adf("Gray", "8"));
  EXPECT_EQ(after.pages.size(), 10U);
}

// Processes that this one started and that are still there.
std::vector<pid_t> children() {
  std::vector<pid_t> out;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ifstream stat(entry.path() / "stat");
    std::string number, command, state;
    pid_t parent = 0;
    if (stat >> number >> command >> state >> parent && parent == ::getpid() && state != "Z")
      out.push_back(std::stoi(number));
  }
  return out;
}

// A page that takes some seconds, with a signal to the worker in the middle of it.
BatchOutcome outcome_with_signal(int signal) {
  Settings settings;
  settings.read_timeout_s = 1;
  ScanRequest request = adf("Color", "8", 600);
  request.options.push_back({"read-delay", "yes"});
  request.options.push_back({"read-delay-duration", "200000"});
  auto session = ScanSession::open(request, settings, ALIH_SCAN_WORKER);
  if (!session) return {BatchEnd::bad_page, session.error().message};
  std::jthread fault([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    for (const pid_t worker : children()) ::kill(worker, signal);
  });
  const auto step = (*session)->next({});
  if (!step || !std::holds_alternative<BatchOutcome>(*step))
    return {BatchEnd::bad_page, message("?", "a page came: the test proves nothing")};
  return std::get<BatchOutcome>(*step);
}

TEST_F(ScanSessionTest, CrashInThePage) {
  const BatchOutcome outcome = outcome_with_signal(SIGABRT);
  EXPECT_EQ(name(outcome.end), "crashed");
  EXPECT_NE(outcome.detail.en.find("signal 6"), std::string::npos) << outcome.detail.en;
  EXPECT_TRUE(children().empty());
  EXPECT_EQ(scan(adf("Gray", "8")).pages.size(), 10U) << "the next session works";
}

TEST_F(ScanSessionTest, HangInThePage) {
  const BatchOutcome outcome = outcome_with_signal(SIGSTOP);
  EXPECT_EQ(name(outcome.end), "hung") << outcome.detail.en;
  EXPECT_TRUE(children().empty());
}

TEST_F(ScanSessionTest, UnknownDevice) {
  for (const char* device : {"test:99", "nosuchbackend:0", "", "../test:0", "te\nst:0"}) {
    ScanRequest request;
    request.device = device;
    const Batch batch = scan(request);
    ASSERT_TRUE(batch.error) << device;
    EXPECT_EQ(batch.error->code, ErrorCode::not_found) << device;
  }
}

void expect_bad_field(const ScanRequest& request, const std::string& offer) {
  const Batch batch = scan(request);
  ASSERT_TRUE(batch.error) << offer;
  EXPECT_EQ(batch.error->code, ErrorCode::bad_field);
  EXPECT_NE(batch.error->message.en.find(offer), std::string::npos) << batch.error->message.en;
  EXPECT_NE(batch.error->message.id.find(offer), std::string::npos) << batch.error->message.id;
}

TEST_F(ScanSessionTest, WrongChoicesListWhatTheDeviceOffers) {
  ScanRequest plain;
  plain.device = "test:0";
  const auto with = [&](auto change) {
    ScanRequest request = plain;
    change(request);
    return request;
  };
  expect_bad_field(with([](auto& r) { r.source = "Tray 9"; }),
                   "Flatbed, Automatic Document Feeder");
  expect_bad_field(with([](auto& r) { r.source = "duplex"; }),
                   "Flatbed, Automatic Document Feeder");
  expect_bad_field(with([](auto& r) { r.mode = "Sepia"; }), "Gray, Color");
  expect_bad_field(with([](auto& r) { r.dpi = 5000; }), "1 ... 1200 (+1)");
  expect_bad_field(with([](auto& r) { r.dpi = 0; }), "1 ... 1200");
  expect_bad_field(with([](auto& r) { r.dpi = -300; }), "1 ... 1200");
  const auto option = [&](const char* key, const char* value) {
    return with([&](auto& r) { r.options = {{key, value}}; });
  };
  expect_bad_field(option("no-such-option", "1"), "test-picture");
  expect_bad_field(option("depth", "7"), "1, 8, 16");
  expect_bad_field(option("depth", "8x"), "1, 8, 16");
  expect_bad_field(option("hand-scanner", "perhaps"), "yes, no");
  expect_bad_field(option("test-picture", "Cat"), "Solid black, Solid white, Color pattern, Grid");
  expect_bad_field(option("ppl-loss", "129"), "0 ... 128");
  expect_bad_field(option("three-pass", "yes"), "three-pass");  // inactive in gray
  expect_bad_field(option("resolution", ""), "1 ... 1200");
}

TEST_F(ScanSessionTest, WordsOfEverydayAndAnyCase) {
  ScanRequest request;
  request.device = "test:0";
  request.source = "ADF";
  request.mode = "cOLOUR";
  request.max_pages = 1;
  const Batch batch = scan(request);
  ASSERT_EQ(batch.pages.size(), 1U) << end_of(batch);
  EXPECT_EQ(value_of(batch.pages[0], "source"), "Automatic Document Feeder");
  EXPECT_EQ(value_of(batch.pages[0], "mode"), "Color");
  request.source = "flatBED";
  request.mode = "gray";
  request.options = {{"test-picture", "gRID"}};
  const Batch other = scan(request);
  ASSERT_EQ(other.pages.size(), 1U) << end_of(other);
  EXPECT_EQ(value_of(other.pages[0], "source"), "Flatbed");
  EXPECT_EQ(value_of(other.pages[0], "test-picture"), "Grid");
}

TEST_F(ScanSessionTest, EveryOptionTypeIsSetAndReadBack) {
  ScanRequest request;
  request.device = "test:0";
  request.options = {{"enable-test-options", "yes"},
                     {"bool-soft-select-soft-detect", "true"},
                     {"int", "-17"},
                     {"int-constraint-word-list", "65536"},
                     {"int-constraint-array", "1,2,3,4,5,6"},
                     {"fixed", "1.5"},
                     {"fixed-constraint-word-list", "12.1"},
                     {"string", "halo"},
                     {"string-constraint-string-list", "second entry"},
                     {"button", ""}};
  const Batch batch = scan(request);
  ASSERT_EQ(batch.pages.size(), 1U) << end_of(batch);
  const CapturedPage& page = batch.pages[0];
  EXPECT_EQ(value_of(page, "bool-soft-select-soft-detect"), "yes");
  EXPECT_EQ(value_of(page, "int"), "-17");
  EXPECT_EQ(value_of(page, "int-constraint-word-list"), "65536");
  EXPECT_EQ(value_of(page, "int-constraint-array"), "1,2,3,4,5,6");
  EXPECT_EQ(value_of(page, "fixed"), "1.5");
  EXPECT_EQ(value_of(page, "fixed-constraint-word-list"), "12.1");
  EXPECT_EQ(value_of(page, "string"), "halo");
  EXPECT_EQ(value_of(page, "string-constraint-string-list"), "Second entry");
  EXPECT_EQ(value_of(page, "bool-hard-select"), "(none)") << "cannot be read";
}

TEST_F(ScanSessionTest, Devices) {
  const auto devices = list_devices({}, ALIH_SCAN_WORKER);
  ASSERT_TRUE(devices) << devices.error().message.en;
  ASSERT_EQ(devices->size(), 3U);
  const DeviceInfo& first = devices->front();
  EXPECT_EQ(first.name, "test:0");
  EXPECT_EQ(first.vendor, "Noname");
  EXPECT_EQ(first.model, "frontend-tester");
  EXPECT_EQ(first.type, "virtual device");
  EXPECT_EQ(first.sources, (std::vector<std::string>{"Flatbed", "Automatic Document Feeder"}));
  EXPECT_EQ(first.modes, (std::vector<std::string>{"Gray", "Color"}));
  EXPECT_NE(std::find(first.resolutions.begin(), first.resolutions.end(), 300),
            first.resolutions.end());
}

// --- a driver of our own that serves a folder of page images

std::vector<std::byte> bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto* from = reinterpret_cast<const std::byte*>(text.data());
  return {from, from + text.size()};
}

// Every sheet equals the stored page, in the order of the names.
void expect_pages_of(const fs::path& folder, std::size_t at_least) {
  ScanRequest request;
  request.device = "pages:" + folder.string();
  auto session = ScanSession::open(request, {}, ALIH_SCAN_WORKER);
  ASSERT_TRUE(session) << session.error().message.en;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::size_t pages = 0;
  for (const auto& file : files) {
    const auto bytes = bytes_of(file);
    const auto info = processing::probe(bytes, {});
    for (std::size_t i = 0; info && i < info->frames.size(); ++i) {
      const auto stored = processing::decode(bytes, static_cast<int>(i), {});
      ASSERT_TRUE(stored) << file;
      const auto step = (*session)->next({});
      ASSERT_TRUE(step);
      const auto* page = std::get_if<CapturedPage>(&*step);
      ASSERT_NE(page, nullptr) << std::get<BatchOutcome>(*step).detail.en << file;
      EXPECT_EQ(page->image.format(), stored->format()) << file;
      EXPECT_EQ(page->pixel_sha256, sha256_hex(stored->bytes())) << file;
      ++pages;
    }
  }
  EXPECT_GE(pages, at_least);
  const auto end = (*session)->next({});
  ASSERT_TRUE(end && std::holds_alternative<BatchOutcome>(*end));
  EXPECT_EQ(name(std::get<BatchOutcome>(*end).end), "feeder_empty");
}

TEST_F(ScanSessionTest, AFolderOfDrawnPagesComesPixelForPixel) {
  const auto folder = folder_ / "sheets";
  fs::create_directory(folder);
  int number = 0;
  for (const auto& spec : testing_support::small_book(4)) {
    const auto image = testing_support::draw_page(spec).image;
    const auto bytes = processing::encode_tiff(image, {});
    std::ofstream out(folder / (std::to_string(++number) + ".tif"), std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes->data()),
              static_cast<std::streamsize>(bytes->size()));
  }
  expect_pages_of(folder, 4);
}

TEST_F(ScanSessionTest, FortyRealPagesComePixelForPixel) {
  const char* set = std::getenv("ALIH_SAMPLES");
  const fs::path samples =
      set != nullptr ? fs::path(set) : fs::path(ALIH_SOURCE_DIR) / "../shared/samples";
  const auto folder = folder_ / "sheets";
  fs::create_directory(folder);
  std::vector<fs::path> files;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(samples, absent)) {
    const auto kind = entry.path().extension();
    if (kind == ".tif" || kind == ".jpg" || kind == ".png") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::size_t taken = 0;
  for (const auto& file : files) {
    if (taken == 40) break;
    if (!processing::probe(bytes_of(file), {})) continue;
    fs::create_symlink(file, folder / file.filename());
    ++taken;
  }
  // Without the real scans, pages of ours fill the feeder: no test that checks nothing.
  auto book = testing_support::small_book(40);
  for (; taken < 40; ++taken) {
    book[taken].dpi = 100;
    const auto image = testing_support::draw_page(book[taken]).image;
    const auto bytes = processing::encode_tiff(image, {});
    ASSERT_TRUE(bytes);
    std::ofstream out(folder / ("drawn-" + std::to_string(100 + taken) + ".tif"), std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes->data()),
              static_cast<std::streamsize>(bytes->size()));
  }
  expect_pages_of(folder, 40);
}

TEST_F(ScanSessionTest, AFolderThatIsNotThereIsNoScanner) {
  ScanRequest request;
  request.device = "pages:" + (folder_ / "absent").string();
  const Batch batch = scan(request);
  ASSERT_TRUE(batch.error);
  EXPECT_EQ(batch.error->code, ErrorCode::not_found);
}

// --- a driver of our own that does what drivers should not

struct Misdeed {
  const char* device;
  const char* end;
  std::size_t pages;
};
std::ostream& operator<<(std::ostream& out, const Misdeed& m) { return out << m.device; }

struct Misdeeds : ScanSessionTest, ::testing::WithParamInterface<Misdeed> {
 protected:
  static Settings impatient() {
    Settings s;
    s.start_timeout_s = 1;
    s.read_timeout_s = 1;
    s.cancel_timeout_s = 1;
    s.close_timeout_s = 1;
    s.busy_retries = 0;
    return s;
  }
};

TEST_P(Misdeeds, KeepThePagesBeforeAndNameTheReason) {
  const auto& misdeed = GetParam();
  ScanRequest request;
  request.device = std::string("alihfault:") + misdeed.device;
  const Batch batch = scan(request, impatient());
  EXPECT_EQ(end_of(batch), misdeed.end);
  ASSERT_EQ(batch.pages.size(), misdeed.pages);
  for (std::size_t i = 0; i < batch.pages.size(); ++i) {
    const std::vector<std::byte> expected(100, static_cast<std::byte>(i + 1));
    EXPECT_EQ(batch.pages[i].pixel_sha256, sha256_hex(expected));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Misdeeds,
    ::testing::Values(Misdeed{"none", "feeder_empty", 3}, Misdeed{"empty", "hung", 1},
                      Misdeed{"half", "bad_page", 1}, Misdeed{"extra", "bad_page", 1},
                      Misdeed{"lost", "device_lost", 1}, Misdeed{"jam", "jam", 1},
                      Misdeed{"hangread", "hung", 1}, Misdeed{"hangstart", "hung", 1},
                      Misdeed{"crash", "crashed", 1}, Misdeed{"jpeg", "bad_page", 0},
                      Misdeed{"busy", "device_busy", 0}, Misdeed{"hangcancel", "feeder_empty", 3},
                      Misdeed{"hangclose", "feeder_empty", 3}),
    [](const auto& misdeed) { return std::string(misdeed.param.device); });

TEST_F(Misdeeds, ABusyScannerIsTriedAgain) {
  auto settings = impatient();
  settings.busy_retries = 2;
  ScanRequest request;
  request.device = "alihfault:busytwice";
  const Batch batch = scan(request, settings);
  EXPECT_EQ(end_of(batch), "feeder_empty");
  EXPECT_EQ(batch.pages.size(), 3U);
}

TEST_F(Misdeeds, AScannerInUseIsBusyAndOneThatHangsAtOpenIsGivenUp) {
  ScanRequest request;
  request.device = "alihfault:inuse";
  Batch batch = scan(request);
  ASSERT_TRUE(batch.error);
  EXPECT_EQ(batch.error->code, ErrorCode::busy);
  request.device = "alihfault:hangopen";
  auto settings = impatient();
  settings.open_timeout_s = 1;
  batch = scan(request, settings);
  ASSERT_TRUE(batch.error);
  EXPECT_EQ(batch.error->code, ErrorCode::timeout);
}

// A program that takes the place of the worker: what the supervisor does with one that goes wrong.
class WrongWorkerTest : public ScanSessionTest {
 protected:
  std::string script(const std::string& text) {
    const fs::path file = folder_ / "worker.sh";
    std::ofstream(file) << "#!/bin/sh\n" << text << "\n";
    fs::permissions(file, fs::perms::owner_all);
    return file.string();
  }
  static Settings quick() {
    Settings s;
    s.open_timeout_s = 1;
    s.discovery_timeout_s = 1;
    return s;
  }
};

TEST_F(WrongWorkerTest, CrashWhileOpening) {
  const auto session = ScanSession::open(test_device(), {}, script("kill -SEGV $$"));
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::device_lost);
  EXPECT_NE(session.error().message.en.find("signal 11"), std::string::npos)
      << session.error().message.en;
}

TEST_F(WrongWorkerTest, HangWhileOpeningEvenWhenTermIsIgnored) {
  const auto begin = std::chrono::steady_clock::now();
  const auto session = ScanSession::open(test_device(), quick(),
                                         script("trap '' TERM\nwhile :; do sleep 0.2; done"));
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST_F(WrongWorkerTest, HangWhileListing) {
  const auto devices = list_devices(quick(), script("sleep 60"));
  ASSERT_FALSE(devices);
  EXPECT_EQ(devices.error().code, ErrorCode::timeout);
}

TEST_F(WrongWorkerTest, Nonsense) {
  const auto session =
      ScanSession::open(test_device(), {}, script("head -c 4000 /dev/zero >&3; sleep 60"));
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::device_lost);
}

TEST_F(WrongWorkerTest, NoProgram) {
  const auto session = ScanSession::open(test_device(), {}, (folder_ / "absent").string());
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::unavailable);
}

TEST_F(WrongWorkerTest, WorksInAnEmptyFolderThatIsRemoved) {
  const std::string note = (folder_ / "note").string();
  const auto session = ScanSession::open(test_device(), {},
                                         script("{ pwd; ls -A | wc -l; echo $SANE_CONFIG_DIR; "
                                                "cat ${SANE_CONFIG_DIR%%:*}/dll.conf; } > " +
                                                note));
  ASSERT_FALSE(session);
  std::ifstream file(note);
  std::string cwd;
  std::string entries;
  std::string config;
  std::getline(file, cwd);
  std::getline(file, entries);
  std::getline(file, config);
  std::string driver_list;
  std::getline(file, driver_list);
  EXPECT_FALSE(cwd.empty());
  EXPECT_FALSE(fs::exists(cwd));
  EXPECT_EQ(entries, "0");
  // Before what was asked for, a folder with the one driver.
  EXPECT_TRUE(config.ends_with(std::string(":") + ALIH_SANE_CONFIG)) << config;
  EXPECT_EQ(driver_list, "test");
}

}  // namespace
}  // namespace alih::capture
