#include "repository/book_files.h"

#include <algorithm>

#include "core/records.h"
#include "repository/durable_file.h"

namespace alih::repository {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".json";
constexpr std::uint64_t kLargest = std::uint64_t{64} << 20U;

fs::path folder_of(const fs::path& data) { return data / "register"; }

}  // namespace

std::vector<std::string> book_files(const fs::path& data) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it(folder_of(data), error), end; !error && it != end;
       it.increment(error)) {
    const auto name = it->path().filename().string();
    const bool ours = name.starts_with("handover-") || name.starts_with("closing-");
    if (ours && name.ends_with(kEnding)) {
      out.push_back(name.substr(0, name.size() - kEnding.size()));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<BookRecord> read_book_file(const fs::path& data, const std::string& name) {
  return read_book_copy(folder_of(data) / (name + std::string(kEnding)), name);
}

Result<BookRecord> read_book_copy(const fs::path& path, const std::string& name) {
  const auto damaged = [&](std::string_view why) {
    return fail(ErrorCode::damaged, "register/{} rusak: {}; pulihkan dari cadangan",
                "register/{} is damaged: {}; restore it from a backup", {name, why});
  };
  ALIH_TRY(const auto bytes, read_file(path, kLargest));
  auto record = book_record_from_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!record) return damaged(record.error().message.en);
  if (record->name != name) return damaged("it has another name");
  // Each revision's event names the digest of what it made.
  if (record->events.size() != record->revision || record->events.empty()) {
    return damaged("events are missing");
  }
  for (const auto& e : record->events) {
    if (e.sha256 != event_digest(e)) return damaged("an event was changed");
  }
  if (record->events.back().detail.find(sha256_hex(record->body)) == std::string::npos) {
    return damaged("it is not what its event says");
  }
  return record;
}

Status write_book_file(const fs::path& data, const BookRecord& record) {
  ALIH_CHECK(make_folder(folder_of(data)));
  ALIH_TRY([[maybe_unused]] const auto fixity,
           write_durably(folder_of(data) / (record.name + std::string(kEnding)),
                         to_json(record) + "\n"));
  return {};
}

}  // namespace alih::repository
