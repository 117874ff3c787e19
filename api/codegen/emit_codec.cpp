#include <set>
#include <sstream>

#include "api/codegen/emit.h"

namespace carillon::codegen {
namespace {

std::set<std::string> input_roots(const Service& service) {
  const std::vector<std::string> names = service.inputs();
  return {names.begin(), names.end()};
}

std::vector<const Shape*> all_shapes(const Service& service) {
  return service.in_dependency_order(service.inputs_and_outputs());
}

// Structures inside inputs are decoded from JSON; the inputs themselves from what binding gathered.
std::vector<const Shape*> input_shapes(const Service& service) {
  return service.in_dependency_order(service.inputs());
}

std::string namespace_open(const Service& service) {
  return "namespace carillon::api::" + service.name + " {\n\n";
}

std::string namespace_close(const Service& service) {
  return "}  // namespace carillon::api::" + service.name + "\n";
}

void emit_enum_text(std::ostream& out, const Shape& shape) {
  out << "std::string_view to_text(" << shape.name << " value) {\n  switch (value) {\n";
  for (const std::string& value : shape.enum_values) {
    out << "    case " << shape.name << "::" << constant_name(value) << ": return " << quoted(value)
        << ";\n";
  }
  out << "  }\n  return {};\n}\n\n"
      << "void from_text(std::string_view text, " << shape.name << "& out) {\n";
  for (const std::string& value : shape.enum_values) {
    out << "  if (text == " << quoted(value) << ") out = " << shape.name
        << "::" << constant_name(value) << ";\n";
  }
  out << "}\n\n";
}

void emit_decode(std::ostream& out, const Shape& shape, bool is_root) {
  if (is_root) {
    out << "void decode([[maybe_unused]] const protocol::BoundInput& in, [[maybe_unused]] "
        << shape.name << "& out) {\n  using protocol::decode;\n";
    for (std::size_t i = 0; i < shape.members.size(); ++i) {
      out << "  decode(in.member(" << i << "), out." << snake_case(shape.members[i].name) << ");\n";
    }
  } else {
    out << "void decode(json::Value value, " << shape.name
        << "& out) {\n  using protocol::decode;\n";
    for (const Member& member : shape.members) {
      out << "  decode(value.find(" << quoted(member.name) << "), out." << snake_case(member.name)
          << ");\n";
    }
  }
  out << "}\n\n";
}

void emit_encode(std::ostream& out, const Shape& shape) {
  out << "void encode(json::Writer& writer, [[maybe_unused]] const " << shape.name
      << "& value) {\n  using protocol::encode_member;\n  writer.begin_object();\n";
  for (const Member& member : shape.members) {
    out << "  encode_member(writer, " << quoted(member.name) << ", value."
        << snake_case(member.name) << ");\n";
  }
  out << "  writer.end_object();\n}\n\n";
}

}  // namespace

std::string emit_codec_header(const Service& service) {
  std::ostringstream out;
  out << "// Generated from the service model: JSON to and from the shapes of chime-sdk-"
      << service.name << ".\n#pragma once\n\n#include <string_view>\n\n#include "
      << "\"api/generated/" << service.name << "/shapes.h\"\n#include \"api/protocol/binding.h\"\n"
      << "#include \"api/protocol/json.h\"\n\n"
      << namespace_open(service);
  const std::set<std::string> roots = input_roots(service);
  for (const Shape* shape : all_shapes(service)) {
    if (shape->enum_values.empty()) continue;
    out << "std::string_view to_text(" << shape->name << " value);\n"
        << "// Unknown text leaves `out` as it is: validation has refused it before.\n"
        << "void from_text(std::string_view text, " << shape->name << "& out);\n";
  }
  for (const Shape* shape : input_shapes(service)) {
    if (shape->type != "structure") continue;
    out << "void decode("
        << (roots.contains(shape->name) ? "const protocol::BoundInput& in, "
                                        : "json::Value value, ")
        << shape->name << "& out);\n";
  }
  for (const Shape* shape : all_shapes(service)) {
    if (shape->type != "structure") continue;
    out << "void encode(json::Writer& writer, const " << shape->name << "& value);\n";
  }
  out << "\n" << namespace_close(service);
  return out.str();
}

std::string emit_codec_source(const Service& service) {
  std::ostringstream out;
  out << "// Generated from the service model.\n#include \"api/generated/" << service.name
      << "/codec.h\"\n\n#include \"api/protocol/codec.h\"\n\n"
      << namespace_open(service);
  const std::set<std::string> roots = input_roots(service);
  for (const Shape* shape : all_shapes(service)) {
    if (!shape->enum_values.empty()) emit_enum_text(out, *shape);
  }
  for (const Shape* shape : input_shapes(service)) {
    if (shape->type == "structure") emit_decode(out, *shape, roots.contains(shape->name));
  }
  for (const Shape* shape : all_shapes(service)) {
    if (shape->type == "structure") emit_encode(out, *shape);
  }
  out << namespace_close(service);
  return out.str();
}

}  // namespace carillon::codegen
