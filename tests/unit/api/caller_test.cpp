#include "api/protocol/caller.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/header_map.h"

namespace carillon::api::protocol {
namespace {

using tests::HeaderMap;

Caller caller_of(std::string_view authorization) {
  const HeaderMap headers{{"authorization", authorization}};
  return read_caller(HttpRequest{"GET", "/channels", headers, {}}, {});
}

std::string signed_by(std::string_view key, std::string_view region) {
  return "AWS4-HMAC-SHA256 Credential=" + std::string(key) + "/20240102/" + std::string(region) +
         "/chime/aws4_request, SignedHeaders=host;x-amz-date, Signature=0123";
}

TEST(Caller, IsTheDefaultWithoutCredentials) {
  Options options;
  options.default_account = "999988887777";
  options.default_region = "eu-central-1";
  for (const HeaderMap& headers : {HeaderMap{}, HeaderMap{{"Authorization", ""}},
                                   HeaderMap{{"Authorization", "Basic eDp5"}}}) {
    const Caller caller = read_caller(HttpRequest{"GET", "/channels?x=y", headers, {}}, options);
    EXPECT_EQ(caller.account, "999988887777");
    EXPECT_EQ(caller.region, "eu-central-1");
  }
}

TEST(Caller, ATwelveDigitKeyIsTheAccount) {
  const Caller caller = caller_of(signed_by("123456789012", "ap-southeast-1"));
  EXPECT_EQ(caller.account, "123456789012");
  EXPECT_EQ(caller.region, "ap-southeast-1");
}

TEST(Caller, AnyOtherKeyIsTheDefaultAccount) {
  for (const std::string_view key :
       {"AKIDEXAMPLE", "12345678901", "1234567890123", "12345678901x", "", "-23456789012"}) {
    const Caller caller = caller_of(signed_by(key, "us-west-2"));
    EXPECT_EQ(caller.account, Options().default_account) << key;
    EXPECT_EQ(caller.region, "us-west-2") << key;
  }
}

TEST(Caller, ARegionIsOnlyWhatMayStandInAnArn) {
  for (const std::string& region : {std::string(), std::string("US-EAST-1"), std::string("a:b"),
                                    std::string(64, 'a'), std::string("é")}) {
    EXPECT_EQ(caller_of(signed_by("123456789012", region)).region, Options().default_region)
        << region;
  }
}

TEST(Caller, SurvivesCredentialsThatAreCutShort) {
  for (const std::string_view text :
       {"Credential=", "Credential=123456789012", "Credential=123456789012/", "Credential=//",
        "Credential=123456789012/20240102", "Credential=,", "AWS4-HMAC-SHA256 Credential"}) {
    const Caller caller = caller_of(text);
    EXPECT_EQ(caller.region, Options().default_region) << text;
  }
  EXPECT_EQ(caller_of("Credential=123456789012").account, "123456789012");
}

TEST(Caller, IsReadFromAPresignedUrl) {
  const HeaderMap none;
  const auto caller_of_target = [&](std::string_view target) {
    return read_caller(HttpRequest{"GET", target, none, {}}, {});
  };
  const Caller caller = caller_of_target(
      "/connect?X-Amz-Credential=123456789012%2F20240102%2Feu-central-1%2Fchime%2Faws4_request&a="
      "b");
  EXPECT_EQ(caller.account, "123456789012");
  EXPECT_EQ(caller.region, "eu-central-1");
  EXPECT_EQ(caller_of_target("/connect?X-Amz-Credential=%2").region, Options().default_region);
}

TEST(Caller, IsOfTheAccountThatItsArnsNameIfItsKeyIsNone) {
  const std::vector<std::string> arns{"arn:aws:chime:what:1:app-instance/a",
                                      "arn:aws:chime:eu-west-1:111122223333:app-instance/a",
                                      "arn:aws:chime:eu-west-2:444455556666:app-instance/a"};
  const auto caller_with = [&](const HeaderMap& headers) {
    return read_caller(HttpRequest{"GET", "/", headers, {}}, {}, arns);
  };
  EXPECT_EQ(caller_with({}).account, "111122223333");
  EXPECT_EQ(caller_with({}).region, "eu-west-1");
  const Caller other_key = caller_with({{"Authorization", signed_by("AKID", "us-west-2")}});
  EXPECT_EQ(other_key.account, "111122223333");
  EXPECT_EQ(other_key.region, "us-west-2");
  EXPECT_EQ(caller_with({{"Authorization", signed_by("777788889999", "us-west-2")}}).account,
            "777788889999");
}

}  // namespace
}  // namespace carillon::api::protocol
