// What a request for a messaging session comes to, before its user is looked up.
#pragma once

#include <optional>
#include <string>

#include "api/messaging_session.h"
#include "server/sessions/session.h"

namespace carillon::server {

// Why nobody gets this session. Told by a close frame after the upgrade: a client takes a refused
// upgrade for a broken network and tries again and again.
struct SessionRefusal {
  CloseCode code = CloseCode::kUnauthorized;
  std::string reason;
};
struct SessionOpening {
  api::ConnectRequest request;  // as far as it can be understood
  std::optional<SessionRefusal> refusal = {};
};

}  // namespace carillon::server
