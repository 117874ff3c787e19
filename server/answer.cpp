#include "server/answer.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "api/service.h"

namespace carillon::server {
namespace {

constexpr std::string_view kExposedHeaders =
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Expose-Headers: x-amzn-ErrorType, x-amzn-RequestId, Date\r\n";

constexpr std::string_view kAllowedMethods = "GET, HEAD, POST, PUT, DELETE, OPTIONS";

// What the SDKs send, for preflights that ask for nothing in particular.
constexpr std::string_view kAllowedHeaders =
    "authorization, content-type, x-amz-date, x-amz-content-sha256, x-amz-security-token, "
    "x-amz-user-agent, x-amz-chime-bearer, amz-sdk-invocation-id, amz-sdk-request";

std::string_view reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 417: return "Expectation Failed";
    case 429: return "Too Many Requests";
    case 426: return "Upgrade Required";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
  }
}

void append_integer(std::string& out, std::size_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  out.append(digits, end);
}

void append_status_line(std::string& out, int status) {
  out += "HTTP/1.1 ";
  append_integer(out, static_cast<std::size_t>(status));
  out += ' ';
  out += reason(status);
  out += "\r\nDate: ";
}

void append_connection(std::string& out, const AnswerFrame& frame) {
  if (!frame.keep_alive) {
    out += "Connection: close\r\n";
  } else if (frame.http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
}

// Only what cannot end a header field: the request may hold anything.
void append_header_names(std::string& out, std::string_view names) {
  for (const char c : names) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) out += c;
  }
}

}  // namespace

void append_answer(std::string& out, const api::HttpResponse& response, const AnswerFrame& frame) {
  append_status_line(out, response.status);
  out += frame.date;
  out += "\r\nx-amzn-RequestId: ";
  out += frame.request_id;
  out += "\r\n";
  if (!response.error_type.empty()) {
    out += "x-amzn-ErrorType: ";
    out += response.error_type;
    out += "\r\n";
  }
  if (response.status == 426) out += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  if (!frame.allow.empty()) {
    out += "Allow: ";
    out += frame.allow;
    out += "\r\n";
  }
  if (response.status != 204) {
    out += "Content-Type: ";
    out += response.content_type;
    out += "\r\nContent-Length: ";
    append_integer(out, response.body.size());
    out += "\r\n";
  }
  append_connection(out, frame);
  out += kExposedHeaders;
  out += "\r\n";
  if (!frame.head_only && response.status != 204) out += response.body;
}

void append_preflight_answer(std::string& out, const api::RequestHeaders& request,
                             const AnswerFrame& frame) {
  append_status_line(out, 204);
  out += frame.date;
  out += "\r\nx-amzn-RequestId: ";
  out += frame.request_id;
  out += "\r\nAllow: ";
  out += kAllowedMethods;
  out += "\r\nAccess-Control-Allow-Methods: ";
  out += kAllowedMethods;
  out += "\r\nAccess-Control-Allow-Headers: ";
  out += kAllowedHeaders;
  if (const auto asked = request.find("Access-Control-Request-Headers"); asked && !asked->empty()) {
    out += ", ";
    append_header_names(out, *asked);
  }
  out += "\r\nAccess-Control-Max-Age: 86400\r\nVary: Access-Control-Request-Headers\r\n";
  if (request.find("Access-Control-Request-Private-Network")) {
    out += "Access-Control-Allow-Private-Network: true\r\n";
  }
  append_connection(out, frame);
  out += kExposedHeaders;
  out += "\r\n";
}

api::HttpResponse render(const ReadFailure& failure) {
  api::HttpResponse response = api::render(api::Error{failure.kind, failure.message});
  response.status = failure.http_status;
  return response;
}

std::string_view HttpDate::text(std::int64_t now_ms) {
  const std::int64_t second = now_ms / 1'000;
  if (second != second_) {
    second_ = second;
    const std::time_t time = second;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    // The C locale's names: the process never sets another.
    size_ = std::strftime(text_, sizeof(text_), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  }
  return {text_, size_};
}

}  // namespace carillon::server
