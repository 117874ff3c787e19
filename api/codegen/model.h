// The service model as the code generator reads it from api/model/*.json. Run by the build only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace carillon::codegen {

struct Member {
  std::string name;
  std::string shape;
  std::string location;  // uri | query | header | empty for the body
  std::string wire_name;
  bool required = false;
  bool idempotency_token = false;
};

struct Shape {
  std::string name;
  std::string type;  // string integer boolean timestamp list map structure
  std::optional<std::int64_t> min, max;
  std::string pattern;
  std::vector<std::string> enum_values;
  bool sensitive = false;
  std::vector<Member> members;
  std::string element, key;  // element: of a list, or the values of a map
};

struct Operation {
  std::string name, method, uri, input, output;
  int status = 200;
  std::vector<std::string> errors;
  bool reads = false;
  bool planned = false;
};

struct Service {
  std::string name;  // messaging | identity: also the namespace
  std::vector<Operation> operations;
  std::map<std::string, Shape> shapes;

  const Shape& shape(const std::string& shape_name) const;
  // Every shape reachable from `roots`, each after those that it refers to. Throws on a cycle.
  std::vector<const Shape*> in_dependency_order(const std::vector<std::string>& roots) const;
  std::vector<std::string> inputs() const;
  std::vector<std::string> inputs_and_outputs() const;
  bool is_output(const std::string& shape_name) const;
};

// Throws std::runtime_error that names the file and what is wrong with it.
Service load_service(const std::string& name, const std::string& model_path,
                     const std::string& overlay_path);

// ChannelArn -> channel_arn, ResourceARN -> resource_arn; C++ keywords get a trailing underscore.
std::string snake_case(const std::string& name);
// NON_PERSISTENT -> kNonPersistent, Channel -> kChannel.
std::string constant_name(const std::string& enum_value);
// ChannelArn -> channelArn.
std::string lower_first(std::string name);
// A C++ string literal.
std::string quoted(const std::string& text);

}  // namespace carillon::codegen
