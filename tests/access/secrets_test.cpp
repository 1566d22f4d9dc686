#include <atomic>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "access/password.h"
#include "access/secret.h"
#include "access/session.h"
#include "access/throttle.h"

namespace alih::access {
namespace {

Settings quick() {
  Settings s;
  s.argon2_memory_mib = 8;
  s.argon2_passes = 1;
  return s;
}

TEST(Password, IsArgon2idWithASaltOfItsOwn) {
  const auto first = hash_password("kata sandi panjang", quick());
  const auto second = hash_password("kata sandi panjang", quick());
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->starts_with("$argon2id$v=19$m=8192,t=1,p=1$")) << *first;
  EXPECT_NE(*first, *second);
  EXPECT_TRUE(*check_password("kata sandi panjang", *first, quick()));
  EXPECT_FALSE(*check_password("kata sandi panjanG", *first, quick()));
  EXPECT_FALSE(*check_password("", *first, quick()));
  EXPECT_FALSE(*check_password("", "", quick())) << "no password yet: none fits";
  EXPECT_FALSE(*check_password("x", "no hash at all", quick()));
  // What was hashed with other settings still fits.
  EXPECT_TRUE(*check_password("kata sandi panjang", *first, Settings{}));
}

TEST(Password, IsComputedTwoAtATimeAtMost) {
  std::atomic<int> done{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        if (check_password("salah", "", quick())) ++done;
      });
    }
  }
  EXPECT_EQ(done, 8);
  EXPECT_LE(hash_load().most, 2);
  EXPECT_EQ(hash_load().now, 0);
}

TEST(Password, MustNotBeEasy) {
  const Settings s;
  EXPECT_TRUE(check_choice("pelabuhan luwuk 1936", "siti", s));
  EXPECT_TRUE(check_choice("éééüüüñññßßß", "siti", s)) << "characters, not bytes";
  EXPECT_FALSE(check_choice("pendek", "siti", s));
  EXPECT_FALSE(check_choice("éééüüü", "siti", s)) << "12 bytes, but 6 characters";
  EXPECT_FALSE(check_choice("aaaaaaaaaaaaaaaa", "siti", s));
  EXPECT_FALSE(check_choice("siti.aminah12", "siti.aminah", s));
  EXPECT_FALSE(check_choice("dua\nbaris panjang", "siti", s));
  EXPECT_FALSE(check_choice(std::string(2000, 'a') + "b", "siti", s));
}

TEST(Secret, IsNeverTheSameTwiceAndCodesAreTypedAsPeopleLike) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto secret = new_secret();
    EXPECT_EQ(secret.size(), 64U);
    EXPECT_TRUE(seen.insert(secret).second);
  }
  const auto code = new_code(5);
  EXPECT_EQ(code.size(), 29U);
  EXPECT_EQ(code.find_first_of("01ILOU"), std::string::npos) << code;
  auto typed = code;
  for (auto& c : typed) c = c == '-' ? ' ' : static_cast<char>(std::tolower(c));
  EXPECT_EQ(plain_code(typed), plain_code(code));
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_FALSE(same_secret("abc", "abd"));
  EXPECT_FALSE(same_secret("abc", "abcd"));
}

TEST(Box, OpensWithItsKeyAloneAndOnlyWhenNothingChanged) {
  const auto key = new_key();
  const auto sealed = seal("7201051203870001", key);
  EXPECT_EQ(sealed.find("7201"), std::string::npos);
  EXPECT_NE(sealed, seal("7201051203870001", key)) << "equal numbers look different";
  EXPECT_EQ(unseal(sealed, key), "7201051203870001");
  EXPECT_FALSE(unseal(sealed, new_key()));
  for (std::size_t i = 0; i < sealed.size(); i += 7) {
    auto changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(unseal(changed, key)) << i;
  }
  EXPECT_FALSE(unseal("", key));
  EXPECT_FALSE(unseal("AAAA", key));
  EXPECT_FALSE(unseal(sealed, "short"));
}

TEST(Throttle, MakesWrongTriesWaitLongerAndForgets) {
  Throttle t;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(t.attempt("siti", "a", 100), 0);
  EXPECT_NEAR(t.attempt("siti", "a", 100), 30, 0.01);
  EXPECT_EQ(t.attempt("siti", "b", 100), 0) << "from elsewhere she may still try";
  EXPECT_EQ(t.attempt("budi", "a", 100), 0) << "and others from there";
  EXPECT_EQ(t.attempt("siti", "a", 131), 0);
  EXPECT_NEAR(t.attempt("siti", "a", 131), 60, 0.01) << "doubled";
  double now = 131;
  for (int i = 0; i < 20; ++i) {
    now += 1000;
    EXPECT_EQ(t.attempt("siti", "a", now), 0);
  }
  EXPECT_LE(t.attempt("siti", "a", now), 900) << "never longer than a quarter of an hour";
  EXPECT_EQ(t.attempt("siti", "a", now + 5000), 0);
  EXPECT_EQ(t.attempt("siti", "a", now + 5000), 0) << "forgotten after an hour";
}

TEST(Throttle, CountsManyAddressesOnOneAccountAndManyAccountsFromOneAddress) {
  Throttle t;
  int open = 0;
  for (int i = 0; i < 60; ++i) open += t.attempt("kepala", std::to_string(i), 10) == 0 ? 1 : 0;
  EXPECT_EQ(open, 50);
  Throttle u;
  open = 0;
  for (int i = 0; i < 60; ++i) open += u.attempt(std::to_string(i), "a", 10) == 0 ? 1 : 0;
  EXPECT_EQ(open, 30);
}

TEST(Throttle, TakesTheAttemptBackWhenThePasswordWasRight) {
  Throttle t;
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(t.attempt("siti", "a", 10), 0) << i;
    t.succeeded("siti", "a");
  }
  EXPECT_EQ(t.size(), 0U);
  // A right password does not open the door for whoever guesses at others from there.
  for (int i = 0; i < 29; ++i) EXPECT_EQ(t.attempt("x" + std::to_string(i), "a", 10), 0);
  EXPECT_EQ(t.attempt("siti", "a", 10), 0);
  t.succeeded("siti", "a");
  EXPECT_EQ(t.attempt("y", "a", 10), 0);
  EXPECT_GT(t.attempt("z", "a", 10), 0);
}

TEST(Throttle, KeepsItsMemoryBounded) {
  Throttle t;
  for (int i = 0; i < 15000; ++i) {
    (void)t.attempt("n" + std::to_string(i), "a" + std::to_string(i), i * 0.01);
  }
  EXPECT_LE(t.size(), 10003U);
}

TEST(Sessions, EndByTimeByHandAndAllTogether) {
  Sessions s(100, 10);
  const auto cookie = s.begin("siti", "stamp", 0);
  const auto found = s.find(cookie, 5);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->account, "siti");
  EXPECT_EQ(found->form_key.size(), 64U);
  EXPECT_NE(found->form_key, cookie);
  EXPECT_FALSE(s.find("", 5));
  EXPECT_FALSE(s.find(new_secret(), 5));
  EXPECT_TRUE(s.find(cookie, 14)) << "used, so it goes on";
  EXPECT_FALSE(s.find(cookie, 30)) << "idle";
  const auto busy = s.begin("siti", "stamp", 0);
  for (int t = 5; t <= 100; t += 5) EXPECT_TRUE(s.find(busy, t)) << t;
  EXPECT_FALSE(s.find(busy, 101)) << "not for ever";
  const auto out = s.begin("siti", "stamp", 0);
  s.end(out);
  EXPECT_FALSE(s.find(out, 1));
  const auto one = s.begin("siti", "stamp", 0);
  const auto other = s.begin("budi", "stamp", 0);
  s.end_all("siti");
  EXPECT_FALSE(s.find(one, 1));
  EXPECT_TRUE(s.find(other, 1));
  for (int i = 0; i < 100; ++i) (void)s.begin("budi", "stamp", 2);
  EXPECT_LE(s.size(), 20U);
}

}  // namespace
}  // namespace alih::access
