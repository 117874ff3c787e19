// One connection's input, cut into requests: the buffer and the HTTP parser with its limits. Knows
// no sockets, so that it is tested byte by byte. Belongs to one session.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "api/error.h"
#include "api/http.h"

namespace carillon::server {

enum class ReadState {
  kNeedMore,      // receive into room()
  kBodyExpected,  // the header is complete, the body is not; told once for a request
  kComplete,      // a whole request: answer it, then start_next()
  kFailed,        // no request, see failure(); nothing more can be read from this connection
};

// Why the input is no request that can be answered, and with what.
struct ReadFailure {
  int http_status = 400;
  api::ErrorKind kind = api::ErrorKind::kBadRequest;
  std::string message;
};

class RequestReader {
 public:
  RequestReader();
  ~RequestReader();

  // Where the next bytes go; never empty.
  std::span<char> room();
  void received(std::size_t size);
  // The client will send no more. Only when next() needs more.
  void end_of_input();
  // The request did not arrive in time.
  void timed_out(std::string_view limit);

  // Goes on with what has been received.
  ReadState next();
  // Nothing of the next request is here yet.
  bool idle() const;

  // From kBodyExpected on:
  const api::RequestHeaders& headers() const;
  std::string_view method() const;
  // Path and query; of the absolute form what follows the authority.
  std::string_view target() const;
  bool keep_alive() const;
  bool http_1_0() const;
  bool expects_continue() const;
  // At kComplete:
  std::string_view body() const;
  // More has been received than this request.
  bool followed() const;
  void start_next();

  const ReadFailure& failure() const { return failure_; }

 private:
  struct Impl;
  ReadState fail(int http_status, api::ErrorKind kind, std::string message);

  std::unique_ptr<Impl> impl_;
  ReadFailure failure_;
};

}  // namespace carillon::server
