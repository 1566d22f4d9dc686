#include "pipeline/pdf.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <utility>

#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/id.h"
#include "pipeline/tool.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr double kPointsPerInch = 72;
constexpr double kRenderDpi = 300;
// A sheet of A1 at 300 dpi. Larger ones are drawn coarser: in colour they would not fit a worker.
constexpr double kMostRenderedPixels = 70e6;

tl::unexpected<Error> broken(const std::string& why) {
  return fail(ErrorCode::unreadable, "PDF rusak atau tidak terbaca ({})",
              "the PDF is damaged or cannot be read ({})", {why});
}

// The last line of what a program complained: it names the reason, those before it the place.
std::string reason(const std::string& err) {
  std::string last;
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) last = line;
  }
  constexpr std::size_t kLongest = 200;
  return last.empty() ? "poppler" : last.substr(0, kLongest);
}

// The tool's user may not read the file: a copy without a name, that goes with its descriptor.
Result<Descriptor> copy_for_nobody(int from, const fs::path& scratch) {
  const auto path = scratch / ".input";
  const auto system = [&] {
    return fail(
        repository::system_error(errno, "menulis " + path.string(), "writing " + path.string()));
  };
  ALIH_TRY(const auto to, open_to_write(path));
  ALIH_TRY(auto copy, open_to_read(path, Links::refuse));
  ::unlink(path.c_str());
  if (::fchmod(to.get(), 0444) != 0) return system();
  off_t at = 0;
  constexpr std::size_t kAtOnce = std::size_t{64} << 20U;
  for (;;) {
    const auto got = ::sendfile(to.get(), from, &at, kAtOnce);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system();
    if (got == 0) return copy;
  }
}

// What stands behind "key" at the start of a line.
std::string value_of(const std::string& text, const std::string& key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(key)) continue;
    const auto from = line.find_first_not_of(" \t", key.size());
    return from == std::string::npos ? std::string() : line.substr(from);
  }
  return {};
}

}  // namespace

bool is_pdf(std::span<const std::byte> head) {
  constexpr std::size_t kWithin = 1024;  // some programs put bytes before it; readers take that
  const std::string_view text(reinterpret_cast<const char*>(head.data()),
                              std::min(head.size(), kWithin));
  return text.find("%PDF-") != std::string_view::npos;
}

Result<Scratch> Scratch::make(const fs::path& parent) {
  ALIH_CHECK(repository::make_folder(parent));
  const auto folder = parent / (".scratch." + new_ulid());
  std::error_code error;
  fs::create_directory(folder, error);
  if (error) {
    return fail(repository::system_error(error.value(), "membuat " + folder.string(),
                                         "making " + folder.string()));
  }
  return Scratch(folder);
}
Scratch::Scratch(Scratch&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}
Scratch::~Scratch() {
  std::error_code error;
  if (!folder_.empty()) fs::remove_all(folder_, error);
}

Result<std::string> Pdf::run(std::vector<std::string> command, double deadline) const {
  const auto name = command.front();
  ALIH_TRY(auto output,
           run_tool(command, scratch_, {deadline, settings_.pipeline.page_memory_mib, 1024},
                    file_->get()));
  if (output.exit_code == 0) return std::move(output.out);
  if (output.err.find("Incorrect password") != std::string::npos) {
    return fail(ErrorCode::unreadable,
                "PDF dikunci kata sandi; buka kuncinya dulu, lalu terima lagi",
                "the PDF is locked with a password; unlock it first, then take it in again");
  }
  if (output.err.find("ut of memory") != std::string::npos ||
      output.err.find("bad_alloc") != std::string::npos) {
    return fail(ErrorCode::too_large, "halaman PDF memerlukan lebih dari {} MiB memori",
                "the PDF page needs more than {} MiB of memory",
                {settings_.pipeline.page_memory_mib});
  }
  return broken(reason(output.err));
}

Result<Pdf> Pdf::open(Descriptor file, const fs::path& scratch, const Everything& settings,
                      double deadline) {
  struct stat info_of {};
  if (::fstat(file.get(), &info_of) != 0)
    return fail(repository::system_error(errno, "PDF", "PDF"));
  const auto most = static_cast<std::uint64_t>(settings.processing.limits.max_file_mib) << 20U;
  if (static_cast<std::uint64_t>(info_of.st_size) > most) {
    return fail(ErrorCode::too_large, "berkas lebih besar dari {} MiB",
                "the file is larger than {} MiB", {settings.processing.limits.max_file_mib});
  }
  if (::geteuid() == 0 && (info_of.st_mode & S_IROTH) == 0) {
    ALIH_TRY(file, copy_for_nobody(file.get(), scratch));
  }
  std::error_code error;
  Pdf pdf(std::move(file), fs::absolute(scratch, error), settings);
  ALIH_TRY(const auto info, pdf.run({"pdfinfo", kToolInput}, deadline));
  if (value_of(info, "Encrypted:").starts_with("yes")) {
    return fail(ErrorCode::unreadable,
                "PDF terenkripsi; simpan salinan tanpa enkripsi, lalu terima lagi",
                "the PDF is encrypted; save a copy without encryption, then take it in again");
  }
  pdf.pages_ = std::atoi(value_of(info, "Pages:").c_str());
  if (pdf.pages_ <= 0) return broken("0 pages");
  if (pdf.pages_ > settings.processing.limits.max_frames) {
    return fail(ErrorCode::too_large, "PDF berisi {} halaman; paling banyak {}",
                "the PDF has {} pages; at most {} are taken",
                {pdf.pages_, settings.processing.limits.max_frames});
  }
  return pdf;
}

Pdf Pdf::in(fs::path scratch) const {
  auto other = *this;
  std::error_code error;
  other.scratch_ = fs::absolute(scratch, error);
  return other;
}

Result<Pdf::PageSize> Pdf::size(int page, double deadline) const {
  const auto number = std::to_string(page);
  ALIH_TRY(const auto info, run({"pdfinfo", "-f", number, "-l", number, kToolInput}, deadline));
  PageSize size;
  int rotation = 0;
  std::istringstream lines(info);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    std::string what;
    std::string by;
    int n = 0;
    if (!(words >> word >> n >> what) || word != "Page" || n != page) continue;
    if (what == "size:") words >> size.width_pt >> by >> size.height_pt;
    if (what == "rot:") words >> rotation;
  }
  if (!(size.width_pt > 0 && size.height_pt > 0)) return broken("page " + number);
  if (rotation % 180 != 0) std::swap(size.width_pt, size.height_pt);
  return size;
}

Result<std::vector<Pdf::Picture>> Pdf::pictures(int page, double deadline) const {
  const auto number = std::to_string(page);
  ALIH_TRY(const auto list,
           run({"pdfimages", "-list", "-f", number, "-l", number, kToolInput}, deadline));
  std::vector<Picture> out;
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    Picture picture;
    int of_page = 0;
    int index = 0;
    std::string components;
    std::string bits;
    std::string encoding;
    std::string interpolated;
    std::string object;
    if (!(words >> of_page >> index >> picture.type >> picture.width >> picture.height >>
          picture.color >> components >> bits >> encoding)) {
      continue;
    }
    words >> interpolated >> object;
    if (object != "[inline]") words >> object;  // its generation
    double x_ppi = 0;
    double y_ppi = 0;
    if (words >> x_ppi >> y_ppi && x_ppi > 0 && y_ppi > 0) {
      picture.inches2 =
          static_cast<double>(picture.width) / x_ppi * static_cast<double>(picture.height) / y_ppi;
    }
    out.push_back(std::move(picture));
  }
  return out;
}

Result<Pdf::Make> Pdf::made_of(int page, const PageSize& size, double deadline) const {
  ALIH_TRY(const auto all, pictures(page, deadline));
  double inches2 = 0;
  for (const auto& picture : all) inches2 += picture.inches2;
  constexpr double kCovers = 0.8;  // copiers leave margins out
  if (inches2 * kPointsPerInch * kPointsPerInch < kCovers * size.width_pt * size.height_pt) {
    return Make::drawn;
  }
  const auto number = std::to_string(page);
  ALIH_TRY(const auto fonts, run({"pdffonts", "-f", number, "-l", number, kToolInput}, deadline));
  constexpr int kHeading = 2;  // lines; then one for each font
  return std::count(fonts.begin(), fonts.end(), '\n') > kHeading ? Make::pictures_with_text
                                                                 : Make::pictures;
}

Result<Pdf::PageImage> Pdf::embedded(int page, const PageSize& size, double deadline) const {
  const auto number = std::to_string(page);
  const auto none = [] {
    return fail(ErrorCode::not_found, "halaman bukan satu citra", "the page is not one image");
  };
  const auto listed = pictures(page, deadline);
  if (!listed && listed.error().code == ErrorCode::too_large) return none();  // without end
  if (!listed) return fail(listed.error());
  const auto& rows = *listed;
  const auto& limits = settings_.processing.limits;
  for (const auto& row : rows) {
    const auto longest = std::max(row.width, row.height);
    const double megapixels =
        static_cast<double>(row.width) * static_cast<double>(row.height) / 1e6;
    if (longest > static_cast<std::uint64_t>(limits.max_side_px) ||
        megapixels > limits.max_megapixels) {
      return fail(
          ErrorCode::too_large, "citra {} x {} piksel melebihi batas ({} juta piksel, sisi {})",
          "an image of {} x {} pixels exceeds the limit ({} million pixels, side {})",
          {row.width, row.height, static_cast<int>(limits.max_megapixels), limits.max_side_px});
    }
  }
  if (rows.size() != 1 || rows.front().type != "image" || rows.front().color == "cmyk" ||
      rows.front().width == 0 || rows.front().height == 0) {
    return none();
  }
  const auto& row = rows.front();
  // Does it fill the page, lying or turned?
  const auto w = static_cast<double>(row.width);
  const auto h = static_cast<double>(row.height);
  constexpr double kTolerance = 0.03;
  const double upright = (w / h) / (size.width_pt / size.height_pt);
  const double turned = (h / w) / (size.width_pt / size.height_pt);
  if (std::abs(upright - 1) > kTolerance && std::abs(turned - 1) > kTolerance) return none();
  const bool is_turned = std::abs(turned - 1) < std::abs(upright - 1);
  ALIH_TRY([[maybe_unused]] const auto said, run({"pdfimages", "-png", "-j", "-jp2", "-f", number,
                                                  "-l", number, kToolInput, "embedded"},
                                                 deadline));
  std::error_code error;
  for (fs::directory_iterator it(scratch_, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with("embedded-")) continue;
    const double inches = (is_turned ? size.height_pt : size.width_pt) / kPointsPerInch;
    return PageImage{it->path(), w / inches};
  }
  return none();
}

Result<Pdf::PageImage> Pdf::rendered(int page, const PageSize& size, double deadline) const {
  const double inches2 = size.width_pt * size.height_pt / (kPointsPerInch * kPointsPerInch);
  double dpi = std::min(kRenderDpi, std::floor(std::sqrt(kMostRenderedPixels / inches2)));
  const double longest = std::max(size.width_pt, size.height_pt) / kPointsPerInch;
  dpi = std::min(dpi, std::floor(settings_.processing.limits.max_side_px / longest));
  constexpr double kLeastDpi = 30;
  if (dpi < kLeastDpi) {
    return fail(ErrorCode::too_large, "halaman PDF {} x {} inci terlalu besar",
                "a PDF page of {} x {} inches is too large",
                {static_cast<int>(size.width_pt / kPointsPerInch),
                 static_cast<int>(size.height_pt / kPointsPerInch)});
  }
  const auto number = std::to_string(page);
  ALIH_TRY([[maybe_unused]] const auto said,
           run({"pdftoppm", "-f", number, "-l", number, "-singlefile", "-cropbox", "-r",
                std::to_string(static_cast<int>(dpi)), "-tiff", "-tiffcompression", "none",
                kToolInput, "rendered"},
               deadline));
  return PageImage{scratch_ / "rendered.tif", dpi};
}

Result<fs::path> Pdf::preview(int page, double deadline) const {
  const auto number = std::to_string(page);
  ALIH_TRY([[maybe_unused]] const auto said,
           run({"pdftoppm", "-f", number, "-l", number, "-singlefile", "-cropbox", "-gray",
                "-scale-to", "480", "-tiff", "-tiffcompression", "none", kToolInput, "preview"},
               deadline));
  return scratch_ / "preview.tif";
}

}  // namespace alih::pipeline
