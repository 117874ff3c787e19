#include "server/listen/session.h"

#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "api/domain/arn.h"
#include "api/protocol/json.h"
#include "api/protocol/uri.h"
#include "server/config.h"
#include "server/limits.h"
#include "server/listen/output.h"
#include "server/processors/exchange.h"
#include "server/with_deadline.h"

namespace carillon::server {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;
using net::ip::tcp;
using UpgradeAnswer = websocket::response_type;

namespace {

// What the answer that stands in the place of a session says.
SessionEnd describe_refusal(const UpgradeAnswer& answer) {
  const int status = answer.result_int();
  SessionEnd end{"the answer is HTTP " + std::to_string(status), status >= 500};
  const api::json::Document body(answer.body());
  if (!body.error() && body.root().type() == api::json::Type::kObject) {
    const api::json::Value message = body.root().find("Message");
    if (message.type() == api::json::Type::kString) {
      end.reason += ": " + printable_text(message.string(), kListenContentCodePointsMax);
    }
  }
  return end;
}

SessionEnd describe_close(const websocket::close_reason& close) {
  const int code = close.code;
  std::string reason = "the server has closed the session with " + std::to_string(code);
  if (!close.reason.empty()) {
    std::string_view text(close.reason.data(), close.reason.size());
    if (text.ends_with('.')) text.remove_suffix(1);  // the sentence goes on
    reason += ": " + printable_text(text, kListenContentCodePointsMax);
  }
  return {std::move(reason), reconnects_after(code)};
}

template <typename Stream>
net::awaitable<SessionEnd> converse(websocket::stream<Stream>& session,
                                    const ListenSettings& settings, const std::string& target,
                                    const std::function<bool(std::string_view)>& take) {
  websocket::stream_base::timeout timeout;
  timeout.handshake_timeout = kListenConnectTimeout;
  timeout.idle_timeout = kListenIdleTimeout;
  timeout.keep_alive_pings = true;
  session.set_option(timeout);
  session.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
    request.set(beast::http::field::user_agent, "carillon/" + std::string(version()));
  }));
  session.read_message_max(kListenFrameBytesMax);
  error_code error;
  const auto into_error = [&error] { return net::redirect_error(net::use_awaitable, error); };
  UpgradeAnswer answer;
  co_await session.async_handshake(answer, settings.endpoint.authority, target, into_error());
  if (error == websocket::error::upgrade_declined) co_return describe_refusal(answer);
  if (error) co_return SessionEnd{"no session could be opened: " + error.message(), true};
  beast::flat_buffer buffer;
  while (true) {
    co_await session.async_read(buffer, into_error());
    if (error == websocket::error::closed) co_return describe_close(session.reason());
    if (error) co_return SessionEnd{"the connection was lost: " + error.message(), true};
    const std::string_view frame(static_cast<const char*>(buffer.data().data()), buffer.size());
    if (!take(frame)) break;
    buffer.consume(buffer.size());
  }
  co_await session.async_close(websocket::close_code::normal, into_error());
  co_return SessionEnd{};
}

net::ssl::context make_trust(const ListenSettings& settings, error_code& error) {
  net::ssl::context context(net::ssl::context::tls_client);
  context.set_verify_mode(settings.insecure ? net::ssl::verify_none : net::ssl::verify_peer);
  if (settings.insecure) return context;
  if (settings.ca.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(settings.ca.string(), error);
  }
  return context;
}

net::awaitable<error_code> shake_hands(net::ssl::stream<tcp::socket>& stream) {
  error_code error;
  co_await stream.async_handshake(net::ssl::stream_base::client,
                                  net::redirect_error(net::use_awaitable, error));
  co_return error;
}

net::awaitable<SessionEnd> run_tls_session(tcp::socket socket, const ListenSettings& settings,
                                           const std::string& target,
                                           const std::function<bool(std::string_view)>& take) {
  error_code error;
  net::ssl::context context = make_trust(settings, error);
  if (error) {
    co_return SessionEnd{"--ca " + settings.ca.string() + " cannot be used (" + error.message() +
                         "): give a PEM file, such as GET /_carillon/ca.pem answers"};
  }
  websocket::stream<net::ssl::stream<tcp::socket>> session(std::move(socket), context);
  auto& stream = session.next_layer();
  const std::string& host = settings.endpoint.host;
  net::ip::make_address(host, error);
  if (error) {  // a name, so that the server may choose its certificate by it
    SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
  }
  if (!settings.insecure) stream.set_verify_callback(net::ssl::host_name_verification(host));
  const auto shaken = co_await with_deadline(kListenConnectTimeout, shake_hands(stream));
  if (!shaken) co_return SessionEnd{"the server does not answer in TLS", true};
  const long verification = SSL_get_verify_result(stream.native_handle());
  if (*shaken && verification != X509_V_OK) {
    co_return SessionEnd{std::string("the server's certificate is not trusted (") +
                         X509_verify_cert_error_string(verification) +
                         "): give --ca FILE with its authority, which GET /_carillon/ca.pem "
                         "answers, or --insecure"};
  }
  if (*shaken) co_return SessionEnd{"TLS failed: " + shaken->message(), true};
  co_return co_await converse(session, settings, target, take);
}

}  // namespace

bool reconnects_after(int close_code) {
  switch (close_code) {
    case 1001:
    case 1006:
    case 1011:
    case 1012:
    case 1013:
    case 1014: return true;
    case 4002:  // the client's own
    case 4003:
    case 4401: return false;
    default: return close_code > 4000 && close_code < 5000;
  }
}

std::string connect_target(const ListenSettings& settings, const std::string& session_id,
                           std::int64_t now_ms) {
  std::vector<std::pair<std::string, std::string>> parameters{{"userArn", settings.user_arn},
                                                              {"sessionId", session_id}};
  if (settings.prefetch) parameters.emplace_back("prefetch-on", "connect");
  const api::Caller owner = api::domain::arn_owner(settings.user_arn).value_or(api::Caller());
  if (!settings.key_id.empty()) {
    return api::protocol::presign(
        {settings.endpoint.authority, "/connect", std::move(parameters), settings.key_id,
         settings.credential, owner.region, kListenSignatureLifetime.count()},
        now_ms);
  }
  // An unsigned credential still says whose request it is.
  parameters.emplace_back("X-Amz-Credential",
                          api::protocol::credential_scope(owner.account, owner.region, now_ms));
  std::string target = "/connect";
  for (const auto& [name, value] : parameters) {
    target += (&name == &parameters.front().first ? "?" : "&") + name + "=" +
              api::protocol::percent_encode(value);
  }
  return target;
}

net::awaitable<SessionEnd> run_session(const ListenSettings& settings, std::string target,
                                       std::function<bool(std::string_view)> take) {
  Connected connected = co_await connect(settings.endpoint, kListenConnectTimeout);
  if (!connected.connection) co_return SessionEnd{connected.error, true};
  if (settings.tls) {
    co_return co_await run_tls_session(std::move(connected.connection->socket), settings, target,
                                       take);
  }
  websocket::stream<tcp::socket> session(std::move(connected.connection->socket));
  co_return co_await converse(session, settings, target, take);
}

}  // namespace carillon::server
