// The service's front door: from an HTTP request to the operation to run, and from its result to an
// HTTP response. All of routing, binding, validation and decoding happens in prepare(), which is
// pure; only Prepared::run() touches the store.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "api/call.h"
#include "api/domain/token_buckets.h"
#include "api/error.h"
#include "api/http.h"
#include "api/options.h"
#include "store/transaction.h"

namespace carillon::api {

namespace protocol {
class Invocation;
}

// A valid request, decoded and owned: it may move to another thread. Run it once.
class Prepared {
 public:
  // `rates` are what the request counts against, if quotas are enforced.
  Prepared(std::unique_ptr<protocol::Invocation> invocation, std::vector<domain::BucketUse> rates);
  Prepared(Prepared&&) noexcept;
  Prepared& operator=(Prepared&&) noexcept;
  ~Prepared();

  // The operation's name as in the model, e.g. "SendChannelMessage". For the log.
  std::string_view operation() const;
  // Whether it runs on a ReadTx (any reader's thread) or needs a WriteTx (the writer thread).
  bool reads() const;
  const Caller& caller() const;
  const std::vector<domain::BucketUse>& rates() const { return rates_; }

  // On the thread that owns the transaction. An error response means: roll back, but for what the
  // transaction was told to keep; the effects that are left in the call belong to that.
  // Throws only store::StoreError or on a bug; the caller answers with render(service_failure()).
  HttpResponse run(Call& call, store::ReadTx& tx);   // requires reads()
  HttpResponse run(Call& call, store::WriteTx& tx);  // requires !reads()

 private:
  std::unique_ptr<protocol::Invocation> invocation_;
  std::vector<domain::BucketUse> rates_;
};

// Routes, binds, validates and decodes. Either the operation to run or the error response. Pure and
// thread-safe. Never throws on anything that a client can send.
std::variant<HttpResponse, Prepared> prepare(const HttpRequest& request, const Options& options);

// Before a valid request is run: the answer when one of its rates is exceeded. A request counts
// against all of its rates or none. On any thread.
std::optional<HttpResponse> throttle(const Prepared& request, domain::TokenBuckets& buckets,
                                     std::int64_t now_ms);

// Everything of one account goes, in all regions: what can be reached at once, the rest by and by
// (PurgeRows). On the writer thread.
void delete_account(store::WriteTx& tx, std::string_view account);

// An error as the service writes it: header and {"Code","Message"}.
HttpResponse render(const Error& error);

}  // namespace carillon::api
