#include "repository/ocfl.h"

#include <algorithm>
#include <cerrno>
#include <set>

#include "core/json.h"
#include "repository/disk.h"
#include "repository/durable_file.h"

namespace alih::repository {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kRootMark = "0=ocfl_1.1";
constexpr std::string_view kObjectMark = "0=ocfl_object_1.1";
constexpr std::string_view kLayout = "0003-hash-and-id-n-tuple-storage-layout";
constexpr std::uint64_t kMostInventory = std::uint64_t{64} << 20U;
constexpr int kMostVersions = 100000;

std::string version_name(int number) { return "v" + std::to_string(number); }

Status write_missing(const fs::path& path, std::string_view text) {
  std::error_code error;
  if (fs::exists(path, error)) return {};
  ALIH_TRY([[maybe_unused]] const auto fixity, write_durably(path, text));
  return {};
}

Result<std::string> text_of(const fs::path& path) {
  ALIH_TRY(const auto bytes, read_file(path, kMostInventory));
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::string sidecar(const std::string& sha512) { return sha512 + "  inventory.json\n"; }

Status write_inventory(const fs::path& folder, const std::string& text) {
  ALIH_TRY(const auto fixity, write_durably(folder / "inventory.json", text));
  ALIH_TRY([[maybe_unused]] const auto written,
           write_durably(folder / "inventory.json.sha512", sidecar(fixity.sha512)));
  return {};
}

Status move(const fs::path& from, const fs::path& to) {
  if (disk().rename(from, to) != 0) {
    return fail(system_error(errno, "memindahkan " + to.string(), "moving " + to.string()));
  }
  return sync_folder(to.parent_path());
}

}  // namespace

namespace {

std::string layout_text() {
  const Json layout{{"extension", kLayout},
                    {"description",
                     "One object an item: three tuples of the SHA-256 of its id, "
                     "then the id"}};
  return layout.dump(2) + "\n";
}
std::string config_text() {
  const Json config{{"extensionName", kLayout},
                    {"digestAlgorithm", "sha256"},
                    {"tupleSize", 3},
                    {"numberOfTuples", 3}};
  return config.dump(2) + "\n";
}

}  // namespace

Status OcflRoot::initialise() const {
  ALIH_CHECK(make_folder(root_));
  ALIH_CHECK(write_missing(root_ / "ocfl_layout.json", layout_text()));
  const auto extension = root_ / "extensions" / kLayout;
  ALIH_CHECK(make_folder(extension));
  ALIH_CHECK(write_missing(extension / "config.json", config_text()));
  return write_missing(root_ / kRootMark, "ocfl_1.1\n");
}

fs::path OcflRoot::object_path(const ItemId& id) const {
  const auto name = id.str();
  const auto digest = sha256_hex(std::as_bytes(std::span(name)));
  return root_ / digest.substr(0, 3) / digest.substr(3, 3) / digest.substr(6, 3) / name;
}

bool OcflRoot::has(const ItemId& id) const {
  // An object gets its place whole, so a folder there is one, whatever became of its mark.
  std::error_code error;
  return fs::is_directory(object_path(id), error);
}

int OcflRoot::head(const ItemId& id) const {
  const auto object = object_path(id);
  std::error_code error;
  int number = 0;
  while (number < kMostVersions && fs::is_directory(object / version_name(number + 1), error)) {
    ++number;
  }
  return number;
}

std::optional<fs::path> OcflRoot::find(const ItemId& id, const std::string& name) const {
  const auto object = object_path(id);
  std::error_code error;
  for (int number = head(id); number > 0; --number) {
    auto path = object / version_name(number) / "content" / name;
    if (fs::exists(path, error)) return path;
  }
  return std::nullopt;
}

std::map<std::string, fs::path> OcflRoot::files(const ItemId& id) const {
  std::map<std::string, fs::path> out;
  const auto object = object_path(id);
  for (int number = head(id); number > 0; --number) {
    std::error_code error;
    for (fs::directory_iterator it(object / version_name(number) / "content", error), end;
         !error && it != end; it.increment(error)) {
      out.emplace(it->path().filename().string(), it->path());  // the newest came first
    }
  }
  return out;
}

namespace {

// Calls take(id) for each object until it says false.
template <typename Take>
void each_object(const fs::path& root, Take take) {
  std::error_code error;
  constexpr int kDepth = 3;  // tuples above an object
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end;
       it.increment(error)) {
    const auto name = it->path().filename().string();
    std::error_code ignored;
    if (!it->is_directory(ignored) || name == "extensions") {
      it.disable_recursion_pending();
      continue;
    }
    if (it.depth() < kDepth) continue;
    it.disable_recursion_pending();
    const auto id = ItemId::parse(name);
    if (id && !take(*id)) return;
  }
}

}  // namespace

std::vector<ItemId> OcflRoot::objects() const {
  std::vector<ItemId> out;
  each_object(root_, [&](const ItemId& id) {
    out.push_back(id);
    return true;
  });
  std::sort(out.begin(), out.end());
  return out;
}

bool OcflRoot::empty() const {
  bool none = true;
  each_object(root_, [&](const ItemId&) { return none = false; });
  return none;
}

Status OcflRoot::add_version(const ItemId& id, const fs::path& work,
                             const std::vector<VersionFile>& files, const VersionNote& note) const {
  const auto object = object_path(id);
  const int before = head(id);
  const auto name = version_name(before + 1);
  Json inventory{{"id", id.str()},
                 {"type", "https://ocfl.io/1.1/spec/#inventory"},
                 {"digestAlgorithm", "sha512"},
                 {"head", name},
                 {"contentDirectory", "content"},
                 {"manifest", Json::object()},
                 {"versions", Json::object()},
                 {"fixity", {{"sha256", Json::object()}}}};
  std::map<std::string, std::string> state;  // logical path -> sha512
  if (before > 0) {
    ALIH_TRY(const auto text, text_of(object / "inventory.json"));
    auto old = Json::parse(text, nullptr, false);
    try {
      inventory["manifest"] = old.at("manifest");
      inventory["versions"] = old.at("versions");
      inventory["fixity"] = old.at("fixity");
      for (const auto& [digest, names] :
           old.at("versions").at(version_name(before)).at("state").items()) {
        for (const auto& logical : names) state[logical.get<std::string>()] = digest;
      }
    } catch (const std::exception&) {
      return fail(ErrorCode::damaged, "{}: inventory.json rusak; jalankan alihmedia verify",
                  "{}: inventory.json is damaged; run alihmedia verify", {id.str()});
    }
  }
  for (const auto& file : files) {
    const auto path = name + "/content/" + file.name;
    inventory["manifest"][file.fixity.sha512].push_back(path);
    inventory["fixity"]["sha256"][file.fixity.sha256].push_back(path);
    state[file.name] = file.fixity.sha512;
  }
  Json view = Json::object();
  for (const auto& [logical, digest] : state) view[digest].push_back(logical);
  inventory["versions"][name] = {{"created", note.created},
                                 {"message", note.message},
                                 {"user", {{"name", note.user}}},
                                 {"state", view}};
  const auto text = inventory.dump(1) + "\n";
  ALIH_CHECK(sync_folder(work / "content"));
  ALIH_CHECK(write_inventory(work, text));
  if (before > 0) {
    ALIH_CHECK(move(work, object / name));
    return complete(id);
  }
  // The first version comes with its object around it.
  auto around = work;
  around += ".object";
  remove_tree(around);
  ALIH_CHECK(make_folder(around));
  ALIH_CHECK(move(work, around / name));
  ALIH_CHECK(write_inventory(around, text));
  ALIH_TRY([[maybe_unused]] const auto mark,
           write_durably(around / kObjectMark, std::string_view("ocfl_object_1.1\n")));
  ALIH_CHECK(make_folder(object.parent_path()));
  return move(around, object);
}

Status OcflRoot::complete(const ItemId& id) const {
  const int number = head(id);
  if (number == 0) return {};
  const auto object = object_path(id);
  remove_partials(object);
  for (auto folder = object; folder != root_; folder = folder.parent_path()) {
    ALIH_CHECK(sync_folder(folder));  // whoever moved it here may not have come to it
  }
  ALIH_CHECK(sync_folder(root_));
  ALIH_TRY(const auto newest, text_of(object / version_name(number) / "inventory.json"));
  const auto root = text_of(object / "inventory.json");
  const auto root_sidecar = text_of(object / "inventory.json.sha512");
  const auto version_sidecar = text_of(object / version_name(number) / "inventory.json.sha512");
  if (root && *root == newest && root_sidecar && version_sidecar &&
      *root_sidecar == *version_sidecar) {
    return {};
  }
  return write_inventory(object, newest);
}

std::map<std::string, std::string> OcflRoot::manifest(const ItemId& id) const {
  std::map<std::string, std::string> out;
  const int number = head(id);
  // The newest version's copy stands in for a damaged one in the root.
  for (const auto& folder : {object_path(id), object_path(id) / version_name(number)}) {
    const auto text = text_of(folder / "inventory.json");
    const auto inventory = Json::parse(text ? *text : std::string(), nullptr, false);
    if (inventory.is_discarded()) continue;
    try {
      for (const auto& [digest, paths] : inventory.at("manifest").items()) {
        for (const auto& path : paths) out[path.get<std::string>()] = digest;
      }
      return out;
    } catch (const std::exception&) {
      out.clear();
    }
  }
  return out;
}

void OcflRoot::check_root(
    const std::function<void(const std::string&, const std::string&)>& problem) const {
  const auto mark = text_of(root_ / kRootMark);
  if (!mark || *mark != "ocfl_1.1\n") problem("repository", "the storage root has no 0=ocfl_1.1");
  const auto layout = text_of(root_ / "ocfl_layout.json");
  if (!layout || *layout != layout_text()) {
    problem("repository", "ocfl_layout.json is not what it should be");
  }
  const auto config = text_of(root_ / "extensions" / kLayout / "config.json");
  if (!config || *config != config_text()) {
    problem("repository", "the layout's config.json is not what it should be");
  }
}

void OcflRoot::check(const ItemId& id,
                     const std::function<void(const std::string&, const std::string&)>& problem,
                     const std::function<void(const std::string& name, const Fixity&)>& checked,
                     const ReadPace& pace) const {
  const auto object = object_path(id);
  const auto place = id.str();
  const auto mark = text_of(object / kObjectMark);
  if (!mark || *mark != "ocfl_object_1.1\n") problem(place, "0=ocfl_object_1.1 is missing");
  const int number = head(id);
  const auto inventory_of = [&](const fs::path& folder, const std::string& where) -> std::string {
    const auto text = text_of(folder / "inventory.json");
    const auto side = text_of(folder / "inventory.json.sha512");
    const auto fixity = file_fixity(folder / "inventory.json");
    if (!text || !side || !fixity) {
      problem(where, "inventory.json or its digest is missing");
      return {};
    }
    if (*side != sidecar(fixity->sha512)) {
      problem(where, "inventory.json is not what its digest says");
    }
    return *text;
  };
  const auto root_text = inventory_of(object, place);
  for (int v = 1; v <= number; ++v) {
    const auto text = inventory_of(object / version_name(v), place + "/" + version_name(v));
    if (v == number && text != root_text) {
      problem(place, "the inventory of the newest version is not the object's");
    }
  }
  const auto inventory = Json::parse(root_text, nullptr, false);
  if (inventory.is_discarded()) {
    problem(place, "inventory.json cannot be read");
    return;
  }
  try {
    if (inventory.at("id") != place) problem(place, "the inventory names another object");
    if (inventory.at("head") != version_name(number)) {
      problem(place, "the head is not the newest version");
    }
    std::set<std::string> listed;
    std::set<std::string> digests;
    for (const auto& [digest, paths] : inventory.at("manifest").items()) {
      digests.insert(digest);
      for (const auto& entry : paths) {
        const auto path = entry.get<std::string>();
        listed.insert(path);
        const auto fixity = file_fixity(object / path, pace);
        if (!fixity && fixity.error().code == ErrorCode::stopped) return;
        if (!fixity) {
          problem(place + "/" + path, fixity.error().message.en);
          continue;
        }
        checked(path, *fixity);
        if (fixity->sha512 != digest) {
          problem(place + "/" + path, "the bytes are not those that were stored");
        }
      }
    }
    for (const auto& [version, entry] : inventory.at("versions").items()) {
      for (const auto& [digest, names] : entry.at("state").items()) {
        if (!digests.contains(digest)) {
          problem(place + "/" + version, "its state names a file that the manifest does not have");
        }
      }
    }
    std::error_code error;
    for (fs::recursive_directory_iterator it(object, error), end; !error && it != end;
         it.increment(error)) {
      if (!it->is_regular_file(error)) continue;
      const auto path = it->path().lexically_relative(object).string();
      const auto name = it->path().filename().string();
      const bool own = name == kObjectMark || name.starts_with("inventory.json");
      if (!own && !listed.contains(path)) {
        problem(place + "/" + path, "a file that the inventory does not know");
      }
    }
  } catch (const std::exception& e) {
    problem(place, std::string("inventory.json: ") + e.what());
  }
}

}  // namespace alih::repository
