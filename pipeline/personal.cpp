#include "pipeline/personal.h"

#include <cerrno>

#include <sys/stat.h>

#include "access/secret.h"
#include "core/fields.h"
#include "repository/disk.h"
#include "repository/durable_file.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& data) { return data / "keys" / "personal"; }
fs::path key_path(const fs::path& data, const ItemId& item) {
  return folder_of(data) / (item.str() + ".key");
}

Result<std::string> read_key(const fs::path& data, const ItemId& item) {
  constexpr std::uint64_t kMost = 64;
  ALIH_TRY(const auto bytes, repository::read_file(key_path(data, item), kMost));
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Result<std::string> key_of(const fs::path& data, const ItemId& item) {
  auto known = read_key(data, item);
  if (known || known.error().code != ErrorCode::not_found) return known;
  ALIH_CHECK(repository::make_folder(folder_of(data)));
  ::chmod((data / "keys").c_str(), 0700);  // before there is anything to read in it
  ::chmod(folder_of(data).c_str(), 0700);
  auto key = access::new_key();
  ALIH_TRY([[maybe_unused]] const auto written,
           repository::write_durably(key_path(data, item), std::string_view(key)));
  ::chmod(key_path(data, item).c_str(), 0600);
  return key;
}

bool is_personal(const std::string& name) {
  const auto* field = find_field(name);
  return field != nullptr && field->personal;
}

}  // namespace

Status seal_personal(const fs::path& data, Item& item) {
  for (auto& [name, values] : item.fields) {
    if (!is_personal(name)) continue;
    for (auto& value : values) {
      if (value.starts_with(kSealed)) continue;
      ALIH_TRY(const auto key, key_of(data, item.id));
      value = std::string(kSealed) + access::seal(value, key);
    }
  }
  return {};
}

Result<PersonalValues> open_personal(const fs::path& data, const Item& item) {
  PersonalValues out;
  if (!has_personal(item)) return out;
  const auto gone = [&] {
    return fail(
        ErrorCode::damaged,
        "Kunci data pribadi {} hilang atau tidak cocok; pulihkan keys/personal dari cadangan",
        "The key of the personal data of {} is gone or does not fit; restore keys/personal "
        "from a backup",
        {item.digitization_no});
  };
  const auto key = read_key(data, item.id);
  if (!key) return gone();
  for (const auto& [name, values] : item.fields) {
    if (!is_personal(name)) continue;
    for (const auto& value : values) {
      if (!value.starts_with(kSealed)) return gone();
      auto plain = access::unseal(std::string_view(value).substr(kSealed.size()), *key);
      if (!plain) return gone();
      out[name].push_back(std::move(*plain));
    }
  }
  return out;
}

bool has_personal_key(const fs::path& data, const ItemId& item) {
  std::error_code error;
  return fs::exists(key_path(data, item), error);
}

Status forget_personal_key(const fs::path& data, const ItemId& item) {
  if (!has_personal_key(data, item)) return {};
  if (repository::disk().unlink(key_path(data, item)) != 0) {
    return fail(repository::system_error(errno, "menghapus kunci data pribadi",
                                         "removing the key of personal data"));
  }
  return repository::sync_folder(folder_of(data));
}

}  // namespace alih::pipeline
