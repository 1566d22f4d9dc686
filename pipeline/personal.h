#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/holdings.h"
#include "core/result.h"

// Personal data of an item (core/fields.h: `personal`): sealed with a key of the item's own,
// keys/personal/<ULID>.key (mode 0600), before it gets anywhere near a file of the repository.
// Files are never changed again once they are in a closed version, so forgetting the key is what
// erases: every version then holds a text that nobody can open. Not in step with the database;
// callers stand in line (Holdings). Errors: disk_full, unavailable; damaged when a key is gone or
// does not fit.
namespace alih::pipeline {

using PersonalValues = std::map<std::string, std::vector<std::string>>;

// Seals what is not sealed yet; makes the key when the item has none.
[[nodiscard]] Status seal_personal(const std::filesystem::path& data, Item& item);
[[nodiscard]] Result<PersonalValues> open_personal(const std::filesystem::path& data,
                                                   const Item& item);
[[nodiscard]] bool has_personal_key(const std::filesystem::path& data, const ItemId& item);
[[nodiscard]] Status forget_personal_key(const std::filesystem::path& data, const ItemId& item);

}  // namespace alih::pipeline
