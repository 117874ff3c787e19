#include "tests/component/json_template.h"

#include <charconv>

namespace carillon::tests {

namespace json = api::json;

namespace {

void write_number(json::Writer& writer, json::Value value) {
  if (const auto integer = value.integer()) {
    writer.integer(*integer);
  } else {
    writer.number(value.number());
  }
}

void write(json::Writer& writer, json::Value value, const Variables* variables) {
  switch (value.type()) {
    case json::Type::kNull: writer.null(); return;
    case json::Type::kBoolean: writer.boolean(value.boolean()); return;
    case json::Type::kNumber: write_number(writer, value); return;
    case json::Type::kString:
      writer.string(variables ? fill_in(value.string(), *variables) : std::string(value.string()));
      return;
    case json::Type::kArray:
      writer.begin_array();
      for (std::size_t i = 0; i < value.size(); ++i) write(writer, value.at(i), variables);
      writer.end_array();
      return;
    case json::Type::kObject:
      writer.begin_object();
      value.for_each_member([&](std::string_view name, json::Value member) {
        writer.key(name);
        write(writer, member, variables);
      });
      writer.end_object();
      return;
  }
}

}  // namespace

std::string to_json(json::Value value) {
  json::Writer writer;
  write(writer, value, nullptr);
  return writer.take();
}

std::string fill_in(std::string_view text, const Variables& variables) {
  std::string filled;
  while (true) {
    const std::size_t start = text.find("${");
    filled.append(text.substr(0, start));
    if (start == std::string_view::npos) return filled;
    const std::size_t end = text.find('}', start);
    const std::string_view name = text.substr(start + 2, end - start - 2);
    const auto variable = variables.find(name);
    if (end == std::string_view::npos || variable == variables.end()) {
      throw CaseFailure("nothing has set ${" + std::string(name) + "}");
    }
    filled += variable->second;
    text.remove_prefix(end + 1);
  }
}

std::string fill_in(json::Value value, const Variables& variables) {
  json::Writer writer;
  write(writer, value, &variables);
  return writer.take();
}

json::Value at_path(json::Value root, std::string_view path) {
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    if (root.type() == json::Type::kObject) {
      root = root.find(name);
    } else if (root.type() == json::Type::kArray) {
      std::size_t index = 0;
      std::from_chars(name.data(), name.data() + name.size(), index);
      root = index < root.size() ? root.at(index) : json::Value();
    } else {
      return {};
    }
  }
  return root;
}

}  // namespace carillon::tests
