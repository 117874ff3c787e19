// HTTP as the api layer sees it: no sockets, no Beast. The server converts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace carillon::api {

class RequestHeaders {
 public:
  virtual ~RequestHeaders() = default;
  // The first header of this name, whatever its case; the value without surrounding blanks.
  virtual std::optional<std::string_view> find(std::string_view name) const = 0;
};

// Views into the server's buffers: valid only during the call they are passed to.
struct HttpRequest {
  std::string_view method;
  std::string_view target;  // raw, as on the request line: path and query, percent-encoded
  const RequestHeaders& headers;
  std::string_view body;
};

// The server adds the request id, Content-Length and CORS headers.
struct HttpResponse {
  int status = 200;
  std::string error_type;                              // x-amzn-ErrorType; empty for successes
  std::string body;                                    // empty for operations that answer nothing
  std::string_view content_type = "application/json";  // static storage

  bool is_error() const { return status >= 400; }
};

}  // namespace carillon::api
