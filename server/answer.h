// An HTTP answer as bytes. Composed straight into the session's output, header and body together,
// so that both leave in one system call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/http.h"
#include "server/request_reader.h"

namespace carillon::server {

struct AnswerFrame {
  std::string_view request_id;
  std::string_view date;        // as the header field has it
  std::string_view allow = {};  // methods, with 405
  bool keep_alive = true;
  bool http_1_0 = false;   // then keeping the connection must be said
  bool head_only = false;  // the answer to HEAD: all but the body
};

void append_answer(std::string& out, const api::HttpResponse& response, const AnswerFrame& frame);

// The answer to OPTIONS: whatever is asked for is allowed, and authorization is named, which a *
// would not cover.
void append_preflight_answer(std::string& out, const api::RequestHeaders& request,
                             const AnswerFrame& frame);

api::HttpResponse render(const ReadFailure& failure);

// The Date header's value; makes it anew only when the second has changed. One for each thread.
class HttpDate {
 public:
  std::string_view text(std::int64_t now_ms);

 private:
  std::int64_t second_ = -1;
  char text_[32] = {};
  std::size_t size_ = 0;
};

}  // namespace carillon::server
