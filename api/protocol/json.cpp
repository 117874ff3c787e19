#include "api/protocol/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include <rapidjson/error/en.h>

#include "api/limits.h"

namespace carillon::api::json {
namespace {

// Without kParseFullPrecisionFlag, whose code reads outside its tables for a number with very many
// digits. No number of the model has a fraction, so no precision is missed.
constexpr unsigned kParseFlags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

enum class Surrogate { kNone, kHigh, kLow };

// Of the escape \uXXXX at `position`, if it is one.
Surrogate surrogate_at(std::string_view text, std::size_t position) {
  const std::string_view escape = text.substr(std::min(position, text.size()), 4);
  if (escape.size() < 4 || escape.substr(0, 2) != "\\u") return Surrogate::kNone;
  if (escape[2] != 'd' && escape[2] != 'D') return Surrogate::kNone;
  if (std::string_view("89aAbB").find(escape[3]) != std::string_view::npos) return Surrogate::kHigh;
  if (std::string_view("cCdDeEfF").find(escape[3]) != std::string_view::npos)
    return Surrogate::kLow;
  return Surrogate::kNone;
}

// What RapidJSON would let pass: depth without end, a NUL byte, which it takes for the end of the
// text, and the second half of a surrogate pair without the first, which is no character. One pass
// over the bytes, which knows of JSON only where strings begin and end.
std::optional<std::string> what_the_parser_lets_pass(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\0') return "is no JSON at byte " + std::to_string(i) + ": A NUL byte";
    if (in_string) {
      if (c == '"') in_string = false;
      if (c != '\\') continue;
      const Surrogate surrogate = surrogate_at(text, i);
      if (surrogate == Surrogate::kLow) {
        return "is no JSON at byte " + std::to_string(i) + ": A lone surrogate";
      }
      // The parser looks at what follows the first half; only a second one is passed over here.
      if (surrogate == Surrogate::kHigh && surrogate_at(text, i + 6) == Surrogate::kLow) i += 6;
      ++i;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kJsonDepthMax) {
        return "nests deeper than " + std::to_string(kJsonDepthMax) + " levels at byte " +
               std::to_string(i);
      }
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return std::nullopt;
}

constexpr std::uint64_t in_every_byte(unsigned char byte) { return byte * 0x0101010101010101ULL; }

// Marks each byte of the word that is zero in its highest bit; bytes above a marked one may be
// marked without cause.
constexpr std::uint64_t zero_bytes(std::uint64_t word) {
  return (word - in_every_byte(1)) & ~word & in_every_byte(0x80);
}

constexpr bool needs_escape(unsigned char byte) {
  return byte < 0x20 || byte == '"' || byte == '\\';
}

// How much of the text, from its beginning, a JSON string holds as it is. Eight bytes at a time:
// most text needs no escape at all.
std::size_t plain_size(std::string_view text) {
  std::size_t size = 0;
  while (size + 8 <= text.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + size, sizeof(word));
    const std::uint64_t control = (word - in_every_byte(0x20)) & ~word & in_every_byte(0x80);
    if ((control | zero_bytes(word ^ in_every_byte('"')) |
         zero_bytes(word ^ in_every_byte('\\'))) != 0) {
      break;
    }
    size += 8;
  }
  while (size < text.size() && !needs_escape(static_cast<unsigned char>(text[size]))) ++size;
  return size;
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
}

}  // namespace

std::string_view name(Type type) {
  static constexpr std::array<std::string_view, 6> kNames{"null",     "a boolean", "a number",
                                                          "a string", "an array",  "an object"};
  return kNames[static_cast<std::size_t>(type)];
}

Type Value::type() const {
  if (value_ == nullptr) return Type::kNull;
  switch (value_->GetType()) {
    case rapidjson::kNullType: return Type::kNull;
    case rapidjson::kFalseType:
    case rapidjson::kTrueType: return Type::kBoolean;
    case rapidjson::kNumberType: return Type::kNumber;
    case rapidjson::kStringType: return Type::kString;
    case rapidjson::kArrayType: return Type::kArray;
    case rapidjson::kObjectType: return Type::kObject;
  }
  return Type::kNull;
}

std::optional<std::int64_t> Value::integer() const {
  if (!value_->IsInt64()) return std::nullopt;
  return value_->GetInt64();
}

std::size_t Value::size() const {
  return value_->IsArray() ? value_->Size() : value_->MemberCount();
}

Value Value::at(std::size_t index) const {
  return Value(&(*value_)[static_cast<rapidjson::SizeType>(index)]);
}

Value Value::find(std::string_view name) const {
  const auto members = value_->GetObject();
  for (auto member = members.MemberEnd(); member != members.MemberBegin();) {
    --member;
    if (std::string_view(member->name.GetString(), member->name.GetStringLength()) == name) {
      return Value(&member->value);
    }
  }
  return Value();
}

Document::Document(std::string_view text) {
  error_ = what_the_parser_lets_pass(text);
  if (error_) return;
  document_.Parse<kParseFlags>(text.data(), text.size());
  if (document_.HasParseError()) {
    error_ = std::string("is no JSON at byte ") + std::to_string(document_.GetErrorOffset()) +
             ": " + rapidjson::GetParseError_En(document_.GetParseError());
    document_.SetNull();
  }
}

Writer& Writer::epoch_seconds(std::int64_t milliseconds) {
  std::array<char, 32> text{};
  char* end = text.data();
  if (milliseconds < 0) *end++ = '-';
  const auto magnitude = milliseconds < 0 ? 0 - static_cast<std::uint64_t>(milliseconds)
                                          : static_cast<std::uint64_t>(milliseconds);
  end = std::to_chars(end, text.data() + text.size(), magnitude / 1'000).ptr;
  if (const auto fraction = static_cast<unsigned>(magnitude % 1'000); fraction != 0) {
    *end++ = '.';
    *end++ = static_cast<char>('0' + fraction / 100);
    *end++ = static_cast<char>('0' + fraction / 10 % 10);
    *end++ = static_cast<char>('0' + fraction % 10);
  }
  return raw({text.data(), end});
}

Writer& Writer::raw(std::string_view json) {
  writer_.raw(json);
  return *this;
}

void Writer::Structure::raw(std::string_view json) {
  Prefix(rapidjson::kObjectType);
  os_->text += json;
}

void Writer::Structure::text(std::string_view value) {
  Prefix(rapidjson::kStringType);
  std::string& out = os_->text;
  out += '"';
  while (!value.empty()) {
    const std::size_t plain = plain_size(value);
    out += value.substr(0, plain);
    if (plain == value.size()) break;
    append_escape(out, value[plain]);
    value.remove_prefix(plain + 1);
  }
  out += '"';
}

}  // namespace carillon::api::json
