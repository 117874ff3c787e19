// From a request to its answer, or to the work on the writer thread that makes it. Called by the
// sessions on the I/O threads; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "api/http.h"
#include "server/admin.h"
#include "server/authentication.h"
#include "server/io_thread.h"
#include "server/request_work.h"
#include "server/sessions/session_opening.h"

namespace carillon::server {

struct Outcome {
  std::string_view operation = "-";  // for the log
  std::variant<api::HttpResponse, RequestWork> result;
  std::string allow = {};  // with 405
};

class Dispatcher {
 public:
  Dispatcher(const Settings& settings, Clock& clock, Log& log, store::ReaderPool& readers,
             Admin& admin);

  // Reads are answered here and now: what SQLite has in its cache costs less than a hop to another
  // thread would.
  Outcome begin(const api::HttpRequest& request, IoThread& thread);

  // A /connect request: whose session it asks for, or that nobody may have it. That the user exists
  // is looked up later.
  SessionOpening open_session(const api::HttpRequest& request);

 private:
  api::HttpResponse read(api::Prepared& prepared, IoThread& thread);

  const Settings& settings_;
  Clock& clock_;
  Log& log_;
  store::ReaderPool& readers_;
  Admin& admin_;
  Authentication authentication_;
  api::domain::TokenBuckets buckets_;  // for quotas
};

}  // namespace carillon::server
