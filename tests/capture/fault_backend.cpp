#include <csignal>
#include <cstring>
#include <string>

#include <sane/sane.h>
#include <unistd.h>

// A SANE backend whose devices are named after what they do wrong: "alihfault:empty". Loaded by
// libsane's own loader from LD_LIBRARY_PATH. Each page is 10 lines of 10 gray bytes; the fault
// comes with the second page, after 50 bytes. The feeder holds three sheets.
namespace {

constexpr SANE_Int kSide = 10;
constexpr SANE_Int kSheets = 3;

std::string g_fault;  // NOLINT: one device a process
SANE_Int g_page = 0;
SANE_Int g_sent = 0;
SANE_Int g_starts = 0;
char g_source[] = "Feeder";
const SANE_String_Const kSources[] = {g_source, nullptr};

SANE_Option_Descriptor option(const char* name, SANE_Value_Type type, SANE_Int size) {
  SANE_Option_Descriptor d{};
  d.name = name;
  d.title = name;
  d.desc = name;
  d.type = type;
  d.size = size;
  d.cap = SANE_CAP_SOFT_DETECT;
  return d;
}

bool faulty() { return g_page == 2 && g_sent >= 50; }

[[noreturn]] void hang() {
  for (;;) ::pause();
}

}  // namespace

extern "C" {

SANE_Status sane_alihfault_init(SANE_Int* version, SANE_Auth_Callback) {
  if (version != nullptr) *version = SANE_VERSION_CODE(1, 0, 0);
  return SANE_STATUS_GOOD;
}
void sane_alihfault_exit() {}

SANE_Status sane_alihfault_get_devices(const SANE_Device*** list, SANE_Bool) {
  static const SANE_Device* none[] = {nullptr};
  *list = none;
  return SANE_STATUS_GOOD;
}

SANE_Status sane_alihfault_open(SANE_String_Const name, SANE_Handle* handle) {
  g_fault = name;
  if (g_fault == "inuse") return SANE_STATUS_DEVICE_BUSY;
  if (g_fault == "hangopen") hang();
  *handle = &g_page;
  return SANE_STATUS_GOOD;
}
void sane_alihfault_close(SANE_Handle) {
  if (g_fault == "hangclose") hang();
}

const SANE_Option_Descriptor* sane_alihfault_get_option_descriptor(SANE_Handle, SANE_Int index) {
  static SANE_Option_Descriptor count = option("", SANE_TYPE_INT, sizeof(SANE_Word));
  static SANE_Option_Descriptor source = option("source", SANE_TYPE_STRING, sizeof(g_source));
  source.constraint_type = SANE_CONSTRAINT_STRING_LIST;
  source.constraint.string_list = kSources;
  return index == 0 ? &count : index == 1 ? &source : nullptr;
}

SANE_Status sane_alihfault_control_option(SANE_Handle, SANE_Int index, SANE_Action action,
                                          void* value, SANE_Int*) {
  if (action != SANE_ACTION_GET_VALUE) return SANE_STATUS_INVAL;
  if (index == 0) {
    const SANE_Word count = 2;
    std::memcpy(value, &count, sizeof(count));
  } else {
    std::memcpy(value, g_source, sizeof(g_source));
  }
  return SANE_STATUS_GOOD;
}

SANE_Status sane_alihfault_get_parameters(SANE_Handle, SANE_Parameters* p) {
  *p = {SANE_FRAME_GRAY, SANE_TRUE, kSide, kSide, kSide, 8};
  // Compressed pictures, as some drivers send them.
  constexpr int kJpeg = 0x0B;
  static_assert(sizeof(kJpeg) == sizeof(p->format));
  if (g_fault == "jpeg") std::memcpy(&p->format, &kJpeg, sizeof(kJpeg));
  return SANE_STATUS_GOOD;
}

SANE_Status sane_alihfault_start(SANE_Handle) {
  ++g_starts;
  if (g_fault == "busytwice" && g_starts <= 2) return SANE_STATUS_DEVICE_BUSY;
  if (g_fault == "busy") return SANE_STATUS_DEVICE_BUSY;
  if (g_fault == "hangstart" && g_page == 1) hang();
  if (g_page == kSheets) return SANE_STATUS_NO_DOCS;
  ++g_page;
  g_sent = 0;
  return SANE_STATUS_GOOD;
}

SANE_Status sane_alihfault_read(SANE_Handle, SANE_Byte* data, SANE_Int, SANE_Int* length) {
  *length = 0;
  if (faulty()) {
    if (g_fault == "empty") return SANE_STATUS_GOOD;
    if (g_fault == "half") return SANE_STATUS_EOF;
    if (g_fault == "lost") return SANE_STATUS_IO_ERROR;
    if (g_fault == "jam") return SANE_STATUS_JAMMED;
    if (g_fault == "hangread") hang();
    if (g_fault == "crash") ::raise(SIGKILL);
  }
  const bool extra = g_fault == "extra" && g_page == 2;
  if (g_sent >= kSide * kSide && !extra) return SANE_STATUS_EOF;
  std::memset(data, g_page, 25);
  *length = 25;
  g_sent += 25;
  return SANE_STATUS_GOOD;
}

void sane_alihfault_cancel(SANE_Handle) {
  if (g_fault == "hangcancel") hang();
}
SANE_Status sane_alihfault_set_io_mode(SANE_Handle, SANE_Bool) { return SANE_STATUS_UNSUPPORTED; }
SANE_Status sane_alihfault_get_select_fd(SANE_Handle, SANE_Int*) { return SANE_STATUS_UNSUPPORTED; }

}  // extern "C"
