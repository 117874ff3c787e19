#include "api/domain/arn.h"

#include <string>

#include <gtest/gtest.h>

namespace carillon::api::domain {
namespace {

constexpr std::string_view kAppInstance = "arn:aws:chime:us-east-1:111122223333:app-instance/a1";

ArnKind kind_below(std::string_view rest) {
  return arn_kind(std::string(kAppInstance).append(rest));
}

TEST(Arn, KindsAreToldApart) {
  EXPECT_EQ(kind_below(""), ArnKind::kAppInstance);
  EXPECT_EQ(kind_below("/user/u"), ArnKind::kUser);
  EXPECT_EQ(kind_below("/bot/b"), ArnKind::kBot);
  EXPECT_EQ(kind_below("/channel/c"), ArnKind::kChannel);
  EXPECT_EQ(kind_below("/channel-flow/f"), ArnKind::kChannelFlow);
}

TEST(Arn, WhatIsNotWholeIsOther) {
  for (const std::string_view rest : {"/", "/user", "/user/", "/users/u", "//user/u", "/User/u"}) {
    EXPECT_EQ(kind_below(rest), ArnKind::kOther) << rest;
  }
  for (const std::string_view arn :
       {"", "arn", "arn:aws:chime", "arn:aws:chime:", "arn:aws:chime:us-east-1:111122223333:",
        "arn:aws:chime:us-east-1:app-instance/a1", "arn:aws:chime:us-east-1:1:app-instance",
        "arn:aws:chime:us-east-1:1:app-instance/", "arn:aws:chime:us-east-1:1:app-instance//user/u",
        "arn:aws:lambda:us-east-1:1:function:f", "ARN:aws:chime:us-east-1:1:app-instance/a",
        "arn:aws:chime:us-east-1:1:meeting/m", "app-instance/a", ":::::", "arn:aws:chime:::"}) {
    EXPECT_EQ(arn_kind(arn), ArnKind::kOther) << arn;
  }
}

TEST(Arn, IsTakenApart) {
  const auto user = split_arn(std::string(kAppInstance) + "x/user/us-east-1:a_b.c@d");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->kind, ArnKind::kUser);
  EXPECT_EQ(user->owner.account, "111122223333");
  EXPECT_EQ(user->owner.region, "us-east-1");
  EXPECT_EQ(user->app_instance_arn, std::string(kAppInstance) + "x");
  EXPECT_EQ(user->app_instance_id, "a1x");
  EXPECT_EQ(user->id, "us-east-1:a_b.c@d");
  const auto app_instance = split_arn(kAppInstance);
  ASSERT_TRUE(app_instance);
  EXPECT_EQ(app_instance->kind, ArnKind::kAppInstance);
  EXPECT_EQ(app_instance->app_instance_arn, kAppInstance);
  EXPECT_EQ(app_instance->id, "");
  for (const std::string& wrong :
       {std::string("arn:aws:chime:us-east-1:1111:app-instance/a"),
        std::string("arn:aws:chime:US:111122223333:app-instance/a"),
        std::string("arn:aws:chime:us-east-1:111122223333:app-instance/-a"),
        std::string("arn:aws:chime:us-east-1:111122223333:app-instance/a b"),
        std::string("arn:aws:chime:us-east-1:111122223333:meeting/a"),
        std::string(kAppInstance) + "/user/-", std::string(kAppInstance) + "/user/a/b",
        std::string(kAppInstance) + "/user/" + std::string(65, 'a'),
        std::string(kAppInstance) + "/thing/a"}) {
    EXPECT_FALSE(split_arn(wrong)) << wrong;
  }
  EXPECT_EQ(arn_owner("arn:aws:chime:r:1:app-instance/a")->account, "1");
  EXPECT_FALSE(arn_owner("arn:aws:chime:r:1:meeting/a"));
}

TEST(Arn, AreMadeFromTheirParts) {
  const Caller caller{"111122223333", "us-east-1"};
  EXPECT_EQ(arn_prefix(caller), "arn:aws:chime:us-east-1:111122223333:");
  EXPECT_EQ(app_instance_arn(caller, "a1"), kAppInstance);
  EXPECT_EQ(resource_arn(kAppInstance, ArnKind::kUser, "alice@example"),
            std::string(kAppInstance) + "/user/alice@example");
  EXPECT_EQ(resource_arn(kAppInstance, ArnKind::kChannelFlow, "f"),
            std::string(kAppInstance) + "/channel-flow/f");
  EXPECT_EQ(stream_arn_prefix(kAppInstance), "arn:aws:kinesis:us-east-1:111122223333:stream/");
}

TEST(Arn, WhatIsMadeIsOfItsKindAndDescribed) {
  for (const ArnKind kind :
       {ArnKind::kUser, ArnKind::kBot, ArnKind::kChannel, ArnKind::kChannelFlow}) {
    EXPECT_EQ(arn_kind(resource_arn(kAppInstance, kind, "x")), kind);
    EXPECT_NE(describe(kind).find("app-instance/ID/"), std::string_view::npos);
  }
  EXPECT_EQ(describe(ArnKind::kAppInstance),
            "an app instance (arn:aws:chime:REGION:ACCOUNT:app-instance/ID)");
  EXPECT_EQ(describe(ArnKind::kOther), "something else");
}

}  // namespace
}  // namespace carillon::api::domain
