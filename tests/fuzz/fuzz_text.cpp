// The small readers of text: JSON, UTF-8, percent-encoding, times, credentials, patterns. The first
// byte chooses the function, the rest is the text.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/protocol/caller.h"
#include "api/protocol/json.h"
#include "api/protocol/model.h"
#include "api/protocol/patterns.h"
#include "api/protocol/timestamp.h"
#include "api/protocol/uri.h"
#include "tests/fuzz/invariants.h"
#include "tests/support/header_map.h"

namespace {

namespace json = carillon::api::json;
namespace protocol = carillon::api::protocol;
using carillon::fuzz::require;

// Writes the value out again.
void rewrite(json::Writer& writer, json::Value value) {
  switch (value.type()) {
    case json::Type::kNull: writer.null(); break;
    case json::Type::kBoolean: writer.boolean(value.boolean()); break;
    case json::Type::kNumber: writer.integer(value.integer().value_or(0)); break;
    case json::Type::kString:
      require(protocol::is_utf8(value.string()), "strings are valid UTF-8");
      writer.string(value.string());
      break;
    case json::Type::kArray:
      writer.begin_array();
      for (std::size_t i = 0; i < value.size(); ++i) rewrite(writer, value.at(i));
      writer.end_array();
      break;
    case json::Type::kObject:
      writer.begin_object();
      value.for_each_member([&](std::string_view name, json::Value member) {
        require(protocol::is_utf8(name), "names are valid UTF-8");
        require(value.find(name).type() == member.type() || value.size() > 1,
                "a member is found by its name");
        writer.key(name);
        rewrite(writer, member);
      });
      writer.end_object();
      break;
  }
}

std::string rewritten(const json::Document& document) {
  json::Writer writer;
  rewrite(writer, document.root());
  return writer.take();
}

void check_json(std::string_view text) {
  const json::Document document(text);
  if (document.error()) {
    require(!document.error()->empty(), "a refusal says why");
    require(document.root().is_null(), "what was refused is null");
    return;
  }
  const std::string once = rewritten(document);
  const json::Document again(once);
  require(!again.error(), "what was read can be written and read");
  require(rewritten(again) == once, "what was written is read the same");
}

void check_utf8(std::string_view text) {
  const bool valid = protocol::is_utf8(text);
  json::Writer writer;
  writer.string(text);
  const json::Document document(writer.take());
  require(!document.error() == valid, "the parser and we agree on what UTF-8 is");
  if (!valid) return;
  require(document.root().string() == text, "a string comes back as it was");
  require(protocol::count_code_points(text) <= text.size(), "a code point has a byte");
}

void check_uri(std::string_view text) {
  require(protocol::percent_decode(protocol::percent_encode(text)) == text,
          "decoding undoes encoding");
  const auto decoded = protocol::percent_decode(text);
  require(!decoded || decoded->size() <= text.size(), "decoding makes nothing longer");
  const protocol::Target target = protocol::split_target(text);
  for (const std::string_view segment : target.segments) {
    require(!segment.empty() && segment.find('/') == std::string_view::npos &&
                segment.find('?') == std::string_view::npos,
            "a segment has no separator in it");
  }
  for (const auto& [name, value] : protocol::split_query(target.query)) {
    require(name.find('=') == std::string_view::npos, "a name ends at the first =");
    require(value.find('&') == std::string_view::npos, "a value ends at the first &");
  }
}

void check_time(std::string_view text) {
  const auto time = protocol::parse_iso8601(text);
  if (!time) return;
  // Offsets and a leap second may lead outside the four digits of a year.
  const std::string written = protocol::format_iso8601(time->ms);
  if (written.size() != 24 || written.front() == '-') return;
  const auto again = protocol::parse_iso8601(written);
  require(again && again->ms == time->ms, "a time comes back as it was");
}

void check_caller(std::string_view text) {
  const carillon::tests::HeaderMap headers{{"Authorization", text}};
  const carillon::api::Caller caller =
      protocol::read_caller(carillon::api::HttpRequest{"GET", "/channels", headers, {}}, {});
  require(caller.account.size() == 12, "an account has twelve digits");
  require(caller.account.find_first_not_of("0123456789") == std::string::npos,
          "an account has twelve digits");
  require(!caller.region.empty() && caller.region.size() <= 63 &&
              caller.region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
                  std::string::npos,
          "a region can stand in an ARN");
}

void check_patterns(std::string_view text) {
  if (!protocol::is_utf8(text)) return;
  for (std::size_t i = 0; i < protocol::pattern_texts().size(); ++i) {
    const bool matches = protocol::matches_pattern(static_cast<int>(i), text);
    require(matches == protocol::matches_pattern(static_cast<int>(i), text),
            "a pattern decides the same again");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) noexcept {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'j': check_json(text); break;
    case 'u': check_utf8(text); break;
    case 'p': check_uri(text); break;
    case 't': check_time(text); break;
    case 'c': check_caller(text); break;
    case 'r': check_patterns(text); break;
    default: break;
  }
  return 0;
}
