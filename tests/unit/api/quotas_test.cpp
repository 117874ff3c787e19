// The tables of quotas against the service's model: what they name exists.
#include "api/domain/quotas.h"

#include <algorithm>
#include <set>

#include "tests/unit/api/ask.h"

namespace carillon::tests {
namespace {

using api::ErrorKind;
using api::domain::Rate;
using api::protocol::Operation;

bool models(const Operation& operation, ErrorKind kind) {
  return std::find(operation.errors.begin(), operation.errors.end(), kind) !=
         operation.errors.end();
}

TEST(Quotas, EveryOperationThatARateNamesIsInTheModel) {
  std::set<std::string_view> named;
  for (const Rate& rate : api::domain::rates()) {
    for (const std::string_view name : rate.operations) {
      EXPECT_NO_THROW(operation_named(name));
      EXPECT_TRUE(named.insert(name).second) << name << " is in two rates";
    }
    EXPECT_GE(rate.per_second, rate.per_second_eu_central_1) << rate.what;
    EXPECT_GE(rate.per_second_eu_central_1, 1) << rate.what;
  }
}

TEST(Quotas, EveryOperationModelsThrottling) {
  for (const Operation& operation : api::protocol::operations()) {
    EXPECT_TRUE(models(operation, ErrorKind::kThrottledClient)) << operation.name;
  }
}

// What a request counts against, as "RATE of SUBJECT".
std::vector<api::domain::BucketUse> rates_of(std::string_view method, std::string_view target,
                                             const HeaderMap& headers, std::string_view body,
                                             bool enforce = true) {
  api::Options options;
  options.enforce_quotas = enforce;
  const auto result = api::prepare({method, target, headers, body}, options);
  const auto* prepared = std::get_if<api::Prepared>(&result);
  if (prepared == nullptr) {
    ADD_FAILURE() << std::get<api::HttpResponse>(result).body;
    return {};
  }
  return prepared->rates();
}

std::string target_of_messages() { return "/channels/" + std::string(kChannelLabel) + "/messages"; }

constexpr std::string_view kMessage =
    R"({"Content":"hello","Type":"STANDARD","Persistence":"PERSISTENT","ClientRequestToken":"token"})";

TEST(Quotas, AMessageCountsForItsSenderAndItsChannel) {
  const HeaderMap headers{{"x-amz-chime-bearer", std::string(kUserArn)}};
  const auto rates = rates_of("POST", target_of_messages(), headers, kMessage);
  ASSERT_EQ(rates.size(), 2U);
  EXPECT_EQ(rates[0].per_second, 10);
  EXPECT_NE(rates[0].key.find("/user/alice"), std::string::npos);
  EXPECT_EQ(rates[1].per_second, 30);
  EXPECT_NE(rates[1].key.find("/channel/c"), std::string::npos);
  // Two operations of one rate share the bucket.
  const auto deletion = rates_of("DELETE", target_of_messages() + "/m1", headers, "");
  ASSERT_EQ(deletion.size(), 2U);
  EXPECT_EQ(deletion[1].key, rates[1].key);
  // One that lists is counted apart.
  const auto list = rates_of("GET", target_of_messages(), headers, "");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_NE(list[1].key, rates[1].key);
}

TEST(Quotas, FrankfurtHasLess) {
  const HeaderMap headers{
      {"x-amz-chime-bearer", std::string(kUserArn)},
      {"authorization",
       "AWS4-HMAC-SHA256 Credential=test/20240101/eu-central-1/chime/aws4_request, "
       "SignedHeaders=host, Signature=00"}};
  const auto rates = rates_of("POST", target_of_messages(), headers, kMessage);
  ASSERT_EQ(rates.size(), 2U);
  EXPECT_EQ(rates[0].per_second, 5);
  EXPECT_EQ(rates[1].per_second, 10);
}

TEST(Quotas, WhatIsInAnAppInstanceCountsForIt) {
  const HeaderMap headers{{"x-amz-chime-bearer", std::string(kUserArn)}};
  const auto create = rates_of("POST", "/channels", headers,
                               R"({"AppInstanceArn":")" + std::string(kAppInstanceArn) +
                                   R"(","Name":"n","ClientRequestToken":"token"})");
  const auto remove = rates_of("DELETE", "/channels/" + std::string(kChannelLabel), headers, "");
  ASSERT_EQ(create.size(), 2U);
  ASSERT_EQ(remove.size(), 2U);
  EXPECT_EQ(create[1].per_second, 15);
  EXPECT_EQ(create[1].key, remove[1].key);
}

TEST(Quotas, IdentityCountsForTheAccount) {
  const auto rates =
      rates_of("POST", "/app-instances", {}, R"({"Name":"n","ClientRequestToken":"token"})");
  ASSERT_EQ(rates.size(), 2U);
  EXPECT_EQ(rates[0].per_second, 50);
  EXPECT_EQ(rates[1].per_second, 5);
}

TEST(Quotas, NothingIsCountedWhenTheyAreOff) {
  EXPECT_TRUE(rates_of("POST", target_of_messages(),
                       {{"x-amz-chime-bearer", std::string(kUserArn)}}, kMessage, false)
                  .empty());
}

}  // namespace
}  // namespace carillon::tests
