#include "api/generated/messaging/operations.h"
#include "api/protocol/uri.h"

namespace carillon::api::messaging {

// A bare host, without scheme or path, as clients expect. Source: developer guide, "Using
// WebSockets to receive messages". It is how the caller reached us, unless a switch says otherwise;
// one address serves either NetworkType.
Result<GetMessagingSessionEndpointResponse> get_messaging_session_endpoint(
    Call& call, store::ReadTx&, const GetMessagingSessionEndpointRequest&) {
  const std::string& url =
      call.options.advertise.empty() ? call.caller.host : call.options.advertise;
  if (!protocol::is_authority(url)) {
    return error::validation(ErrorKind::kValidation,
                             "The Host header must be HOST or HOST:PORT, because the endpoint is "
                             "made from it, but is '" +
                                 printable(url) + "'.");
  }
  return GetMessagingSessionEndpointResponse{MessagingSessionEndpoint{url}};
}

}  // namespace carillon::api::messaging
