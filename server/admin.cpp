#include "server/admin.h"

#include <stdexcept>

#include "api/admin/listings.h"
#include "api/admin/query.h"
#include "api/protocol/json.h"
#include "api/service.h"

namespace carillon::server {
namespace {

using api::HttpResponse;

constexpr std::string_view kPrefix = "/_carillon";

}  // namespace

// An endpoint is one entry of the table: either a member function, or a function of the api layer
// that answers from a read transaction.
struct Admin::Route {
  std::string_view method;
  std::string_view name;       // the segment after the prefix
  std::string_view argument;   // what the segment after that is, if there is one
  std::string_view operation;  // for the log
  Answer (Admin::*handler)(const api::HttpRequest&, std::string_view argument) = nullptr;
  HttpResponse (*rows)(const Admin&, store::ReadTx&, const api::HttpRequest&) = nullptr;
};

const std::vector<Admin::Route>& Admin::routes() {
  static const std::vector<Route> kRoutes{
      {"GET", "health", "", "Health", &Admin::health},
      {"GET", "processors", "", "ListProcessors", &Admin::list_processors},
      {"GET", "processors", "NAME_OR_ARN", "GetProcessor", &Admin::get_processor},
      {"PUT", "processors", "NAME_OR_ARN", "PutProcessor", &Admin::put_processor},
      {"DELETE", "processors", "NAME_OR_ARN", "DeleteProcessor", &Admin::delete_processor},
      {"GET", "callbacks", "", "ListCallbacks", nullptr,
       [](const Admin& admin, store::ReadTx& tx, const api::HttpRequest& request) {
         return api::admin::list_callbacks(tx, request, [&admin](std::string_view arn) {
           return admin.processors_.has_target(arn);
         });
       }},
      {"GET", "messages", "", "ListMessages", nullptr,
       [](const Admin&, store::ReadTx& tx, const api::HttpRequest& request) {
         return api::admin::list_messages(tx, request);
       }},
      {"GET", "channels", "", "ListChannels", nullptr,
       [](const Admin&, store::ReadTx& tx, const api::HttpRequest& request) {
         return api::admin::list_channels(tx, request);
       }},
      {"GET", "channel-flows", "", "ListChannelFlows", nullptr,
       [](const Admin&, store::ReadTx& tx, const api::HttpRequest& request) {
         return api::admin::list_channel_flows(tx, request);
       }},
      {"GET", "push-notifications", "", "ListPushNotifications", nullptr,
       [](const Admin&, store::ReadTx& tx, const api::HttpRequest& request) {
         return api::admin::list_push_notifications(tx, request);
       }},
      {"GET", "provisioned", "", "ListProvisioned", nullptr,
       [](const Admin&, store::ReadTx& tx, const api::HttpRequest& request) {
         return api::admin::list_provisioned(tx, request);
       }},
      {"GET", "ca.pem", "", "GetCaCertificate", &Admin::ca_certificate},
      {"POST", "reset", "", "Reset", &Admin::reset},
  };
  return kRoutes;
}

Admin::Admin(std::string location, const Counters& counters, const store::Writer& writer,
             store::ReaderPool& readers, Processors& processors, Tls& tls)
    : location_(std::move(location)),
      counters_(counters),
      writer_(writer),
      readers_(readers),
      processors_(processors),
      tls_(tls) {}

bool Admin::owns(std::string_view target) {
  return target.starts_with(kPrefix) &&
         (target.size() == kPrefix.size() || target[kPrefix.size()] == '/' ||
          target[kPrefix.size()] == '?');
}

AdminOutcome Admin::handle(const api::HttpRequest& request, int reader_index) {
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  std::string_view rest = path.substr(kPrefix.size());
  if (rest.starts_with('/')) rest.remove_prefix(1);
  const std::size_t slash = rest.find('/');
  const std::string_view name = rest.substr(0, slash);
  const bool has_argument = slash != std::string_view::npos;
  const std::string_view argument = has_argument ? rest.substr(slash + 1) : std::string_view();

  std::string allow;
  for (const Route& route : routes()) {
    if (route.name != name || route.argument.empty() == has_argument) continue;
    if (argument.find('/') != std::string_view::npos) continue;
    if (route.method != request.method) {
      allow += (allow.empty() ? "" : ", ") + std::string(route.method);
      continue;
    }
    if (route.rows == nullptr) {
      return {route.operation, (this->*route.handler)(request, argument)};
    }
    return {route.operation, readers_.read(reader_index, [&](store::ReadTx& tx) {
              return route.rows(*this, tx, request);
            })};
  }
  if (!allow.empty()) {
    HttpResponse response = api::render(
        api::error::bad_request(api::printable(path) + " does not take " +
                                api::printable(request.method) + "; it takes " + allow + "."));
    response.status = 405;
    return {"-", std::move(response), std::move(allow)};
  }
  std::string message = "There is no admin endpoint " + api::printable(path) + ". There are:";
  for (const Route& route : routes()) {
    message += (&route == &routes().front() ? " " : ", ") + std::string(route.method) + " " +
               std::string(kPrefix) + "/" + std::string(route.name);
    if (!route.argument.empty()) message += "/" + std::string(route.argument);
  }
  return {"-", api::render(api::Error{api::ErrorKind::kUnknownOperation, message + "."})};
}

Admin::Answer Admin::health(const api::HttpRequest&, std::string_view) {
  const auto uptime = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started_);
  api::json::Writer json;
  const std::string trouble = writer_.trouble();
  json.begin_object().member("Status", trouble.empty() ? "ok" : "degraded");
  if (!trouble.empty()) json.member("Trouble", std::string_view(trouble));
  json.member("Version", version())
      .member("Data", location_.empty() ? std::string_view("ephemeral") : location_)
      .key("UptimeSeconds")
      .epoch_seconds(uptime.count())
      .member("Connections", std::int64_t{counters_.connections.value()})
      .member("Sessions", std::int64_t{counters_.sessions.load()})
      .member("SlowSessionsEnded", counters_.slow_sessions_ended.load())
      .member("RequestsInFlight", std::int64_t{counters_.in_flight.load()})
      .member("WritesQueued", static_cast<std::int64_t>(writer_.queued()))
      .end_object();
  return HttpResponse{200, {}, json.take()};
}

Admin::Answer Admin::ca_certificate(const api::HttpRequest&, std::string_view) {
  if (tls_.is_given()) {
    HttpResponse response = api::render(
        {api::ErrorKind::kNotFound,
         "The certificate is the one that --tls-cert names, so there is no authority of the "
         "server's own: trust the one that has signed it."});
    response.status = 404;
    return response;
  }
  try {
    return HttpResponse{200, {}, tls_.ca_pem(), "application/x-pem-file"};
  } catch (const std::runtime_error& failure) {
    return api::render(api::error::service_unavailable(failure.what()));
  }
}

// The account comes as ?account= or as {"Account": "..."}.
Admin::Answer Admin::reset(const api::HttpRequest& request, std::string_view) {
  auto account = api::admin::read_account(request);
  if (!account) return api::render(account.error());
  return RequestWork(ResetWork{std::move(*account)});
}

}  // namespace carillon::server
