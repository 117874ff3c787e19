#include "server/processors/exchange.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "server/config.h"
#include "server/processors/resolve.h"
#include "server/with_deadline.h"

namespace carillon::server {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace net = boost::asio;
using net::ip::tcp;

namespace {

constexpr auto kAsTuple = net::as_tuple(net::use_awaitable);

// Keeps a body's start and lets the rest pass.
struct StartOfBody {
  using value_type = std::string;

  class reader {
   public:
    template <bool IsRequest, typename Fields>
    reader(http::header<IsRequest, Fields>&, value_type& start) : start_(start) {}
    void init(const boost::optional<std::uint64_t>&, beast::error_code& error) { error = {}; }
    template <typename Buffers>
    std::size_t put(const Buffers& buffers, beast::error_code& error) {
      error = {};
      std::size_t size = 0;
      for (const auto buffer : beast::buffers_range_ref(buffers)) {
        const std::size_t room = kProcessorAnswerQuotedBytes - start_.size();
        start_.append(static_cast<const char*>(buffer.data()), std::min(room, buffer.size()));
        size += buffer.size();
      }
      return size;
    }
    void finish(beast::error_code& error) { error = {}; }

   private:
    std::string& start_;
  };
};

using Parser = http::response_parser<StartOfBody>;

std::string print(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(endpoint.port());
}

// What an endpoint said, as part of a sentence.
std::string one_line(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte >= 0x20 && byte < 0x7f ? c : byte == '\n' ? ' ' : '?';
  }
  return text;
}

net::awaitable<Connected> connect_within(EndpointUrl url) {
  const Addresses addresses = co_await resolve(url.host, url.port);
  Connected connected;
  if (addresses.endpoints.empty()) {
    connected.error = "Cannot resolve the host name " + url.host + ": " + addresses.error;
    co_return connected;
  }
  for (const tcp::endpoint& endpoint : addresses.endpoints) {
    tcp::socket socket(co_await net::this_coro::executor);
    const auto [error] = co_await socket.async_connect(endpoint, kAsTuple);
    if (!error) {
      beast::error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      connected.connection = std::make_unique<EndpointConnection>(std::move(socket));
      co_return connected;
    }
    connected.error = error == net::error::connection_refused
                          ? "Connection refused by " + print(endpoint)
                          : "No connection to " + print(endpoint) + ": " + error.message();
  }
  co_return connected;
}

// Feeds what has been received to the parser. Returns whether more is needed.
bool parse(Parser& parser, beast::flat_buffer& buffer, beast::error_code& error) {
  error = {};
  while (buffer.size() > 0 && !parser.is_done()) {
    const std::size_t size = parser.put(buffer.data(), error);
    buffer.consume(size);
    if (error == http::error::need_more) {
      error = {};
      // Half of what the buffer may hold: a longer line is none that HTTP servers write.
      if (buffer.size() < kProcessorAnswerHeaderBytesMax) return true;
      error = http::error::header_limit;
      return false;
    }
    if (error) return false;
    if (parser.is_header_done()) {
      // An interim answer (1xx) is not the one that was asked for.
      if (parser.get().result_int() < 200) error = http::error::bad_status;
      if (error) return false;
      parser.eager(true);
    }
  }
  return !parser.is_done();
}

net::awaitable<EndpointAnswer> exchange_within(EndpointConnection& connection,
                                               std::string request) {
  EndpointAnswer answer;
  const auto [write_error, written] =
      co_await net::async_write(connection.socket, net::buffer(request), kAsTuple);
  // An endpoint may refuse before it has read everything: what it says is worth reading.
  Parser parser;
  parser.header_limit(kProcessorAnswerHeaderBytesMax);
  parser.body_limit(kProcessorAnswerBytesMax);
  beast::flat_buffer buffer(kProcessorAnswerHeaderBytesMax * 2);
  bool anything_came = false;
  beast::error_code error;
  while (true) {
    const auto [read_error, size] =
        co_await connection.socket.async_read_some(buffer.prepare(kProcessorReadBytes), kAsTuple);
    buffer.commit(size);
    anything_came = anything_came || size > 0;
    error = read_error;
    if (error == net::error::eof && parser.got_some()) parser.put_eof(error);
    if (error || read_error) break;
    if (!parse(parser, buffer, error)) break;
  }
  if (parser.is_header_done() && parser.get().result_int() >= 200) {
    answer.status = static_cast<int>(parser.get().result_int());
    answer.body_start = parser.get().body();
    answer.reusable =
        parser.is_done() && !error && !write_error && buffer.size() == 0 && parser.keep_alive();
    co_return answer;
  }
  answer.nothing_came = !anything_came;
  if (error == net::error::eof || error == net::error::connection_reset ||
      error == net::error::broken_pipe || error == http::error::partial_message) {
    answer.error = anything_came ? "The connection was closed in the middle of the answer"
                                 : "The connection was closed before an answer";
  } else if (anything_came) {
    answer.error = "The answer was not valid HTTP/1.1 (" + error.message() + ")";
  } else {
    answer.error = "The connection failed: " + (write_error ? write_error : error).message();
  }
  co_return answer;
}

std::string make_request(const InvocationRequest& request) {
  std::string text = "POST " + request.path + " HTTP/1.1\r\nHost: " + request.url.authority +
                     "\r\nUser-Agent: carillon/" + std::string(version()) +
                     "\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
                     "X-Amz-Invocation-Type: " +
                     std::string(server::text(request.invocation_type)) +
                     "\r\nContent-Length: " + std::to_string(request.event.size()) + "\r\n\r\n";
  return text + request.event;
}

InvocationOutcome judge(const EndpointAnswer& answer, const InvocationRequest& request) {
  const std::string url = request.url.text() + request.path.substr(request.url.prefix.size());
  if (answer.status == 0) return {false, answer.error + ", by " + url, {}};
  if (answer.status >= 200 && answer.status < 300) return {true, {}, {}};
  return {false, "HTTP " + std::to_string(answer.status) + " from " + url,
          one_line(answer.body_start)};
}

}  // namespace

std::unique_ptr<EndpointConnection> ConnectionPool::take() {
  const auto oldest = std::chrono::steady_clock::now() - kProcessorIdleConnectionAge;
  if (!idle_.empty() && idle_.back()->idle_since < oldest) idle_.clear();
  if (idle_.empty()) return nullptr;
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void ConnectionPool::put_back(std::unique_ptr<EndpointConnection> connection) {
  connection->idle_since = std::chrono::steady_clock::now();
  idle_.push_back(std::move(connection));
}

net::awaitable<Connected> connect(EndpointUrl url, std::chrono::milliseconds limit) {
  const std::string text = url.text();
  auto connected = co_await with_deadline(limit, connect_within(std::move(url)));
  if (!connected)
    co_return Connected{nullptr, "No connection to " + text + " within " + print_duration(limit)};
  co_return std::move(*connected);
}

net::awaitable<EndpointAnswer> exchange(EndpointConnection& connection, const std::string& request,
                                        std::chrono::milliseconds limit) {
  auto answer = co_await with_deadline(limit, exchange_within(connection, request));
  if (answer) co_return std::move(*answer);
  EndpointAnswer none;
  none.error = "No answer within " + print_duration(limit);
  co_return none;
}

net::awaitable<InvocationOutcome> call_endpoint(ConnectionPool& connections,
                                                const InvocationRequest& request) {
  const std::string text = make_request(request);
  std::unique_ptr<EndpointConnection> connection = connections.take();
  while (true) {
    const bool used_before = connection != nullptr;
    if (!used_before) {
      Connected connected = co_await connect(request.url, request.connect_timeout);
      if (!connected.connection) co_return InvocationOutcome{false, std::move(connected.error), {}};
      connection = std::move(connected.connection);
    }
    const EndpointAnswer answer = co_await exchange(*connection, text, request.answer_timeout);
    // The endpoint closed the idle connection just as it was used again: once more on a new one.
    if (answer.status == 0 && answer.nothing_came && used_before) {
      connection.reset();
      continue;
    }
    if (answer.reusable) connections.put_back(std::move(connection));
    co_return judge(answer, request);
  }
}

}  // namespace carillon::server
