#include "repository/export/bagit.h"

#include <map>

#include "core/clock.h"
#include "core/records.h"
#include "core/version.h"
#include "repository/export/alto.h"
#include "repository/export/folder.h"
#include "repository/export/mets.h"

namespace alih::repository {
namespace {

// A line of bag-info.txt: no line breaks.
std::string info(std::string_view label, std::string text) {
  for (auto& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return std::string(label) + ": " + text + "\n";
}

}  // namespace

Result<Exported> write_bagit(const Package& package, const std::filesystem::path& to) {
  const auto& item = package.item;
  ALIH_TRY(auto bag, FolderExport::create(to, FolderExport::Kind::bag));
  std::map<std::string, const Page*> masters;  // a file of several pages is one master
  for (const auto& page : package.pages) masters.emplace(page.master.file, &page);
  for (const auto& [name, page] : masters) {
    ALIH_CHECK(bag.copy(package.master(*page), "masters/" + name, page->master.fixity));
  }
  for (const auto& page : package.pages) {
    if (page.state != PageState::indexed) continue;
    ALIH_TRY(const auto text, package.text(page));
    ALIH_CHECK(bag.write("alto/" + file_name(item.digitization_no, 'x', page.file_seq, "xml"),
                         alto_xml(item, page, text)));
  }
  std::string mets;
  ALIH_CHECK(mets_xml(package, [&](std::string_view text) -> Status {
    mets += text;
    return {};
  }));
  ALIH_CHECK(bag.write("mets.xml", mets));
  std::vector<Event> own;
  for (const auto& e : package.events) {
    if (e.page.empty()) own.push_back(e);
  }
  ALIH_CHECK(bag.write("item.json", to_json(ItemRecord{item, own})));
  return bag.finish(info("Bag-Software-Agent", "alihmedia " + std::string(kVersion)) +
                    info("Bagging-Date", local_date()) +
                    info("External-Identifier", item.digitization_no) +
                    info("Internal-Sender-Identifier", item.id.str()) +
                    info("External-Description", item.field("title")));
}

}  // namespace alih::repository
