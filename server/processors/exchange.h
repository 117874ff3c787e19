// One HTTP exchange with a processor's endpoint, or with our own health endpoint, over a connection
// that is used again for the next. On the thread of the coroutine's executor.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "server/processors/target.h"

namespace carillon::server {

// An open connection to one endpoint.
class EndpointConnection {
 public:
  explicit EndpointConnection(boost::asio::ip::tcp::socket opened) : socket(std::move(opened)) {}

  boost::asio::ip::tcp::socket socket;
  std::chrono::steady_clock::time_point idle_since;
};

// Connections to one endpoint that wait to be used again. One thread.
class ConnectionPool {
 public:
  // The one used last, if it is not too old.
  std::unique_ptr<EndpointConnection> take();
  void put_back(std::unique_ptr<EndpointConnection> connection);

 private:
  std::vector<std::unique_ptr<EndpointConnection>> idle_;
};

struct Connected {
  std::unique_ptr<EndpointConnection> connection;
  std::string error;  // when there is none
};
boost::asio::awaitable<Connected> connect(EndpointUrl url, std::chrono::milliseconds limit);

struct EndpointAnswer {
  int status = 0;             // 0: there was no answer
  std::string body_start;     // the first kProcessorAnswerQuotedBytes
  bool reusable = false;      // the connection can take another request
  bool nothing_came = false;  // when there was no answer: not a byte of it
  std::string error;          // when there was no answer: why
};
// Sends `request`, which is a whole HTTP request, and reads the answer. An answer whose header has
// come counts, even if its body breaks off.
boost::asio::awaitable<EndpointAnswer> exchange(EndpointConnection& connection,
                                                const std::string& request,
                                                std::chrono::milliseconds limit);

struct InvocationOutcome {
  bool accepted = false;
  std::string reason;        // when not: what happened, for people
  std::string answer_start;  // what the endpoint said, if it did; may repeat the message: no log

  std::string detail() const {
    return answer_start.empty() ? reason : reason + ": " + answer_start;
  }
};
struct InvocationRequest {
  const EndpointUrl& url;
  std::string path;
  InvocationType invocation_type;
  std::string event;
  std::chrono::milliseconds connect_timeout;
  std::chrono::milliseconds answer_timeout;
};
// Any 2xx is accepted: for Event the endpoint has taken the event, for RequestResponse the function
// has run, well or not. Everything else, or no answer, is not.
boost::asio::awaitable<InvocationOutcome> call_endpoint(ConnectionPool& connections,
                                                        const InvocationRequest& request);

}  // namespace carillon::server
