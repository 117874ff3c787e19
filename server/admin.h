// The endpoints under /_carillon/: for the people and tests around the application, not for the
// application. JSON with members in the service's casing, errors in the service's form.
//
// handle() is called on the I/O threads.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/http.h"
#include "server/config.h"
#include "server/counters.h"
#include "server/processors/processors.h"
#include "server/request_work.h"
#include "server/tls/tls.h"
#include "store/reader_pool.h"
#include "store/writer.h"

namespace carillon::server {

// Either the answer or what has to be written for it.
struct AdminOutcome {
  std::string_view operation;  // for the log
  std::variant<api::HttpResponse, RequestWork> result;
  std::string allow = {};  // with 405
};

class Admin {
 public:
  Admin(std::string location, const Counters& counters, const store::Writer& writer,
        store::ReaderPool& readers, Processors& processors, Tls& tls);

  static bool owns(std::string_view target);
  AdminOutcome handle(const api::HttpRequest& request, int reader_index);

 private:
  using Answer = std::variant<api::HttpResponse, RequestWork>;
  struct Route;
  static const std::vector<Route>& routes();

  // `argument` is the last segment of the path, still percent-encoded.
  Answer health(const api::HttpRequest& request, std::string_view argument);
  Answer list_processors(const api::HttpRequest& request, std::string_view argument);
  Answer get_processor(const api::HttpRequest& request, std::string_view argument);
  Answer put_processor(const api::HttpRequest& request, std::string_view argument);
  Answer delete_processor(const api::HttpRequest& request, std::string_view argument);
  Answer ca_certificate(const api::HttpRequest& request, std::string_view argument);
  Answer reset(const api::HttpRequest& request, std::string_view argument);

  const std::string location_;
  const Counters& counters_;
  const store::Writer& writer_;
  store::ReaderPool& readers_;
  Processors& processors_;
  Tls& tls_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace carillon::server
