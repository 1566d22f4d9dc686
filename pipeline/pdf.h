#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "pipeline/descriptor.h"
#include "pipeline/settings.h"

// Pages out of a PDF, by poppler's programs in a cage. The PDF itself is the master; what comes out
// here can be made again from it.
namespace alih::pipeline {

[[nodiscard]] bool is_pdf(std::span<const std::byte> head);

// A folder of its own for one file's extracted pages, removed with the object.
class Scratch {
 public:
  // Inside `parent`, which is made when absent. Errors: disk_full, unavailable.
  [[nodiscard]] static Result<Scratch> make(const std::filesystem::path& parent);
  Scratch(Scratch&& other) noexcept;
  Scratch& operator=(Scratch&&) = delete;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  explicit Scratch(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

// The pages of one PDF. Every call ends by `deadline` (monotonic_seconds()).
class Pdf {
 public:
  // `file` is a regular file, as open_to_read gives it. Errors: unreadable (broken, encrypted),
  // too_large, timeout, disk_full, unavailable.
  [[nodiscard]] static Result<Pdf> open(Descriptor file, const std::filesystem::path& scratch,
                                        const Everything& settings, double deadline);
  [[nodiscard]] int pages() const { return pages_; }
  // The same PDF, its pages coming out in another folder.
  [[nodiscard]] Pdf in(std::filesystem::path scratch) const;

  struct PageSize {
    double width_pt = 0;  // as seen, after /Rotate
    double height_pt = 0;
  };
  // The page as it is seen. Errors: unreadable, too_large.
  [[nodiscard]] Result<PageSize> size(int page, double deadline) const;

  struct PageImage {
    std::filesystem::path file;  // made by a tool: to be opened with Links::refuse
    double dpi = 0;
  };
  // The scan that the page consists of, exactly as it was embedded, when it is one picture that
  // fills the page; not_found when the page is made of anything else. Errors: too_large.
  [[nodiscard]] Result<PageImage> embedded(int page, const PageSize& size, double deadline) const;
  // What a page is made of: `drawn` with type or lines, or of pictures that can cover it, as
  // copiers cut a scan into strips and layers, with text of its own or without.
  enum class Make { drawn, pictures, pictures_with_text };
  [[nodiscard]] Result<Make> made_of(int page, const PageSize& size, double deadline) const;
  // The page drawn at 300 dpi, less when that would be too many pixels.
  [[nodiscard]] Result<PageImage> rendered(int page, const PageSize& size, double deadline) const;
  // The page drawn small and gray, to compare with.
  [[nodiscard]] Result<std::filesystem::path> preview(int page, double deadline) const;

 private:
  Pdf(Descriptor file, std::filesystem::path scratch, const Everything& settings)
      : file_(std::make_shared<const Descriptor>(std::move(file))),
        scratch_(std::move(scratch)),
        settings_(settings) {}
  struct Picture {
    std::string type;  // "image", "mask", "smask", "stencil"
    std::uint64_t width = 0;
    std::uint64_t height = 0;
    std::string color;
    double inches2 = 0;  // on the page
  };
  [[nodiscard]] Result<std::vector<Picture>> pictures(int page, double deadline) const;
  [[nodiscard]] Result<std::string> run(std::vector<std::string> command, double deadline) const;
  std::shared_ptr<const Descriptor> file_;
  std::filesystem::path scratch_;
  Everything settings_;
  int pages_ = 0;
};

}  // namespace alih::pipeline
