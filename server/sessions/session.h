// A messaging session as the hub knows it: something that takes frames. Belongs to one I/O thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "store/rows.h"

namespace carillon::server {

// Why a session ends, as the close frame's code. amazon-chime-sdk-js connects again after 1001,
// 1006, 1011 to 1014 and those from 4000 on, but for 4002, 4003 and 4401. What is not one of the
// service's own is the WebSocket protocol's, or our reading: docs/fidelity.md.
enum class CloseCode : std::uint16_t {
  kUnsupportedData = 1003,  // the client sent a message
  kInternalError = 1011,
  kServiceRestart = 1012,  // the server ends
  kTryAgainLater = 1013,   // the client reads too slowly, or there is too much to write
  kForbidden = 4003,       // no such user, or not any more
  kUnauthorized = 4401,    // the URL is not what it should be, or not signed as it should be
};

// A frame's text, made once and shared by all who are sent it.
using Frame = std::shared_ptr<const std::string>;

class Session {
 public:
  virtual ~Session() = default;

  // The session is the user's from now on: SESSION_ESTABLISHED and the rest follow.
  virtual void go_live(store::RowId user_id) = 0;
  // False when it waits behind earlier ones.
  virtual bool deliver(const Frame& frame) = 0;
  // Once; nothing is delivered afterwards. `reason` is for whoever reads the client's log.
  virtual void end(CloseCode code, std::string_view reason) = 0;
  virtual bool ended() const = 0;
};

}  // namespace carillon::server
