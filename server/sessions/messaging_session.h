// A messaging session over WebSocket: from the upgrade of an HTTP connection to its end.
//
// Lives on the I/O thread of its connection, and holds itself. What it is sent comes from its hub.
#pragma once

#include "server/connection.h"
#include "server/http_session.h"
#include "server/io_thread.h"
#include "server/sessions/session_opening.h"
#include "server/sessions/upgrade.h"

namespace carillon::server {

void start_messaging_session(Connection connection, Upgrade upgrade, SessionOpening opening,
                             SessionContext& context, IoThread& thread);

}  // namespace carillon::server
