// Files taken in over HTTP: in one request, or in pieces that survive a broken connection.
#include "pipeline/intake.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "api/handlers.h"
#include "api/json_view.h"
#include "core/json.h"
#include "pipeline/accounts.h"
#include "repository/durable_file.h"

namespace alih::api {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

constexpr int kCreated = 201;

fs::path uploads(Service& service) { return service.holdings.files().uploads(); }

bool is_upload_id(std::string_view id) {
  constexpr std::size_t kLongest = 64;
  return !id.empty() && id.size() <= kLongest && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

// What the file was called where it came from: kept as its original name, never as a path.
std::string plain_name(std::string name) {
  if (const auto slash = name.find_last_of("/\\"); slash != std::string::npos) {
    name = name.substr(slash + 1);
  }
  std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  constexpr std::size_t kLongest = 200;
  name = name.substr(0, kLongest);
  while (!name.empty() && name.front() == '.') name.erase(0, 1);
  return name.empty() ? "unggahan" : name;
}

Response bad_id(const Request& request) {
  return problem({ErrorCode::usage, message("Pengenal unggahan: 1 sampai 64 huruf, angka, - atau _",
                                            "An upload's id is 1 to 64 letters, digits, - or _")},
                 request);
}

// A file of its own in its own folder, so that the name stays what it was.
struct OwnFolder {
  fs::path folder;
  ~OwnFolder() {
    std::error_code error;
    fs::remove_all(folder, error);
  }
};

Response take(Service& service, const Request& request, const pipeline::IntakeRequest& wanted,
              const std::vector<fs::path>& files) {
  if (auto may = pipeline::permit_new_fields(request.subject, wanted.fields); !may) {
    return problem(may.error(), request);
  }
  auto report = pipeline::ingest(service.holdings, wanted, files, false, service.program,
                                 [](std::uint64_t, std::uint64_t) {});
  if (!report) return problem(report.error(), request);
  service.processor.wake();
  if (report->items.empty()) {
    Error why{ErrorCode::unreadable, message("tidak ada halaman yang dapat dibaca; tidak ada nomor "
                                             "yang dipakai",
                                             "no page could be read; no number was used")};
    if (report->rejected.empty() && !report->separators.empty()) {
      why.message = pipeline::only_separators();
    }
    if (!report->rejected.empty()) {
      const auto& first = report->rejected.front();
      why = Error{first.code, first.reason}.within(
          {fs::path(first.path).filename().string(), fs::path(first.path).filename().string()});
    }
    return problem(why, request);
  }
  // Only the names: where we keep what was sent is nobody's business.
  const auto bare = [](auto& rows) {
    for (auto& row : rows) row.path = fs::path(row.path).filename().string();
  };
  bare(report->rejected);
  for (auto& made : report->items) {
    bare(made.rejected);
    bare(made.duplicates);
  }
  bare(report->separators);
  auto r = json_response(ingest_json(*report));
  r.status = kCreated;
  r.headers["Location"] = "/api/v1/items/" + folded(report->items.front().item.digitization_no);
  return r;
}

Response take_in(Service& service, const Request& request, const std::optional<ItemId>& to) {
  pipeline::IntakeRequest wanted;
  wanted.by = request.subject.agent;
  wanted.to = to;
  wanted.profile = request.parameter("profile");
  wanted.languages = request.parameter("language");
  wanted.series = request.parameter("series", wanted.series);
  if (const auto split = request.parameter("split_pages"); split == "true" || split == "false") {
    wanted.split_pages = split == "true";
  }
  wanted.stack = {request.parameter("split") == "true",
                  request.parameter("keep_separators") == "true",
                  request.parameter("duplex") == "true"};
  if (const auto title = request.parameter("title"); !title.empty()) {
    wanted.fields.emplace_back("title", title);
  }
  // What the catalogue knows of the thing goes into its empty fields.
  for (const char* name : {"barcode", "nomor_induk"}) {
    if (const auto number = request.parameter(name); !number.empty()) {
      wanted.fields.emplace_back(name, number);
    }
  }
  wanted.once_more = request.parameter("once_more") == "true";
  if (request.header("content-type").starts_with("application/json")) {
    std::vector<fs::path> files;
    std::vector<fs::path> folders;
    try {
      std::string text;
      constexpr std::uint64_t kMostWords = 1 << 20;
      const auto bytes = repository::read_file(request.body_file, kMostWords);
      if (!bytes) return problem(bytes.error(), request);
      text.assign(reinterpret_cast<const char*>(bytes->data()), bytes->size());
      const auto j = json::parse(text);
      for (const auto& id : j.at("uploads")) {
        const auto name = id.get<std::string>();
        if (!is_upload_id(name)) return bad_id(request);
        std::error_code error;
        fs::directory_iterator it(uploads(service) / name, error);
        if (error || it == fs::directory_iterator()) {
          return problem({ErrorCode::not_found,
                          message("Unggahan {} tidak ada", "There is no upload {}", {name})},
                         request);
        }
        files.push_back(it->path());
        folders.push_back(uploads(service) / name);
      }
      wanted.profile = j.value("profile", wanted.profile);
      wanted.languages = j.value("language", wanted.languages);
      wanted.series = j.value("series", wanted.series);
      if (j.contains("split_pages")) wanted.split_pages = j.at("split_pages").get<bool>();
      wanted.stack = {j.value("split", wanted.stack.split),
                      j.value("keep_separators", wanted.stack.keep_separators),
                      j.value("duplex", wanted.stack.duplex)};
      if (const auto title = j.value("title", std::string()); !title.empty()) {
        wanted.fields.emplace_back("title", title);
      }
      for (const char* name : {"barcode", "nomor_induk"}) {
        if (const auto number = j.value(name, std::string()); !number.empty()) {
          wanted.fields.emplace_back(name, number);
        }
      }
      wanted.once_more = j.value("once_more", wanted.once_more);
      const auto fields = j.value("fields", json::object());
      for (const auto& [name, value] : fields.items()) {
        wanted.fields.emplace_back(name, value.get<std::string>());
      }
    } catch (const std::exception& e) {
      return problem(
          {ErrorCode::usage, message("Isi permintaan: {}", "Request body: {}", {e.what()})},
          request);
    }
    auto r = take(service, request, wanted, files);
    if (r.status == kCreated) {
      std::error_code error;
      for (const auto& folder : folders) fs::remove_all(folder, error);
    }
    return r;
  }
  if (request.body_file.empty()) {
    return problem({ErrorCode::usage, message("Kirim berkasnya sebagai isi permintaan",
                                              "Send the file as the body of the request")},
                   request);
  }
  const OwnFolder own{request.body_file + ".d"};
  std::error_code error;
  fs::create_directory(own.folder, error);
  const auto file = own.folder / plain_name(request.parameter("name"));
  fs::rename(request.body_file, file, error);
  if (error) {
    return problem(
        repository::system_error(error.value(), "menyimpan unggahan", "saving the upload"),
        request);
  }
  return take(service, request, wanted, {file});
}

Response upload_json(const std::string& id, std::uint64_t received) {
  return json_response(json{{"id", id}, {"received", received}}.dump());
}

// "bytes 0-99/200": where the piece begins. None without the header.
std::optional<std::uint64_t> begin_of(const std::string& range) {
  constexpr std::string_view kUnit = "bytes ";
  std::uint64_t from = 0;
  if (!range.starts_with(kUnit)) return std::nullopt;
  const auto read = std::from_chars(range.data() + kUnit.size(), range.data() + range.size(), from);
  if (read.ec != std::errc()) return std::nullopt;
  return from;
}

}  // namespace

Response create_item(Service& service, const Request& request) {
  return take_in(service, request, std::nullopt);
}

Response add_pages(Service& service, const Request& request) {
  const auto item = item_for(service, request, request.parts[0]);
  if (!item) return problem(item.error(), request);
  if (auto may = access::permit(request.subject, access::Action::describe, *item, request.parts[0]);
      !may) {
    return problem(may.error(), request);
  }
  return take_in(service, request, item->id);
}

Response show_upload(Service& service, const Request& request) {
  const auto& id = request.parts[0];
  if (!is_upload_id(id)) return bad_id(request);
  std::error_code error;
  const fs::directory_iterator it(uploads(service) / id, error);
  if (error || it == fs::directory_iterator()) {
    return problem(
        {ErrorCode::not_found, message("Unggahan {} tidak ada", "There is no upload {}", {id})},
        request);
  }
  return upload_json(id, fs::file_size(it->path(), error));
}

// A piece is appended where the file ends; a piece that begins elsewhere gets 409 and the length
// that is there, so the sender knows where to go on.
Response put_upload(Service& service, const Request& request) {
  const auto& id = request.parts[0];
  if (!is_upload_id(id)) return bad_id(request);
  const auto folder = uploads(service) / id;
  const std::lock_guard lock(service.upload_mutex);
  if (auto made = repository::make_folder(folder); !made) return problem(made.error(), request);
  std::error_code error;
  fs::directory_iterator it(folder, error);
  const bool there = !error && it != fs::directory_iterator();
  const auto file = there ? it->path() : folder / plain_name(request.parameter("name"));
  const auto have = there ? fs::file_size(file, error) : std::uint64_t{0};
  const auto given = request.header("content-range");
  const auto from = begin_of(given);
  if (!given.empty() && !from) {
    return problem(
        {ErrorCode::usage, message("Content-Range tidak terbaca", "Content-Range cannot be read")},
        request);
  }
  if (from && *from != have) {
    auto r = upload_json(id, have);
    r.status = http_status(ErrorCode::wrong_state);
    return r;
  }
  if (request.body_file.empty()) return upload_json(id, have);
  const auto most =
      static_cast<std::uint64_t>(service.holdings.settings().processing.limits.max_file_mib) << 20U;
  const auto piece = fs::file_size(request.body_file, error);
  const bool append = from.has_value() && have > 0;
  if ((append ? have : 0) + piece > most) {
    return problem({ErrorCode::too_large, message("Berkas lebih besar dari {} MiB",
                                                  "The file is larger than {} MiB", {most >> 20U})},
                   request);
  }
  const auto kept = append ? repository::append_durably(request.body_file, file)
                           : repository::move_durably(request.body_file, file);
  if (!kept) return problem(kept.error(), request);
  return upload_json(id, (append ? have : 0) + piece);
}

}  // namespace alih::api
