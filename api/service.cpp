#include "api/service.h"

#include "api/protocol/binding.h"
#include "api/protocol/caller.h"
#include "api/protocol/invocation.h"
#include "api/protocol/json.h"
#include "api/protocol/mentions.h"
#include "api/protocol/model.h"
#include "api/protocol/rate_uses.h"
#include "api/protocol/router.h"
#include "api/protocol/uri.h"
#include "api/protocol/validation.h"
#include "store/client_request_tokens.h"
#include "store/purge.h"

namespace carillon::api {
namespace {

using protocol::BoundInput;
using protocol::Operation;

// The tag operations have one route for both services; the resource decides.
const Operation* choose_service(const Operation* messaging, const Operation* identity,
                                const BoundInput& bound) {
  if (identity == nullptr) return messaging;
  const json::Value arn = bound.member(0);
  const bool is_text = arn.type() == json::Type::kString;
  return is_text && protocol::is_identity_resource(arn.string()) ? identity : messaging;
}

}  // namespace

Prepared::Prepared(std::unique_ptr<protocol::Invocation> invocation,
                   std::vector<domain::BucketUse> rates)
    : invocation_(std::move(invocation)), rates_(std::move(rates)) {}
Prepared::Prepared(Prepared&&) noexcept = default;
Prepared& Prepared::operator=(Prepared&&) noexcept = default;
Prepared::~Prepared() = default;

std::string_view Prepared::operation() const { return invocation_->operation().name; }
bool Prepared::reads() const {
  return invocation_->operation().reads && invocation_->mentioned.empty();
}
const Caller& Prepared::caller() const { return invocation_->caller; }

HttpResponse Prepared::run(Call& call, store::ReadTx& tx) { return invocation_->run(call, tx); }
HttpResponse Prepared::run(Call& call, store::WriteTx& tx) { return invocation_->run(call, tx); }

std::variant<HttpResponse, Prepared> prepare(const HttpRequest& request, const Options& options) {
  const protocol::Target target = protocol::split_target(request.target);
  const Operation* identity = nullptr;
  const Operation* operation = protocol::route(request.method, target, &identity);
  if (operation == nullptr) {
    return render(error::unknown_operation(request.method, request.target));
  }
  BoundInput bound;
  if (const auto problem = bound.bind(*operation, request, target)) return render(*problem);
  operation = choose_service(operation, identity, bound);
  const ErrorKind kind =
      options.validation_exception ? ErrorKind::kValidation : ErrorKind::kBadRequest;
  if (const auto problem = protocol::validate(*operation->input, bound, kind)) {
    return render(*problem);
  }
  if (operation->make_invocation == nullptr) {
    return render(error::unsupported_operation(operation->name));
  }
  auto invocation = operation->make_invocation(*operation, bound);
  if (options.auto_provision) {
    invocation->mentioned = protocol::mentioned_arns(*operation->input, bound);
  }
  invocation->caller = protocol::read_caller(request, options, invocation->mentioned);
  invocation->caller.host = request.headers.find("Host").value_or("");
  std::vector<domain::BucketUse> rates;
  if (options.enforce_quotas) rates = protocol::rate_uses(*operation, bound, invocation->caller);
  return Prepared(std::move(invocation), std::move(rates));
}

std::optional<HttpResponse> throttle(const Prepared& request, domain::TokenBuckets& buckets,
                                     std::int64_t now_ms) {
  if (request.rates().empty()) return std::nullopt;
  const auto refused = buckets.take(request.rates(), now_ms);
  if (!refused) return std::nullopt;
  const domain::BucketUse& rate = request.rates()[*refused];
  return render(error::throttled(rate.per_second, rate.what));
}

void delete_account(store::WriteTx& tx, std::string_view account) {
  store::delete_account(tx, account);
  store::delete_tokens(tx, protocol::token_key_prefix(account));
}

HttpResponse render(const Error& error) {
  const ErrorKindInfo& kind = info(error.kind);
  // Messages quote what was sent, and a request line may hold any byte; the answer is JSON for all.
  const std::string message = protocol::repair_utf8(error.message);
  json::Writer writer;
  writer.begin_object()
      .member("Code", kind.code)
      .member("Message", std::string_view(message))
      .end_object();
  return {kind.http_status, std::string(kind.exception), writer.take()};
}

}  // namespace carillon::api
