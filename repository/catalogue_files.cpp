#include "repository/catalogue_files.h"

#include <algorithm>
#include <fstream>

#include "core/id.h"
#include "core/json.h"
#include "core/records.h"

namespace alih::repository {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestLine = std::size_t{16} << 20U;
constexpr const char* kFormat = "alihmedia-catalogue";

fs::path folder_of(const fs::path& data) { return data / "catalogue"; }

Error damaged(const std::string& name, std::string_view why) {
  return {ErrorCode::damaged,
          message("catalogue/{} rusak: {}; pulihkan dari cadangan",
                  "catalogue/{} is damaged: {}; restore it from a backup", {name, why})};
}

// Lines until the call says false; the last one has a line break, too.
Status each_line(const fs::path& path, const std::string& name,
                 const std::function<Status(const std::string&)>& call) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(damaged(name, "it cannot be read"));
  for (std::string line; std::getline(in, line);) {
    if (in.eof()) return fail(damaged(name, "it is cut short"));
    if (line.size() > kLongestLine) return fail(damaged(name, "a line is too long"));
    ALIH_CHECK(call(line));
  }
  return {};
}

}  // namespace

Result<CatalogueWriter> CatalogueWriter::create(const fs::path& data,
                                                const CatalogueHeader& header) {
  ALIH_CHECK(make_folder(folder_of(data)));
  ALIH_TRY(auto file, DurableFile::create(folder_of(data) / (header.id + ".jsonl")));
  CatalogueWriter out(std::move(file));
  const Json line{{"format", kFormat},       {"version", 1},        {"import", header.id},
                  {"source", header.source}, {"file", header.file}, {"file_sha512", header.sha512},
                  {"at", header.at}};
  const auto text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  out.digest_.add(std::string_view(text));
  ALIH_CHECK(out.file_.write(std::string_view(text)));
  return out;
}

Status CatalogueWriter::add(const CatalogueRecord& record) {
  const auto text = to_json(record) + "\n";
  digest_.add(std::string_view(text));
  return file_.write(std::string_view(text));
}

std::string CatalogueWriter::seal() { return digest_.finish(); }

Status CatalogueWriter::commit(const Event& event) {
  ALIH_CHECK(file_.write(std::string_view("{\"event\":" + to_json(event) + "}\n")));
  ALIH_TRY([[maybe_unused]] const auto fixity, file_.commit());
  return {};
}

std::vector<std::string> catalogue_files(const fs::path& data) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it(folder_of(data), error), end; !error && it != end;
       it.increment(error)) {
    const auto name = it->path().filename().string();
    if (name.ends_with(".jsonl") && is_ulid(name.substr(0, name.size() - 6))) out.push_back(name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<Event> read_catalogue_file(const fs::path& data, const std::string& name,
                                  const std::function<Status(CatalogueRecord)>& call) {
  return read_catalogue_copy(folder_of(data) / name, name, call);
}

Result<Event> read_catalogue_copy(const fs::path& path, const std::string& name,
                                  const std::function<Status(CatalogueRecord)>& call) {
  Sha256 digest;
  std::optional<Event> event;
  std::uint64_t lines = 0;
  ALIH_CHECK(each_line(path, name, [&](const std::string& line) -> Status {
    if (event) return fail(damaged(name, "something stands behind its event"));
    if (++lines == 1) {
      const auto header = Json::parse(line, nullptr, false);
      if (!header.is_object() || header.value("format", std::string()) != kFormat ||
          header.value("version", 0) != 1) {
        return fail(damaged(name, "another format or a newer version"));
      }
    }
    if (line.starts_with("{\"event\":")) {
      const auto inside = std::string_view(line).substr(9, line.size() - 10);
      auto read = event_from_json(inside);
      if (!read) return fail(damaged(name, "its event"));
      event = std::move(*read);
      return {};
    }
    digest.add(std::string_view(line));
    digest.add(std::string_view("\n"));
    return {};
  }));
  if (!event || event->sha256 != event_digest(*event)) return fail(damaged(name, "its event"));
  if (event->detail.find(digest.finish()) == std::string::npos) {
    return fail(damaged(name, "its records are not those that were imported"));
  }
  bool first = true;
  ALIH_CHECK(each_line(path, name, [&](const std::string& line) -> Status {
    if (std::exchange(first, false) || line.starts_with("{\"event\":")) return {};
    ALIH_TRY(auto record, catalogue_record_from_json(line));
    return call(std::move(record));
  }));
  return std::move(*event);
}

}  // namespace alih::repository
