#include "api/protocol/router.h"

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "api/service.h"
#include "tests/support/header_map.h"

namespace carillon::api::protocol {
namespace {

constexpr std::string_view kChannel =
    "arn%3Aaws%3Achime%3Aus-east-1%3A111122223333%3Aapp-instance%2Fa%2Fchannel%2Fc";

// A request target that the operation's own route describes.
std::string target_of(const Operation& operation) {
  std::string target;
  for (const Segment& segment : operation.segments) {
    target += '/';
    target += segment.literal.empty() ? kChannel : segment.literal;
  }
  if (!operation.query.name.empty()) {
    target.append("?").append(operation.query.name).append("=").append(operation.query.value);
  }
  return target;
}

struct Found {
  std::string name;        // empty when there is none
  std::string other_name;  // the other service's
};

Found find(std::string_view method, std::string_view target) {
  const Operation* other = nullptr;
  const Operation* operation = route(method, split_target(target), &other);
  Found found;
  if (operation != nullptr) found.name = operation->name;
  if (other != nullptr) {
    found.other_name = other->name;
    EXPECT_EQ(operation->service, ServiceName::kMessaging);
    EXPECT_EQ(other->service, ServiceName::kIdentity);
  }
  return found;
}

std::string name_of(std::string_view method, std::string_view target) {
  return find(method, target).name;
}

TEST(Router, FindsEveryOperationByItsOwnRoute) {
  std::set<std::pair<ServiceName, std::string_view>> found;
  for (const Operation& operation : operations()) {
    const std::string target = target_of(operation);
    const Operation* other = nullptr;
    const Operation* first = route(operation.method, split_target(target), &other);
    const bool is_tag_operation = operation.segments.front().literal == "tags";
    ASSERT_NE(first, nullptr) << target;
    EXPECT_EQ(other != nullptr, is_tag_operation) << target;
    const Operation* mine = operation.service == first->service ? first : other;
    EXPECT_EQ(mine, &operation) << operation.method << " " << target << " finds " << first->name;
    found.emplace(mine->service, mine->name);
  }
  EXPECT_EQ(found.size(), 81U);
}

TEST(Router, FindsItWithMoreParametersBeforeAndAfter) {
  for (const Operation& operation : operations()) {
    std::string target = target_of(operation);
    const std::size_t question = target.find('?');
    if (question == std::string::npos) {
      target += "?max-results=5&next-token=x";
    } else {
      target.insert(question + 1, "max-results=5&");
      target += "&next-token=x";
    }
    EXPECT_EQ(name_of(operation.method, target), operation.name) << target;
  }
}

TEST(Router, ALiteralQueryDecidesBetweenEqualPaths) {
  const std::string channel = "/channels/" + std::string(kChannel);
  EXPECT_EQ(name_of("GET", channel), "DescribeChannel");
  EXPECT_EQ(name_of("POST", channel + "?operation=channel-flow-callback"), "ChannelFlowCallback");
  EXPECT_EQ(name_of("POST", channel + "?operation=other"), "");
  EXPECT_EQ(name_of("POST", channel), "");
  EXPECT_EQ(name_of("GET", "/channels"), "ListChannels");
  EXPECT_EQ(name_of("GET", "/channels?scope=channel-flow-associations&channel-flow-arn=x"),
            "ListChannelsAssociatedWithChannelFlow");
  EXPECT_EQ(name_of("GET", "/channels?channel-flow-arn=x&scope=channel-flow-associations"),
            "ListChannelsAssociatedWithChannelFlow");
  EXPECT_EQ(name_of("POST", "/channels?max-results=5&operation=search"), "SearchChannels");
  EXPECT_EQ(name_of("POST", "/channels"), "CreateChannel");
  EXPECT_EQ(name_of("GET", channel + "/messages/m?scope=message-status"),
            "GetChannelMessageStatus");
  EXPECT_EQ(name_of("GET", channel + "/messages/m"), "GetChannelMessage");
}

TEST(Router, AnUnknownScopeIsTheOperationWithoutOne) {
  EXPECT_EQ(name_of("GET", "/channels?scope=nothing"), "ListChannels");
  EXPECT_EQ(name_of("GET", "/channels?xscope=channel-flow-associations"), "ListChannels");
  EXPECT_EQ(name_of("GET", "/channels?scope=channel-flow-associationsx"), "ListChannels");
}

TEST(Router, KnowsRawColonsAndDoubledSlashes) {
  EXPECT_EQ(name_of("GET", "/channels/arn:aws:chime:us-east-1:1:app-instance%2Fa%2Fchannel%2Fc"),
            "DescribeChannel");
  EXPECT_EQ(name_of("GET", "//channels//" + std::string(kChannel) + "/"), "DescribeChannel");
  EXPECT_EQ(name_of("GET", "http://localhost:7464/channels"), "ListChannels");
}

TEST(Router, FindsNothingWhereThereIsNothing) {
  for (const std::string_view target :
       {"", "/", "*", "/nothing", "/Channels", "/channels/a/b/c/d/e/f", "/channel", "?", "//",
        "/channels%2Fx/messages", "/channels/x/nothing", "/tags/x", "localhost:7464"}) {
    EXPECT_EQ(name_of("GET", target), "") << target;
  }
  for (const std::string_view method : {"", "get", "PATCH", "HEAD", "OPTIONS", "BREW", "GETX"}) {
    EXPECT_EQ(name_of(method, "/channels"), "") << method;
  }
}

TEST(Router, TheTagOperationsAreInBothServices) {
  for (const auto& [method, target, name] :
       {std::tuple{"GET", "/tags?arn=x", "ListTagsForResource"},
        std::tuple{"POST", "/tags?operation=tag-resource", "TagResource"},
        std::tuple{"POST", "/tags?operation=untag-resource", "UntagResource"}}) {
    const Found found = find(method, target);
    EXPECT_EQ(found.name, name);
    EXPECT_EQ(found.other_name, name);
  }
  EXPECT_EQ(name_of("POST", "/tags"), "");
}

TEST(Router, TheOtherServiceNeedNotBeAskedFor) {
  const Operation* operation = route("GET", split_target("/tags?arn=x"), nullptr);
  ASSERT_NE(operation, nullptr);
  EXPECT_EQ(operation->service, ServiceName::kMessaging);
}

// Binding happens once, for messaging's input; identity's must have the same members.
TEST(Router, TheTwinsHaveTheSameInput) {
  std::map<std::string_view, const Operation*> messaging;
  for (const Operation& operation : operations()) {
    if (operation.segments.front().literal != "tags") continue;
    const auto [twin, is_first] = messaging.emplace(operation.name, &operation);
    if (is_first) continue;
    const auto& ours = twin->second->input->members;
    const auto& theirs = operation.input->members;
    ASSERT_EQ(ours.size(), theirs.size()) << operation.name;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      EXPECT_EQ(ours[i].name, theirs[i].name);
      EXPECT_EQ(ours[i].location, theirs[i].location);
      EXPECT_EQ(ours[i].wire_name, theirs[i].wire_name);
      EXPECT_EQ(ours[i].shape->kind, theirs[i].shape->kind);
    }
    EXPECT_EQ(ours.front().path_name, "resourceARN");
  }
  EXPECT_EQ(messaging.size(), 3U);
}

TEST(Router, TheArnTellsWhoseResourceItIs) {
  const std::string app_instance = "arn:aws:chime:us-east-1:1:app-instance/a";
  for (const std::string_view rest : {"", "/user/u", "/bot/b"}) {
    EXPECT_TRUE(is_identity_resource(app_instance + std::string(rest))) << rest;
  }
  for (const std::string_view rest : {"/channel/c", "/channel-flow/f"}) {
    EXPECT_FALSE(is_identity_resource(app_instance + std::string(rest))) << rest;
  }
  EXPECT_FALSE(is_identity_resource("arn:aws:chime:us-east-1:1:meeting/m"));
  EXPECT_FALSE(is_identity_resource(""));
}

HttpResponse answer(std::string_view method, std::string_view target) {
  const tests::HeaderMap headers;
  auto result = prepare({method, target, headers, {}}, {});
  const auto* response = std::get_if<HttpResponse>(&result);
  return response == nullptr ? HttpResponse{} : *response;
}

TEST(Router, AnUnknownRouteIsToldAsItWasAsked) {
  const HttpResponse response = answer("PATCH", "/channels/a?b=c");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.error_type, "UnknownOperationException");
  EXPECT_EQ(response.body, R"({"Code":"UnknownOperationException","Message":"No operation of )"
                           R"(chime-sdk-messaging or chime-sdk-identity has this method and path: )"
                           R"(PATCH /channels/a?b=c"})");
}

// A request line may hold any byte; the answer must be JSON all the same, and not much longer.
TEST(Router, AnUnknownRouteIsToldInPlainText) {
  const HttpResponse response = answer("GET", "/\xFF\xC3\xA9 \x01\"\\");
  EXPECT_TRUE(is_utf8(response.body));
  EXPECT_NE(response.body.find(R"(GET /%FF%C3%A9%20%01\"\\)"), std::string::npos) << response.body;
  EXPECT_LT(answer("GET", "/" + std::string(100'000, 'x')).body.size(), 1'000U);
  EXPECT_LT(answer(std::string(100'000, 'X'), "/").body.size(), 1'000U);
}

}  // namespace
}  // namespace carillon::api::protocol
