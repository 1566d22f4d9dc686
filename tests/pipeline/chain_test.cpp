// Somebody with a hand in the database changes what happened: the chain of events names the first
// entry that is not what it was, and a head that was taken off the machine tells the rest.
#include "pipeline/chain.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "core/records.h"
#include "core/signature.h"
#include "indexer/keyspace.h"
#include "pipeline/holdings.h"
#include "tests/pipeline/clone_pages.h"
#include "tests/support/temp_folder.h"

namespace alih::pipeline {
namespace {

namespace fs = std::filesystem;
using indexer::big_endian;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

Everything settings() {
  Everything out;
  out.repository.keep_free_mib = 0;
  out.repository.keep_free_percent = 0;
  out.repository.ballast_mib = 0;
  return out;
}

// The events under the program's feet, as RocksDB has them.
class Events {
 public:
  explicit Events(const fs::path& folder) {
    const rocksdb::Options options;
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies(options, folder.string(), &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
    for (const auto& name : names) {
      wanted.emplace_back(name, rocksdb::ColumnFamilyOptions(options));
    }
    rocksdb::DB* raw = nullptr;
    const auto status =
        rocksdb::DB::Open(rocksdb::DBOptions(options), folder.string(), wanted, &families_, &raw);
    EXPECT_TRUE(status.ok()) << status.ToString();
    db_.reset(raw);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == "event") events_ = families_[i];
      if (names[i] == "default") meta_ = families_[i];
    }
  }
  ~Events() {
    for (auto* family : families_) EXPECT_TRUE(db_->DestroyColumnFamilyHandle(family).ok());
    EXPECT_TRUE(db_->Close().ok());
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  [[nodiscard]] Event at(std::uint64_t sequence) const {
    std::string value;
    EXPECT_TRUE(db_->Get({}, events_, big_endian(sequence, 8), &value).ok());
    return *event_from_json(value);
  }
  void put(std::uint64_t sequence, const Event& event) {
    EXPECT_TRUE(db_->Put({}, events_, big_endian(sequence, 8), to_json(event)).ok());
  }
  void remove(std::uint64_t sequence) {
    EXPECT_TRUE(db_->Delete({}, events_, big_endian(sequence, 8)).ok());
  }
  void end_at(const Event& last) {
    const auto text =
        "{\"sequence\":" + std::to_string(last.sequence) + ",\"sha256\":\"" + last.sha256 + "\"}";
    EXPECT_TRUE(db_->Put({}, meta_, "chain", text).ok());
  }
  // From there on all is made to fit again, as somebody would who knows how.
  void forge_from(std::uint64_t sequence, std::uint64_t last, const std::string& detail) {
    auto previous = at(sequence - 1).sha256;
    for (auto n = sequence; n <= last; ++n) {
      auto e = at(n);
      if (n == sequence) e.detail = detail;
      e.previous_sha256 = previous;
      e.sha256 = event_digest(e);
      previous = e.sha256;
      put(n, e);
    }
    end_at(at(last));
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  rocksdb::ColumnFamilyHandle* events_ = nullptr;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
};

class ChainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto holdings = Holdings::open(data(), settings(), Holdings::Mode::write);
    ASSERT_TRUE(holdings) << holdings.error().message.en;
    PageCloner cloner;
    const auto item = cloner.item(**holdings, "Buku", 2, 20);
    ASSERT_TRUE(item);
    export_head(**holdings, "early.json");
    for (int i = 0; i < 6; ++i) {
      ASSERT_TRUE((*holdings)->set_fields(item->id, {{"title", "Judul " + std::to_string(i)}},
                                          program_agent()));
    }
    export_head(**holdings, "late.json");
    last_ = (*holdings)->database().chain_head().sequence;
    ASSERT_GT(last_, 10U);
    ASSERT_THAT(check_chain((*holdings)->database(), data()), IsEmpty());
  }
  [[nodiscard]] fs::path data() const { return work_ / "data"; }
  void export_head(const Holdings& holdings, const std::string& name) {
    const auto head = sign_head(holdings.database(), data());
    ASSERT_TRUE(head) << head.error().message.en;
    std::ofstream(work_ / name) << to_json(*head);
  }
  void tamper(const std::function<void(Events&)>& how) {
    {
      Events events(data() / "index");
      how(events);
    }
    // Whoever can do that can also make the commit head fit.
    ASSERT_TRUE(indexer::Database::adopt(data() / "index", {}));
  }
  // What verify says of the chain, one line each.
  std::string told(const std::vector<fs::path>& heads = {}) {
    const auto holdings = Holdings::open(data(), settings(), Holdings::Mode::read);
    EXPECT_TRUE(holdings) << (holdings ? "" : holdings.error().message.en);
    if (!holdings) return "closed";
    std::string out;
    for (const auto& p : (*holdings)
                             ->verify(
                                 {}, [](auto, auto) {}, heads)
                             .problems) {
      if (p.kind == "event_chain") out += p.where + ": " + p.detail + "\n";
    }
    return out;
  }
  static std::string event(std::uint64_t sequence) {
    return "event " + std::to_string(sequence) + ": ";
  }

  testing_support::TempFolder work_;
  std::uint64_t last_ = 0;
};

TEST_F(ChainTest, AnUntouchedChainHoldsWithHeadsFromElsewhere) {
  EXPECT_EQ(told({work_ / "early.json", work_ / "late.json"}), "");
}

TEST_F(ChainTest, AnEditedEventIsNamed) {
  tamper([](Events& events) {
    auto e = events.at(5);
    e.agent.name = "orang lain";
    events.put(5, e);
  });
  EXPECT_EQ(told(), event(5) + "the chain of events is broken here\n");
}

TEST_F(ChainTest, AnEventWithANewDigestBreaksTheChainAfterIt) {
  tamper([](Events& events) {
    auto e = events.at(5);
    e.at = "2020-01-01T00:00:00.000Z";
    e.sha256 = event_digest(e);
    events.put(5, e);
  });
  EXPECT_EQ(told(), event(6) + "the chain of events is broken here\n");
}

TEST_F(ChainTest, ADeletedEventIsNamed) {
  tamper([](Events& events) { events.remove(4); });
  EXPECT_EQ(told(), event(4) + "the chain of events is broken here\n");
}

TEST_F(ChainTest, TwoEventsThatChangedPlacesAreNamed) {
  tamper([](Events& events) {
    const auto a = events.at(6);
    events.put(6, events.at(7));
    events.put(7, a);
  });
  EXPECT_EQ(told(), event(6) + "the chain of events is broken here\n");
  // Also with numbers that fit their new places.
  tamper([](Events& events) {
    for (std::uint64_t n = 6; n <= 7; ++n) {
      auto e = events.at(n);
      e.sequence = n;
      events.put(n, e);
    }
  });
  EXPECT_EQ(told(), event(6) + "the chain of events is broken here\n");
}

TEST_F(ChainTest, AnEventPutBetweenIsNamed) {
  tamper([&](Events& events) {
    for (auto n = last_; n >= 5; --n) {
      auto e = events.at(n);
      e.sequence = n + 1;
      e.sha256 = event_digest(e);
      events.put(n + 1, e);
    }
    events.end_at(events.at(last_ + 1));
  });
  EXPECT_EQ(told(), event(6) + "the chain of events is broken here\n");
}

TEST_F(ChainTest, WithEventsCutOffAtTheEndItIsNotOpenedAndRebuildBringsThemBack) {
  tamper([&](Events& events) {
    for (auto n = last_; n > last_ - 3; --n) events.remove(n);
  });
  const auto refused = Holdings::open(data(), settings(), Holdings::Mode::read);
  ASSERT_FALSE(refused) << "the newest event that it speaks of is not there";
  EXPECT_EQ(refused.error().code, ErrorCode::damaged);
  const auto made = rebuild(data(), settings(), [](auto, auto) {});
  ASSERT_TRUE(made) << made.error().message.en;
  EXPECT_EQ(told({work_ / "early.json", work_ / "late.json"}), "") << "the files have them";
}

// The chain alone proves nothing against somebody who makes all of it fit: a head from elsewhere
// does.
TEST_F(ChainTest, AHeadKeptElsewhereProvesATruncatedChain) {
  tamper([&](Events& events) {
    for (auto n = last_; n > last_ - 3; --n) events.remove(n);
    events.end_at(events.at(last_ - 3));
  });
  EXPECT_EQ(told(), "") << "of itself it is whole";
  EXPECT_EQ(told({work_ / "early.json"}), "") << "what this one names is there";
  EXPECT_THAT(told({work_ / "late.json"}),
              AllOf(StartsWith(event(last_ - 2)),
                    HasSubstr("events are missing that the signed head late.json names")));
}

TEST_F(ChainTest, AHeadKeptElsewhereProvesAForgedChain) {
  const auto early = signed_head_from_json([&] {
    std::ifstream in(work_ / "early.json");
    return std::string(std::istreambuf_iterator<char>(in), {});
  }());
  ASSERT_TRUE(early);
  tamper([&](Events& events) { events.forge_from(3, last_, "tidak pernah terjadi"); });
  EXPECT_EQ(told(), "") << "of itself it is whole";
  EXPECT_EQ(told({work_ / "early.json"}),
            event(early->sequence) + "it is not the one that the signed head early.json names\n");
  // What was forged after a head is told by the next one.
  EXPECT_THAT(told({work_ / "late.json"}), StartsWith(event(last_)));
  // A head that the program kept itself is as good while it is there.
  fs::create_directories(data() / "heads");
  fs::copy_file(work_ / "early.json", data() / "heads/2026-01-01.json");
  EXPECT_THAT(told(), HasSubstr("2026-01-01.json"));
}

TEST_F(ChainTest, AHeadThatWasNotSignedHereIsRefused) {
  const auto text = [&] {
    std::ifstream in(work_ / "late.json");
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  auto head = *signed_head_from_json(text);
  const auto with = [&](const std::string& name, const SignedHead& h) {
    std::ofstream(work_ / name) << to_json(h);
    return told({work_ / name});
  };
  auto other = head;
  other.sequence = 3;
  EXPECT_EQ(with("moved.json", other), "moved.json: the signature of this head does not hold\n");
  other = head;
  other.sha256.back() = other.sha256.back() == '0' ? '1' : '0';
  EXPECT_EQ(with("changed.json", other),
            "changed.json: the signature of this head does not hold\n");
  other = head;
  other.at = "2020-01-01T00:00:00.000Z";
  EXPECT_EQ(with("dated.json", other), "dated.json: the signature of this head does not hold\n");
  other = head;
  other.signature[0] = other.signature[0] == 'a' ? 'b' : 'a';
  EXPECT_EQ(with("scribbled.json", other),
            "scribbled.json: the signature of this head does not hold\n");
  other.signature = "";
  EXPECT_EQ(with("bare.json", other), "bare.json: the signature of this head does not hold\n");
  // Signed well, by somebody else.
  const auto key = make_signing_key();
  other = head;
  other.public_key = key.public_pem;
  other.signature = *sign("alihmedia-chain-head-1\n" + std::to_string(head.sequence) + "\n" +
                              head.sha256 + "\n" + head.at + "\n",
                          key.private_pem);
  ASSERT_THAT(other.signature, Not(IsEmpty()));
  EXPECT_EQ(with("stranger.json", other), "stranger.json: this head was signed with another key\n");
  std::ofstream(work_ / "rubbish.json") << text.substr(0, text.size() / 2);
  EXPECT_THAT(told({work_ / "rubbish.json"}), StartsWith("rubbish.json: "));
  EXPECT_THAT(told({work_ / "none.json"}), StartsWith("none.json: "));
}

}  // namespace
}  // namespace alih::pipeline
