// What a person may type into the search box, asked of a small index, and as text that is looked
// in.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "indexer/analyzer.h"
#include "indexer/micro_segment.h"
#include "indexer/query.h"
#include "indexer/text_index.h"

namespace {

using namespace alih;
using namespace alih::indexer;

struct World {
  Stemmer stemmer{installed_words()};
  Synonyms synonyms = Synonyms::from_text(built_in_synonyms());
  IndexView view;

  World() {
    Inverter inverter;
    const char* texts[] = {"Goeroe jang tjerdik mengadjar di Loewoek oentoek anak2",
                           "Seorang guru yang cerdik mengajar surat-suratnya 470/123/2019",
                           "Rp 1.250.000,50 pada 17-08-1945 perpustakaan ditulis kementerian"};
    std::uint32_t ordinal = 1;
    for (const auto* text : texts) {
      TextLayer layer;
      Line line;
      for (std::string_view rest(text); !rest.empty();) {
        const auto end = std::min(rest.find(' '), rest.size());
        line.words.push_back({std::string(rest.substr(0, end)), {}, 1.0});
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
      layer.blocks = {{{}, {line}}};
      add_page(inverter, stemmer, ordinal, "01ARZ3NDEKTSV4RRFFQ69G5FAV", ordinal, layer);
      ++ordinal;
    }
    view.set_facts("01ARZ3NDEKTSV4RRFFQ69G5FAV", ItemFacts());
    if (auto segment = MicroSegment::open(encode_micro(inverter))) {
      view.add_segment(1, *segment, [](std::uint32_t) { return false; });
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)parse_query(text);
  (void)parts_of(text);
  (void)number_form(text);
  (void)joined_form(text);
  (void)world.stemmer.root_of(text);
  SearchRequest request;
  request.query = text;
  const auto found = search(world.view, world.stemmer, world.synonyms, request);
  if (found) {
    TextLayer layer;
    layer.blocks = {{{}, {Line{{}, {{std::string(text), {}, 1.0}}, {}}}}};
    (void)show_page(layer, found->highlight, world.stemmer, 30);
    (void)show_values({std::string(text)}, found->highlight, world.stemmer);
  }
  return 0;
}
