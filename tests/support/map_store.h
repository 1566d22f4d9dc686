#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>

#include "indexer/inverter.h"
#include "indexer/keyed_segment.h"
#include "indexer/merge.h"

namespace alih::testing_support {

// A keyed segment's values in memory.
class MapStore final : public indexer::PartSource {
 public:
  std::array<std::map<std::string, std::string, std::less<>>, indexer::kPartCount> parts;

  [[nodiscard]] Result<indexer::Pinned> get(indexer::Part part,
                                            std::string_view key) const override {
    const auto& values = parts[static_cast<std::size_t>(part)];
    const auto found = values.find(key);
    if (found == values.end()) return fail(indexer::index_damaged());
    indexer::Pinned out;
    out.bytes = found->second;
    return out;
  }
  indexer::PartSink sink() {
    return [this](indexer::Part part, std::string_view key, std::string_view value) -> Status {
      parts[static_cast<std::size_t>(part)][std::string(key)] = value;
      return {};
    };
  }
};

inline std::shared_ptr<MapStore> store_of(std::uint32_t id, const indexer::Inverter& inverter) {
  auto store = std::make_shared<MapStore>();
  indexer::KeyedWriter writer(id, inverter.documents(), store->sink());
  inverter.each_term(
      [&](indexer::Field field, std::string_view term, const indexer::Postings& postings) {
        (void)writer.add(field, term, postings);
      });
  (void)writer.finish();
  return store;
}

}  // namespace alih::testing_support
