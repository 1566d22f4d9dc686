#include "processing/tiff_memory.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>
#include <string_view>

namespace alih::processing {
namespace {

constexpr tmsize_t kMostSingleAllocation = tmsize_t{256} << 20U;

TiffMemory& memory(thandle_t handle) { return *static_cast<TiffMemory*>(handle); }

tmsize_t read_some(thandle_t handle, void* buffer, tmsize_t size) {
  auto& m = memory(handle);
  const auto* data = m.written ? m.written->data() : m.read.data();
  const auto left = m.at < m.size() ? m.size() - m.at : 0;
  const auto n = std::min(left, static_cast<std::uint64_t>(std::max<tmsize_t>(size, 0)));
  if (n > 0) std::memcpy(buffer, data + m.at, n);
  m.at += n;
  return static_cast<tmsize_t>(n);
}
tmsize_t write_some(thandle_t handle, void* buffer, tmsize_t size) {
  auto& m = memory(handle);
  if (m.written == nullptr || size < 0) return -1;
  const auto end = m.at + static_cast<std::uint64_t>(size);
  try {
    if (m.written->size() < end) m.written->resize(end);
  } catch (const std::bad_alloc&) {
    return -1;  // C code lies between here and the next catch
  }
  std::memcpy(m.written->data() + m.at, buffer, static_cast<std::size_t>(size));
  m.at = end;
  return size;
}
toff_t seek(thandle_t handle, toff_t offset, int whence) {
  auto& m = memory(handle);
  if (whence == SEEK_SET)
    m.at = offset;
  else if (whence == SEEK_CUR)
    m.at += offset;
  else
    m.at = m.size() + offset;
  return m.at;
}
int close_nothing(thandle_t) { return 0; }
toff_t size_of(thandle_t handle) { return memory(handle).size(); }

int keep_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  auto& m = *static_cast<TiffMemory*>(user);
  if (m.error.empty()) {
    std::array<char, 300> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    m.error = text.data();
  }
  return 1;
}
// Most warnings are of tags that do not matter here. These tell of pixels that are not there:
// the fax and JPEG decoders of libtiff go on with white or gray rows and report success.
int weigh_warning(TIFF*, void* user, const char* module, const char* format, va_list arguments) {
  const std::string_view text(format);
  const std::string_view from(module != nullptr ? module : "");
  const bool lost = text.starts_with("Premature EOF") || text.starts_with("Bad code word") ||
                    text.starts_with("Line length mismatch") || text.starts_with("Premature EOL");
  // libjpeg's own words come as the argument of "%s".
  if (!lost && !from.starts_with("JPEGLib")) return 1;
  std::array<char, 300> words{};
  std::vsnprintf(words.data(), words.size(), format, arguments);
  const std::string_view said(words.data());
  if (lost || said.starts_with("Premature end") || said.starts_with("Corrupt JPEG data")) {
    auto& m = *static_cast<TiffMemory*>(user);
    if (m.error.empty()) m.error = said;
  }
  return 1;
}

int say_nothing(TIFF*, void*, const char*, const char*, va_list) { return 1; }

}  // namespace

TiffHandle open_tiff(TiffMemory& m, const char* mode) {
  struct Free {
    void operator()(TIFFOpenOptions* o) const { TIFFOpenOptionsFree(o); }
  };
  const std::unique_ptr<TIFFOpenOptions, Free> options(TIFFOpenOptionsAlloc());
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostSingleAllocation);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, &m);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), weigh_warning, &m);
  return TiffHandle(TIFFClientOpenExt("memory", mode, &m, read_some, write_some, seek,
                                      close_nothing, size_of, nullptr, nullptr, options.get()));
}

TiffHandle open_tiff(const std::filesystem::path& file) {
  struct Free {
    void operator()(TIFFOpenOptions* o) const { TIFFOpenOptionsFree(o); }
  };
  const std::unique_ptr<TIFFOpenOptions, Free> options(TIFFOpenOptionsAlloc());
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), say_nothing, nullptr);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), say_nothing, nullptr);
  return TiffHandle(TIFFOpenExt(file.c_str(), "r", options.get()));
}

}  // namespace alih::processing
