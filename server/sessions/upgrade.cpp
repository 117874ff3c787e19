#include "server/sessions/upgrade.h"

#include <boost/beast/http/rfc7230.hpp>

#include "api/service.h"

namespace carillon::server {
namespace {

// What 16 bytes look like in base64.
bool is_key(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return text.size() == 24 && text.ends_with("==") &&
         text.substr(0, 22).find_first_not_of(kDigits) == std::string_view::npos;
}

bool has_token(const api::RequestHeaders& headers, std::string_view name, const char* token) {
  const auto value = headers.find(name);
  return value &&
         boost::beast::http::token_list(boost::beast::string_view(value->data(), value->size()))
             .exists(token);
}

api::HttpResponse refuse(int status, std::string message) {
  api::HttpResponse response = api::render(api::error::bad_request(std::move(message)));
  response.status = status;
  return response;
}

}  // namespace

std::variant<api::HttpResponse, Upgrade> read_upgrade(const api::HttpRequest& request) {
  if (!has_token(request.headers, "Upgrade", "websocket") ||
      !has_token(request.headers, "Connection", "upgrade")) {
    return refuse(426,
                  "/connect opens a messaging session and speaks WebSocket: connect with ws:// or "
                  "wss://. If you did, a proxy between has dropped the Upgrade header.");
  }
  if (request.headers.find("Sec-WebSocket-Version") != "13") {
    return refuse(426, "Sec-WebSocket-Version must be 13.");
  }
  const auto key = request.headers.find("Sec-WebSocket-Key");
  if (!key || !is_key(*key)) {
    return refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64.");
  }
  return Upgrade{std::string(*key)};
}

}  // namespace carillon::server
