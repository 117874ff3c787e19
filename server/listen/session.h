// One messaging session seen from the client: from the connection to the close frame. On the thread
// of the coroutine's executor.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "server/listen/settings.h"

namespace carillon::server {

struct SessionEnd {
  std::string reason;  // for people, as a sentence without its end
  bool again = false;  // whether a client connects again
};

// As amazon-chime-sdk-js does: when the server goes away or is in trouble, but not when it says
// that this client has no business here.
bool reconnects_after(int close_code);

// GET /connect, with what the settings say of the user and the credentials.
std::string connect_target(const ListenSettings& settings, const std::string& session_id,
                           std::int64_t now_ms);

// Opens a session and hands over each frame until it ends, or until `take` returns false: then it
// is closed, and the end has no reason.
boost::asio::awaitable<SessionEnd> run_session(const ListenSettings& settings, std::string target,
                                               std::function<bool(std::string_view)> take);

}  // namespace carillon::server
