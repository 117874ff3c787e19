#include "store/database.h"

#include <cstdlib>
#include <fstream>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/limits.h"
#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

namespace fs = std::filesystem;

TEST(DatabaseTest, KeepsWhatWasWritten) {
  TemporaryDirectory directory;
  const fs::path nested = directory.path() / "not" / "yet" / "there";
  {
    Database database = Database::open(nested);
    EXPECT_EQ(database.location(), (nested / "carillon.db").string());
    WriteTx tx(database.writer_connection(), 1);
    insert_app_instance(tx, app_instance_row("kept"));
  }
  Database database = Database::open(nested);
  ReadTx tx(database.writer_connection());
  EXPECT_TRUE(find_app_instance(tx, app_instance_row("kept").arn));
}

TEST(DatabaseTest, UsesALogAndKeepsNoIndexOfItOnDisk) {
  TemporaryDirectory directory;
  Database database = Database::open(directory.path());
  WriteTx tx(database.writer_connection(), 1);
  insert_app_instance(tx, app_instance_row("x"));
  EXPECT_TRUE(fs::exists(directory.path() / "carillon.db-wal"));
  EXPECT_FALSE(fs::exists(directory.path() / "carillon.db-shm"));
  EXPECT_EQ(tx.connection().run_for_value("PRAGMA synchronous"), 1);
  EXPECT_EQ(tx.connection().run_for_value("PRAGMA mmap_size"), kMappedBytesMax);
}

// A child has the database open while the parent tries. The child opens it first and in a process
// of its own: SQLite's locks are not inherited by fork.
TEST(DatabaseTest, ASecondProcessIsRefused) {
  TemporaryDirectory directory;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    try {
      Database database = Database::open(directory.path());
      if (write(ready[1], "y", 1) != 1) _exit(1);
      pause();
    } catch (...) {
      _exit(2);
    }
    _exit(0);
  }
  close(ready[1]);
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  close(ready[0]);
  const std::string error = error_of([&] { Database::open(directory.path()); });
  EXPECT_NE(error.find((directory.path() / "carillon.db").string()), std::string::npos) << error;
  EXPECT_NE(error.find("in use by another process"), std::string::npos) << error;
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(error_of([&] { Database::open(directory.path()); }), "");
}

TEST(DatabaseTest, NamesAPathThatCannotBeUsed) {
  TemporaryDirectory directory;
  std::ofstream(directory.path() / "file") << "x";
  const std::string error = error_of([&] { Database::open(directory.path() / "file"); });
  EXPECT_NE(error.find((directory.path() / "file").string()), std::string::npos) << error;
  fs::create_directory(directory.path() / "carillon.db");
  const std::string other = error_of([&] { Database::open(directory.path()); });
  EXPECT_NE(other.find("carillon.db"), std::string::npos) << other;
  EXPECT_NE(other.find("choose another"), std::string::npos) << other;
}

// Sets TMPDIR to a directory of the test's own.
class EphemeralTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* value = std::getenv("TMPDIR")) before_ = value;
    setenv("TMPDIR", directory_.path().c_str(), 1);
  }
  void TearDown() override {
    if (before_) {
      setenv("TMPDIR", before_->c_str(), 1);
    } else {
      unsetenv("TMPDIR");
    }
  }
  bool is_empty() const { return fs::is_empty(directory_.path()); }

  TemporaryDirectory directory_;
  std::optional<std::string> before_;
};

TEST_F(EphemeralTest, LeavesNothingAtAnyMoment) {
  Database database = Database::ephemeral(2);
  EXPECT_TRUE(is_empty());
  EXPECT_EQ(database.location(), "");
  ReaderPool readers(database, 2);
  EXPECT_TRUE(is_empty());
}

TEST_F(EphemeralTest, HasOnlyTheReadersItWasMadeWith) {
  Database database = Database::ephemeral(1);
  EXPECT_TRUE(database.connect_reader());
  EXPECT_THROW(database.connect_reader(), StoreError);
}

// SQLite can notice that its file has been unlinked and refuse to write: not so with a log, whose
// checkpoints, restarts and readers must all go on working.
TEST_F(EphemeralTest, WorksUnderLoadAfterItsFilesAreGone) {
  Database database = Database::ephemeral(2);
  ReaderPool readers(database, 2);
  constexpr int kJobs = 60;
  constexpr int kRowsPerJob = 200;
  int checkpointed = 0;
  {
    Writer writer(database, readers, 1);
    for (int job = 0; job < kJobs; ++job) {
      run_in(writer, [&](WriteTx& tx) {
        for (int i = 0; i < kRowsPerJob; ++i) {
          MessageRow row = message_row(1, 1, std::to_string(job * kRowsPerJob + i), job);
          row.revision.content = std::string(1'000, 'x');
          insert_message(tx, row);
        }
        return true;
      });
      EXPECT_EQ(readers.read(job % 2, [](ReadTx& tx) { return count(tx, "channel_messages"); }),
                (job + 1) * kRowsPerJob);
      if (database.writer_connection().wal_pages() < kWalPagesBeforeCheckpoint) ++checkpointed;
      EXPECT_TRUE(is_empty());
    }
    writer.stop();
    EXPECT_EQ(writer.trouble(), "");
  }
  EXPECT_GT(checkpointed, 0);
  // The mapping is of the file itself: rows are in it, no longer in the log.
  EXPECT_GT(database.writer_connection().run_for_value("PRAGMA page_count"), 3'000);
  EXPECT_EQ(database.writer_connection().run_for_value("PRAGMA integrity_check"), 0);
  EXPECT_TRUE(is_empty());
}

TEST_F(EphemeralTest, AKilledProcessLeavesNothing) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    try {
      Database database = Database::ephemeral(1);
      WriteTx tx(database.writer_connection(), 1);
      insert_app_instance(tx, app_instance_row("x"));
      if (write(ready[1], "y", 1) != 1) _exit(1);
      pause();
    } catch (...) {
      _exit(2);
    }
    _exit(0);
  }
  close(ready[1]);
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  close(ready[0]);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(is_empty());
}

TEST_F(EphemeralTest, NamesADirectoryThatCannotBeUsed) {
  setenv("TMPDIR", (directory_.path() / "absent").c_str(), 1);
  const std::string error = error_of([] { Database::ephemeral(1); });
  EXPECT_NE(error.find("absent"), std::string::npos) << error;
  EXPECT_NE(error.find("TMPDIR"), std::string::npos) << error;
}

}  // namespace

}  // namespace carillon::store
