#include "server/dispatcher.h"

#include <exception>

#include "api/service.h"

namespace carillon::server {

Dispatcher::Dispatcher(const Settings& settings, Clock& clock, Log& log, store::ReaderPool& readers,
                       Admin& admin)
    : settings_(settings),
      clock_(clock),
      log_(log),
      readers_(readers),
      admin_(admin),
      authentication_(settings, clock, log) {}

Outcome Dispatcher::begin(const api::HttpRequest& request, IoThread& thread) {
  if (!request.target.starts_with('/')) {
    return {.result = api::render(api::error::bad_request(
                "The request target must be a path, starting with /, not \"" +
                api::printable(request.target) + "\"."))};
  }
  try {
    if (Admin::owns(request.target)) {
      AdminOutcome outcome = admin_.handle(request, thread.index());
      return {outcome.operation, std::move(outcome.result), std::move(outcome.allow)};
    }
    if (auto refusal = authentication_.refuse(request)) return {.result = api::render(*refusal)};
    auto prepared = api::prepare(request, settings_.api);
    if (auto* response = std::get_if<api::HttpResponse>(&prepared)) {
      return {.result = std::move(*response)};
    }
    auto& operation = std::get<api::Prepared>(prepared);
    const std::string_view name = operation.operation();
    if (auto refusal = api::throttle(operation, buckets_, clock_.now_ms())) {
      return {name, std::move(*refusal)};
    }
    if (operation.reads()) return {name, read(operation, thread)};
    return {name, RequestWork(std::move(operation))};
  } catch (const std::exception& failure) {
    log_.error("a request failed, which is a bug or a dead disk", {{"what", failure.what()}});
    return {.result = api::render(api::error::service_failure())};
  }
}

SessionOpening Dispatcher::open_session(const api::HttpRequest& request) {
  SessionOpening opening;
  auto understood = api::read_connect_request(request, settings_.api);
  if (understood) opening.request = *understood;
  if (auto refusal = authentication_.refuse(request)) {
    opening.refusal = SessionRefusal{CloseCode::kUnauthorized, std::move(refusal->message)};
  } else if (!understood) {
    opening.refusal = SessionRefusal{CloseCode::kUnauthorized, understood.error().message};
  }
  return opening;
}

api::HttpResponse Dispatcher::read(api::Prepared& prepared, IoThread& thread) {
  api::Call call{clock_.now_ms(), thread.ids(), settings_.api, prepared.caller()};
  api::HttpResponse response =
      readers_.read(thread.index(), [&](store::ReadTx& tx) { return prepared.run(call, tx); });
  log_foreign_arn(log_, prepared.operation(), call);
  return response;
}

}  // namespace carillon::server
