#include "tests/component/http_requests.h"

#include <algorithm>
#include <map>

#include "api/protocol/model.h"
#include "api/protocol/uri.h"
#include "tests/component/json_template.h"

namespace carillon::tests {

namespace json = api::json;
using api::protocol::Location;
using api::protocol::Member;
using api::protocol::Operation;

namespace {

const Operation& find_operation(std::string_view name) {
  for (const Operation& operation : api::protocol::operations()) {
    if (operation.name == name) return operation;
  }
  throw CaseFailure("the model has no operation " + std::string(name));
}

const Member& find_member(const Operation& operation, std::string_view name) {
  for (const Member& member : operation.input->members) {
    if (member.name == name) return member;
  }
  throw CaseFailure(std::string(operation.name) + " has no member " + std::string(name));
}

std::string scalar_text(json::Value value) {
  return value.type() == json::Type::kString ? std::string(value.string()) : to_json(value);
}

using Labels = std::map<std::string_view, std::string>;

std::string make_path(const Operation& operation, const Labels& labels) {
  std::string path;
  for (const auto& segment : operation.segments) {
    path += '/';
    if (segment.member < 0) {
      path += segment.literal;
      continue;
    }
    const Member& member = operation.input->members[static_cast<std::size_t>(segment.member)];
    const auto label = labels.find(member.name);
    if (label == labels.end()) {
      throw CaseFailure("the input lacks " + std::string(member.name) + ", a part of the path");
    }
    path += api::protocol::percent_encode(label->second);
  }
  return path;
}

void add_parameter(std::string& query, std::string_view name, std::string_view value) {
  query += query.empty() ? '?' : '&';
  query += name;
  query += '=';
  query += api::protocol::percent_encode(value);
}

}  // namespace

OwnedRequest sdk_request(std::string_view name, json::Value input, const std::string& token) {
  const Operation& operation = find_operation(name);
  OwnedRequest request;
  request.method = operation.method;
  std::string query;
  if (!operation.query.name.empty()) {
    add_parameter(query, operation.query.name, operation.query.value);
  }
  Labels labels;
  json::Writer body;
  body.begin_object();
  input.for_each_member([&](std::string_view member_name, json::Value value) {
    const Member& member = find_member(operation, member_name);
    switch (member.location) {
      case Location::kUri: labels[member.name] = scalar_text(value); break;
      case Location::kQuery: add_parameter(query, member.wire_name, scalar_text(value)); break;
      case Location::kHeader: request.headers.set(member.wire_name, scalar_text(value)); break;
      case Location::kBody: body.key(member.name).raw(to_json(value)); break;
    }
  });
  if (operation.token_member >= 0) {
    const Member& member =
        operation.input->members[static_cast<std::size_t>(operation.token_member)];
    if (input.find(member.name).is_null()) body.member(member.name, std::string_view(token));
  }
  body.end_object();
  const auto& members = operation.input->members;
  const bool has_body = std::any_of(members.begin(), members.end(), [](const Member& member) {
    return member.location == Location::kBody;
  });
  if (has_body) request.body = body.take();
  request.target = make_path(operation, labels) + query;
  return request;
}

OwnedRequest raw_request(json::Value given) {
  OwnedRequest request;
  request.method = given.find("method").string();
  request.target = given.find("target").string();
  add_headers(request, given.find("headers"));
  const json::Value body = given.find("body");
  if (!body.is_null()) request.body = scalar_text(body);
  return request;
}

void add_headers(OwnedRequest& request, json::Value headers) {
  if (headers.is_null()) return;
  headers.for_each_member(
      [&](std::string_view name, json::Value value) { request.headers.set(name, value.string()); });
}

}  // namespace carillon::tests
