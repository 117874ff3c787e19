#include "store/writer.h"

#include <vector>

#include "store/connection.h"
#include "store/limits.h"

namespace carillon::store {

Writer::Writer(Database& database, ReaderPool& readers, std::int64_t first_batch)
    : database_(database), readers_(readers), thread_([this, first_batch] { loop(first_batch); }) {}

Writer::~Writer() { stop(); }

bool Writer::submit(std::unique_ptr<WriteJob> job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= kWriterQueueJobsMax) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void Writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::size_t Writer::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

std::string Writer::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void Writer::loop(std::int64_t first_batch) {
  for (std::int64_t number = first_batch;; ++number) {
    std::deque<std::unique_ptr<WriteJob>> batch;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) break;
      if (queue_.size() <= kWriterBatchJobsMax) {
        batch.swap(queue_);
      } else {
        for (std::size_t i = 0; i < kWriterBatchJobsMax; ++i) {
          batch.push_back(std::move(queue_.front()));
          queue_.pop_front();
        }
      }
    }
    run_batch(batch, number);
    if (database_.writer_connection().wal_pages() >= kWalPagesBeforeCheckpoint) {
      checkpoint(/*truncate=*/false);
    }
  }
  checkpoint(/*truncate=*/true);
}

void WriteTx::keep() { connection().keep_savepoint(); }

namespace {

// Runs one job in its savepoint. Returns why it failed, or null; `wrote` becomes true when it left
// something to commit.
std::exception_ptr run_job(WriteJob& job, Connection& connection, WriteTx& tx, bool& wrote) {
  std::exception_ptr failure;
  bool keep = false;
  connection.arm_savepoint();
  try {
    keep = job.run(tx);
  } catch (...) {
    failure = std::current_exception();
    // On a full disk, for one, SQLite rolls back everything: then the whole batch has failed.
    if (!connection.in_transaction()) throw;
  }
  wrote |= keep ? connection.release_savepoint() : connection.rollback_savepoint();
  return failure;
}

std::string what(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

void Writer::run_batch(std::deque<std::unique_ptr<WriteJob>>& batch, std::int64_t number) {
  Connection& connection = database_.writer_connection();
  std::vector<std::exception_ptr> failures(batch.size());
  bool wrote = false;
  try {
    connection.begin_immediate();
    WriteTx tx(connection, number);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      failures[i] = run_job(*batch[i], connection, tx, wrote);
    }
    connection.commit();
  } catch (...) {
    wrote = false;
    failures.assign(batch.size(), std::current_exception());
    set_trouble(what(std::current_exception()));
    abandon(connection);
  }
  if (wrote) {
    readers_.announce_commit();
    set_trouble({});
  }
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->done(std::move(failures[i]));
}

// The batch's own failure has been kept and is what the jobs are told; a failure to roll back as
// well leaves the transaction open, and the next batch fails with it.
void Writer::abandon(Connection& connection) noexcept {
  try {
    connection.rollback();
  } catch (const StoreError& error) {
    set_trouble(error.what());
  }
}

// On the writer's thread. Mostly there is none and was none, which costs no lock.
void Writer::set_trouble(std::string trouble) {
  if (trouble.empty() && !troubled_) return;
  troubled_ = !trouble.empty();
  const std::lock_guard lock(mutex_);
  trouble_ = std::move(trouble);
}

// The log starts anew with the first write after all of it has been moved into the database and no
// reader reads from it any more. A reader that begins when all has been moved reads the database
// alone, so it is enough to have each reader let go once; none must wait while the disk works.
void Writer::checkpoint(bool truncate) {
  Connection& connection = database_.writer_connection();
  std::string failure;
  try {
    readers_.drop_stale_snapshots();
    const Connection::Checkpoint result = connection.checkpoint_passive();
    if (result.checkpointed_pages == result.log_pages) {
      // Snapshots taken since the last commit are of the log too: make all of them stale.
      readers_.announce_commit();
      readers_.drop_stale_snapshots();
      if (truncate) connection.checkpoint_truncate();
    }
  } catch (const StoreError& error) {
    // Nothing is lost: the log keeps it, and the next commit tries again.
    failure = error.what();
  }
  if (!failure.empty()) set_trouble(std::move(failure));
}

}  // namespace carillon::store
