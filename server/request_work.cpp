#include "server/request_work.h"

#include "api/domain/arn.h"
#include "store/purge.h"

namespace carillon::server {

void log_foreign_arn(Log& log, std::string_view operation, const api::Call& call) {
  if (call.foreign_arn.empty()) return;
  const auto owner = api::domain::arn_owner(call.foreign_arn);
  if (!owner) return;
  const bool account = owner->account != call.caller.account;
  log.warn(account ? "the request names an ARN of another account than that of its credentials "
                     "(an access key of 12 digits is the account, any other key is --account)"
                   : "the request names an ARN of another region than that of its credentials",
           {{"operation", operation},
            {"arn_account", owner->account},
            {"arn_region", owner->region},
            {"credentials_account", call.caller.account},
            {"credentials_region", call.caller.region}});
}

bool RequestJob::run(store::WriteTx& tx) {
  if (const auto* reset = std::get_if<ResetWork>(&work_)) {
    response_.body = "{}";
    if (reset->account.empty()) {
      store::delete_everything(tx);
    } else {
      api::delete_account(tx, reset->account);
      effects_.emplace_back(api::PurgeRows{});
    }
    return true;
  }
  api::Prepared& prepared = std::get<api::Prepared>(work_);
  api::Call call{context_.clock.now_ms(), context_.ids, context_.options, prepared.caller()};
  response_ = prepared.run(call, tx);
  effects_ = std::move(call.effects);
  log_foreign_arn(context_.log, prepared.operation(), call);
  return !response_.is_error();
}

void RequestJob::done(std::exception_ptr failure) noexcept {
  if (failure) {
    context_.log.error("a write failed", {{"what", what(failure)}});
    response_ = api::render(api::error::service_failure());
  } else {
    if (auto* reset = std::get_if<ResetWork>(&work_)) {
      context_.effects.forget_account(std::move(reset->account));
    }
    context_.effects.carry_out(std::move(effects_));
  }
  deliver(std::move(response_));
}

api::HttpResponse RequestJob::refusal() {
  return api::render(api::error::service_unavailable(
      "Too many writes are waiting, or the server is shutting down; try again."));
}

}  // namespace carillon::server
