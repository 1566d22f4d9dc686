#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/holdings.h"
#include "core/result.h"

// The domain's values as JSON text: the same in the files of the repository and in the database.
// docs/formats/records.md describes every key. Errors of the readers: damaged.
namespace alih {

// An item's own file: the item with all events of the item as a whole.
struct ItemRecord {
  Item item;
  std::vector<Event> events;
  bool operator==(const ItemRecord&) const = default;
};
// A page's own file: the page, its text, and its events.
struct PageRecord {
  Page page;
  TextLayer text;
  std::vector<Event> events;
  bool operator==(const PageRecord&) const = default;
};

[[nodiscard]] std::string to_json(const Event& event);
[[nodiscard]] std::string to_json(const Item& item);
[[nodiscard]] std::string to_json(const Page& page);
[[nodiscard]] std::string to_json(const TextLayer& text);
[[nodiscard]] std::string to_json(const ItemRecord& record);
[[nodiscard]] std::string to_json(const PageRecord& record);
[[nodiscard]] std::string to_json(const std::vector<Finding>& findings);
[[nodiscard]] std::string to_json(const std::vector<Code>& codes);
[[nodiscard]] Result<Event> event_from_json(std::string_view json);
[[nodiscard]] Result<Item> item_from_json(std::string_view json);
[[nodiscard]] Result<Page> page_from_json(std::string_view json);
[[nodiscard]] Result<TextLayer> text_from_json(std::string_view json);
[[nodiscard]] Result<std::vector<Finding>> findings_from_json(std::string_view json);
[[nodiscard]] Result<std::vector<Code>> codes_from_json(std::string_view json);
[[nodiscard]] Result<ItemRecord> item_record_from_json(std::string_view json);
[[nodiscard]] Result<PageRecord> page_record_from_json(std::string_view json);

}  // namespace alih
