// Accounts and regions never see each other: every request of every case, sent by strangers too.

#include <gtest/gtest.h>

#include "api/protocol/model.h"
#include "tests/component/case_runner.h"
#include "tests/component/json_template.h"
#include "tests/component/service_in_memory.h"
#include "tests/support/header_map.h"

namespace carillon::tests {
namespace {

using api::protocol::Shape;

const std::filesystem::path kRoot = CARILLON_OPERATION_CASES;

// Whether a value of this shape can name something of an account.
bool names_something(const Shape& shape) {
  if (shape.name == "ChimeArn" || shape.name == "SensitiveChimeArn") return true;
  if (shape.element != nullptr && names_something(*shape.element)) return true;
  return std::any_of(shape.members.begin(), shape.members.end(),
                     [](const auto& member) { return names_something(*member.shape); });
}

TEST(Isolation, HoldsForEveryOperation) {
  std::set<std::string> hidden;
  for (const auto& file : find_cases(kRoot)) {
    try {
      hidden.merge(run_case_file_with_intruders(file, kRoot));
    } catch (const CaseFailure& failure) {
      ADD_FAILURE() << failure.what();
    }
  }
  for (const api::protocol::Operation& operation : api::protocol::operations()) {
    if (operation.make_invocation == nullptr || !names_something(*operation.input)) continue;
    EXPECT_TRUE(hidden.contains(std::string(operation.name)))
        << operation.name << ": no case in which it succeeds and is refused to strangers";
  }
}

constexpr std::string_view kCreate = R"({"Name": "a", "ClientRequestToken": "a-token"})";

std::string authorization(const std::string& key_and_region) {
  const std::size_t slash = key_and_region.find('/');
  return "AWS4-HMAC-SHA256 Credential=" + key_and_region.substr(0, slash) + "/20240101" +
         key_and_region.substr(slash) + "/chime/aws4_request, SignedHeaders=host, Signature=0";
}

api::HttpResponse ask(ServiceInMemory& service, std::string_view method, std::string_view target,
                      std::string_view body, const std::string& key_and_region) {
  const HeaderMap headers{{"Authorization", authorization(key_and_region)}};
  return service.answer({method, target, headers, body});
}

std::size_t app_instances(ServiceInMemory& service, const std::string& key_and_region) {
  const api::json::Document document(
      ask(service, "GET", "/app-instances", "", key_and_region).body);
  return document.root().find("AppInstances").size();
}

TEST(Isolation, OneAccountIsResetWithItsTokensInAllRegions) {
  ServiceInMemory service{api::Options()};
  const std::initializer_list<const char*> everybody = {
      "111111111111/us-east-1", "111111111111/eu-central-1", "222222222222/us-east-1"};
  for (const char* who : everybody) {
    ASSERT_EQ(ask(service, "POST", "/app-instances", kCreate, who).status, 201);
    // The token is known, so nothing is made.
    ASSERT_EQ(ask(service, "POST", "/app-instances", kCreate, who).status, 201);
    ASSERT_EQ(app_instances(service, who), 1U);
  }
  service.write([](api::Call&, store::WriteTx& tx) { api::delete_account(tx, "111111111111"); });
  EXPECT_EQ(app_instances(service, "111111111111/us-east-1"), 0U);
  EXPECT_EQ(app_instances(service, "111111111111/eu-central-1"), 0U);
  EXPECT_EQ(app_instances(service, "222222222222/us-east-1"), 1U);
  for (const char* who : everybody) {
    ASSERT_EQ(ask(service, "POST", "/app-instances", kCreate, who).status, 201);
    EXPECT_EQ(app_instances(service, who), 1U) << who;
  }
}

}  // namespace
}  // namespace carillon::tests
