#include "capture/sane_device.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "capture/worker_process.h"
#include "core/fixity.h"

namespace alih::capture {
namespace {

constexpr SANE_Int kMaxOptions = 2000;
constexpr SANE_Int kMaxValueBytes = 1 << 20;
constexpr std::size_t kMaxDevices = 256;
constexpr std::size_t kMaxWords = 64;  // of an array that is shown; of a longer one, the digest
constexpr double kFixedOne = 65536.0;  // SANE_Fixed has 16 bits after the point
constexpr std::array kUsualDpi{75, 100, 150, 200, 240, 300, 400, 600, 800, 1200, 2400};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string text_or_empty(SANE_String_Const text) { return text ? text : ""; }

bool active(const SANE_Option_Descriptor& d) { return (d.cap & SANE_CAP_INACTIVE) == 0; }
bool settable(const SANE_Option_Descriptor& d) { return (d.cap & SANE_CAP_SOFT_SELECT) != 0; }
bool readable(const SANE_Option_Descriptor& d) { return (d.cap & SANE_CAP_SOFT_DETECT) != 0; }

double to_number(const SANE_Option_Descriptor& d, SANE_Word word) {
  return d.type == SANE_TYPE_FIXED ? word / kFixedOne : word;
}

std::string word_text(const SANE_Option_Descriptor& d, SANE_Word word) {
  if (d.type == SANE_TYPE_BOOL) return word ? "yes" : "no";
  if (d.type == SANE_TYPE_FIXED) return fmt::format("{:.6g}", word / kFixedOne);
  return std::to_string(word);
}

std::span<const SANE_Word> word_list(const SANE_Option_Descriptor& d) {
  if (d.constraint_type != SANE_CONSTRAINT_WORD_LIST || !d.constraint.word_list) return {};
  const SANE_Word count = d.constraint.word_list[0];
  if (count <= 0 || count > kMaxOptions) return {};
  return {d.constraint.word_list + 1, static_cast<std::size_t>(count)};
}

std::vector<std::string> string_list(const SANE_Option_Descriptor& d) {
  std::vector<std::string> out;
  if (d.type != SANE_TYPE_STRING || d.constraint_type != SANE_CONSTRAINT_STRING_LIST ||
      !d.constraint.string_list)
    return out;
  for (auto entry = d.constraint.string_list; *entry && out.size() < std::size_t{kMaxOptions};
       ++entry)
    out.emplace_back(*entry);
  return out;
}

const SANE_Range* range_of(const SANE_Option_Descriptor& d) {
  return d.constraint_type == SANE_CONSTRAINT_RANGE ? d.constraint.range : nullptr;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

// What an option accepts, in few words; the same in both languages but for "yes, no".
std::string offered(const SANE_Option_Descriptor& d) {
  if (const auto words = string_list(d); !words.empty()) return joined(words);
  if (d.type == SANE_TYPE_BOOL) return "yes, no";
  if (const auto words = word_list(d); !words.empty()) {
    std::vector<std::string> texts;
    for (const SANE_Word word : words) texts.push_back(word_text(d, word));
    return joined(texts);
  }
  if (const SANE_Range* range = range_of(d)) {
    std::string out = word_text(d, range->min) + " ... " + word_text(d, range->max);
    if (range->quant > 0) out += " (+" + word_text(d, range->quant) + ")";
    return out;
  }
  if (d.type == SANE_TYPE_INT) return "1, 2, 3, ...";
  return d.type == SANE_TYPE_FIXED ? "1.5, 2, ..." : "text";
}

tl::unexpected<Error> bad_value(const std::string& name, const std::string& text,
                                const SANE_Option_Descriptor& d) {
  return fail(ErrorCode::bad_field, "Pemindai tidak menerima {} = {}; pilihannya: {}",
              "The scanner does not accept {} = {}; it offers: {}", {name, text, offered(d)});
}

std::optional<SANE_Word> parse_word(const SANE_Option_Descriptor& d, std::string_view text) {
  if (d.type == SANE_TYPE_BOOL) {
    const std::string word = lower(text);
    if (word == "yes" || word == "true") return SANE_TRUE;
    if (word == "no" || word == "false") return SANE_FALSE;
    return std::nullopt;
  }
  SANE_Word value = 0;
  const char* end = text.data() + text.size();
  if (d.type == SANE_TYPE_FIXED) {
    double number = 0;
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end || !(std::abs(number) < 32767)) return std::nullopt;
    value = static_cast<SANE_Word>(number * kFixedOne);  // cut, not rounded: as SANE_FIX does
  } else {
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
  }
  if (const SANE_Range* range = range_of(d); range && (value < range->min || value > range->max))
    return std::nullopt;
  if (const auto list = word_list(d);
      !list.empty() && std::find(list.begin(), list.end(), value) == list.end())
    return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t from = 0;
  for (;;) {
    const std::size_t comma = text.find(',', from);
    out.push_back(text.substr(from, comma == std::string_view::npos ? comma : comma - from));
    if (comma == std::string_view::npos) return out;
    from = comma + 1;
  }
}

// Words of everyday for what each vendor calls differently.
bool source_means(const std::string& wanted, const std::string& offer) {
  const bool duplex = contains(offer, "duplex");
  const bool feeder = contains(offer, "adf") || contains(offer, "feeder");
  if (wanted == "duplex" || wanted == "adf duplex") return duplex;
  if (wanted == "adf" || wanted == "feeder" || wanted == "automatic document feeder")
    return feeder && !duplex && !contains(offer, "back");
  if (wanted == "flatbed" || wanted == "glass")
    return contains(offer, "flatbed") || contains(offer, "platen") || offer == "fb" ||
           offer == "normal";
  return false;
}

bool mode_means(const std::string& wanted, const std::string& offer) {
  if (wanted == "color" || wanted == "colour" || wanted == "rgb")
    return contains(offer, "color") || contains(offer, "colour");
  if (wanted == "gray" || wanted == "grey" || wanted == "grayscale" || wanted == "greyscale")
    return contains(offer, "gray") || contains(offer, "grey");
  if (wanted == "lineart" || wanted == "bilevel" || wanted == "bw" || wanted == "mono")
    return contains(offer, "lineart") || contains(offer, "binary") ||
           contains(offer, "monochrome") || contains(offer, "black");
  return false;
}

// Place in the order in which drivers want their options: what is set first decides what the next
// ones offer.
int rank(const std::string& name) {
  if (name == "source") return 0;
  if (name == "mode") return 1;
  if (name == "depth") return 2;
  if (contains(name, "resolution")) return 3;
  if (name == "page-width" || name == "page-height") return 5;
  if (name == "br-x" || name == "br-y") return 6;
  return name == "tl-x" || name == "tl-y" ? 7 : 4;
}

bool acceptable_name(const std::string& name) {
  const bool printable = std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
  return !driver_of(name).empty() && printable && name.size() <= 512;
}

}  // namespace

Message words_for(SANE_Status status) {
  switch (static_cast<int>(status)) {
    case SANE_STATUS_UNSUPPORTED:
      return message("pemindai tidak mendukungnya", "the scanner does not support it");
    case SANE_STATUS_CANCELLED:
      return message("dibatalkan di pemindai", "cancelled at the scanner");
    case SANE_STATUS_DEVICE_BUSY:
      return message("pemindai sedang sibuk", "the scanner is busy");
    case SANE_STATUS_INVAL:
      return message("pemindai menolak permintaan", "the scanner refused the request");
    case SANE_STATUS_EOF:
      return message("data berakhir terlalu cepat", "the data ended too early");
    case SANE_STATUS_JAMMED:
      return message("kertas macet atau tertarik ganda", "paper jam or double feed");
    case SANE_STATUS_NO_DOCS:
      return message("tidak ada kertas di pengumpan", "there is no paper in the feeder");
    case SANE_STATUS_COVER_OPEN:
      return message("tutup pemindai terbuka", "the scanner's cover is open");
    case SANE_STATUS_IO_ERROR:
      return message("hubungan ke pemindai terputus", "the connection to the scanner was lost");
    case SANE_STATUS_NO_MEM:
      return message("memori habis di pemindai atau penggeraknya",
                     "the scanner or its driver is out of memory");
    case SANE_STATUS_ACCESS_DENIED:
      return message("tidak diizinkan memakai pemindai", "no permission to use the scanner");
    default:
      return message("status pemindai {}", "scanner status {}", {static_cast<int>(status)});
  }
}

Result<SaneLibrary> SaneLibrary::start() {
  SANE_Int version = 0;
  if (const SANE_Status status = sane_init(&version, nullptr); status != SANE_STATUS_GOOD) {
    const Message why = words_for(status);
    return fail(
        Error{ErrorCode::unavailable,
              {"SANE tidak dapat dimulai: " + why.id, "SANE cannot be started: " + why.en}});
  }
  return SaneLibrary();
}

SaneLibrary::~SaneLibrary() {
  if (live_) sane_exit();
}

Result<std::vector<DeviceInfo>> SaneLibrary::devices(bool local) const {
  const SANE_Device** list = nullptr;
  if (const SANE_Status status = sane_get_devices(&list, local ? SANE_TRUE : SANE_FALSE);
      status != SANE_STATUS_GOOD || !list) {
    const Message why = words_for(status);
    return fail(Error{
        ErrorCode::unavailable,
        {"Pencarian pemindai gagal: " + why.id, "The search for scanners failed: " + why.en}});
  }
  std::vector<DeviceInfo> out;
  for (; *list && out.size() < kMaxDevices; ++list) {
    const SANE_Device& d = **list;
    out.push_back({text_or_empty(d.name),
                   text_or_empty(d.vendor),
                   text_or_empty(d.model),
                   text_or_empty(d.type),
                   {},
                   {},
                   {}});
  }
  return out;
}

Result<SaneDevice> SaneDevice::open(const std::string& name) {
  if (!acceptable_name(name))
    return fail(ErrorCode::not_found, "Nama pemindai \"{}\" tidak dikenal",
                "The scanner name \"{}\" is not known", {name});
  SANE_Handle handle = nullptr;
  const SANE_Status status = sane_open(name.c_str(), &handle);
  if (status == SANE_STATUS_GOOD && handle) return SaneDevice(name, handle);
  // Unsupported: the driver itself is not there.
  if (status == SANE_STATUS_INVAL || status == SANE_STATUS_UNSUPPORTED)
    return fail(ErrorCode::not_found, "Tidak ada pemindai {}", "There is no scanner {}", {name});
  if (status == SANE_STATUS_DEVICE_BUSY)
    return fail(ErrorCode::busy, "Pemindai {} sedang dipakai", "The scanner {} is in use", {name});
  const Message why = words_for(status);
  const bool denied = status == SANE_STATUS_ACCESS_DENIED;
  return fail(Error{denied ? ErrorCode::unavailable : ErrorCode::device_lost,
                    {fmt::format("Pemindai {} tidak dapat dibuka: {}", name, why.id),
                     fmt::format("The scanner {} cannot be opened: {}", name, why.en)}});
}

SaneDevice::~SaneDevice() {
  if (handle_) sane_close(handle_);
}

SANE_Int SaneDevice::option_count() const {
  // Some drivers refuse option 0 until its descriptor was asked for.
  if (!sane_get_option_descriptor(handle_, 0)) return 0;
  SANE_Int count = 0;
  if (sane_control_option(handle_, 0, SANE_ACTION_GET_VALUE, &count, nullptr) != SANE_STATUS_GOOD)
    return 0;
  return std::clamp(count, 0, kMaxOptions);
}

// Descriptors are read anew each time: setting one option may change every other.
std::optional<SaneDevice::Option> SaneDevice::find(const std::string& option) const {
  const SANE_Int count = option_count();
  for (SANE_Int i = 1; i < count; ++i) {
    const SANE_Option_Descriptor* d = sane_get_option_descriptor(handle_, i);
    if (d && d->type != SANE_TYPE_GROUP && d->name && option == d->name) return Option{i, d};
  }
  return std::nullopt;
}

std::optional<std::string> SaneDevice::read_text(const Option& option) const {
  const SANE_Option_Descriptor& d = *option.about;
  if (!active(d) || !readable(d) || d.type == SANE_TYPE_GROUP || d.type == SANE_TYPE_BUTTON ||
      d.size <= 0 || d.size > kMaxValueBytes)
    return std::nullopt;
  const std::size_t size = static_cast<std::size_t>(d.size);
  // Words, for their alignment; one more, so that a text always ends.
  std::vector<SANE_Word> words(size / sizeof(SANE_Word) + 2, 0);
  if (sane_control_option(handle_, option.index, SANE_ACTION_GET_VALUE, words.data(), nullptr) !=
      SANE_STATUS_GOOD)
    return std::nullopt;
  if (d.type == SANE_TYPE_STRING) {
    const char* text = reinterpret_cast<const char*>(words.data());
    return std::string(text, ::strnlen(text, size));
  }
  const std::size_t count = size / sizeof(SANE_Word);
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i ? "," : "") + word_text(d, words[i]);
  if (count > kMaxWords) return fmt::format("{} x, sha256 {}", count, sha256_hex(out));
  return out;
}

std::optional<std::string> SaneDevice::value(const std::string& option) const {
  const auto found = find(option);
  return found ? read_text(*found) : std::nullopt;
}

std::vector<ScanOption> SaneDevice::effective() const {
  std::vector<ScanOption> out;
  const SANE_Int count = option_count();
  for (SANE_Int i = 1; i < count; ++i) {
    const SANE_Option_Descriptor* d = sane_get_option_descriptor(handle_, i);
    if (!d || !d->name || !*d->name) continue;
    if (auto text = read_text({i, d})) out.push_back({d->name, std::move(*text)});
  }
  return out;
}

std::vector<double> SaneDevice::resolution() const {
  const auto number = [this](const std::string& option) {
    const auto found = find(option);
    if (!found || found->about->unit == SANE_UNIT_PIXEL) return 0.0;
    const auto text = read_text(*found);
    double out = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), out);
    return out > 0 && out < 100'000 ? out : 0.0;
  };
  // Where both axes exist the common option is often inactive or follows x only.
  const double both = number("resolution");
  const double x = number("x-resolution");
  const double y = number("y-resolution");
  return {x > 0 ? x : both, y > 0 ? y : (both > 0 ? both : x)};
}

Status SaneDevice::write(const std::string& name, SANE_Int index, void* value) const {
  SANE_Int info = 0;
  const SANE_Status status =
      sane_control_option(handle_, index, SANE_ACTION_SET_VALUE, value, &info);
  if (status == SANE_STATUS_GOOD) return {};
  const Message why = words_for(status);
  const bool lost = status == SANE_STATUS_IO_ERROR;
  return fail(Error{lost ? ErrorCode::device_lost : ErrorCode::bad_field,
                    {fmt::format("Pilihan {} tidak dapat disetel: {}", name, why.id),
                     fmt::format("The option {} cannot be set: {}", name, why.en)}});
}

Status SaneDevice::set(const std::string& option, const std::string& text) {
  const auto found = find(option);
  if (!found) {
    std::vector<std::string> names;
    const SANE_Int count = option_count();
    for (SANE_Int i = 1; i < count; ++i) {
      const SANE_Option_Descriptor* d = sane_get_option_descriptor(handle_, i);
      if (d && d->type != SANE_TYPE_GROUP && d->name && *d->name && active(*d) && settable(*d))
        names.emplace_back(d->name);
    }
    return fail(ErrorCode::bad_field, "Pemindai tidak punya pilihan {}; yang ada: {}",
                "The scanner has no option {}; it has: {}", {option, joined(names)});
  }
  const SANE_Option_Descriptor& d = *found->about;
  if (!active(d))
    return fail(ErrorCode::bad_field, "Pilihan {} tidak berlaku bersama pilihan yang lain",
                "The option {} does not apply together with the other options", {option});
  if (!settable(d))
    return fail(ErrorCode::bad_field, "Pilihan {} hanya dapat dibaca",
                "The option {} can only be read", {option});
  if (d.type == SANE_TYPE_BUTTON) return write(option, found->index, nullptr);
  if (d.size <= 0 || d.size > kMaxValueBytes) return bad_value(option, text, d);
  const std::size_t size = static_cast<std::size_t>(d.size);
  if (d.type == SANE_TYPE_STRING) {
    std::string chosen = text;
    if (const auto words = string_list(d); !words.empty()) {
      const auto same = std::find_if(words.begin(), words.end(), [&](const std::string& word) {
        return lower(word) == lower(text);
      });
      if (same == words.end()) return bad_value(option, text, d);
      // Exact spelling wins where two words differ by case only.
      chosen = std::find(words.begin(), words.end(), text) != words.end() ? text : *same;
    } else if (text.size() >= size) {
      return bad_value(option, text.substr(0, 100), d);
    }
    std::vector<char> buffer(std::max(size, chosen.size() + 1), '\0');
    std::copy(chosen.begin(), chosen.end(), buffer.begin());
    return write(option, found->index, buffer.data());
  }
  const auto parts = split(text);
  if (parts.size() != size / sizeof(SANE_Word)) return bad_value(option, text.substr(0, 100), d);
  std::vector<SANE_Word> words;
  for (const auto part : parts) {
    const auto word = parse_word(d, part);
    if (!word) return bad_value(option, text.substr(0, 100), d);
    words.push_back(*word);
  }
  return write(option, found->index, words.data());
}

Status SaneDevice::set_word(const std::string& option, const std::string& wanted, bool source) {
  const auto found = find(option);
  if (!found || !active(*found->about)) {
    // Many flatbeds have no source to choose: asking for the glass is then no mistake.
    if (source && source_means(lower(wanted), "flatbed")) return {};
    return fail(ErrorCode::bad_field, "Pemindai tidak memberi pilihan {}",
                "The scanner gives no choice of {}", {option});
  }
  const auto words = string_list(*found->about);
  const std::string low = lower(wanted);
  const auto same = [&](const std::string& word) { return lower(word) == low; };
  if (words.empty() || std::any_of(words.begin(), words.end(), same)) return set(option, wanted);
  const auto alias = std::find_if(words.begin(), words.end(), [&](const std::string& word) {
    return source ? source_means(low, lower(word)) : mode_means(low, lower(word));
  });
  return set(option, alias == words.end() ? wanted : *alias);
}

Status SaneDevice::set_dpi(int dpi) {
  const std::string text = std::to_string(dpi);
  const auto usable = [this](const std::string& option) {
    const auto found = find(option);
    return found && active(*found->about) && settable(*found->about);
  };
  std::vector<std::string> names;
  if (usable("resolution")) {
    names = {"resolution"};
  } else if (usable("x-resolution")) {
    names = {"x-resolution"};
    if (usable("y-resolution")) names.emplace_back("y-resolution");
  }
  if (names.empty())
    return fail(ErrorCode::bad_field, "Resolusi pemindai ini tidak dapat dipilih",
                "The resolution of this scanner cannot be chosen");
  for (const auto& option : names) {
    ALIH_CHECK(set(option, text));
    // Drivers round without a word; a page must not claim a resolution that nobody asked for.
    const auto found = find(option);
    if (!found) continue;
    const std::string got = read_text(*found).value_or(text);
    double number = dpi;
    std::from_chars(got.data(), got.data() + got.size(), number);
    if (std::abs(number - dpi) > 0.5) return bad_value(option, text, *found->about);
  }
  return {};
}

Status SaneDevice::configure(const ScanRequest& request) {
  std::vector<ScanOption> rest = request.options;
  std::stable_sort(rest.begin(), rest.end(), [](const ScanOption& a, const ScanOption& b) {
    return rank(a.name) < rank(b.name);
  });
  auto next = rest.begin();
  const auto set_up_to = [&](int last) -> Status {
    for (; next != rest.end() && rank(next->name) <= last; ++next)
      ALIH_CHECK(set(next->name, next->value));
    return {};
  };
  if (request.source) ALIH_CHECK(set_word("source", *request.source, true));
  ALIH_CHECK(set_up_to(rank("source")));
  if (request.mode) ALIH_CHECK(set_word("mode", *request.mode, false));
  ALIH_CHECK(set_up_to(rank("depth")));
  if (request.dpi) ALIH_CHECK(set_dpi(*request.dpi));
  return set_up_to(std::numeric_limits<int>::max());
}

DeviceInfo SaneDevice::describe() const {
  DeviceInfo out;
  out.name = name_;
  if (const auto found = find("source")) out.sources = string_list(*found->about);
  if (const auto found = find("mode")) out.modes = string_list(*found->about);
  auto found = find("resolution");
  if (!found) found = find("x-resolution");
  if (!found) return out;
  const SANE_Option_Descriptor& d = *found->about;
  for (const SANE_Word word : word_list(d))
    out.resolutions.push_back(static_cast<int>(std::lround(to_number(d, word))));
  if (const SANE_Range* range = range_of(d)) {
    const double low = to_number(d, range->min);
    const double high = to_number(d, range->max);
    const double step = range->quant > 0 ? to_number(d, range->quant) : 0;
    for (const int dpi : kUsualDpi) {
      const double steps = step > 0 ? (dpi - low) / step : 0;
      if (dpi >= low && dpi <= high && std::abs(steps - std::round(steps)) < 0.01)
        out.resolutions.push_back(dpi);
    }
    if (out.resolutions.empty())
      out.resolutions = {static_cast<int>(std::lround(low)), static_cast<int>(std::lround(high))};
  }
  return out;
}

}  // namespace alih::capture
