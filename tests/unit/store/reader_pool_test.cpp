#include <atomic>
#include <thread>

#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

class ReaderPoolTest : public StoreTest {
 protected:
  std::int64_t seen_by(int reader) {
    return readers_.read(reader, [](ReadTx& tx) { return count(tx, "channel_messages"); });
  }
  ReaderPool readers_{database_, 2};
};

TEST_F(ReaderPoolTest, KeepsItsSnapshotUntilACommitIsAnnounced) {
  const RowId channel_id = add_channel("general");
  readers_.announce_commit();
  EXPECT_EQ(seen_by(0), 0);
  add_message(channel_id, "m1", 1);
  EXPECT_EQ(seen_by(0), 0);
  readers_.announce_commit();
  EXPECT_EQ(seen_by(0), 1);
  EXPECT_EQ(seen_by(1), 1);
}

TEST_F(ReaderPoolTest, DropsStaleSnapshotsOnly) {
  const RowId channel_id = add_channel("general");
  readers_.announce_commit();
  EXPECT_EQ(seen_by(0), 0);
  add_message(channel_id, "m1", 1);
  readers_.drop_stale_snapshots();
  EXPECT_EQ(seen_by(0), 0) << "nothing was announced: not stale";
  EXPECT_FALSE(connection_.checkpoint_truncate()) << "the snapshot is still in use";
  readers_.announce_commit();
  readers_.drop_stale_snapshots();
  EXPECT_TRUE(connection_.checkpoint_truncate());
  EXPECT_EQ(seen_by(0), 1);
}

TEST_F(ReaderPoolTest, AnExceptionLeavesTheReaderUsable) {
  EXPECT_THROW(readers_.read(0, [](ReadTx&) -> int { throw std::runtime_error("x"); }),
               std::runtime_error);
  EXPECT_EQ(seen_by(0), 0);
  EXPECT_THROW(readers_.read(7, [](ReadTx&) { return 0; }), std::out_of_range);
}

// What a job did is seen by every read that begins after its done().
TEST_F(ReaderPoolTest, ReadsWhatWasAnsweredWhileManyWrite) {
  const RowId channel_id = add_channel("general");
  Writer writer(database_, readers_, 1);
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const std::string id = std::to_string(t) + "-" + std::to_string(i);
        run_in(writer, [&](WriteTx& tx) {
          insert_message(tx, message_row(channel_id, alice_id_, id, i));
          return true;
        });
        const bool found = readers_.read(
            t % 2, [&](ReadTx& tx) { return find_message(tx, channel_id, id).has_value(); });
        if (!found) ++failures;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace

}  // namespace carillon::store
