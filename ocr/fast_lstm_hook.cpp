// Stands in the way of the unmodified Tesseract library.
//
// Debian's libtesseract exports all its functions and calls them by name, so a function of the same
// name in the program itself is called in its stead (ELF symbol interposition); the library's own
// is found as the next one of that name. No header of the library's inside is needed: objects are
// only passed on, and looked into through further exported functions, all found at run time. Where
// one is missing (another release, another build), nothing is read fast and nothing else changes.
// The names are those of 5.3.0; 5.3.4, 5.5.0 and the newest sources have them too.
//
// The names must be in the dynamic symbol table of every program that reads pages:
// ocr/CMakeLists.txt tells the linker, and tests/ocr/fast_lstm_test.cpp fails when no line is read
// fast.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <elf.h>
#include <leptonica/allheaders.h>
#include <link.h>

#include "ocr/fast_lstm.h"

namespace alih::ocr {
namespace {

// void Series::Forward(bool debug, const NetworkIO& input, const TransposedArray*, NetworkScratch*,
// NetworkIO* output): the whole network over one line.
#define ALIH_FORWARD                                                                     \
  "_ZN9tesseract6Series7ForwardEbRKNS_9NetworkIOEPKNS_15TransposedArrayEPNS_14NetworkSc" \
  "ratchEPS1_"
// void NetworkIO::FromPix(const StaticShape&, Image, TRand*): a line image becomes a network's
// input.
#define ALIH_FROM_PIX "_ZN9tesseract9NetworkIO7FromPixERKNS_11StaticShapeENS_5ImageEPNS_5TRandE"
// void StrideMap::SetStride(const std::vector<std::pair<int, int>>&): its heights and widths.
#define ALIH_SET_STRIDE "_ZN9tesseract9StrideMap9SetStrideERKSt6vectorISt4pairIiiESaIS3_EE"
// void ImageData::SetPixInternal(Image, std::vector<char>*) makes a PNG of each line image, and
// Image ImageData::GetPixInternal(const std::vector<char>&) takes it apart again.
#define ALIH_SET_PIX "_ZN9tesseract9ImageData14SetPixInternalENS_5ImageEPSt6vectorIcSaIcEE"
#define ALIH_GET_PIX "_ZN9tesseract9ImageData14GetPixInternalERKSt6vectorIcSaIcEE"

using Strides = std::vector<std::pair<int, int>>;
using Forward = void (*)(void*, bool, const void*, const void*, void*, void*);
using FromPix = void (*)(void*, const void*, Pix*, void*);
using SetStride = void (*)(void*, const Strides&);
using SetPix = void (*)(Pix*, std::vector<char>*);
using GetPix = Pix* (*)(const std::vector<char>&);

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

// A table of the library's, when it has exactly our size of floats.
std::span<const float> table(const char* name) {
  void* const at = ::dlsym(RTLD_DEFAULT, name);
  Dl_info info{};
  void* symbol = nullptr;
  if (at == nullptr || ::dladdr1(at, &info, &symbol, RTLD_DL_SYMENT) == 0 || symbol == nullptr) {
    return {};
  }
  if (static_cast<const ElfW(Sym)*>(symbol)->st_size != LstmTables::kSize * sizeof(float))
    return {};
  return {static_cast<const float*>(at), LstmTables::kSize};
}

// What is called in the library.
struct Library {
  Forward forward = next<Forward>(ALIH_FORWARD);
  FromPix from_pix = next<FromPix>(ALIH_FROM_PIX);
  SetStride set_stride = next<SetStride>(ALIH_SET_STRIDE);
  SetPix set_pix = next<SetPix>(ALIH_SET_PIX);
  GetPix get_pix = next<GetPix>(ALIH_GET_PIX);
  // NetworkIO: one column's values out and in; its size as a sequence.
  void (*read)(const void*, int, float*) =
      next<void (*)(const void*, int, float*)>("_ZNK9tesseract9NetworkIO12ReadTimeStepEiPf");
  void (*write)(void*, int, const float*) =
      next<void (*)(void*, int, const float*)>("_ZN9tesseract9NetworkIO13WriteTimeStepEiPKf");
  void (*resize)(void*, bool, int, int) =
      next<void (*)(void*, bool, int, int)>("_ZN9tesseract9NetworkIO8Resize2dEbii");
  std::span<const float> tanh = table("_ZN9tesseract9TanhTableE");
  std::span<const float> logistic = table("_ZN9tesseract13LogisticTableE");

  [[nodiscard]] bool complete() const {
    return forward != nullptr && from_pix != nullptr && set_stride != nullptr && read != nullptr &&
           write != nullptr && resize != nullptr && !tanh.empty() && !logistic.empty();
  }
};
const Library& library() {
  static const Library found;
  return found;
}

// An input of a network, as it was filled last.
struct Input {
  const void* object = nullptr;
  int width = 0;
  int height = 0;
};

// Of one thread.
struct Now {
  FastLstm* fast = nullptr;  // none: all goes the library's way
  bool words_only = false;
  bool inside = false;  // in the library's own forward pass, which calls itself for its parts
  Strides strides;      // of the input that is being filled
  // Tesseract holds a line and its inverted copy at most.
  std::array<Input, 2> inputs;
  std::size_t oldest = 0;
};
thread_local Now now;

class Line final : public LibraryLine {
 public:
  Line(void* series, bool debug, const void* in, const void* transposed, void* scratch, void* out,
       std::size_t pixels)
      : series_(series),
        debug_(debug),
        in_(in),
        transposed_(transposed),
        scratch_(scratch),
        out_(out),
        pixels_(pixels) {}

  [[nodiscard]] bool plain() override {
    auto& values = numbers();
    values[1] = kUntouched;
    library().read(in_, 0, values.data());
    return values[1] == kUntouched;  // NOLINT: it was set to this very value
  }

  void original() override {
    struct Inside {
      Inside() { now.inside = true; }
      ~Inside() { now.inside = false; }
    } const inside;
    library().forward(series_, debug_, in_, transposed_, scratch_, out_);
  }

  [[nodiscard]] bool equals(std::span<const float> values, int columns, int classes) override {
    auto& column = numbers();
    const auto count = static_cast<std::size_t>(classes);
    column[count] = kUntouched;
    for (int i = 0; i < columns; ++i, values = values.subspan(count)) {
      library().read(out_, i, column.data());
      if (std::memcmp(column.data(), values.data(), count * sizeof(float)) != 0) return false;
    }
    return column[count] == kUntouched;  // NOLINT: it was set to this very value
  }

  void give(std::span<const float> values, int columns, int classes) override {
    library().resize(out_, false, columns, classes);
    for (int i = 0; i < columns; ++i) {
      library().write(out_, i, values.data() + static_cast<std::ptrdiff_t>(i) * classes);
    }
  }

  void pixels(std::vector<std::int8_t>& out) override {
    out.resize(pixels_);
    constexpr float kOne = 127;
    for (std::size_t i = 0; i < pixels_; ++i) {
      float value = 0;
      library().read(in_, static_cast<int>(i), &value);
      // The library divided a whole number by 127.
      out[i] = static_cast<std::int8_t>(value * kOne + (value >= 0 ? 0.5F : -0.5F));
    }
  }

 private:
  static constexpr float kUntouched = -7;
  // The library writes all numbers of a step, however many there are: room for far more than any
  // model's.
  static std::vector<float>& numbers() {
    constexpr std::size_t kMost = std::size_t{1} << 17U;
    thread_local std::vector<float> values(kMost);
    return values;
  }

  void* series_;
  bool debug_;
  const void* in_;
  const void* transposed_;
  void* scratch_;
  void* out_;
  std::size_t pixels_;
};

// A line image as it is kept instead of a PNG: this, then its rows as Leptonica has them.
struct RawImage {
  static constexpr std::array<char, 8> kMark{'A', 'L', 'I', 'H', 'R', 'A', 'W', '1'};
  std::array<char, 8> mark = kMark;
  std::int32_t width = 0;
  std::int32_t height = 0;
  std::int32_t depth = 0;
  std::int32_t words_a_row = 0;
  std::int32_t dpi_x = 0;
  std::int32_t dpi_y = 0;
};

std::size_t bytes_of(Pix* image) {
  return std::size_t{4} * static_cast<std::size_t>(::pixGetWpl(image)) *
         static_cast<std::size_t>(::pixGetHeight(image));
}

}  // namespace

std::shared_ptr<const LstmTables> library_tables() {
  const auto& lib = library();
  if (!lib.complete()) return nullptr;
  static const auto tables = std::make_shared<const LstmTables>(lib.tanh, lib.logistic);
  return tables;
}

FastLstmUse::FastLstmUse(FastLstm& fast, bool words_only)
    : before_(now.fast), words_only_before_(now.words_only) {
  now.fast = fast.off() || !library().complete() ? nullptr : &fast;
  now.words_only = words_only;
  link_layout_hook();
}
FastLstmUse::~FastLstmUse() {
  now.fast = before_;
  now.words_only = words_only_before_;
}

LibraryShortcuts shortcuts_in_use() {
  if (now.fast == nullptr) return {};
  const bool verifies = now.fast->verifies();
  // After a difference anywhere the library does all by itself.
  const bool ended = !verifies && fast_lstm_counts().differences > 0;
  return {!ended, now.words_only && !ended, verifies};
}

// ---- the functions that the library calls instead of its own

extern "C" {
// NOLINTBEGIN: the names are the library's
__attribute__((visibility("default"))) void alih_forward(void* series, bool debug, const void* in,
                                                         const void* transposed, void* scratch,
                                                         void* out) __asm__(ALIH_FORWARD);
__attribute__((visibility("default"))) void alih_from_pix(void* input, const void* shape,
                                                          Pix* image,
                                                          void* random) __asm__(ALIH_FROM_PIX);
__attribute__((visibility("default"))) void alih_set_stride(
    void* map, const Strides& strides) __asm__(ALIH_SET_STRIDE);
__attribute__((visibility("default"))) void alih_set_pix(
    Pix* image, std::vector<char>* out) __asm__(ALIH_SET_PIX);
__attribute__((visibility("default"))) Pix* alih_get_pix(const std::vector<char>& in) __asm__(
    ALIH_GET_PIX);
// NOLINTEND

void alih_forward(void* series, bool debug, const void* in, const void* transposed, void* scratch,
                  void* out) {
  const auto original = [&] { library().forward(series, debug, in, transposed, scratch, out); };
  if (now.fast == nullptr || now.inside) return original();
  for (const auto& input : now.inputs) {
    if (input.object != in) continue;
    Line line(series, debug, in, transposed, scratch, out,
              static_cast<std::size_t>(input.width) * static_cast<std::size_t>(input.height));
    return now.fast->forward(series, input.width, input.height, line);
  }
  original();
}

void alih_from_pix(void* input, const void* shape, Pix* image, void* random) {
  now.strides.clear();
  library().from_pix(input, shape, image, random);
  if (now.fast == nullptr) return;
  auto* found = &now.inputs[now.oldest];
  for (auto& known : now.inputs) {
    if (known.object == input) found = &known;
  }
  if (found == &now.inputs[now.oldest]) now.oldest = 1 - now.oldest;
  *found = {};
  // One image that fills the input, or we do not know what is where.
  if (now.strides.size() != 1) return;
  const auto [height, width] = now.strides.front();
  if (width != ::pixGetWidth(image) || height != ::pixGetHeight(image)) return;
  *found = {input, width, height};
}

void alih_set_stride(void* map, const Strides& strides) {
  if (now.fast != nullptr) now.strides = strides;
  library().set_stride(map, strides);
}

void alih_set_pix(Pix* image, std::vector<char>* out) {
  const bool plain = image != nullptr && ::pixGetColormap(image) == nullptr &&
                     (::pixGetDepth(image) == 8 || ::pixGetDepth(image) == 32);
  if (now.fast == nullptr || !plain) return library().set_pix(image, out);
  RawImage head;
  head.width = ::pixGetWidth(image);
  head.height = ::pixGetHeight(image);
  head.depth = ::pixGetDepth(image);
  head.words_a_row = ::pixGetWpl(image);
  head.dpi_x = ::pixGetXRes(image);
  head.dpi_y = ::pixGetYRes(image);
  out->resize(sizeof head + bytes_of(image));
  std::memcpy(out->data(), &head, sizeof head);
  std::memcpy(out->data() + sizeof head, ::pixGetData(image), bytes_of(image));
  ::pixDestroy(&image);  // the library's own takes it too
}

Pix* alih_get_pix(const std::vector<char>& in) {
  RawImage head;
  if (in.size() < sizeof head || std::memcmp(in.data(), &head.mark, sizeof head.mark) != 0) {
    return library().get_pix(in);
  }
  std::memcpy(&head, in.data(), sizeof head);
  Pix* const out = ::pixCreateNoInit(head.width, head.height, head.depth);
  if (out == nullptr) return nullptr;
  const auto bytes = bytes_of(out);
  if (::pixGetWpl(out) == head.words_a_row && in.size() == sizeof head + bytes) {
    std::memcpy(::pixGetData(out), in.data() + sizeof head, bytes);
  }
  ::pixSetResolution(out, head.dpi_x, head.dpi_y);
  return out;
}
}

}  // namespace alih::ocr
