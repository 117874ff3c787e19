#include "server/request_reader.h"

#include <array>
#include <cstring>
#include <memory_resource>
#include <optional>
#include <vector>

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "server/limits.h"

namespace carillon::server {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

// A body in a string of the reader's, which keeps its memory from one request to the next.
struct ReusedBody {
  using value_type = std::string*;

  class reader {
   public:
    template <bool IsRequest, typename Fields>
    reader(http::header<IsRequest, Fields>&, value_type& body) : body_(*body) {}

    void init(const boost::optional<std::uint64_t>& length, beast::error_code& error) {
      error = {};
      // The parser has checked the length against the limit.
      if (length) body_.reserve(static_cast<std::size_t>(*length));
    }
    template <typename Buffers>
    std::size_t put(const Buffers& buffers, beast::error_code& error) {
      error = {};
      std::size_t size = 0;
      for (const auto buffer : beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(buffer.data()), buffer.size());
        size += buffer.size();
      }
      return size;
    }
    void finish(beast::error_code& error) { error = {}; }

   private:
    std::string& body_;
  };
};

using Allocator = std::pmr::polymorphic_allocator<char>;
using Parser = http::request_parser<ReusedBody, Allocator>;

class BeastHeaders final : public api::RequestHeaders {
 public:
  explicit BeastHeaders(const std::optional<Parser>& parser) : parser_(parser) {}
  std::optional<std::string_view> find(std::string_view name) const override {
    const auto& fields = parser_->get().base();
    const auto found = fields.find(beast::string_view(name.data(), name.size()));
    if (found == fields.end()) return std::nullopt;
    const auto value = found->value();
    return std::string_view(value.data(), value.size());
  }

 private:
  const std::optional<Parser>& parser_;
};

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return beast::iequals(beast::string_view(a.data(), a.size()),
                        beast::string_view(b.data(), b.size()));
}

struct FailureText {
  int http_status;
  api::ErrorKind kind;
  std::string message;
};

FailureText describe(http::error error) {
  constexpr auto kBad = api::ErrorKind::kBadRequest;
  switch (error) {
    case http::error::header_limit:
      return {431, kBad,
              "The request line, or the header fields together, are longer than " +
                  std::to_string(kRequestHeaderBytesMax) + " bytes."};
    case http::error::body_limit:
      return {
          413, api::ErrorKind::kRequestTooLarge,
          "The request body is larger than " + std::to_string(kRequestBodyBytesMax) + " bytes."};
    case http::error::bad_method:
      return {400, kBad,
              "The request line does not start with an HTTP method; expected e.g. GET /path "
              "HTTP/1.1."};
    case http::error::bad_target:
      return {400, kBad,
              "The request target is empty or has a character that must be percent-encoded."};
    case http::error::bad_version:
      return {505, kBad, "The HTTP version is not supported; use HTTP/1.1 or HTTP/1.0."};
    case http::error::bad_field:
      return {400, kBad, "A header field's name has a character that is not allowed there."};
    case http::error::bad_value:
    case http::error::bad_obs_fold:
      return {400, kBad, "A header field's value has a character that is not allowed there."};
    case http::error::bad_line_ending:
      return {400, kBad, "A line of the header does not end with CR LF."};
    case http::error::bad_content_length:
    case http::error::multiple_content_length:
      return {400, kBad, "Content-Length must be one whole number, and the only one."};
    case http::error::bad_transfer_encoding:
      return {400, kBad,
              "Transfer-Encoding must be chunked and nothing else, in HTTP/1.1, without a "
              "Content-Length beside it."};
    case http::error::bad_chunk:
    case http::error::bad_chunk_extension:
      return {400, kBad, "The chunked body has a malformed chunk."};
    case http::error::partial_message:
    case http::error::end_of_stream:
      return {400, kBad, "The connection ended in the middle of the request."};
    default: return {400, kBad, "The request is not valid HTTP/1.1."};
  }
}

}  // namespace

struct RequestReader::Impl {
  std::vector<char> buffer;
  std::size_t begin = 0;
  std::size_t end = 0;
  int empty_lines = 0;
  bool header_told = false;
  bool failed = false;
  std::size_t header_bytes = 0;  // of this request, consumed so far

  std::string body;
  std::array<char, kHeaderArenaBytes> arena_bytes;
  std::pmr::monotonic_buffer_resource arena{arena_bytes.data(), arena_bytes.size()};
  std::optional<Parser> parser;
  BeastHeaders headers{parser};

  Impl() : buffer(kInputBufferBytesMin) { reset_parser(); }

  void reset_parser() {
    parser.reset();
    arena.release();
    if (body.capacity() > kBodyKeepBytesMax) std::string().swap(body);
    body.clear();
    parser.emplace(std::piecewise_construct, std::make_tuple(&body),
                   std::make_tuple(Allocator(&arena)));
    parser->header_limit(kRequestHeaderBytesMax);
    parser->body_limit(kRequestBodyBytesMax);
  }

  // The parser's own limit starts anew with each piece that it is given.
  bool fields_too_long() const {
    if (header_bytes == 0) return false;
    const auto& message = parser->get();
    const std::size_t request_line_bytes = message.method_string().size() +
                                           message.target().size() +
                                           std::string_view("  HTTP/1.1\r\n").size();
    return header_bytes > request_line_bytes + kRequestHeaderBytesMax;
  }

  // The parser takes a request whose coding it does not know for one without a body, and the body
  // for the next request; a coding before "chunked" it passes over.
  bool odd_transfer_encoding() const {
    const auto& message = parser->get().base();
    const auto codings = message.equal_range(http::field::transfer_encoding);
    if (codings.first == codings.second) return false;
    const bool one = std::next(codings.first) == codings.second;
    return !one || message.version() < 11 || !beast::iequals(codings.first->value(), "chunked");
  }

  // As HTTP asks of servers: some clients end a body with a line end that is not part of it.
  void skip_empty_lines() {
    while (!parser->got_some() && empty_lines < kLeadingEmptyLinesMax && end - begin >= 2 &&
           buffer[begin] == '\r' && buffer[begin + 1] == '\n') {
      begin += 2;
      ++empty_lines;
    }
  }
};

RequestReader::RequestReader() : impl_(std::make_unique<Impl>()) {}
RequestReader::~RequestReader() = default;

std::span<char> RequestReader::room() {
  Impl& in = *impl_;
  if (in.begin == in.end) in.begin = in.end = 0;
  if (in.end == in.buffer.size() && in.begin > 0) {
    std::memmove(in.buffer.data(), in.buffer.data() + in.begin, in.end - in.begin);
    in.end -= in.begin;
    in.begin = 0;
  }
  // A body passes through: only what the parser cannot take yet makes the buffer grow, and next()
  // fails before that is the whole of it. A larger buffer takes a large body in fewer pieces.
  const bool in_body = in.parser->is_header_done();
  if (in.buffer.size() < kInputBufferBytesMax && (in.end == in.buffer.size() || in_body)) {
    in.buffer.resize(in_body ? kInputBufferBytesMax : in.buffer.size() * 2);
  }
  return {in.buffer.data() + in.end, in.buffer.size() - in.end};
}

void RequestReader::received(std::size_t size) { impl_->end += size; }

bool RequestReader::idle() const {
  return !impl_->parser->got_some() && impl_->begin == impl_->end;
}

ReadState RequestReader::fail(int http_status, api::ErrorKind kind, std::string message) {
  impl_->failed = true;
  failure_ = {http_status, kind, std::move(message)};
  return ReadState::kFailed;
}

void RequestReader::end_of_input() {
  const FailureText text = describe(http::error::partial_message);
  fail(text.http_status, text.kind, text.message);
}

void RequestReader::timed_out(std::string_view limit) {
  fail(408, api::ErrorKind::kBadRequest,
       "The request did not arrive completely within " + std::string(limit) +
           " of its first byte (--read-timeout).");
}

ReadState RequestReader::next() {
  Impl& in = *impl_;
  if (in.failed) return ReadState::kFailed;
  in.skip_empty_lines();
  Parser& parser = *in.parser;
  while (!parser.is_done()) {
    if (in.begin == in.end) {
      if (!parser.is_header_done() || in.header_told) return ReadState::kNeedMore;
      in.header_told = true;
      return ReadState::kBodyExpected;
    }
    beast::error_code error;
    const bool in_header = !parser.is_header_done();
    const std::size_t size = parser.put(
        boost::asio::const_buffer(in.buffer.data() + in.begin, in.end - in.begin), error);
    in.begin += size;
    if (in_header) in.header_bytes += size;
    if ((!error || error == http::error::need_more) && in_header && in.fields_too_long()) {
      error = http::error::header_limit;
    }
    if (error == http::error::need_more) {
      if (in.end - in.begin >= kInputBufferBytesMax) {
        return fail(431, api::ErrorKind::kBadRequest, "A line of the chunked body is too long.");
      }
      if (parser.is_header_done() && !in.header_told) {
        in.header_told = true;
        return ReadState::kBodyExpected;
      }
      return ReadState::kNeedMore;
    }
    if (error) {
      const FailureText text = describe(static_cast<http::error>(error.value()));
      return fail(text.http_status, text.kind, text.message);
    }
    if (in_header && parser.is_header_done()) {
      if (in.odd_transfer_encoding()) {
        const FailureText text = describe(http::error::bad_transfer_encoding);
        return fail(text.http_status, text.kind, text.message);
      }
      parser.eager(true);
      if (parser.get().target().size() > kTargetBytesMax) {
        return fail(
            414, api::ErrorKind::kBadRequest,
            "The request target is longer than " + std::to_string(kTargetBytesMax) + " bytes.");
      }
    }
  }
  return ReadState::kComplete;
}

const api::RequestHeaders& RequestReader::headers() const { return impl_->headers; }

std::string_view RequestReader::method() const {
  const auto method = impl_->parser->get().method_string();
  return {method.data(), method.size()};
}

std::string_view RequestReader::target() const {
  const auto raw = impl_->parser->get().target();
  const std::string_view target(raw.data(), raw.size());
  if (target.starts_with('/')) return target;
  const std::size_t scheme = target.find("://");
  if (scheme == std::string_view::npos) return target;
  const std::string_view name = target.substr(0, scheme);
  if (!equals_ignoring_case(name, "http") && !equals_ignoring_case(name, "https")) return target;
  const std::size_t path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

bool RequestReader::keep_alive() const { return impl_->parser->keep_alive(); }

bool RequestReader::http_1_0() const { return impl_->parser->get().version() < 11; }

bool RequestReader::expects_continue() const {
  const auto expect = impl_->headers.find("Expect");
  return expect && !http_1_0() && equals_ignoring_case(*expect, "100-continue");
}

std::string_view RequestReader::body() const { return impl_->body; }

bool RequestReader::followed() const { return impl_->begin != impl_->end; }

void RequestReader::start_next() {
  impl_->reset_parser();
  impl_->empty_lines = 0;
  impl_->header_bytes = 0;
  impl_->header_told = false;
}

}  // namespace carillon::server
