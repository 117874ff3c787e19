// What a request for a messaging session comes to, before its user is looked up.
#pragma once

#include <string>
#include <variant>

#include "api/messaging_session.h"
#include "server/sessions/session.h"

namespace carillon::server {

// Why nobody gets this session. Told by a close frame after the upgrade: a client takes a refused
// upgrade for a broken network and tries again and again.
struct SessionRefusal {
  CloseCode code = CloseCode::kUnauthorized;
  std::string reason;
};
using SessionOpening = std::variant<api::ConnectRequest, SessionRefusal>;

}  // namespace carillon::server
