// Feeds every generated model case to the service, without a socket, and compares the answer with
// what a second implementation of the rules (model_rules.py) expects. One test for each operation.

#include "api/protocol/model.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "api/protocol/json.h"
#include "api/protocol/uri.h"
#include "api/service.h"
#include "tests/support/header_map.h"

namespace carillon::tests {
namespace {

namespace json = api::json;

// Fewer than this and the generator has lost something.
constexpr std::size_t kCasesMin = 2'500;

struct Case {
  std::string name;
  std::string operation;
  std::string method;
  std::string target;
  HeaderMap headers;
  std::string body;
  bool accepted = false;
  // Of a refusal.
  int status = 0;
  std::string error_type;
  std::string code;
  std::optional<std::string> message;
  std::vector<std::string> message_contains;
};

std::vector<std::string> strings(json::Value list) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < list.size(); ++i) result.emplace_back(list.at(i).string());
  return result;
}

std::string text(json::Value object, std::string_view name) {
  return std::string(object.find(name).string());
}

Case read_case(json::Value line) {
  Case result;
  result.name = text(line, "name");
  result.operation = text(line, "operation");
  result.method = text(line, "method");
  result.target = text(line, "target");
  line.find("headers").for_each_member(
      [&](std::string_view name, json::Value value) { result.headers.set(name, value.string()); });
  if (!line.find("body").is_null()) result.body = text(line, "body");
  const json::Value expect = line.find("expect");
  if (expect.find("status").is_null()) {
    result.accepted = true;
    return result;
  }
  result.status = static_cast<int>(expect.find("status").integer().value());
  result.error_type = text(expect, "error_type");
  result.code = text(expect, "code");
  if (!expect.find("message").is_null()) result.message = text(expect, "message");
  result.message_contains = strings(expect.find("message_contains"));
  return result;
}

using CasesByOperation = std::map<std::string, std::vector<Case>>;

// "messaging/CreateChannel" -> its cases. The lines say the service and operation first, so that a
// process that runs one test need not parse the cases of all others.
CasesByOperation read_cases(const std::string& wanted = {}) {
  std::ifstream file(CARILLON_MODEL_CASES);
  if (!file) throw std::runtime_error("cannot read " CARILLON_MODEL_CASES);
  CasesByOperation cases;
  static constexpr std::string_view kLead = "{\"name\": \"";
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, kLead.size(), kLead) != 0) throw std::runtime_error("not a case: " + line);
    const std::size_t service_end = line.find('/', kLead.size());
    const std::size_t operation_end = line.find('/', service_end + 1);
    const std::string key = line.substr(kLead.size(), operation_end - kLead.size());
    std::vector<Case>& of_operation = cases[key];
    if (!wanted.empty() && key != wanted) continue;
    const json::Document document(line);
    if (document.error()) throw std::runtime_error("a case " + *document.error() + ": " + line);
    of_operation.push_back(read_case(document.root()));
  }
  return cases;
}

std::vector<std::string> operation_keys() {
  std::vector<std::string> keys;
  for (const auto& [key, cases] : read_cases("none")) keys.push_back(key);
  return keys;
}

// What prepare() said: an error, or that the request is valid.
struct Answer {
  bool valid = false;
  std::string operation;  // when valid
  int status = 0;
  std::string error_type;
  std::string code;
  std::string message;
};

Answer ask(const Case& given, const api::Options& options) {
  const api::HttpRequest request{given.method, given.target, given.headers, given.body};
  const auto result = api::prepare(request, options);
  if (const auto* prepared = std::get_if<api::Prepared>(&result)) {
    Answer answer;
    answer.valid = true;
    answer.operation = prepared->operation();
    return answer;
  }
  const auto& response = std::get<api::HttpResponse>(result);
  EXPECT_TRUE(api::protocol::is_utf8(response.body));
  const json::Document body(response.body);
  EXPECT_FALSE(body.error()) << response.body;
  Answer answer;
  answer.status = response.status;
  answer.error_type = response.error_type;
  answer.code = text(body.root(), "Code");
  answer.message = text(body.root(), "Message");
  // An operation without a function answers so only after everything was checked.
  if (response.status == 501 && response.error_type == "UnsupportedOperationException") {
    answer.valid = true;
    answer.operation = answer.message.substr(0, answer.message.find(' '));
  }
  return answer;
}

void expect_refusal(const Case& given, const Answer& answer) {
  EXPECT_FALSE(answer.valid) << "was accepted";
  EXPECT_EQ(answer.status, given.status);
  EXPECT_EQ(answer.error_type, given.error_type) << answer.message;
  EXPECT_EQ(answer.code, given.code);
  if (given.message) {
    EXPECT_EQ(answer.message, *given.message);
  }
  for (const std::string& part : given.message_contains) {
    EXPECT_NE(answer.message.find(part), std::string::npos) << part << " in: " << answer.message;
  }
}

void expect_acceptance(const Case& given, const Answer& answer) {
  EXPECT_TRUE(answer.valid) << answer.status << " " << answer.error_type << ": " << answer.message;
  EXPECT_EQ(answer.operation, given.operation);
}

class ModelCases : public testing::TestWithParam<std::string> {};

TEST_P(ModelCases, AreAnsweredAsTheModelSays) {
  const std::vector<Case> cases = read_cases(GetParam()).at(GetParam());
  ASSERT_GE(cases.size(), 2U);
  for (const Case& given : cases) {
    SCOPED_TRACE(given.name + "\n" + given.method + " " + given.target + "\n" + given.body);
    const Answer answer = ask(given, {});
    if (given.accepted) {
      expect_acceptance(given, answer);
    } else {
      expect_refusal(given, answer);
    }
  }
  RecordProperty("cases", static_cast<int>(cases.size()));
}

// The switch renames constraint violations and changes nothing else.
TEST_P(ModelCases, AreAnsweredWithValidationExceptionWhenAskedTo) {
  api::Options options;
  options.validation_exception = true;
  std::vector<Case> cases = read_cases(GetParam()).at(GetParam());
  for (Case& given : cases) {
    SCOPED_TRACE(given.name + "\n" + given.method + " " + given.target + "\n" + given.body);
    const Answer answer = ask(given, options);
    if (given.accepted) {
      expect_acceptance(given, answer);
      continue;
    }
    if (given.error_type == "BadRequestException") {
      given.error_type = "ValidationException";
      given.code = "ValidationException";
    }
    expect_refusal(given, answer);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ModelCases, testing::ValuesIn(operation_keys()),
                         [](const testing::TestParamInfo<std::string>& operation) {
                           std::string name = operation.param;
                           name[name.find('/')] = '_';
                           return name;
                         });

TEST(ModelCasesAsAWhole, CoverEveryOperation) {
  const CasesByOperation cases = read_cases();
  std::size_t count = 0;
  for (const auto& [key, of_operation] : cases) count += of_operation.size();
  EXPECT_GE(count, kCasesMin);
  std::size_t operations = 0;
  for (const api::protocol::Operation& operation : api::protocol::operations()) {
    const bool identity = operation.service == api::protocol::ServiceName::kIdentity;
    const std::string key = (identity ? "identity/" : "messaging/") + std::string(operation.name);
    EXPECT_TRUE(cases.contains(key)) << key;
    ++operations;
  }
  EXPECT_EQ(cases.size(), operations);
  RecordProperty("cases", static_cast<int>(count));
  std::printf("%zu cases of %zu operations\n", count, operations);
}

}  // namespace
}  // namespace carillon::tests
