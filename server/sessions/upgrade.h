// The request that opens a messaging session, GET /connect, as HTTP: whether it asks for WebSocket
// as it must. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "api/http.h"

namespace carillon::server {

struct Upgrade {
  std::string key;  // Sec-WebSocket-Key
};

// The upgrade, or the answer to a request that is none: 426 or 400.
std::variant<api::HttpResponse, Upgrade> read_upgrade(const api::HttpRequest& request);

}  // namespace carillon::server
