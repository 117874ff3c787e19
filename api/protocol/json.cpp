#include "api/protocol/json.h"

#include <array>
#include <cstdio>

#include <rapidjson/error/en.h>

namespace carillon::api::json {
namespace {

constexpr unsigned kParseFlags = rapidjson::kParseIterativeFlag |
                                 rapidjson::kParseValidateEncodingFlag |
                                 rapidjson::kParseFullPrecisionFlag;

// The byte at which the text nests deeper than allowed. Brackets inside strings do not count.
std::optional<std::size_t> too_deep_at(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kNestingDepthMax) return i;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return std::nullopt;
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
  if (const auto position = too_deep_at(text)) {
    error_ = "nests deeper than " + std::to_string(kNestingDepthMax) + " levels at byte " +
             std::to_string(*position);
    return;
  }
  document_.Parse<kParseFlags>(text.data(), text.size());
  if (document_.HasParseError()) {
    error_ = std::string("is no JSON at byte ") + std::to_string(document_.GetErrorOffset()) +
             ": " + rapidjson::GetParseError_En(document_.GetParseError());
    document_.SetNull();
  }
}

Writer& Writer::epoch_seconds(std::int64_t milliseconds) {
  std::array<char, 32> text{};
  const auto fraction = static_cast<int>(((milliseconds % 1'000) + 1'000) % 1'000);
  const std::int64_t seconds = (milliseconds - fraction) / 1'000;
  const int length = fraction == 0 ? std::snprintf(text.data(), text.size(), "%lld",
                                                   static_cast<long long>(seconds))
                                   : std::snprintf(text.data(), text.size(), "%lld.%03d",
                                                   static_cast<long long>(seconds), fraction);
  return raw({text.data(), static_cast<std::size_t>(length)});
}

Writer& Writer::raw(std::string_view json) {
  writer_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  return *this;
}

void Writer::text(std::string_view value, bool is_key) {
  const auto length = static_cast<rapidjson::SizeType>(value.size());
  // RapidJSON takes no null pointer, which an empty view may hold.
  const char* data = value.data() == nullptr ? "" : value.data();
  if (is_key) {
    writer_.Key(data, length);
  } else {
    writer_.String(data, length);
  }
}

}  // namespace carillon::api::json
