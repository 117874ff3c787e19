#include "api/protocol/invocation.h"

#include <algorithm>
#include <cassert>

#include "api/domain/arn.h"
#include "api/protocol/binding.h"
#include "api/protocol/digest.h"
#include "api/provisioning.h"
#include "api/service.h"
#include "store/client_request_tokens.h"

namespace carillon::api::protocol {
namespace {

// A token's key begins with what all keys of its account begin with.
constexpr std::size_t kAccountKeyBytes = 8;
constexpr std::size_t kTokenKeyBytes = 16;
constexpr std::size_t kFingerprintBytes = 32;

// An operation answers only with errors that its model lists. Kinds from kValidation on are the
// framework's and need no listing.
[[maybe_unused]] bool is_modelled(const Operation& operation, ErrorKind kind) {
  return kind >= ErrorKind::kValidation ||
         std::find(operation.errors.begin(), operation.errors.end(), kind) !=
             operation.errors.end();
}

}  // namespace

std::unique_ptr<Invocation> finish_binding(std::unique_ptr<Invocation> invocation,
                                           const BoundInput& bound) {
  const Operation& operation = invocation->operation();
  if (operation.token_member < 0) return invocation;
  invocation->token = bound.member(static_cast<std::size_t>(operation.token_member)).string();
  invocation->token_scope = operation.name;
  for (std::size_t i = 0; i < operation.input->members.size(); ++i) {
    if (operation.input->members[i].location == Location::kBody) continue;
    invocation->token_scope += '\0';
    if (!bound.member(i).is_null()) invocation->token_scope += bound.member(i).string();
  }
  return invocation;
}

std::string token_key_prefix(std::string_view account) { return digest(account, kAccountKeyBytes); }

// In both, the one place that keeps accounts and regions apart.
HttpResponse Invocation::run(Call& call, store::ReadTx& tx) {
  const store::AccountScope scope(tx, domain::arn_prefix(call.caller));
  return run_as_caller(call, tx, scope);
}

HttpResponse Invocation::run(Call& call, store::WriteTx& tx) {
  const store::AccountScope scope(tx, domain::arn_prefix(call.caller));
  // What a request names exists from then on, whatever becomes of the request.
  if (provision(call, tx, mentioned)) tx.keep();
  return run_as_caller(call, tx, scope);
}

template <typename Tx>
HttpResponse Invocation::run_as_caller(Call& call, Tx& tx, const store::AccountScope& scope) {
  const auto kept = static_cast<std::ptrdiff_t>(call.effects.size());
  HttpResponse response = run_once(call, tx);
  if (response.is_error()) {
    call.effects.erase(call.effects.begin() + kept, call.effects.end());
    call.foreign_arn = scope.foreign_arn();
  }
  return response;
}

HttpResponse Invocation::run_once(Call& call, store::ReadTx& tx) {
  return render_answer(answer(call, tx));
}

HttpResponse Invocation::run_once(Call& call, store::WriteTx& tx) {
  if (operation_.token_member < 0) return render_answer(answer(call, tx));
  const std::string separator(1, '\0');
  const std::string key =
      token_key_prefix(caller.account) +
      digest(token_scope + separator + caller.region + separator + token, kTokenKeyBytes);
  const std::string fingerprint = digest(canonical_input(), kFingerprintBytes);
  if (const auto known = store::find_token(tx, key)) {
    if (known->fingerprint == fingerprint) return {known->http_status, {}, known->response};
    return render(error::conflict(
        "The ClientRequestToken was used before with a different request. Use a new token."));
  }
  HttpResponse response = render_answer(answer(call, tx));
  if (!response.is_error()) {
    store::insert_token(tx, key, {fingerprint, response.status, response.body}, call.now_ms);
  }
  return response;
}

HttpResponse Invocation::render_answer(Result<std::string> answer) const {
  if (answer) return {operation_.status, {}, std::move(*answer)};
  assert(is_modelled(operation_, answer.error().kind));
  return render(answer.error());
}

}  // namespace carillon::api::protocol
