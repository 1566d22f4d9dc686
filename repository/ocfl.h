#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/fixity.h"
#include "core/id.h"
#include "core/result.h"
#include "repository/durable_file.h"

// An OCFL 1.1 storage root with one object an item: https://ocfl.io/1.1/spec/. Object ids are the
// items' ULIDs, laid out by extension 0003 (sha256, three tuples of three); logical paths are flat
// file names. Every changed file is stored anew, so the newest version that holds a name holds its
// current content, and reading needs no inventory.
namespace alih::repository {

struct VersionFile {
  std::string name;
  Fixity fixity;
};
struct VersionNote {
  std::string created;  // UTC
  std::string message;
  std::string user;
};

class OcflRoot {
 public:
  explicit OcflRoot(std::filesystem::path root) : root_(std::move(root)) {}

  // Writes the root's own files where they are missing.
  [[nodiscard]] Status initialise() const;
  [[nodiscard]] std::filesystem::path object_path(const ItemId& id) const;
  [[nodiscard]] bool has(const ItemId& id) const;
  // Number of the newest version, 0 without an object.
  [[nodiscard]] int head(const ItemId& id) const;
  [[nodiscard]] std::optional<std::filesystem::path> find(const ItemId& id,
                                                          const std::string& name) const;
  // Current files by name.
  [[nodiscard]] std::map<std::string, std::filesystem::path> files(const ItemId& id) const;
  // Walks the whole root.
  [[nodiscard]] std::vector<ItemId> objects() const;
  [[nodiscard]] bool empty() const;  // ends at the first object

  // Makes the folder's files the next version; they are moved, not copied. All or nothing: until
  // the version has its place, undo() puts everything back; from then on complete() carries on.
  // `work` is a folder in the same file system that holds nothing else: its "content" has the
  // files.
  [[nodiscard]] Status add_version(const ItemId& id, const std::filesystem::path& work,
                                   const std::vector<VersionFile>& files,
                                   const VersionNote& note) const;
  // After a crash: gives the newest version its inventory in the object's root.
  [[nodiscard]] Status complete(const ItemId& id) const;

  // Checks everything the specification asks of an object, all digests included. `problem` gets
  // place and detail, `checked` the bytes of each file read.
  void check(const ItemId& id,
             const std::function<void(const std::string&, const std::string&)>& problem,
             const std::function<void(const std::string& name, const Fixity&)>& checked,
             const ReadPace& pace = {}) const;
  // What the object's inventory says of each content file: path within the object -> SHA-512. Empty
  // when the inventory cannot be read.
  [[nodiscard]] std::map<std::string, std::string> manifest(const ItemId& id) const;
  void check_root(const std::function<void(const std::string&, const std::string&)>& problem) const;

 private:
  std::filesystem::path root_;
};

}  // namespace alih::repository
