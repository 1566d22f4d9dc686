#include "processing/make_stage.h"

#include <array>

#include "processing/blank.h"
#include "processing/codes.h"
#include "processing/crop.h"
#include "processing/deskew.h"
#include "processing/despeckle.h"
#include "processing/dewarp.h"
#include "processing/edges.h"
#include "processing/level.h"
#include "processing/show_through.h"

namespace alih::processing {
namespace {

struct Maker {
  std::string_view name;
  std::unique_ptr<Stage> (*make)(const Settings& settings);
};
constexpr std::array kMakers = {
    Maker{"codes", [](const Settings&) { return make_codes(); }},
    Maker{"crop", [](const Settings& s) { return make_crop(s.crop); }},
    Maker{"deskew", [](const Settings& s) { return make_deskew(s.deskew); }},
    Maker{"edges", [](const Settings& s) { return make_edges(s.edges); }},
    Maker{"dewarp", [](const Settings& s) { return make_dewarp(s.dewarp); }},
    Maker{"level", [](const Settings& s) { return make_level(s.level); }},
    Maker{"show_through", [](const Settings& s) { return make_show_through(s.show_through); }},
    Maker{"despeckle", [](const Settings& s) { return make_despeckle(s.despeckle); }},
    Maker{"blank", [](const Settings& s) { return make_blank(s.blank); }},
};

}  // namespace

std::unique_ptr<Stage> make_stage(const StageRow& row, const Settings& settings) {
  for (const auto& maker : kMakers) {
    if (maker.name == row.name) return maker.make(settings);
  }
  return nullptr;
}

}  // namespace alih::processing
