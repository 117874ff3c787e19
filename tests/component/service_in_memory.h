// The service over a database of its own, without sockets or threads: a clock that stands still
// until it is told otherwise, ids from a seed, and effects that are collected instead of carried
// out. Transactions run as the writer runs them: a savepoint for each request of a batch.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "api/call.h"
#include "api/http.h"
#include "api/options.h"
#include "api/service.h"
#include "store/database.h"
#include "store/reader_pool.h"
#include "store/transaction.h"

namespace carillon::tests {

class ServiceInMemory {
 public:
  // 2024-01-01T00:00:00Z.
  static constexpr std::int64_t kStartMs = 1'704'067'200'000;

  explicit ServiceInMemory(const api::Options& options);

  std::int64_t now_ms() const { return now_ms_; }
  void advance(std::int64_t ms) { now_ms_ += ms; }

  api::HttpResponse answer(const api::HttpRequest& request);
  // What is not a request of a client, e.g. a report about a processor.
  void write(const std::function<void(api::Call&, store::WriteTx&)>& job);

  // Looks at what is committed.
  void read(const std::function<void(store::ReadTx&)>& look);

  // Between the two, requests that write share one transaction.
  void begin_batch();
  void end_batch();

  // The effects of what was committed, in order; the list is emptied.
  std::vector<api::Effect> take_effects();

 private:
  // Keeps what `job` wrote and emitted if it returns true.
  void run_write(const api::Caller& caller,
                 const std::function<bool(api::Call&, store::WriteTx&)>& job);

  api::Options options_;
  store::Database database_;
  store::ReaderPool readers_;
  api::Ids ids_;
  api::domain::TokenBuckets buckets_;
  std::int64_t now_ms_ = kStartMs;
  std::int64_t batch_ = 1;
  bool in_batch_ = false;
  std::vector<api::Effect> uncommitted_;
  std::vector<api::Effect> committed_;
};

}  // namespace carillon::tests
