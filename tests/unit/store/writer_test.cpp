#include <algorithm>
#include <atomic>
#include <future>
#include <map>

#include "store/limits.h"
#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

namespace fs = std::filesystem;

class WriterTest : public StoreTest {
 protected:
  // A job that holds the writer thread until `open` is set, so that others queue up behind it.
  void block(Writer& writer, std::atomic<bool>& started, std::shared_future<void> open) {
    ASSERT_TRUE(writer.submit(std::make_unique<FunctionJob>([&started, open](WriteTx&) {
      started = true;
      open.wait();
      return true;
    })));
    ASSERT_TRUE(eventually([&] { return started.load(); }));
  }
  std::int64_t seen() {
    return readers_.read(0, [](ReadTx& tx) { return count(tx, "app_instances"); });
  }
  static void add(WriteTx& tx, const std::string& name) {
    insert_app_instance(tx, app_instance_row(name));
  }

  ReaderPool readers_{database_, 2};
};

TEST_F(WriterTest, WhatIsQueuedTogetherIsCommittedTogetherAndAnsweredInOrder) {
  std::atomic<bool> started{false};
  std::promise<void> open;
  std::vector<std::int64_t> batches;
  std::vector<int> order;
  std::vector<std::int64_t> seen_at_done;
  const std::int64_t before = seen();
  {
    Writer writer(database_, readers_, 40);
    block(writer, started, open.get_future().share());
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(writer.submit(std::make_unique<FunctionJob>(
          [&, i](WriteTx& tx) {
            batches.push_back(tx.batch());
            add(tx, std::to_string(i));
            return true;
          },
          [&, i](std::exception_ptr failure) {
            EXPECT_FALSE(failure);
            order.push_back(i);
            seen_at_done.push_back(seen());
          })));
    }
    EXPECT_EQ(writer.queued(), 5u);
    open.set_value();
  }
  EXPECT_EQ(batches, std::vector<std::int64_t>(5, 41));
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(seen_at_done, std::vector<std::int64_t>(5, before + 5));
}

TEST_F(WriterTest, AFailingJobTakesNothingElseWithIt) {
  std::atomic<bool> started{false};
  std::promise<void> open;
  std::vector<std::string> outcomes;
  const auto note = [&](const std::string& name) {
    return [&outcomes, name](std::exception_ptr failure) {
      outcomes.push_back(
          name + (failure ? ": " + error_of([&] { std::rethrow_exception(failure); }) : ""));
    };
  };
  {
    Writer writer(database_, readers_, 1);
    block(writer, started, open.get_future().share());
    writer.submit(std::make_unique<FunctionJob>(
        [&](WriteTx& tx) {
          add(tx, "kept");
          return true;
        },
        note("kept")));
    writer.submit(std::make_unique<FunctionJob>(
        [&](WriteTx& tx) -> bool {
          add(tx, "thrown");
          throw std::runtime_error("bug");
        },
        note("thrown")));
    writer.submit(std::make_unique<FunctionJob>(
        [&](WriteTx& tx) {
          add(tx, "refused");
          return false;
        },
        note("refused")));
    writer.submit(std::make_unique<FunctionJob>(
        [&](WriteTx& tx) {
          add(tx, "kept");  // the ARN is taken
          return true;
        },
        note("conflict")));
    writer.submit(std::make_unique<FunctionJob>(
        [&](WriteTx& tx) {
          EXPECT_FALSE(find_app_instance(tx, app_instance_row("thrown").arn));
          add(tx, "last");
          return true;
        },
        note("last")));
    open.set_value();
  }
  ASSERT_EQ(outcomes.size(), 5u);
  EXPECT_EQ(outcomes[0], "kept");
  EXPECT_EQ(outcomes[1], "thrown: bug");
  EXPECT_EQ(outcomes[2], "refused");
  EXPECT_NE(outcomes[3].find("UNIQUE"), std::string::npos) << outcomes[3];
  EXPECT_EQ(outcomes[4], "last");
  readers_.read(0, [](ReadTx& tx) {
    EXPECT_TRUE(find_app_instance(tx, app_instance_row("kept").arn));
    EXPECT_TRUE(find_app_instance(tx, app_instance_row("last").arn));
    EXPECT_FALSE(find_app_instance(tx, app_instance_row("thrown").arn));
    EXPECT_FALSE(find_app_instance(tx, app_instance_row("refused").arn));
    return 0;
  });
}

// SQLite rolls back everything by itself on some errors. A job that rolls back behind the writer's
// back stands for them.
TEST_F(WriterTest, WhenTheTransactionIsLostEveryJobOfTheBatchIsTold) {
  std::atomic<bool> started{false};
  std::promise<void> open;
  std::atomic<int> failed{0};
  const auto note = [&](std::exception_ptr failure) { failed += failure ? 1 : 0; };
  Writer writer(database_, readers_, 1);
  block(writer, started, open.get_future().share());
  for (const bool lose : {false, true, false}) {
    writer.submit(std::make_unique<FunctionJob>(
        [&, lose](WriteTx& tx) {
          add(tx, lose ? "lost" : "innocent");
          if (lose) {
            tx.connection().run("ROLLBACK");
            throw StoreError("disk full");
          }
          return true;
        },
        note));
  }
  open.set_value();
  ASSERT_TRUE(eventually([&] { return failed == 3; }));
  run_in(writer, [&](WriteTx& tx) {
    EXPECT_FALSE(find_app_instance(tx, app_instance_row("innocent").arn));
    add(tx, "afterwards");
    return true;
  });
  writer.stop();
  EXPECT_TRUE(readers_.read(0, [](ReadTx& tx) {
    return find_app_instance(tx, app_instance_row("afterwards").arn).has_value();
  }));
}

TEST_F(WriterTest, TheQueueIsLimited) {
  std::atomic<bool> started{false};
  std::promise<void> open;
  std::atomic<std::size_t> done{0};
  Writer writer(database_, readers_, 1);
  block(writer, started, open.get_future().share());
  const auto job = [&] {
    return std::make_unique<FunctionJob>([](WriteTx&) { return true; },
                                         [&](std::exception_ptr) { ++done; });
  };
  for (std::size_t i = 0; i < kWriterQueueJobsMax; ++i) ASSERT_TRUE(writer.submit(job()));
  EXPECT_FALSE(writer.submit(job()));
  open.set_value();
  ASSERT_TRUE(eventually([&] { return done == kWriterQueueJobsMax; }));
  EXPECT_TRUE(writer.submit(job()));
}

TEST_F(WriterTest, ABatchIsLimited) {
  std::atomic<bool> started{false};
  std::promise<void> open;
  std::map<std::int64_t, std::size_t> sizes;
  {
    Writer writer(database_, readers_, 1);
    block(writer, started, open.get_future().share());
    for (std::size_t i = 0; i < 2 * kWriterBatchJobsMax + 1; ++i) {
      writer.submit(std::make_unique<FunctionJob>([&](WriteTx& tx) {
        ++sizes[tx.batch()];
        return true;
      }));
    }
    open.set_value();
  }
  EXPECT_EQ(sizes, (std::map<std::int64_t, std::size_t>{
                       {2, kWriterBatchJobsMax}, {3, kWriterBatchJobsMax}, {4, 1}}));
}

TEST_F(WriterTest, StoppingRunsWhatIsQueuedAndRefusesWhatComesLater) {
  std::atomic<int> done{0};
  Writer writer(database_, readers_, 1);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(writer.submit(std::make_unique<FunctionJob>(
        [i](WriteTx& tx) {
          add(tx, std::to_string(i));
          return true;
        },
        [&](std::exception_ptr failure) { done += failure ? 0 : 1; })));
  }
  writer.stop();
  EXPECT_EQ(done, 100);
  EXPECT_FALSE(writer.submit(std::make_unique<FunctionJob>([](WriteTx&) { return true; })));
  writer.stop();
  EXPECT_EQ(writer.queued(), 0u);
}

TEST_F(WriterTest, ReadersKeepTheirSnapshotWhenNothingWasWritten) {
  Writer writer(database_, readers_, 1);
  const std::int64_t before = seen();
  add(tx_, "behind the writer's back");
  run_in(writer, [](WriteTx& tx) {
    find_app_instance(tx, "x");
    return true;
  });
  EXPECT_EQ(seen(), before);
  run_in(writer, [](WriteTx& tx) {
    add(tx, "by the writer");
    return true;
  });
  EXPECT_EQ(seen(), before + 2);
}

// Readers that read once and then never again hold their snapshots: the log must not grow for it.
TEST(WriterLogTest, StaysSmallWithIdleReaders) {
  TemporaryDirectory directory;
  Database database = Database::open(directory.path());
  ReaderPool readers(database, 2);
  Writer writer(database, readers, 1);
  const fs::path log = directory.path() / "carillon.db-wal";
  std::uintmax_t largest = 0;
  constexpr int kJobs = 400;
  for (int job = 0; job < kJobs; ++job) {
    run_in(writer, [job](WriteTx& tx) {
      for (int i = 0; i < 50; ++i) {
        MessageRow row = message_row(1, 1, std::to_string(job * 50 + i), job);
        row.revision.content = std::string(2'000, 'x');
        insert_message(tx, row);
      }
      return true;
    });
    if (job % 50 == 0) {
      readers.read(0, [](ReadTx& tx) { return count(tx, "channel_messages"); });
    }
    if (job == 10) readers.read(1, [](ReadTx& tx) { return count(tx, "channel_messages"); });
    largest = std::max(largest, fs::file_size(log));
  }
  // 40 MB were written; one job adds some 100 pages to a log that is due.
  EXPECT_GT(fs::file_size(directory.path() / "carillon.db"), 30'000'000u);
  EXPECT_LT(largest, static_cast<std::uintmax_t>(kWalPagesBeforeCheckpoint) * 4'120 * 3 / 2);
  EXPECT_EQ(writer.trouble(), "");
  writer.stop();
  EXPECT_EQ(fs::file_size(log), 0u) << "stopping empties the log";
}

}  // namespace

}  // namespace carillon::store
