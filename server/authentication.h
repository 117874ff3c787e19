// Whether a request's signature is looked at, and what becomes of one that is wrong (--sigv4).
// Called on the I/O threads; thread-safe.
#pragma once

#include <optional>

#include "api/error.h"
#include "api/http.h"
#include "server/clock.h"
#include "server/config.h"
#include "server/log.h"

namespace carillon::server {

class Authentication {
 public:
  Authentication(const Settings& settings, Clock& clock, Log& log)
      : settings_(settings), clock_(clock), log_(log) {}

  // Why a request goes no further, or nothing.
  std::optional<api::Error> refuse(const api::HttpRequest& request);

 private:
  const Settings& settings_;
  Clock& clock_;
  Log& log_;
};

}  // namespace carillon::server
