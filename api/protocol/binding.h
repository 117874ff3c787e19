// Gathers an operation's input from where the model says its members travel: path labels, query
// parameters, headers and the JSON body. On the stack of the thread that handles the request.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "api/error.h"
#include "api/http.h"
#include "api/protocol/json.h"
#include "api/protocol/model.h"
#include "api/protocol/uri.h"

namespace carillon::api::protocol {

class BoundInput {
 public:
  BoundInput() = default;
  BoundInput(const BoundInput&) = delete;
  BoundInput& operator=(const BoundInput&) = delete;

  // Null when the client did not send the member. `index` is its place in the input's members.
  json::Value member(std::size_t index) const { return values_[index]; }

  // Reads everything that operation.input names. Unknown members, parameters and headers are passed
  // over. The error is about JSON, encodings and numbers; constraints are validation's.
  std::optional<Error> bind(const Operation& operation, const HttpRequest& request,
                            const Target& target);

 private:
  std::optional<Error> bind_uri(const Operation& operation, const Target& target);
  std::optional<Error> bind_query(const Shape& input, const Target& target);
  std::optional<Error> bind_headers(const Shape& input, const RequestHeaders& headers);
  std::optional<Error> bind_body(const Shape& input, std::string_view body);
  std::optional<Error> bind_text(std::size_t index, const Member& member,
                                 std::optional<std::string> text);

  std::array<json::Value, kInputMembersMax> values_;
  std::array<json::Scalar, kInputMembersMax> scalars_;
  std::array<std::string, kInputMembersMax> texts_;
  std::optional<json::Document> body_;
};

}  // namespace carillon::api::protocol
