#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/catalogue.h"
#include "core/fixity.h"
#include "core/result.h"
#include "repository/durable_file.h"

// The catalogue's files: catalogue/<ULID>.jsonl, one an import, never changed. A header line, a
// line a record, and the import's event, which names the digest of what stands before it. Of a
// record that is in several files the newest counts.
namespace alih::repository {

struct CatalogueHeader {
  std::string id;  // ULID, the file's name
  std::string source;
  std::string file;    // what the imported file was called
  std::string sha512;  // of it
  std::string at;      // UTC
};

// Written aside; not committed = nothing was imported. One thread.
class CatalogueWriter {
 public:
  [[nodiscard]] static Result<CatalogueWriter> create(const std::filesystem::path& data_folder,
                                                      const CatalogueHeader& header);
  [[nodiscard]] Status add(const CatalogueRecord& record);
  // Of the header and the records so far; then nothing more can be added.
  [[nodiscard]] std::string seal();
  [[nodiscard]] Status commit(const Event& event);

 private:
  explicit CatalogueWriter(DurableFile file) : file_(std::move(file)) {}
  DurableFile file_;
  Sha256 digest_;
};

// Names, oldest first.
[[nodiscard]] std::vector<std::string> catalogue_files(const std::filesystem::path& data_folder);

// Checks the file against its event, then calls with each record. Errors: damaged, what the call
// says.
[[nodiscard]] Result<Event> read_catalogue_file(const std::filesystem::path& data_folder,
                                                const std::string& name,
                                                const std::function<Status(CatalogueRecord)>& call);
// The same of a copy that lies elsewhere.
[[nodiscard]] Result<Event> read_catalogue_copy(const std::filesystem::path& path,
                                                const std::string& name,
                                                const std::function<Status(CatalogueRecord)>& call);

}  // namespace alih::repository
