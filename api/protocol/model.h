// The service model as tables: operations, routes, shapes and their constraints. The tables are
// generated from api/model/*.json by api/codegen; everything here is constant and thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "api/error.h"

namespace carillon::api::protocol {

class BoundInput;
class Invocation;

enum class Kind : std::uint8_t {
  kString,
  kInteger,
  kBoolean,
  kTimestamp,
  kList,
  kMap,
  kStructure,
};

enum class Location : std::uint8_t { kBody, kUri, kQuery, kHeader };

struct Shape;

struct Member {
  std::string_view name;       // as in the model and in JSON: "ChannelArn"
  std::string_view path_name;  // as error messages have it: "channelArn"
  std::string_view wire_name;  // label, query parameter or header; empty for the body
  const Shape* shape;
  Location location;
  bool required;
};

inline constexpr std::int64_t kNoLimit = INT64_MIN;
inline constexpr int kNoPattern = -1;

// Limits count code points of strings, elements of lists, entries of maps, or are values of
// integers.
struct Shape {
  std::string_view name;
  Kind kind;
  bool sensitive;  // its value is never shown in an error or a log
  std::int64_t min = kNoLimit;
  std::int64_t max = kNoLimit;
  int pattern = kNoPattern;  // index for patterns.h
  std::span<const std::string_view> enum_values = {};
  std::span<const Member> members = {};  // of a structure
  const Shape* element = nullptr;        // of a list; of a map the values
  const Shape* key = nullptr;            // of a map
};

struct Segment {
  std::string_view literal;  // empty: a label
  int member = -1;           // the label's index in the input's members
};

struct QueryLiteral {
  std::string_view name;
  std::string_view value;
};

enum class ServiceName : std::uint8_t { kMessaging, kIdentity };

struct Operation {
  std::string_view name;
  ServiceName service;
  std::string_view method;
  std::span<const Segment> segments;
  QueryLiteral query;  // name empty: none
  int status;
  const Shape* input;
  std::span<const ErrorKind> errors;
  bool reads;        // runs on a ReadTx
  int token_member;  // index of the ClientRequestToken in the input's members, or -1
  // Decodes a validated input and makes what runs it; null for an operation that is planned.
  std::unique_ptr<Invocation> (*make_invocation)(const Operation&, const BoundInput&);
};

// The most members that any operation's input has.
inline constexpr std::size_t kInputMembersMax = 16;

// Generated: every operation of both services, in the order in which the router must try them:
// a route with a query literal before the same route without one.
std::span<const Operation> operations();
// Generated: the texts of all patterns, by Shape::pattern.
std::span<const std::string_view> pattern_texts();

}  // namespace carillon::api::protocol
