#include "server/request_work.h"

#include "store/purge.h"

namespace carillon::server {

bool RequestJob::run(store::WriteTx& tx) {
  if (std::holds_alternative<ResetWork>(work_)) {
    store::delete_everything(tx);
    response_.body = "{}";
    return true;
  }
  api::Prepared& prepared = std::get<api::Prepared>(work_);
  api::Call call{context_.clock.now_ms(), context_.ids, context_.options, prepared.caller()};
  response_ = prepared.run(call, tx);
  effects_ = std::move(call.effects);
  return !response_.is_error();
}

void RequestJob::done(std::exception_ptr failure) noexcept {
  if (failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      context_.log.error("a write failed", {{"what", error.what()}});
    }
    response_ = api::render(api::error::service_failure());
  } else if (std::holds_alternative<ResetWork>(work_)) {
    context_.effects.forget_invocations();
  } else if (!response_.is_error()) {
    context_.effects.carry_out(std::move(effects_));
  }
  deliver(std::move(response_));
}

api::HttpResponse RequestJob::refusal() {
  return api::render(api::error::service_unavailable(
      "Too many writes are waiting, or the server is shutting down; try again."));
}

}  // namespace carillon::server
