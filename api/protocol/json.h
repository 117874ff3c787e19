// The only door to RapidJSON: what is parsed, read and written as JSON goes through here.
//
// RapidJSON's own asserts would end the process or vanish; here they throw json::Misuse, which is a
// bug of ours, never a client's doing. Values are views into a Document: they live as long as it.
// One document, one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace carillon::api::json {

class Misuse : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace carillon::api::json

#ifdef RAPIDJSON_ASSERT
#error "include api/protocol/json.h instead of RapidJSON"
#endif
#define RAPIDJSON_ASSERT(condition)                                                    \
  do {                                                                                 \
    if (!(condition)) throw ::carillon::api::json::Misuse("JSON misuse: " #condition); \
  } while (false)
// RapidJSON's destructors assert as well; throwing from a destructor would terminate.
#define RAPIDJSON_NOEXCEPT_ASSERT(condition) static_cast<void>(condition)
#define RAPIDJSON_HAS_STDSTRING 0

#include <rapidjson/document.h>
#include <rapidjson/writer.h>

namespace carillon::api::json {

enum class Type { kNull, kBoolean, kNumber, kString, kArray, kObject };
std::string_view name(Type type);  // as a sentence has it: "a string", "an array"

// A view of one value. The accessors throw Misuse on the wrong type: check type() first.
class Value {
 public:
  Value() = default;  // null
  explicit Value(const rapidjson::Value* value) : value_(value) {}

  Type type() const;
  bool is_null() const { return value_ == nullptr || value_->IsNull(); }

  bool boolean() const { return value_->GetBool(); }
  std::string_view string() const { return {value_->GetString(), value_->GetStringLength()}; }
  // Empty when the number has a fraction, an exponent, or does not fit.
  std::optional<std::int64_t> integer() const;
  double number() const { return value_->GetDouble(); }

  // Elements of an array, members of an object.
  std::size_t size() const;
  Value at(std::size_t index) const;
  // In the order of the text; of equal names the last one is the one that counts, as in most
  // parsers, and the others are passed over by find(), but not here.
  template <typename Visit>
  void for_each_member(Visit&& visit) const {
    for (const auto& member : value_->GetObject()) {
      visit(std::string_view(member.name.GetString(), member.name.GetStringLength()),
            Value(&member.value));
    }
  }
  // Null when there is no such member. Of equal names the last counts.
  Value find(std::string_view name) const;

 private:
  const rapidjson::Value* value_ = nullptr;
};

// A value that is not part of a document: a header, a path label, a query parameter. Strings are
// views: the text must outlive it.
class Scalar {
 public:
  Scalar() = default;
  explicit Scalar(std::string_view text)
      : value_(rapidjson::StringRef(text.data(), static_cast<rapidjson::SizeType>(text.size()))) {}
  explicit Scalar(std::int64_t number) : value_(number) {}
  Scalar(Scalar&&) = default;
  Scalar& operator=(Scalar&&) = default;

  Value view() const { return Value(&value_); }

 private:
  rapidjson::Value value_;
};

class Document {
 public:
  // Strict JSON in valid UTF-8. On failure root() is null and error() says what and where, as the
  // end of a sentence: "... is missing a comma or } at byte 17".
  explicit Document(std::string_view text);
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  const std::optional<std::string>& error() const { return error_; }
  Value root() const { return Value(&document_); }

 private:
  // Typical bodies fit here, so that parsing one allocates nothing.
  static constexpr std::size_t kInlineBytes = 4'096;
  char buffer_[kInlineBytes];
  rapidjson::MemoryPoolAllocator<> allocator_{buffer_, sizeof(buffer_)};
  rapidjson::Document document_{&allocator_, 1'024};
  std::optional<std::string> error_;
};

// How times are written: REST answers have numbers of seconds, the payloads of messaging sessions
// have text.
enum class TimeForm { kEpochSeconds, kIso8601 };

// Appends JSON to a string.
class Writer {
 public:
  explicit Writer(TimeForm time_form = TimeForm::kEpochSeconds)
      : writer_(sink_), time_form_(time_form) {
    sink_.text.reserve(kReservedBytes);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Writer& begin_object() { return writer_.StartObject(), *this; }
  Writer& end_object() { return writer_.EndObject(), *this; }
  Writer& begin_array() { return writer_.StartArray(), *this; }
  Writer& end_array() { return writer_.EndArray(), *this; }
  Writer& key(std::string_view name) { return writer_.text(name), *this; }
  Writer& string(std::string_view value) { return writer_.text(value), *this; }
  Writer& integer(std::int64_t value) { return writer_.Int64(value), *this; }
  Writer& number(double value) { return writer_.Double(value), *this; }
  Writer& boolean(bool value) { return writer_.Bool(value), *this; }
  Writer& null() { return writer_.Null(), *this; }
  // Milliseconds since the epoch as the service writes times: seconds, with a fraction if any.
  Writer& epoch_seconds(std::int64_t milliseconds);
  TimeForm time_form() const { return time_form_; }
  // Text that is JSON already.
  Writer& raw(std::string_view json);

  // Key and value at once.
  Writer& member(std::string_view name, std::string_view value) { return key(name).string(value); }
  Writer& member(std::string_view name, const char* value) { return key(name).string(value); }
  Writer& member(std::string_view name, std::int64_t value) { return key(name).integer(value); }
  Writer& member(std::string_view name, bool value) { return key(name).boolean(value); }
  // Nothing when there is no value. `json` is text that is JSON already.
  Writer& optional_member(std::string_view name, const std::optional<std::string>& value) {
    return value ? key(name).string(*value) : *this;
  }
  Writer& optional_raw_member(std::string_view name, const std::optional<std::string>& json) {
    return json ? key(name).raw(*json) : *this;
  }

  // The text so far; call once, at the end.
  std::string take() { return std::move(sink_.text); }

 private:
  // Most answers fit.
  static constexpr std::size_t kReservedBytes = 1'024;

  struct Sink {
    using Ch = char;
    std::string text;
    void Put(char c) { text.push_back(c); }
    void Flush() {}
  };
  // RapidJSON keeps the structure. Strings it would append character by character, which was a
  // quarter of the cost of a list; here whole runs are appended.
  class Structure : public rapidjson::Writer<Sink> {
   public:
    using rapidjson::Writer<Sink>::Writer;
    void text(std::string_view value);
    void raw(std::string_view json);
  };

  Sink sink_;
  Structure writer_;
  TimeForm time_form_;
};

}  // namespace carillon::api::json
