// A SANE driver whose sheets are the page images of a folder, in the order of their names: the
// device "pages:/path/of/folder". Every page comes as it is stored: size, depth, colours. It stands
// in for a scanner in the demo and the tests; libsane's own loader loads it from LD_LIBRARY_PATH.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <sane/sane.h>

#include "processing/codec.h"

namespace {

namespace fs = std::filesystem;
using alih::Image;
using alih::PixelFormat;

enum Option : SANE_Int { kCount, kSource, kMode, kResolution, kOptions };

struct Sheet {
  fs::path file;
  int frame = 0;
};

std::vector<std::byte> bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto* from = reinterpret_cast<const std::byte*>(text.data());
  return {from, from + text.size()};
}

char source_name[] = "Automatic Document Feeder";
char mode_name[] = "Color (as stored)";

struct Scanner {
  std::vector<Sheet> sheets;
  std::size_t next = 0;
  Image page;
  std::size_t sent = 0;
  bool scanning = false;
  SANE_Word dpi = 300;
  SANE_String_Const sources[2] = {source_name, nullptr};
  SANE_String_Const modes[2] = {mode_name, nullptr};
  SANE_Range dpi_range{1, 2400, 1};
  SANE_Option_Descriptor options[kOptions] = {};
};

Scanner& scanner(SANE_Handle handle) { return *static_cast<Scanner*>(handle); }

void describe(SANE_Option_Descriptor& d, const char* name, SANE_Value_Type type, SANE_Int size) {
  d.name = d.title = d.desc = name;
  d.type = type;
  d.size = size;
  d.cap = SANE_CAP_SOFT_DETECT;
}

}  // namespace

extern "C" {

SANE_Status sane_pages_init(SANE_Int* version, SANE_Auth_Callback) {
  if (version != nullptr) *version = SANE_VERSION_CODE(1, 0, 0);
  return SANE_STATUS_GOOD;
}
void sane_pages_exit() {}

SANE_Status sane_pages_get_devices(const SANE_Device*** list, SANE_Bool) {
  static const SANE_Device* none[] = {nullptr};
  *list = none;
  return SANE_STATUS_GOOD;
}

SANE_Status sane_pages_open(SANE_String_Const name, SANE_Handle* handle) {
  auto made = std::make_unique<Scanner>();
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(name, error), end; !error && it != end; it.increment(error)) {
    if (it->is_regular_file(error)) files.push_back(it->path());
  }
  if (error) return SANE_STATUS_INVAL;
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const auto info = alih::processing::probe(bytes_of(file), {});
    if (!info) continue;
    if (made->sheets.empty() && info->frames[0].dpi_x > 0) {
      made->dpi = static_cast<SANE_Word>(info->frames[0].dpi_x + 0.5);
    }
    for (std::size_t i = 0; i < info->frames.size(); ++i) {
      made->sheets.push_back({file, static_cast<int>(i)});
    }
  }
  auto& o = made->options;
  describe(o[kCount], "", SANE_TYPE_INT, sizeof(SANE_Word));
  describe(o[kSource], "source", SANE_TYPE_STRING, sizeof(source_name));
  o[kSource].cap |= SANE_CAP_SOFT_SELECT;
  o[kSource].constraint_type = SANE_CONSTRAINT_STRING_LIST;
  o[kSource].constraint.string_list = made->sources;
  describe(o[kMode], "mode", SANE_TYPE_STRING, sizeof(mode_name));
  o[kMode].cap |= SANE_CAP_SOFT_SELECT;
  o[kMode].constraint_type = SANE_CONSTRAINT_STRING_LIST;
  o[kMode].constraint.string_list = made->modes;
  describe(o[kResolution], "resolution", SANE_TYPE_INT, sizeof(SANE_Word));
  o[kResolution].cap |= SANE_CAP_SOFT_SELECT;
  o[kResolution].unit = SANE_UNIT_DPI;
  o[kResolution].constraint_type = SANE_CONSTRAINT_RANGE;
  o[kResolution].constraint.range = &made->dpi_range;
  *handle = made.release();
  return SANE_STATUS_GOOD;
}
void sane_pages_close(SANE_Handle handle) { delete &scanner(handle); }

const SANE_Option_Descriptor* sane_pages_get_option_descriptor(SANE_Handle handle, SANE_Int index) {
  return index >= 0 && index < kOptions ? &scanner(handle).options[index] : nullptr;
}

SANE_Status sane_pages_control_option(SANE_Handle handle, SANE_Int index, SANE_Action action,
                                      void* value, SANE_Int* info) {
  auto& s = scanner(handle);
  if (info != nullptr) *info = 0;
  if (action == SANE_ACTION_SET_VALUE) {
    // The pages are what they are; only the resolution that is told can be another.
    if (index == kResolution) std::memcpy(&s.dpi, value, sizeof(s.dpi));
    return index > kCount && index < kOptions ? SANE_STATUS_GOOD : SANE_STATUS_INVAL;
  }
  if (action != SANE_ACTION_GET_VALUE) return SANE_STATUS_INVAL;
  const SANE_Word count = kOptions;
  switch (index) {
    case kCount:
      std::memcpy(value, &count, sizeof(count));
      return SANE_STATUS_GOOD;
    case kSource:
      std::memcpy(value, source_name, sizeof(source_name));
      return SANE_STATUS_GOOD;
    case kMode:
      std::memcpy(value, mode_name, sizeof(mode_name));
      return SANE_STATUS_GOOD;
    case kResolution:
      std::memcpy(value, &s.dpi, sizeof(s.dpi));
      return SANE_STATUS_GOOD;
    default:
      return SANE_STATUS_INVAL;
  }
}

SANE_Status sane_pages_start(SANE_Handle handle) {
  auto& s = scanner(handle);
  if (s.next >= s.sheets.size()) return SANE_STATUS_NO_DOCS;
  const auto& sheet = s.sheets[s.next++];
  auto page = alih::processing::decode(bytes_of(sheet.file), sheet.frame, {});
  if (!page) return SANE_STATUS_JAMMED;
  s.page = std::move(*page);
  s.sent = 0;
  s.scanning = true;
  return SANE_STATUS_GOOD;
}

SANE_Status sane_pages_get_parameters(SANE_Handle handle, SANE_Parameters* p) {
  const auto& page = scanner(handle).page;
  *p = {};
  p->format = alih::samples_per_pixel(page.format()) == 3 ? SANE_FRAME_RGB : SANE_FRAME_GRAY;
  p->last_frame = SANE_TRUE;
  p->depth = alih::bits_per_sample(page.format());
  p->pixels_per_line = page.width();
  p->bytes_per_line = static_cast<SANE_Int>(page.stride());
  p->lines = page.height();
  return SANE_STATUS_GOOD;
}

SANE_Status sane_pages_read(SANE_Handle handle, SANE_Byte* data, SANE_Int most, SANE_Int* length) {
  auto& s = scanner(handle);
  *length = 0;
  if (!s.scanning) return SANE_STATUS_CANCELLED;
  const auto left = s.page.bytes().subspan(s.sent);
  if (left.empty()) {
    s.scanning = false;
    return SANE_STATUS_EOF;
  }
  // Odd portions, as scanners give.
  constexpr std::size_t kPortion = 65521;
  const auto n = std::min({left.size(), static_cast<std::size_t>(most), kPortion});
  std::memcpy(data, left.data(), n);
  s.sent += n;
  *length = static_cast<SANE_Int>(n);
  return SANE_STATUS_GOOD;
}

void sane_pages_cancel(SANE_Handle handle) { scanner(handle).scanning = false; }
SANE_Status sane_pages_set_io_mode(SANE_Handle, SANE_Bool wait) {
  return wait != SANE_FALSE ? SANE_STATUS_UNSUPPORTED : SANE_STATUS_GOOD;
}
SANE_Status sane_pages_get_select_fd(SANE_Handle, SANE_Int*) { return SANE_STATUS_UNSUPPORTED; }

}  // extern "C"
