#include "access/account.h"

#include <gtest/gtest.h>

#include "access/secret.h"
#include "core/clock.h"

namespace alih::access {
namespace {

Account siti() {
  Account a;
  a.id = AccountId::make();
  a.name = "siti";
  a.full_name = "Siti Aminah, S.IP.";
  a.nip = "198704122010012003";
  a.roles = {Role::operate, Role::librarian};
  a.created = utc_now();
  return a;
}

TEST(Account, GoesThroughItsFileUnchanged) {
  auto a = siti();
  a.os_user = "petugas1";
  a.password = "$argon2id$…";
  a.invite_sha256 = digest_of("X");
  a.invite_expires = utc_in(72);
  a.disabled = true;
  a.revision = 7;
  a.tokens.push_back({new_ulid(), "mesin \"fotokopi\"", digest_of("t"),
                      Scopes{Scope::read, Scope::keep}, utc_now(), utc_in(24), true});
  const auto back = account_from_json(to_json(a));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, a);
  EXPECT_FALSE(account_from_json("{}"));
  EXPECT_FALSE(account_from_json("[1"));
  auto role = to_json(a);
  role.replace(role.find("\"librarian\""), 11, "\"god\"");
  EXPECT_FALSE(account_from_json(role)) << "an unknown role is nobody's";
}

TEST(Account, IsChecked) {
  EXPECT_TRUE(check_account(siti()));
  const auto with = [](auto change) {
    auto a = siti();
    change(a);
    return static_cast<bool>(check_account(a));
  };
  EXPECT_FALSE(with([](Account& a) { a.name = "Siti"; }));
  EXPECT_FALSE(with([](Account& a) { a.name = "s"; }));
  EXPECT_FALSE(with([](Account& a) { a.name = "../x"; }));
  EXPECT_FALSE(with([](Account& a) { a.full_name = ""; }));
  EXPECT_FALSE(with([](Account& a) { a.full_name = "a\nb"; }));
  EXPECT_FALSE(with([](Account& a) { a.nip = "123"; }));
  EXPECT_TRUE(with([](Account& a) { a.nip = ""; }));
  EXPECT_FALSE(with([](Account& a) { a.roles = {}; }));
  EXPECT_TRUE(with([](Account& a) {
    a.roles = {};
    a.removed = true;
  }));
}

TEST(Token, HoldsUntilItExpiresOrIsRevoked) {
  auto a = siti();
  const auto secret = std::string(kTokenPrefix) + new_secret();
  a.tokens.push_back({new_ulid(), "", digest_of(secret), all_scopes(), utc_now(),
                      "2026-12-01T00:00:00.000Z", false});
  EXPECT_NE(find_token(a, secret, "2026-11-30T23:59:59.999Z"), nullptr);
  EXPECT_EQ(find_token(a, secret, "2026-12-01T00:00:00.000Z"), nullptr);
  EXPECT_EQ(find_token(a, secret + "0", "2026-11-30T00:00:00.000Z"), nullptr);
  EXPECT_EQ(find_token(a, a.tokens[0].sha256, "2026-11-30T00:00:00.000Z"), nullptr)
      << "what the file holds opens nothing";
  a.tokens[0].revoked = true;
  EXPECT_EQ(find_token(a, secret, "2026-11-30T00:00:00.000Z"), nullptr);
}

TEST(Invitation, HoldsOnceAndNotForEver) {
  auto a = siti();
  EXPECT_FALSE(invite_holds(a, "", utc_now())) << "none was given";
  a.invite_sha256 = digest_of(plain_code("ABCDE-FGHJK"));
  a.invite_expires = "2026-12-01T00:00:00.000Z";
  EXPECT_TRUE(invite_holds(a, "abcde fghjk", "2026-11-30T00:00:00.000Z"));
  EXPECT_FALSE(invite_holds(a, "ABCDE-FGHJX", "2026-11-30T00:00:00.000Z"));
  EXPECT_FALSE(invite_holds(a, "ABCDE-FGHJK", "2026-12-02T00:00:00.000Z"));
}

TEST(Times, AreWrittenAsTheClockWritesThem) {
  EXPECT_EQ(utc_in(0).size(), utc_now().size());
  EXPECT_LT(utc_now(), utc_in(1));
  EXPECT_GT(utc_now(), utc_in(-1));
}

}  // namespace
}  // namespace alih::access
