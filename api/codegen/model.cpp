#include "api/codegen/model.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <stdexcept>

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

namespace carillon::codegen {
namespace {

using Json = rapidjson::Value;

rapidjson::Document read_json(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  std::stringstream text;
  text << file.rdbuf();
  rapidjson::Document document;
  document.Parse(text.str().c_str());
  if (document.HasParseError()) {
    throw std::runtime_error(path + ": " + rapidjson::GetParseError_En(document.GetParseError()) +
                             " at byte " + std::to_string(document.GetErrorOffset()));
  }
  return document;
}

std::string text_or_empty(const Json& object, const char* name) {
  return object.HasMember(name) ? object[name].GetString() : "";
}

bool flag(const Json& object, const char* name) {
  return object.HasMember(name) && object[name].GetBool();
}

std::optional<std::int64_t> number(const Json& object, const char* name) {
  if (!object.HasMember(name)) return std::nullopt;
  return object[name].GetInt64();
}

Shape read_shape(const std::string& name, const Json& json) {
  Shape shape;
  shape.name = name;
  shape.type = json["type"].GetString();
  shape.min = number(json, "min");
  shape.max = number(json, "max");
  shape.pattern = text_or_empty(json, "pattern");
  shape.sensitive = flag(json, "sensitive");
  shape.element = text_or_empty(json, shape.type == "map" ? "value" : "element");
  shape.key = text_or_empty(json, "key");
  if (json.HasMember("enum")) {
    for (const auto& value : json["enum"].GetArray())
      shape.enum_values.push_back(value.GetString());
  }
  if (json.HasMember("members")) {
    for (const auto& member : json["members"].GetArray()) {
      shape.members.push_back({member["name"].GetString(), member["shape"].GetString(),
                               text_or_empty(member, "location"),
                               text_or_empty(member, "wire_name"), flag(member, "required"),
                               flag(member, "idempotency_token")});
    }
  }
  return shape;
}

Operation read_operation(const std::string& name, const Json& json) {
  Operation operation;
  operation.name = name;
  operation.method = json["method"].GetString();
  operation.uri = json["uri"].GetString();
  operation.status = json["status"].GetInt();
  operation.input = json["input"].GetString();
  operation.output = text_or_empty(json, "output");
  operation.reads = operation.method == "GET";
  for (const auto& error : json["errors"].GetArray()) operation.errors.push_back(error.GetString());
  return operation;
}

Operation& find_operation(Service& service, const std::string& name, const std::string& path) {
  for (Operation& operation : service.operations) {
    if (operation.name == name) return operation;
  }
  throw std::runtime_error(path + ": names the unknown operation " + service.name + "." + name);
}

void apply_overlay(Service& service, const std::string& path) {
  const rapidjson::Document overlay = read_json(path);
  for (const auto& entry : overlay["reads"].GetArray()) {
    if (entry["service"].GetString() != service.name) continue;
    find_operation(service, entry["operation"].GetString(), path).reads = true;
  }
  for (const auto& entry : overlay["planned"][service.name.c_str()].GetArray()) {
    find_operation(service, entry.GetString(), path).planned = true;
  }
  for (const auto& entry : overlay["not_idempotency_tokens"].GetArray()) {
    if (entry["service"].GetString() != service.name) continue;
    const Operation& operation = find_operation(service, entry["operation"].GetString(), path);
    for (Member& member : service.shapes.at(operation.input).members) {
      if (member.name == entry["member"].GetString()) member.idempotency_token = false;
    }
  }
}

bool is_keyword(const std::string& name) {
  static const std::set<std::string> kKeywords{"operator", "default", "private",  "public",  "new",
                                               "delete",   "class",   "register", "template"};
  return kKeywords.contains(name);
}

}  // namespace

const Shape& Service::shape(const std::string& shape_name) const {
  const auto found = shapes.find(shape_name);
  if (found == shapes.end()) throw std::runtime_error("unknown shape " + shape_name);
  return found->second;
}

std::vector<const Shape*> Service::in_dependency_order(
    const std::vector<std::string>& roots) const {
  std::vector<const Shape*> order;
  std::set<std::string> done, under_way;
  const std::function<void(const std::string&)> visit = [&](const std::string& shape_name) {
    if (done.contains(shape_name)) return;
    if (!under_way.insert(shape_name).second) {
      throw std::runtime_error("shape " + shape_name + " contains itself");
    }
    const Shape& visited = shape(shape_name);
    for (const Member& member : visited.members) visit(member.shape);
    if (!visited.element.empty()) visit(visited.element);
    if (!visited.key.empty()) visit(visited.key);
    done.insert(shape_name);
    order.push_back(&visited);
  };
  for (const std::string& root : roots) visit(root);
  return order;
}

std::vector<std::string> Service::inputs() const {
  std::vector<std::string> names;
  for (const Operation& operation : operations) names.push_back(operation.input);
  return names;
}

std::vector<std::string> Service::inputs_and_outputs() const {
  std::vector<std::string> names = inputs();
  for (const Operation& operation : operations) {
    if (!operation.output.empty()) names.push_back(operation.output);
  }
  return names;
}

bool Service::is_output(const std::string& shape_name) const {
  return std::any_of(operations.begin(), operations.end(),
                     [&](const Operation& operation) { return operation.output == shape_name; });
}

Service load_service(const std::string& name, const std::string& model_path,
                     const std::string& overlay_path) {
  const rapidjson::Document model = read_json(model_path);
  Service service;
  service.name = name;
  for (const auto& entry : model["operations"].GetObject()) {
    service.operations.push_back(read_operation(entry.name.GetString(), entry.value));
  }
  for (const auto& entry : model["shapes"].GetObject()) {
    service.shapes[entry.name.GetString()] = read_shape(entry.name.GetString(), entry.value);
  }
  apply_overlay(service, overlay_path);
  return service;
}

std::string snake_case(const std::string& name) {
  std::string result;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool upper = std::isupper(static_cast<unsigned char>(name[i])) != 0;
    const bool after_lower = i > 0 && std::isupper(static_cast<unsigned char>(name[i - 1])) == 0;
    const bool before_lower =
        i > 0 && i + 1 < name.size() && std::islower(static_cast<unsigned char>(name[i + 1])) != 0;
    if (upper && i > 0 && (after_lower || before_lower)) result += '_';
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  }
  return is_keyword(result) ? result + "_" : result;
}

std::string constant_name(const std::string& enum_value) {
  const bool shouting = std::none_of(enum_value.begin(), enum_value.end(),
                                     [](unsigned char c) { return std::islower(c) != 0; });
  if (!shouting) return "k" + enum_value;
  std::string result = "k";
  bool word_start = true;
  for (const char c : enum_value) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) == 0) {
      word_start = true;
      continue;
    }
    result += static_cast<char>(word_start ? byte : std::tolower(byte));
    word_start = false;
  }
  return result;
}

std::string lower_first(std::string name) {
  name[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[0])));
  return name;
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

}  // namespace carillon::codegen
