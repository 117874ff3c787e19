// Requests one after the other, for tests that are written in C++ rather than as a case: what is
// said and answered is JSON.
#pragma once

#include <string>
#include <string_view>

#include "api/protocol/json.h"
#include "tests/component/http_requests.h"
#include "tests/component/json_template.h"
#include "tests/component/service_in_memory.h"

namespace carillon::tests {

class Conversation {
 public:
  explicit Conversation(const api::Options& options = {}) : service(options) {}

  // As an SDK would call the operation; `input` is JSON in which ${name} stands for a variable.
  api::HttpResponse call(std::string_view operation, std::string_view input) {
    const std::string text = fill_in(input, variables);
    const api::json::Document document(text);
    if (document.error()) throw CaseFailure("the input " + text + " " + *document.error());
    const std::string token = "token-" + std::to_string(++calls_);
    return service.answer(sdk_request(operation, document.root(), token).view());
  }

  // A call that must succeed; the string member `saved` of the answer becomes a variable.
  void make(std::string_view operation, std::string_view input, std::string_view member = {},
            const std::string& variable = {}) {
    const api::HttpResponse response = call(operation, input);
    if (response.is_error()) {
      throw CaseFailure(std::string(operation) + " " + std::string(input) + ": " + response.body);
    }
    if (!member.empty()) variables[variable] = text(response, member);
  }

  // A string member of an answer, by its path; empty when it is not there.
  static std::string text(const api::HttpResponse& response, std::string_view path) {
    const api::json::Document document(response.body);
    const api::json::Value value = at_path(document.root(), path);
    return value.type() == api::json::Type::kString ? std::string(value.string()) : std::string();
  }

  ServiceInMemory service;
  Variables variables;

 private:
  int calls_ = 0;
};

}  // namespace carillon::tests
