#include <sstream>

#include "api/codegen/emit.h"

namespace carillon::codegen {
namespace {

std::string cpp_type(const Service& service, const std::string& shape_name) {
  const Shape& shape = service.shape(shape_name);
  if (shape.type == "string") return shape.enum_values.empty() ? "std::string" : shape.name;
  if (shape.type == "integer") return "std::int64_t";
  if (shape.type == "boolean") return "bool";
  if (shape.type == "timestamp") return "protocol::Timestamp";
  if (shape.type == "list") return "std::vector<" + cpp_type(service, shape.element) + ">";
  if (shape.type == "map") {
    return "std::map<std::string, " + cpp_type(service, shape.element) + ">";
  }
  return shape.name;
}

// Required members are plain values, the others optional. A list in an operation's output is
// plain too: clients iterate over it, so it is always sent, even when it is empty.
std::string member_type(const Service& service, const Shape& owner, const Member& member) {
  const std::string type = cpp_type(service, member.shape);
  const bool list_of_output =
      service.is_output(owner.name) && service.shape(member.shape).type == "list";
  return member.required || list_of_output ? type : "std::optional<" + type + ">";
}

void emit_enum(std::ostream& out, const Shape& shape) {
  out << "enum class " << shape.name << " : std::uint8_t { ";
  for (const std::string& value : shape.enum_values) out << constant_name(value) << ", ";
  out << "};\n\n";
}

void emit_struct(std::ostream& out, const Service& service, const Shape& shape) {
  out << "struct " << shape.name << " {\n";
  for (const Member& member : shape.members) {
    out << "  " << member_type(service, shape, member) << " " << snake_case(member.name) << "{};\n";
  }
  out << "};\n\n";
}

}  // namespace

std::string emit_shapes_header(const Service& service) {
  std::ostringstream out;
  out << "// Generated from the service model: the shapes of chime-sdk-" << service.name << ".\n"
      << "#pragma once\n\n#include <cstdint>\n#include <map>\n#include <optional>\n"
      << "#include <string>\n#include <vector>\n\n#include \"api/protocol/timestamp.h\"\n\n"
      << "namespace carillon::api::" << service.name << " {\n\n";
  for (const Shape* shape : service.in_dependency_order(service.inputs_and_outputs())) {
    if (!shape->enum_values.empty()) emit_enum(out, *shape);
    if (shape->type == "structure") emit_struct(out, service, *shape);
  }
  out << "}  // namespace carillon::api::" << service.name << "\n";
  return out.str();
}

std::string emit_operations_header(const Service& service) {
  std::ostringstream out;
  out << "// Generated from the service model: one function for each operation of chime-sdk-"
      << service.name << ".\n"
      << "// Each runs to completion in one transaction, on the thread that owns it.\n"
      << "#pragma once\n\n#include \"api/call.h\"\n#include \"api/generated/" << service.name
      << "/shapes.h\"\n#include \"api/result.h\"\n#include \"store/transaction.h\"\n\n"
      << "namespace carillon::api::" << service.name << " {\n\n";
  for (const Operation& operation : service.operations) {
    if (operation.planned) continue;
    out << "Result<" << (operation.output.empty() ? "Nothing" : operation.output) << "> "
        << snake_case(operation.name)
        << "(Call& call, store::" << (operation.reads ? "ReadTx" : "WriteTx") << "& tx, const "
        << operation.input << "& in);\n";
  }
  out << "\n}  // namespace carillon::api::" << service.name << "\n";
  return out.str();
}

}  // namespace carillon::codegen
