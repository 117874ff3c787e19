#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>

#include "api/codegen/emit.h"

namespace carillon::codegen {
namespace {

struct Segment {
  std::string text;  // a literal, or a label's name
  bool is_label = false;
};

struct Route {
  std::vector<Segment> segments;
  std::string query_name, query_value;
};

Route parse_uri(const std::string& uri) {
  Route route;
  const std::size_t question = uri.find('?');
  std::stringstream path(uri.substr(0, question));
  std::string segment;
  std::getline(path, segment, '/');  // what is before the leading slash
  while (std::getline(path, segment, '/')) {
    const bool is_label = segment.front() == '{';
    route.segments.push_back(
        {is_label ? segment.substr(1, segment.size() - 2) : segment, is_label});
  }
  if (question != std::string::npos) {
    const std::string query = uri.substr(question + 1);
    const std::size_t equals = query.find('=');
    if (equals == std::string::npos || query.find('&') != std::string::npos) {
      throw std::runtime_error(uri + ": a route has one query literal with a value at the most");
    }
    route.query_name = query.substr(0, equals);
    route.query_value = query.substr(equals + 1);
  }
  return route;
}

std::string kind_constant(const Shape& shape) {
  return "Kind::k" + std::string(1, static_cast<char>(std::toupper(shape.type[0]))) +
         shape.type.substr(1);
}

std::string location_constant(const std::string& location) {
  if (location == "uri") return "Location::kUri";
  if (location == "query") return "Location::kQuery";
  if (location == "header") return "Location::kHeader";
  return "Location::kBody";
}

std::string error_constant(const std::string& exception) {
  return "ErrorKind::k" + exception.substr(0, exception.size() - std::string("Exception").size());
}

class Tables {
 public:
  explicit Tables(const std::vector<Service>& services) : services_(services) {}

  std::string emit() {
    out_ << "// Generated from the service models.\n#include \"api/generated/identity/codec.h\"\n"
         << "#include \"api/generated/identity/operations.h\"\n"
         << "#include \"api/generated/messaging/codec.h\"\n"
         << "#include \"api/generated/messaging/operations.h\"\n"
         << "#include \"api/protocol/invocation.h\"\n#include \"api/protocol/model.h\"\n\n"
         << "namespace carillon::api::protocol {\nnamespace {\n\n";
    for (const Service& service : services_) emit_shapes(service);
    emit_operations();
    emit_patterns();
    out_ << "}  // namespace\n\n"
         << "std::span<const Operation> operations() { return kOperations; }\n"
         << "std::span<const std::string_view> pattern_texts() { return kPatterns; }\n\n"
         << "}  // namespace carillon::api::protocol\n";
    return out_.str();
  }

 private:
  static std::string table_name(const Service& service, const std::string& shape) {
    return "k_" + service.name + "_" + shape;
  }

  int pattern_index(const std::string& pattern) {
    return patterns_.try_emplace(pattern, static_cast<int>(patterns_.size())).first->second;
  }

  void emit_shapes(const Service& service) {
    for (const Shape* shape : service.in_dependency_order(service.inputs())) {
      const std::string name = table_name(service, shape->name);
      if (!shape->enum_values.empty()) {
        out_ << "constexpr std::string_view " << name << "_values[] = {";
        for (const std::string& value : shape->enum_values) out_ << quoted(value) << ", ";
        out_ << "};\n";
      }
      if (!shape->members.empty()) emit_members(service, *shape);
      out_ << "constexpr Shape " << name << "{.name = " << quoted(shape->name)
           << ", .kind = " << kind_constant(*shape)
           << ", .sensitive = " << (shape->sensitive ? "true" : "false");
      if (shape->min) out_ << ", .min = " << *shape->min;
      if (shape->max) out_ << ", .max = " << *shape->max;
      if (!shape->pattern.empty()) out_ << ", .pattern = " << pattern_index(shape->pattern);
      if (!shape->enum_values.empty()) out_ << ", .enum_values = " << name << "_values";
      if (!shape->members.empty()) out_ << ", .members = " << name << "_members";
      if (!shape->element.empty()) out_ << ", .element = &" << table_name(service, shape->element);
      if (!shape->key.empty()) out_ << ", .key = &" << table_name(service, shape->key);
      out_ << "};\n";
    }
    out_ << "\n";
  }

  void emit_members(const Service& service, const Shape& shape) {
    out_ << "constexpr Member " << table_name(service, shape.name) << "_members[] = {\n";
    for (const Member& member : shape.members) {
      out_ << "    {" << quoted(member.name) << ", " << quoted(lower_first(member.name)) << ", "
           << quoted(member.wire_name) << ", &" << table_name(service, member.shape) << ", "
           << location_constant(member.location) << ", " << (member.required ? "true" : "false")
           << "},\n";
    }
    out_ << "};\n";
  }

  // The most literal routes first: a query literal counts more than any path segment.
  static int literalness(const Operation& operation) {
    const Route route = parse_uri(operation.uri);
    const auto literals = std::count_if(route.segments.begin(), route.segments.end(),
                                        [](const Segment& segment) { return !segment.is_label; });
    return static_cast<int>(literals) + (route.query_name.empty() ? 0 : 100);
  }

  void emit_operations() {
    std::vector<std::pair<const Service*, const Operation*>> ordered;
    for (const Service& service : services_) {
      for (const Operation& operation : service.operations)
        ordered.push_back({&service, &operation});
    }
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
      return literalness(*a.second) > literalness(*b.second);
    });
    for (const auto& [service, operation] : ordered) emit_route(*service, *operation);
    out_ << "constexpr Operation kOperations[] = {\n";
    for (const auto& [service, operation] : ordered) emit_operation(*service, *operation);
    out_ << "};\n\n";
  }

  void emit_route(const Service& service, const Operation& operation) {
    const std::vector<Member>& members = service.shape(operation.input).members;
    const std::string name = table_name(service, operation.name);
    out_ << "constexpr Segment " << name << "_segments[] = {";
    for (const Segment& segment : parse_uri(operation.uri).segments) {
      if (!segment.is_label) {
        out_ << "{" << quoted(segment.text) << "}, ";
        continue;
      }
      const auto label = std::find_if(members.begin(), members.end(), [&](const Member& member) {
        return member.location == "uri" && member.wire_name == segment.text;
      });
      if (label == members.end()) throw std::runtime_error(operation.uri + ": unbound label");
      out_ << "{\"\", " << label - members.begin() << "}, ";
    }
    out_ << "};\nconstexpr ErrorKind " << name << "_errors[] = {";
    for (const std::string& error : operation.errors) out_ << error_constant(error) << ", ";
    out_ << "};\n";
  }

  void emit_operation(const Service& service, const Operation& operation) {
    const std::vector<Member>& members = service.shape(operation.input).members;
    const auto token = std::find_if(members.begin(), members.end(),
                                    [](const Member& member) { return member.idempotency_token; });
    const Route route = parse_uri(operation.uri);
    const std::string name = table_name(service, operation.name);
    out_ << "    {.name = " << quoted(operation.name) << ", .service = ServiceName::"
         << constant_name(service.name == "messaging" ? "MESSAGING" : "IDENTITY")
         << ", .method = " << quoted(operation.method) << ", .segments = " << name << "_segments"
         << ", .query = {" << quoted(route.query_name) << ", " << quoted(route.query_value)
         << "}, .status = " << operation.status << ", .input = &"
         << table_name(service, operation.input) << ", .errors = " << name << "_errors"
         << ", .reads = " << (operation.reads ? "true" : "false") << ", .token_member = "
         << (token == members.end() ? -1 : static_cast<int>(token - members.begin()))
         << ", .make_invocation = ";
    if (operation.planned) {
      out_ << "nullptr},\n";
    } else {
      out_ << "&make_invocation<&" << service.name << "::" << snake_case(operation.name) << ">},\n";
    }
  }

  void emit_patterns() {
    std::vector<std::string> texts(patterns_.size());
    for (const auto& [text, index] : patterns_) texts[static_cast<std::size_t>(index)] = text;
    out_ << "constexpr std::string_view kPatterns[] = {\n";
    for (const std::string& text : texts) out_ << "    " << quoted(text) << ",\n";
    out_ << "};\n\n";
  }

  const std::vector<Service>& services_;
  std::map<std::string, int> patterns_;
  std::ostringstream out_;
};

}  // namespace

std::string emit_tables_source(const std::vector<Service>& services) {
  return Tables(services).emit();
}

}  // namespace carillon::codegen
