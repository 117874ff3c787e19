// Asks the service without a socket: what a request is answered, or that it is valid. For the unit
// tests of this folder.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include <gtest/gtest.h>

#include "api/protocol/json.h"
#include "api/protocol/model.h"
#include "api/service.h"
#include "tests/support/header_map.h"

namespace carillon::tests {

inline constexpr std::string_view kAppInstanceArn =
    "arn:aws:chime:us-east-1:111122223333:app-instance/a";
inline constexpr std::string_view kUserArn =
    "arn:aws:chime:us-east-1:111122223333:app-instance/a/user/alice";
// A path label: one segment.
inline constexpr std::string_view kChannelLabel =
    "arn%3Aaws%3Achime%3Aus-east-1%3A111122223333%3Aapp-instance%2Fa%2Fchannel%2Fc";

struct Answer {
  bool valid = false;  // routed, bound and without a violation
  std::string operation;
  int status = 0;
  std::string error_type;
  std::string message;
};

inline Answer ask(std::string_view method, std::string_view target, const HeaderMap& headers,
                  std::string_view body, const api::Options& options = {}) {
  const auto result = api::prepare({method, target, headers, body}, options);
  Answer answer;
  if (const auto* prepared = std::get_if<api::Prepared>(&result)) {
    answer.valid = true;
    answer.operation = prepared->operation();
    return answer;
  }
  const auto& response = std::get<api::HttpResponse>(result);
  const api::json::Document document(response.body);
  EXPECT_FALSE(document.error()) << response.body;
  answer.status = response.status;
  answer.error_type = response.error_type;
  answer.message = document.root().find("Message").string();
  if (response.status == 501) {
    answer.valid = true;
    answer.operation = answer.message.substr(0, answer.message.find(' '));
  }
  return answer;
}

inline void expect_valid(const Answer& answer, std::string_view operation) {
  EXPECT_TRUE(answer.valid) << answer.status << " " << answer.error_type << ": " << answer.message;
  EXPECT_EQ(answer.operation, operation);
}

inline void expect_error(const Answer& answer, std::string_view error_type,
                         std::string_view message) {
  EXPECT_FALSE(answer.valid) << "the request was accepted";
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.error_type, error_type);
  EXPECT_EQ(answer.message, message);
}

inline const api::protocol::Operation& operation_named(std::string_view name) {
  for (const api::protocol::Operation& operation : api::protocol::operations()) {
    if (operation.name == name) return operation;
  }
  throw std::logic_error("the model has no operation " + std::string(name));
}

}  // namespace carillon::tests
