// The one thread that writes. It takes all jobs that are queued, runs them in one transaction with
// a savepoint for each, commits once, and then tells each job how it went, in commit order. It
// never waits for more jobs to come: under load the groups grow by themselves.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "store/database.h"
#include "store/reader_pool.h"
#include "store/transaction.h"

namespace carillon::store {

class WriteJob {
 public:
  virtual ~WriteJob() = default;
  // On the writer thread, inside the transaction. Returning false rolls back what this job wrote;
  // so does an exception, which done() then receives.
  virtual bool run(WriteTx& tx) = 0;
  // On the writer thread, after the commit (or after the rollback), in commit order. `failure` is
  // null unless run() threw or the commit failed; then nothing that run() wrote is kept.
  // Must not throw and must not block: hand over to another thread.
  virtual void done(std::exception_ptr failure) noexcept = 0;
};

class Writer {
 public:
  // Starts the thread. `first_batch` must be larger than any batch number this database file has
  // seen (a clock in microseconds serves).
  Writer(Database& database, ReaderPool& readers, std::int64_t first_batch);
  // Runs what is queued, then stops the thread and checkpoints.
  ~Writer();

  // Thread-safe. False when kWriterQueueJobsMax jobs are waiting or the writer is stopping: the
  // job is then destroyed without run() or done().
  bool submit(std::unique_ptr<WriteJob> job);

  // Runs what is queued, then stops; later submits are refused. Idempotent.
  void stop();

  std::size_t queued() const;

  // Why the last commit, checkpoint or rollback failed; empty when all is well: for the health
  // endpoint. Nothing that was told done is lost, but what fails does so until the disk is mended.
  std::string trouble() const;

 private:
  void loop(std::int64_t first_batch);
  void run_batch(std::deque<std::unique_ptr<WriteJob>>& batch, std::int64_t number);
  void abandon(Connection& connection) noexcept;
  void set_trouble(std::string trouble);
  void checkpoint(bool truncate);

  Database& database_;
  ReaderPool& readers_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<WriteJob>> queue_;
  bool stopping_ = false;
  std::string trouble_;
  bool troubled_ = false;  // whether trouble_ says something; the writer's thread only
  std::thread thread_;
};

}  // namespace carillon::store
