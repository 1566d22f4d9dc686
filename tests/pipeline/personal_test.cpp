// Identity numbers: nowhere in clear, seen on purpose only, and gone for good when they are erased.
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/fields.h"
#include "pipeline/holdings.h"
#include "pipeline/processor.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kNik = "7201051203870001";
const Agent kSiti{"person", "Siti", "", "siti", "198704122010012003"};

class PersonalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    open();
    Item draft;
    draft.id = ItemId::make();
    draft.series = "ALM-ARS";
    draft.fields["title"] = {"Formulir anggota"};
    ASSERT_TRUE(set_field(draft, "no_hp", "081234567890"));
    const auto made = holdings_->create_item(draft, {}, kSiti);
    ASSERT_TRUE(made) << made.error().message.en;
    id_ = made->id;
    const auto set = holdings_->set_fields(
        id_, {{"nik", kNik}, {"nik", "7201055555550002"}, {"title", "Formulir"}}, kSiti);
    ASSERT_TRUE(set) << set.error().message.en;
  }
  void open() {
    holdings_.reset();
    Everything settings;
    settings.repository.keep_free_mib = 0;
    settings.repository.keep_free_percent = 0;
    settings.repository.ballast_mib = 0;
    auto opened = Holdings::open(folder_.path(), settings, Holdings::Mode::write);
    ASSERT_TRUE(opened) << opened.error().message.en;
    holdings_ = std::move(*opened);
  }
  // Files that hold the text, of the whole data folder.
  std::vector<std::string> files_with(const std::string& text) {
    std::vector<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      std::stringstream all;
      all << in.rdbuf();
      if (all.str().find(text) != std::string::npos) out.push_back(entry.path().string());
    }
    return out;
  }
  [[nodiscard]] fs::path key() const {
    return folder_ / "keys" / "personal" / (id_.str() + ".key");
  }
  std::vector<std::string> problems() {
    std::vector<std::string> out;
    for (const auto& p : holdings_->verify({}, [](std::uint64_t, std::uint64_t) {}).problems) {
      out.push_back(p.kind + " " + p.where);
    }
    return out;
  }

  testing_support::TempFolder folder_;
  std::unique_ptr<Holdings> holdings_;
  ItemId id_;
};

TEST_F(PersonalTest, AreNowhereInClearAndNotFound) {
  for (const char* secret : {kNik, "7201055555550002", "081234567890"}) {
    EXPECT_THAT(files_with(secret), IsEmpty()) << secret;
    indexer::SearchRequest request;
    request.query = secret;
    EXPECT_EQ(holdings_->database().search(request)->total, 0U);
  }
  EXPECT_FALSE(files_with("sealed:").empty()) << "the search above looks where they are";
  const auto item = holdings_->database().item(id_);
  EXPECT_TRUE(has_personal(*item));
  EXPECT_FALSE(register_values(*item, {}).contains("identity_no"));
  EXPECT_FALSE(has_personal(record_entry(*holdings_, *item, "").item)) << "nor exported";
  struct stat info {};
  ASSERT_EQ(::stat(key().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(PersonalTest, AreShownOnPurposeAndThatIsAnEvent) {
  const auto values = holdings_->read_personal(id_, kSiti);
  ASSERT_TRUE(values) << values.error().message.en;
  EXPECT_EQ(values->at("identity_no"), (std::vector<std::string>{kNik, "7201055555550002"}));
  EXPECT_EQ(values->at("phone"), (std::vector<std::string>{"081234567890"}));
  const auto last = holdings_->database().events(id_).back();
  EXPECT_EQ(last.type, "personal data access");
  EXPECT_EQ(last.agent, kSiti);
  EXPECT_EQ(last.detail, "identity_no, phone shown");
  EXPECT_EQ(holdings_->set_fields(id_, {{"nik", "sealed:AAAA"}}, kSiti).error().code,
            ErrorCode::bad_field);
}

TEST_F(PersonalTest, AreErasedWithTheKeySoThatNoVersionOpens) {
  const auto before = *holdings_->database().item(id_);  // as an old version has it
  const auto erased = holdings_->erase_personal(id_, "permintaan anggota", kSiti);
  ASSERT_TRUE(erased) << erased.error().message.en;
  EXPECT_FALSE(has_personal(*erased));
  EXPECT_FALSE(fs::exists(key()));
  EXPECT_EQ(open_personal(folder_.path(), before).error().code, ErrorCode::damaged);
  const auto last = holdings_->database().events(id_).back();
  EXPECT_EQ(last.type, "personal data erasure");
  EXPECT_THAT(last.detail, HasSubstr("permintaan anggota"));
  EXPECT_TRUE(holdings_->read_personal(id_, kSiti)->empty());
  EXPECT_EQ(holdings_->erase_personal(id_, "lagi", kSiti).error().code, ErrorCode::wrong_state);
  EXPECT_THAT(problems(), IsEmpty());
  // What comes later gets another key: the old versions stay shut.
  ASSERT_TRUE(holdings_->set_fields(id_, {{"nik", kNik}}, kSiti));
  EXPECT_TRUE(holdings_->read_personal(id_, kSiti));
  EXPECT_FALSE(open_personal(folder_.path(), before));
}

TEST_F(PersonalTest, ALostKeyIsAProblemThatVerifyNames) {
  fs::remove(key());
  EXPECT_THAT(problems(), testing::ElementsAre(HasSubstr("keys/personal/" + id_.str())));
  EXPECT_EQ(holdings_->read_personal(id_, kSiti).error().code, ErrorCode::damaged);
}

TEST_F(PersonalTest, AnErasureThatWasCutOffIsFinishedByTheNextOne) {
  const auto saved = folder_ / "kept.key";
  fs::copy(key(), saved);
  ASSERT_TRUE(holdings_->erase_personal(id_, "permintaan", kSiti));
  fs::rename(saved, key());  // as if the power had gone before the key did
  ASSERT_TRUE(holdings_->erase_personal(id_, "permintaan", kSiti));
  EXPECT_FALSE(fs::exists(key()));
}

}  // namespace
}  // namespace alih::pipeline
