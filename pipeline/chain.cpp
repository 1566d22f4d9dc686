#include "pipeline/chain.h"

#include <algorithm>
#include <map>

#include <sys/stat.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/signature.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

constexpr std::uint64_t kMostHead = 64 * 1024;

std::string signed_text(const SignedHead& h) {
  return "alihmedia-chain-head-1\n" + std::to_string(h.sequence) + "\n" + h.sha256 + "\n" + h.at +
         "\n";
}

Result<std::string> text_of(const fs::path& path) {
  ALIH_TRY(const auto bytes, repository::read_file(path, kMostHead));
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// Made once; never replaced, since old heads are checked with it.
Result<std::string> private_key(const fs::path& data) {
  const auto path = data / "keys" / "chain.key";
  auto text = text_of(path);
  if (text) return text;
  if (text.error().code != ErrorCode::not_found) return text;
  ALIH_CHECK(repository::make_folder(path.parent_path()));
  const auto key = make_signing_key();
  ::chmod(path.parent_path().c_str(), 0700);  // before there is anything to read in it
  ALIH_TRY([[maybe_unused]] const auto written, repository::write_durably(path, key.private_pem));
  ::chmod(path.c_str(), 0600);
  ALIH_TRY([[maybe_unused]] const auto exported,
           repository::write_durably(data / "keys" / "chain.pub", key.public_pem));
  return key.private_pem;
}

}  // namespace

std::string to_json(const SignedHead& h) {
  return json{{"format", "alihmedia-chain-head"},
              {"version", 1},
              {"sequence", h.sequence},
              {"sha256", h.sha256},
              {"at", h.at},
              {"public_key", h.public_key},
              {"signature", h.signature}}
             .dump(1) +
         "\n";
}

Result<SignedHead> signed_head_from_json(std::string_view text) {
  try {
    const auto j = json::parse(text);
    if (j.at("format") != "alihmedia-chain-head" || j.at("version") != 1) {
      throw std::invalid_argument("not a head of the chain of events");
    }
    return SignedHead{j.at("sequence").get<std::uint64_t>(), j.at("sha256").get<std::string>(),
                      j.at("at").get<std::string>(), j.at("public_key").get<std::string>(),
                      j.at("signature").get<std::string>()};
  } catch (const std::exception& e) {
    return fail(ErrorCode::damaged, "Kepala rantai kejadian tidak terbaca: {}",
                "The head of the chain of events cannot be read: {}", {e.what()});
  }
}

Result<SignedHead> sign_head(const indexer::Database& database, const fs::path& data) {
  ALIH_TRY(const auto key, private_key(data));
  const auto head = database.chain_head();
  SignedHead out{head.sequence, head.sha256, utc_now(), {}, {}};
  const auto signature = sign(signed_text(out), key);
  const auto public_key = public_key_of(key);
  if (!signature || !public_key) {
    return fail(ErrorCode::damaged,
                "Kunci keys/chain.key tidak terbaca; pulihkan dari salinan cadangan",
                "The key keys/chain.key cannot be read; restore it from the backup");
  }
  out.signature = *signature;
  out.public_key = *public_key;
  return out;
}

Status keep_daily_head(const indexer::Database& database, const fs::path& data) {
  if (database.chain_head().sequence == 0) return {};
  const auto path = data / "heads" / (utc_now().substr(0, 10) + ".json");
  std::error_code error;
  if (fs::exists(path, error)) return {};
  ALIH_TRY(const auto head, sign_head(database, data));
  ALIH_CHECK(repository::make_folder(path.parent_path()));
  ALIH_TRY([[maybe_unused]] const auto written, repository::write_durably(path, to_json(head)));
  return {};
}

std::vector<BrokenLink> check_chain(const indexer::Database& database, const fs::path& data,
                                    const std::vector<fs::path>& exported) {
  std::vector<BrokenLink> out;
  std::multimap<std::uint64_t, std::pair<std::string, std::string>>
      heads;  // sequence -> sha, where
  auto files = exported;
  std::error_code error;
  for (fs::directory_iterator it(data / "heads", error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".json") files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  const auto own_key = text_of(data / "keys" / "chain.pub");
  for (const auto& file : files) {
    const auto name = file.filename().string();
    const auto text = text_of(file);
    const auto head = text ? signed_head_from_json(*text) : Result<SignedHead>(fail(text.error()));
    if (!head) {
      out.push_back({name, head.error().message.en});
      continue;
    }
    if (!signature_holds(signed_text(*head), head->signature, head->public_key)) {
      out.push_back({name, "the signature of this head does not hold"});
      continue;
    }
    if (own_key && *own_key != head->public_key) {
      out.push_back({name, "this head was signed with another key"});
      continue;
    }
    heads.emplace(head->sequence, std::pair(head->sha256, name));
  }
  indexer::ChainHead head;
  bool broken = false;
  const auto read = database.each_event([&](const Event& e) {
    if (e.sequence != head.sequence + 1 || e.previous_sha256 != head.sha256 ||
        e.sha256 != event_digest(e)) {
      out.push_back(
          {"event " + std::to_string(head.sequence + 1), "the chain of events is broken here"});
      broken = true;
      return false;
    }
    head = {e.sequence, e.sha256};
    const auto [from, to] = heads.equal_range(e.sequence);
    for (auto it = from; it != to; ++it) {
      if (it->second.first != e.sha256) {
        out.push_back({"event " + std::to_string(e.sequence),
                       "it is not the one that the signed head " + it->second.second + " names"});
      }
    }
    return true;
  });
  if (!read) out.push_back({"database", read.error().message.en});
  if (read && !broken && head.sha256 != database.chain_head().sha256) {
    out.push_back({"event " + std::to_string(head.sequence), "events are missing at the end"});
  }
  if (read && !broken && !heads.empty() && heads.rbegin()->first > head.sequence) {
    out.push_back(
        {"event " + std::to_string(head.sequence + 1),
         "events are missing that the signed head " + heads.rbegin()->second.second + " names"});
  }
  return out;
}

}  // namespace alih::pipeline
