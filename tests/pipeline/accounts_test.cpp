// Accounts are files with their events, like everything else: they outlive the database, a crash
// between file and database, and nobody gets a role that the chain of events does not know of.
#include "pipeline/accounts.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "access/secret.h"
#include "core/clock.h"
#include "pipeline/refusals.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using access::Role;
using access::Roles;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Everything everything() {
  Everything out;
  out.repository.keep_free_mib = 0;
  out.repository.keep_free_percent = 0;
  out.repository.ballast_mib = 0;
  return out;
}
access::Settings quick() {
  access::Settings out;
  out.argon2_memory_mib = 8;
  out.argon2_passes = 1;
  return out;
}
const Agent kRoot{"person", "root", ""};

class AccountsTest : public ::testing::Test {
 protected:
  void open(Holdings::Mode mode = Holdings::Mode::write) {
    holdings_.reset();
    auto opened = Holdings::open(folder_.path(), everything(), mode);
    ASSERT_TRUE(opened) << opened.error().message.en;
    holdings_ = std::move(*opened);
  }
  Invited add(const std::string& name, Roles roles) {
    auto made = add_account(*holdings_, {name, "Nama " + name, "198704122010012003", "", roles},
                            quick(), kRoot);
    EXPECT_TRUE(made) << made.error().message.en;
    return made ? *made : Invited{};
  }
  std::vector<Event> chain() {
    std::vector<Event> out;
    EXPECT_TRUE(holdings_->database().each_event([&](const Event& e) {
      out.push_back(e);
      return true;
    }));
    return out;
  }
  std::vector<std::string> problems() {
    std::vector<std::string> out;
    for (const auto& p : holdings_->verify({}, [](std::uint64_t, std::uint64_t) {}).problems) {
      out.push_back(p.kind + " " + p.where + " " + p.detail);
    }
    return out;
  }
  [[nodiscard]] fs::path file_of(const access::Account& a) const {
    return folder_ / "people" / (a.id.str() + ".json");
  }
  static std::string text_of_file(const fs::path& path) {
    std::ifstream in(path);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
  }

  testing_support::TempFolder folder_;
  std::unique_ptr<Holdings> holdings_;
};

TEST_F(AccountsTest, AreInvitedChooseAPasswordAndAct) {
  open();
  EXPECT_FALSE(holdings_->people().any());
  const auto made = add("siti", {Role::operate});
  EXPECT_TRUE(holdings_->people().any());
  EXPECT_FALSE(
      redeem(*holdings_, "siti", "ABCDE-ABCDE-ABCDE-ABCDE-ABCDE", "pelabuhan luwuk", quick()));
  EXPECT_EQ(redeem(*holdings_, "siti", made.code, "pendek", quick()).error().code,
            ErrorCode::bad_field)
      << "the code is not used up by a bad choice";
  const auto done = redeem(*holdings_, "siti", made.code, "pelabuhan luwuk", quick());
  ASSERT_TRUE(done) << done.error().message.en;
  EXPECT_FALSE(redeem(*holdings_, "siti", made.code, "pelabuhan luwuk", quick())) << "once";
  EXPECT_EQ(add_account(*holdings_, {"siti", "Lain", "", "", {Role::operate}}, quick(), kRoot)
                .error()
                .code,
            ErrorCode::duplicate);
  // The act of a person has name, account and NIP; what is secret is in no event.
  const auto events = chain();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].agent, (Agent{"person", "Nama siti", "", "siti", "198704122010012003"}));
  for (const auto& e : events) {
    EXPECT_THAT(e.detail, Not(HasSubstr("argon2")));
    EXPECT_THAT(e.detail, Not(HasSubstr(made.code)));
  }
  struct stat info {};
  ASSERT_EQ(::stat(file_of(*done).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat((folder_ / "people").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
  EXPECT_THAT(text_of_file(file_of(*done)), Not(HasSubstr("pelabuhan")));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(AccountsTest, ComeBackFromTheirFilesWhenTheDatabaseIsLost) {
  open();
  const auto siti = add("siti", {Role::operate, Role::librarian}).account;
  ASSERT_TRUE(remove_account(*holdings_, add("budi", {Role::operate}).account.name, kRoot));
  const auto before = chain();
  const auto all = holdings_->people().all();
  holdings_.reset();
  fs::remove_all(folder_ / "index");
  const auto rebuilt = rebuild(folder_.path(), everything(), [](std::uint64_t, std::uint64_t) {});
  ASSERT_TRUE(rebuilt) << rebuilt.error().message.en;
  open();
  EXPECT_EQ(chain(), before);
  EXPECT_EQ(holdings_->people().all(), all);
  EXPECT_FALSE(holdings_->people().find("budi"));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(AccountsTest, OfAChangeThatWasCutOffTheFileCounts) {
  open();
  const auto siti = add("siti", {Role::operate}).account;
  const auto old_index = folder_ / "old";
  holdings_.reset();
  fs::copy(folder_ / "index", old_index, fs::copy_options::recursive);
  fs::copy(folder_ / "index.head", folder_ / "old.head");
  open();
  AccountChange change;
  change.roles = Roles{Role::archivist};
  ASSERT_TRUE(change_account(*holdings_, "siti", change, kRoot));
  holdings_.reset();
  // As after a loss of power between the file and the database.
  fs::remove_all(folder_ / "index");
  fs::rename(old_index, folder_ / "index");
  fs::remove(folder_ / "index.head");
  fs::rename(folder_ / "old.head", folder_ / "index.head");
  open();
  EXPECT_EQ(chain().size(), 2U);
  EXPECT_TRUE(holdings_->people().find("siti")->roles.has(Role::archivist));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(AccountsTest, AnAccountThatWasEditedByHandIsNobodys) {
  open();
  const auto siti = add("siti", {Role::operate}).account;
  const auto whole = text_of_file(file_of(siti));
  auto text = whole;
  text.replace(text.find("\"operator\""), 10, "\"section_head\"");
  std::ofstream(file_of(siti)) << text;
  open();
  EXPECT_FALSE(holdings_->people().find("siti"));
  EXPECT_TRUE(holdings_->people().any()) << "the door does not open for everybody at the machine";
  EXPECT_THAT(problems(), testing::Contains(HasSubstr("people/" + siti.id.str())));
  // Nor does an older file of a person who has lost a role since pass unseen.
  std::ofstream(file_of(siti)) << whole;
  open();
  AccountChange change;
  change.disabled = true;
  ASSERT_TRUE(change_account(*holdings_, "siti", change, kRoot));
  EXPECT_THAT(problems(), IsEmpty());
  std::ofstream(file_of(siti)) << whole;
  EXPECT_THAT(problems(), testing::Contains(HasSubstr("gone or older")));
  fs::remove(file_of(siti));
  EXPECT_THAT(problems(), testing::Contains(HasSubstr("gone or older")));
}

TEST_F(AccountsTest, TokensAreToldOnceAndGoWithTheirAccount) {
  open();
  (void)add("siti", {Role::operate});
  const auto made = new_token(*holdings_, "siti", "mesin", access::Scopes{access::Scope::read}, 30,
                              quick(), kRoot);
  ASSERT_TRUE(made);
  const auto known = holdings_->people().by_token(made->secret);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->account.name, "siti");
  EXPECT_THAT(text_of_file(file_of(known->account)), Not(HasSubstr(made->secret)));
  EXPECT_FALSE(holdings_->people().by_token(made->secret.substr(5)));
  EXPECT_FALSE(new_token(*holdings_, "siti", "x", {}, 30, quick(), kRoot)) << "for nothing";
  EXPECT_FALSE(new_token(*holdings_, "siti", "x", access::all_scopes(), 4000, quick(), kRoot));
  AccountChange off;
  off.disabled = true;
  ASSERT_TRUE(change_account(*holdings_, "siti", off, kRoot));
  EXPECT_FALSE(holdings_->people().by_token(made->secret)) << "disabled";
  off.disabled = false;
  ASSERT_TRUE(change_account(*holdings_, "siti", off, kRoot));
  EXPECT_TRUE(holdings_->people().by_token(made->secret));
  EXPECT_EQ(revoke_token(*holdings_, "budi", made->token.id, kRoot).error().code,
            ErrorCode::not_found)
      << "not another one's";
  ASSERT_TRUE(revoke_token(*holdings_, "siti", made->token.id, kRoot));
  EXPECT_FALSE(holdings_->people().by_token(made->secret));
}

TEST_F(AccountsTest, ReadersBesideAWriterSeeThem) {
  open();
  (void)add("siti", {Role::operate});
  const auto reader = Holdings::open(folder_.path(), everything(), Holdings::Mode::read);
  ASSERT_TRUE(reader);
  EXPECT_TRUE((*reader)->people().find("siti"));
}

TEST_F(AccountsTest, WhoSitsAtTheMachineIsKnownByTheSystemsUser) {
  open();
  const auto nobody = subject_at_machine(holdings_->people(), "petugas1", false);
  EXPECT_TRUE(nobody.owner) << "as long as there are no accounts";
  EXPECT_EQ(nobody.agent, (Agent{"person", "petugas1", ""}));
  ASSERT_TRUE(
      add_account(*holdings_, {"siti", "Siti", "", "petugas1", {Role::operate}}, quick(), kRoot));
  const auto siti = subject_at_machine(holdings_->people(), "petugas1", false);
  EXPECT_EQ(siti.account, "siti");
  EXPECT_FALSE(siti.owner);
  EXPECT_EQ(siti.roles, Roles{Role::operate});
  const auto owner = subject_at_machine(holdings_->people(), "petugas1", true);
  EXPECT_TRUE(owner.owner);
  EXPECT_EQ(owner.agent.name, "Siti") << "the owner acts in the name of the account";
  const auto other = subject_at_machine(holdings_->people(), "lain", false);
  EXPECT_TRUE(other.account.empty() && other.roles.empty() && !other.owner);
  EXPECT_EQ(
      add_account(*holdings_, {"budi", "Budi", "", "petugas1", {Role::operate}}, quick(), kRoot)
          .error()
          .code,
      ErrorCode::duplicate);
}

TEST_F(AccountsTest, DescribingIsNotDecidingOnRights) {
  open();
  access::Subject op;
  op.account = "op";
  op.roles = {Role::operate};
  access::Subject lib = op;
  lib.roles = {Role::librarian};
  Item item;
  item.access = AccessClass::open;
  EXPECT_TRUE(permit_fields(op, item, {{"title", "x"}}, "1"));
  for (const char* name : {"access_class", "rights_status", "licence_allows", "rights_basis"}) {
    EXPECT_EQ(permit_fields(op, item, {{"title", "x"}, {name, "y"}}, "1").error().code,
              ErrorCode::forbidden)
        << name;
    EXPECT_TRUE(permit_fields(lib, item, {{name, "y"}}, "1"));
    EXPECT_FALSE(permit_new_fields(op, {{name, "y"}}));
  }
  item.access = AccessClass::closed;
  EXPECT_EQ(permit_fields(op, item, {{"title", "x"}}, "1").error().code, ErrorCode::not_found);
}

TEST_F(AccountsTest, RefusedSignInsAreEventsButNotWithoutEnd) {
  open();
  const auto budi = add("budi", Roles{Role::operate}).account;
  const auto told = [&] {
    std::vector<std::string> out;
    for (const auto& e : holdings_->people().events_of(budi.id)) {
      if (e.type == "sign-in refusal") out.push_back(e.detail);
    }
    return out;
  };
  {
    Refusals refusals(*holdings_);
    refusals.add("budi", "203.0.113.9");
    refusals.add("sandi rahasia", "203.0.113.9");
    for (int i = 0; i < 100 && told().empty(); ++i) ::usleep(20000);
    ASSERT_EQ(told().size(), 1U) << "the first one at once";
    for (int i = 0; i < 300; ++i) refusals.add("budi", "203.0.113." + std::to_string(i % 10));
    ::usleep(100000);
    EXPECT_EQ(told().size(), 1U);
  }
  ASSERT_EQ(told().size(), 2U) << "what is left at the end";
  EXPECT_THAT(told()[0], HasSubstr("from 203.0.113.9"));
  EXPECT_THAT(told()[1], HasSubstr("300 from "));
  EXPECT_THAT(told()[1], HasSubstr("203.0.113.4 and others"));
  for (const auto& e : chain()) EXPECT_THAT(e.detail, Not(HasSubstr("sandi rahasia")));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(AccountsTest, RefusalsWithoutEndAreEverFewerEvents) {
  open();
  const auto budi = add("budi", Roles{Role::operate}).account;
  const auto events = [&] {
    int count = 0;
    for (const auto& e : holdings_->people().events_of(budi.id)) {
      if (e.type == "sign-in refusal") ++count;
    }
    return count;
  };
  constexpr double kPause = 0.02;
  Refusals refusals(*holdings_, kPause);
  for (int i = 0; i < 150; ++i) {
    refusals.add("budi", "203.0.113.9");
    ::usleep(10000);
  }
  const int told = events();
  EXPECT_GE(told, 2);
  EXPECT_LE(told, 9) << "after 0, 0.02, 0.06, 0.14 … seconds";
}

TEST_F(AccountsTest, RefusalsThatCannotBeWrittenNowAreWrittenLater) {
  open();
  const auto budi = add("budi", Roles{Role::operate}).account;
  constexpr double kPause = 0.05;
  Refusals refusals(*holdings_, kPause);
  for (int i = 0; i < 20; ++i) {
    refusals.add("budi", "203.0.113.9");
    // Somebody else changes the account meanwhile: one of the two has to try again.
    auto now = *holdings_->people().find("budi");
    now.full_name = "Budi " + std::to_string(i);
    (void)holdings_->save_account(now, "account modification", kRoot, "name");
  }
  refusals.finish();
  int count = 0;
  for (const auto& e : holdings_->people().events_of(budi.id)) {
    if (e.type != "sign-in refusal") continue;
    const auto at = e.detail.find("): ") + 3;
    count += e.detail.substr(at).starts_with("at ") ? 1 : std::atoi(e.detail.c_str() + at);
  }
  EXPECT_EQ(count, 20);
}

}  // namespace
}  // namespace alih::pipeline
