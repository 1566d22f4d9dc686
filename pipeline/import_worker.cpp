#include "pipeline/import_worker.h"

#include <csignal>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "core/clock.h"
#include "core/error.h"
#include "core/json.h"
#include "pipeline/cage.h"
#include "pipeline/child.h"
#include "pipeline/descriptor.h"

namespace alih::pipeline {
namespace {

using nlohmann::json;

constexpr int kFd = 3;
constexpr std::size_t kRowsAtOnce = 500;
constexpr std::size_t kBytesAtOnce = std::size_t{4} << 20U;
constexpr std::size_t kMostRejected = 10000;  // more would only say that the wrong file was taken

std::string text_of(const json& j) {
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

json error_json(const Error& e) {
  return {{"code", std::string(code_name(e.code))}, {"id", e.message.id}, {"en", e.message.en}};
}

// The file's bytes without a copy.
class Mapped {
 public:
  explicit Mapped(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) != 0 || info.st_size <= 0) return;
    size_ = static_cast<std::size_t>(info.st_size);
    data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() {
    if (data_ != MAP_FAILED) ::munmap(data_, size_);
  }
  [[nodiscard]] std::span<const std::byte> bytes() const {
    if (data_ == MAP_FAILED) return {};
    return {static_cast<const std::byte*>(data_), size_};
  }

 private:
  void* data_ = MAP_FAILED;  // NOLINT: POSIX
  std::size_t size_ = 0;
};

json row_json(const repository::ImportRow& row) {
  json j{{"row", row.row}, {"fields", row.fields}};
  if (!row.extra.empty()) j["extra"] = row.extra;
  if (!row.given.empty()) j["given"] = row.given;
  return j;
}

repository::ImportRow row_from(const json& j) {
  repository::ImportRow row;
  row.row = j.at("row").get<int>();
  row.fields = j.at("fields").get<std::map<std::string, std::vector<std::string>>>();
  if (j.contains("extra")) row.extra = j.at("extra").get<ForeignValues>();
  if (j.contains("given")) row.given = j.at("given").get<std::map<std::string, std::string>>();
  return row;
}

}  // namespace

int run_import_worker() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::string message;
  std::vector<Descriptor> files;
  if (!read_message(kFd, message, files) || files.empty()) return 1;
  repository::ImportLimits limits;
  std::string from;
  CageLimits cage_limits;
  try {
    const auto request = json::parse(message);
    from = request.at("from").get<std::string>();
    limits.max_rows = request.at("rows").get<int>();
    cage_limits.memory_mib = request.at("memory_mib").get<int>();
    cage_limits.cpu_s = request.at("cpu_s").get<int>();
  } catch (const std::exception&) {
    return 1;
  }
  Cage::for_worker("/nonexistent", cage_limits).enter();
  const Mapped file(files.front().get());
  json rows = json::array();
  std::size_t bytes = 0;  // of them, about
  std::size_t rejected = 0;
  bool heard = true;
  const auto flush = [&]() -> Status {
    if (!rows.empty())
      heard = write_message(kFd, text_of({{"rows", std::exchange(rows, json::array())}}));
    bytes = 0;
    return heard ? Status() : Status(fail(ErrorCode::stopped, "Berhenti", "Stopped"));
  };
  repository::ImportSink sink;
  sink.row = [&](repository::ImportRow row) -> Status {
    for (const auto* values : {&row.fields, &row.extra}) {
      for (const auto& [name, all] : *values) {
        for (const auto& v : all) bytes += name.size() + v.size();
      }
    }
    rows.push_back(row_json(row));
    return rows.size() >= kRowsAtOnce || bytes >= kBytesAtOnce ? flush() : Status();
  };
  sink.reject = [&](int row, const Message& why) -> Status {
    if (++rejected > kMostRejected) {
      return fail(ErrorCode::unreadable, "Terlalu banyak baris yang ditolak; periksa --from",
                  "Too many rows are refused; check --from");
    }
    rows.push_back({{"row", row}, {"id", why.id}, {"en", why.en}});
    return rows.size() >= kRowsAtOnce ? flush() : Status();
  };
  auto done = repository::read_rows(from, file.bytes(), limits, sink);
  if (!heard) return 1;
  if (auto sent = flush(); !sent) return 1;
  const json last = done ? json{{"end", true}} : json{{"error", error_json(done.error())}};
  return write_message(kFd, text_of(last)) ? 0 : 1;
}

Status read_import(const std::string& program, const Everything& settings,
                   const std::filesystem::path& file, const std::string& from,
                   const repository::ImportSink& sink) {
  ALIH_TRY(const auto input, open_to_read(file, Links::follow));
  struct stat info {};
  constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
  if (::fstat(input.get(), &info) != 0 ||
      static_cast<std::uint64_t>(info.st_size) >
          static_cast<std::uint64_t>(settings.pipeline.import_mib) * kMiB) {
    return fail(ErrorCode::too_large, "Berkas lebih besar dari {} MiB",
                "The file is larger than {} MiB", {settings.pipeline.import_mib});
  }
  const double until = monotonic_seconds() + settings.pipeline.import_timeout_s;
  const auto left = [&] { return std::max(0.1, until - monotonic_seconds()); };
  ALIH_TRY(auto child, Child::start(program, {"import-worker"}));
  const json request{{"from", from},
                     {"rows", settings.pipeline.import_rows},
                     {"memory_mib", settings.pipeline.page_memory_mib},
                     {"cpu_s", settings.pipeline.import_timeout_s}};
  ALIH_CHECK(child.send(text_of(request), left(), std::array{input.get()}));
  for (;;) {
    auto received = child.receive(left());
    if (!received) {
      // Too slow, too large for its memory, or it broke the reader: the file is no good to us.
      const auto& why = received.error();
      const bool file_did_it = why.code == ErrorCode::timeout || why.code == ErrorCode::device_lost;
      if (!file_did_it) return fail(Error(why));
      return fail(ErrorCode::unreadable, "Berkas tidak dapat dibaca ({})",
                  "The file cannot be read ({})", {why.message.en});
    }
    const auto& message = *received;
    json answer;
    std::vector<std::pair<repository::ImportRow, std::optional<Message>>> rows;
    try {
      answer = json::parse(message);
      if (answer.contains("end")) return {};
      if (answer.contains("error")) {
        const auto& e = answer.at("error");
        return fail(Error{code_from_name(e.at("code").get<std::string>()),
                          {e.at("id").get<std::string>(), e.at("en").get<std::string>()}});
      }
      for (const auto& j : answer.at("rows")) {
        if (j.contains("fields")) {
          rows.emplace_back(row_from(j), std::nullopt);
        } else {
          rows.emplace_back(repository::ImportRow{j.at("row").get<int>(), {}, {}, {}},
                            Message{j.at("id").get<std::string>(), j.at("en").get<std::string>()});
        }
      }
    } catch (const std::exception&) {
      // It is caged since strangers' bytes may have taken it over.
      return fail(ErrorCode::unreadable, "Pembaca berkas menjawab kacau; berkasnya tidak diimpor",
                  "The file's reader answered nonsense; the file was not imported");
    }
    for (auto& [row, why] : rows) {
      ALIH_CHECK(why ? sink.reject(row.row, *why) : sink.row(std::move(row)));
    }
  }
}

}  // namespace alih::pipeline
