// Values of a keyed segment: one of a good one is replaced by what comes, with a right sum.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "indexer/crc32c.h"
#include "indexer/matching.h"
#include "tests/support/map_store.h"

namespace {

using namespace alih;
using namespace alih::indexer;

constexpr std::uint32_t kId = 1;

const testing_support::MapStore& good() {
  static const auto store = [] {
    Inverter inverter;
    constexpr std::uint32_t kDocuments = 400;
    for (std::uint32_t i = 0; i < kDocuments; ++i) {
      Document d;
      d.ordinal = i + 1;
      d.item = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
      d.page_seq = i + 1;
      d.lengths[0] = 4;
      inverter.add_document(d);
      inverter.add_term(Field::text, "satu", 0);
      inverter.add_term(Field::text, "dua", 1);
      inverter.add_term(Field::text, "t" + std::to_string(i % 9), 2);
      inverter.add_term(Field::root, "akar", 0);
    }
    return testing_support::store_of(kId, inverter);
  }();
  return *store;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto bad = std::make_shared<testing_support::MapStore>();
  bad->parts = good().parts;
  // The first byte says which value.
  std::size_t which = data[0];
  std::size_t all = 0;
  for (const auto& part : bad->parts) all += part.size();
  which %= all;
  for (auto& part : bad->parts) {
    if (which >= part.size()) {
      which -= part.size();
      continue;
    }
    auto value = std::next(part.begin(), static_cast<std::ptrdiff_t>(which));
    value->second = bytes.substr(1);
    seal(value->first, value->second);
    break;
  }
  const auto segment = KeyedSegment::open(kId, bad);
  if (!segment) return 0;
  (void)(*segment)->verify();
  (void)(*segment)->vocabulary();
  IndexView view;
  view.add_segment(kId, *segment, [](std::uint32_t) { return false; });
  const auto term = [](const char* word) { return PlanTerm{Field::text, word, false, {}}; };
  PlanSource one;
  one.slots = {{term("satu")}};
  PlanSource phrase;
  phrase.slots = {{term("satu")}, {term("dua")}};
  PlanSource other;
  other.slots = {{term("dua"), term("t3")}};
  for (const auto& source : {one, phrase, other}) {
    PlanLeaf leaf;
    leaf.sources = {source};
    (void)match(view, Plan{{{leaf}}}, {}, {});
    (void)match(view, Plan{{{leaf}, {leaf}}}, {}, {});
    (void)match(view, Plan{{{leaf, leaf}}}, {}, {});
  }
  return 0;
}
