// The exact texts by hand; tests/model walks every constraint of the model.
#include "api/protocol/validation.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "api/limits.h"
#include "tests/unit/api/ask.h"

namespace carillon::api::protocol {
namespace {

using tests::Answer;
using tests::ask;
using tests::expect_error;
using tests::expect_valid;
using tests::HeaderMap;

constexpr std::string_view kArnPattern =
    "arn:[a-z0-9-\\.]{1,63}:[a-z0-9-\\.]{0,63}:[a-z0-9-\\.]{0,63}:[a-z0-9-\\.]{0,63}:"
    "[^/].{0,1023}";

HeaderMap bearer() { return {{"x-amz-chime-bearer", tests::kUserArn}}; }

std::string channel(std::string_view rest) {
  return "/channels/" + std::string(tests::kChannelLabel) + std::string(rest);
}

Answer send(const std::string& members) {
  return ask("POST", channel("/messages"), bearer(),
             R"({"Content":"hi","Type":"STANDARD","Persistence":"PERSISTENT",)"
             R"("ClientRequestToken":"token")" +
                 (members.empty() ? "" : "," + members) + "}");
}

Answer create_flow(const std::string& processors) {
  return ask("POST", "/channel-flows", {},
             R"({"AppInstanceArn":")" + std::string(tests::kAppInstanceArn) +
                 R"(","Name":"flow","ClientRequestToken":"token","Processors":)" + processors +
                 "}");
}

constexpr std::string_view kProcessor =
    R"({"Name":"p","ExecutionOrder":1,"FallbackAction":"ABORT","Configuration":{"Lambda":)"
    R"({"ResourceArn":"arn:aws:lambda:us-east-1:111122223333:function:f",)"
    R"("InvocationType":"ASYNC"}}})";

std::string list_of(std::string_view element, std::size_t count) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) text.append(i == 0 ? "" : ",").append(element);
  return text + "]";
}

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

TEST(Validation, PassesWhatIsRight) {
  expect_valid(send(""), "SendChannelMessage");
  expect_valid(send(R"("MessageAttributes":{"k":{"StringValues":["v"]}},"Metadata":"")"),
               "SendChannelMessage");
  expect_valid(create_flow(list_of(kProcessor, 3)), "CreateChannelFlow");
}

TEST(Validation, AllThatIsMissingIsToldInTheModelsOrder) {
  expect_error(ask("POST", channel("/messages"), {}, ""), "BadRequestException",
               "5 validation errors detected: "
               "Value null at 'content' failed to satisfy constraint: Member must not be null; "
               "Value null at 'type' failed to satisfy constraint: Member must not be null; "
               "Value null at 'persistence' failed to satisfy constraint: Member must not be null; "
               "Value null at 'clientRequestToken' failed to satisfy constraint: "
               "Member must not be null; "
               "Value null at 'chimeBearer' failed to satisfy constraint: Member must not be null");
}

TEST(Validation, TheSwitchRenamesTheException) {
  Options options;
  options.validation_exception = true;
  expect_error(ask("GET", "/channels", bearer(), "", options), "ValidationException",
               "1 validation error detected: Value null at 'appInstanceArn' failed to satisfy "
               "constraint: Member must not be null");
}

TEST(Validation, APathLabelIsCheckedLikeAMember) {
  expect_error(ask("GET", "/channels/abc", bearer(), ""), "BadRequestException",
               "2 validation errors detected: "
               "Value 'abc' at 'channelArn' failed to satisfy constraint: "
               "Member must have length greater than or equal to 5; "
               "Value 'abc' at 'channelArn' failed to satisfy constraint: "
               "Member must satisfy regular expression pattern: " +
                   std::string(kArnPattern));
}

TEST(Validation, QueryParametersHaveTheirRange) {
  const std::string target =
      "/channels?app-instance-arn=arn%3Aaws%3Achime%3Aus-east-1%3A1%3Aapp-instance%2Fa&max-"
      "results=";
  expect_valid(ask("GET", target + "50", bearer(), ""), "ListChannels");
  expect_error(ask("GET", target + "51", bearer(), ""), "BadRequestException",
               "1 validation error detected: Value '51' at 'maxResults' failed to satisfy "
               "constraint: Member must have value less than or equal to 50");
  expect_error(ask("GET", target + "-3", bearer(), ""), "BadRequestException",
               "1 validation error detected: Value '-3' at 'maxResults' failed to satisfy "
               "constraint: Member must have value greater than or equal to 1");
}

TEST(Validation, EnumsAreListedInTheModelsOrder) {
  expect_error(send(R"("Target":[],"PushNotification":{"Type":"LOUD"})"), "BadRequestException",
               "2 validation errors detected: "
               "Value 'LOUD' at 'pushNotification.type' failed to satisfy constraint: "
               "Member must satisfy enum value set: [DEFAULT, VOIP]; "
               "Value at 'target' failed to satisfy constraint: "
               "Member must have length greater than or equal to 1");
}

TEST(Validation, NestedMembersAreNamedByTheirPath) {
  std::string second(kProcessor);
  second.replace(second.find(R"("ResourceArn":)"), 0, R"("Other":1,)");
  second.replace(second.find("ASYNC"), 5, "SYNC");
  second.replace(second.find(R"("ExecutionOrder":1)"), 18, R"("ExecutionOrder":4)");
  expect_error(create_flow("[" + std::string(kProcessor) + "," + second + "]"),
               "BadRequestException",
               "2 validation errors detected: "
               "Value 'SYNC' at 'processors.2.member.configuration.lambda.invocationType' failed "
               "to satisfy constraint: Member must satisfy enum value set: [ASYNC]; "
               "Value '4' at 'processors.2.member.executionOrder' failed to satisfy constraint: "
               "Member must have value less than or equal to 3");
  expect_error(create_flow(R"([{"Configuration":{"Lambda":{}}}])"), "BadRequestException",
               "5 validation errors detected: "
               "Value null at 'processors.1.member.name' failed to satisfy constraint: "
               "Member must not be null; "
               "Value null at 'processors.1.member.configuration.lambda.resourceArn' failed to "
               "satisfy constraint: Member must not be null; "
               "Value null at 'processors.1.member.configuration.lambda.invocationType' failed to "
               "satisfy constraint: Member must not be null; "
               "Value null at 'processors.1.member.executionOrder' failed to satisfy constraint: "
               "Member must not be null; "
               "Value null at 'processors.1.member.fallbackAction' failed to satisfy constraint: "
               "Member must not be null");
}

TEST(Validation, ListsOfStructuresHaveTheirLengthAndNoValue) {
  expect_error(create_flow("[]"), "BadRequestException",
               "1 validation error detected: Value at 'processors' failed to satisfy constraint: "
               "Member must have length greater than or equal to 1");
  expect_error(create_flow(list_of(kProcessor, 4)), "BadRequestException",
               "1 validation error detected: Value at 'processors' failed to satisfy constraint: "
               "Member must have length less than or equal to 3");
}

TEST(Validation, ScalarsInAListAreReportedAtTheList) {
  const std::string good(tests::kUserArn);
  const Answer answer = ask("POST", channel("/memberships?operation=batch-create"), bearer(),
                            R"({"MemberArns":[")" + good + R"(","no arn","x"]})");
  expect_error(answer, "BadRequestException",
               "1 validation error detected: Value '[" + good +
                   ", no arn, x]' at 'memberArns' failed to satisfy constraint: "
                   "Member must satisfy constraint: "
                   "[Member must have length less than or equal to 1600, "
                   "Member must have length greater than or equal to 5, "
                   "Member must satisfy regular expression pattern: " +
                   std::string(kArnPattern) + "]");
}

TEST(Validation, MapKeysAreReportedAtTheMap) {
  expect_error(send(R"("MessageAttributes":{"":{},"k":{"StringValues":["v"]}})"),
               "BadRequestException",
               "1 validation error detected: Value at 'messageAttributes' failed to satisfy "
               "constraint: Map keys must satisfy constraint: "
               "[Member must have length less than or equal to 64, "
               "Member must have length greater than or equal to 1, "
               "Member must satisfy regular expression pattern: [\\s\\S]*]");
}

TEST(Validation, StructuresInAMapAreNamedByTheirKey) {
  expect_error(
      send(R"("MessageAttributes":{"topic":{"StringValues":["ok",""]}})"), "BadRequestException",
      "1 validation error detected: Value at 'messageAttributes.topic.member.stringValues' "
      "failed to satisfy constraint: Member must satisfy constraint: "
      "[Member must have length less than or equal to 512, "
      "Member must have length greater than or equal to 1, "
      "Member must satisfy regular expression pattern: [\\s\\S]*]");
}

TEST(Validation, SensitiveValuesAreWithheld) {
  const std::string secret(1'025, 's');
  const Answer answer = send(R"("Metadata":")" + secret + R"(")");
  expect_error(answer, "BadRequestException",
               "1 validation error detected: Value at 'metadata' failed to satisfy constraint: "
               "Member must have length less than or equal to 1024");
}

TEST(Validation, LengthsCountCodePoints) {
  std::string bells;
  for (int i = 0; i < 1'024; ++i) bells += "\xF0\x9F\x94\x94";
  expect_valid(send(R"("Metadata":")" + bells + R"(")"), "SendChannelMessage");
  expect_error(send(R"("Metadata":")" + bells + R"(x")"), "BadRequestException",
               "1 validation error detected: Value at 'metadata' failed to satisfy constraint: "
               "Member must have length less than or equal to 1024");
}

TEST(Validation, ValuesAreShownAsTheyCame) {
  using namespace std::string_view_literals;
  expect_error(send(R"("SubChannelId":"a'b\"\u0000\n\u00e9")"), "BadRequestException",
               "1 validation error detected: Value 'a'b\"\0\n\xC3\xA9' at 'subChannelId' failed to "
               "satisfy constraint: Member must satisfy regular expression pattern: "
               "[-_a-zA-Z0-9]*"sv);
}

TEST(Validation, OfRepeatedMembersTheLastIsChecked) {
  expect_valid(send(R"("SubChannelId":"no good","SubChannelId":"good")"), "SendChannelMessage");
  EXPECT_FALSE(send(R"("SubChannelId":"good","SubChannelId":"no good")").valid);
}

TEST(Validation, WrongTypesComeBeforeConstraints) {
  const auto error = [](const std::string& members) { return send(members).message; };
  EXPECT_EQ(error(R"("SubChannelId":"no good","Metadata":1)"),
            "The member 'metadata' is a number, but must be a string");
  EXPECT_EQ(error(R"("Target":{})"), "The member 'target' is an object, but must be an array");
  EXPECT_EQ(error(R"("Target":[null])"), "The member 'target.1.member' must not be null");
  EXPECT_EQ(error(R"("Target":[{"MemberArn":[]}])"),
            "The member 'target.1.member.memberArn' is an array, but must be a string");
  EXPECT_EQ(error(R"("MessageAttributes":[])"),
            "The member 'messageAttributes' is an array, but must be an object");
  EXPECT_EQ(error(R"("MessageAttributes":{"k":"v"})"),
            "The member 'messageAttributes.k' is a string, but must be an object");
  EXPECT_EQ(error(R"("MessageAttributes":{"k":{"StringValues":["v",true]}})"),
            "The member 'messageAttributes.k.stringValues.2.member' is a boolean, but must be a "
            "string");
  EXPECT_EQ(send(R"("Metadata":1)").error_type, "SerializationException");
  for (const std::string_view number : {"1.5", "1e0", "1.0", "9223372036854775808"}) {
    std::string processor(kProcessor);
    processor.replace(processor.find(R"(r":1)") + 3, 1, number);
    EXPECT_EQ(create_flow("[" + processor + "]").message,
              "The member 'processors.1.member.executionOrder' must be an integer");
  }
}

TEST(Validation, ATypeTheSwitchDoesNotRename) {
  Options options;
  options.validation_exception = true;
  EXPECT_EQ(ask("POST", "/channel-flows", {}, R"({"Name":1})", options).error_type,
            "SerializationException");
}

TEST(Validation, CountsAllViolationsAndShowsTheFirst) {
  const Answer answer = ask("POST", "/tags?operation=tag-resource", {},
                            R"({"ResourceARN":")" + std::string(tests::kAppInstanceArn) +
                                R"(","Tags":)" + list_of("{}", 1'000) + "}");
  EXPECT_EQ(answer.error_type, "BadRequestException");
  EXPECT_EQ(answer.message.find("2001 validation errors detected: Value at 'tags' failed to "
                                "satisfy constraint: Member must have length less than or equal "
                                "to 50; Value null at 'tags.1.member.key' failed"),
            0U);
  EXPECT_EQ(occurrences(answer.message, "failed to satisfy constraint"),
            static_cast<std::size_t>(kViolationsShownMax));
  EXPECT_NE(answer.message.find("'tags.100.member.key'"), std::string::npos);
  EXPECT_EQ(answer.message.find("'tags.101.member.key'"), std::string::npos);
}

// The longest answers that a full body can bring about stay within a few times its size.
TEST(Validation, AnswersStayInProportion) {
  constexpr std::size_t kBodyBytes = 1'024 * 1'024;
  const std::string bodies[] = {
      R"({"MemberArns":)" + list_of(R"("")", kBodyBytes / 3) + "}",
      R"({"MemberArns":[")" + std::string(kBodyBytes, 'x') + R"("]})",
      R"({"MemberArns":["x"],"SubChannelId":")" + std::string(kBodyBytes, '.') + R"("})",
      R"({"MemberArns":["x"],"SubChannelId":")" + std::string(kBodyBytes, '"') + R"("})",
  };
  for (const std::string& body : bodies) {
    const Answer answer =
        ask("POST", channel("/memberships?operation=batch-create"), bearer(), body);
    EXPECT_FALSE(answer.valid);
    EXPECT_LT(answer.message.size(), 4 * kBodyBytes);
  }
}

TEST(Validation, ManyAttributesAreCheckedOnceEach) {
  std::string attributes = R"("MessageAttributes":{)";
  for (int i = 0; i < 20'000; ++i) {
    attributes.append(i == 0 ? "" : ",").append("\"k").append(std::to_string(i));
    attributes.append(R"(":{"StringValues":[""]})");
  }
  const Answer answer = send(attributes + "}");
  EXPECT_EQ(answer.message.substr(0, 32), "20000 validation errors detected");
}

}  // namespace
}  // namespace carillon::api::protocol
