// `carillon listen`: what it prints of an event, how it asks for a session, and when it asks again.
#include <gtest/gtest.h>

#include "api/messaging_session.h"
#include "api/protocol/caller.h"
#include "api/protocol/json.h"
#include "server/limits.h"
#include "server/listen/output.h"
#include "server/listen/session.h"
#include "tests/support/header_map.h"

namespace carillon::server {
namespace {

const std::string kChannel = "arn:aws:chime:us-east-1:000000000000:app-instance/a/channel/c-1";

std::string frame(const std::string& type, const std::string& payload) {
  api::json::Writer writer;
  writer.begin_object().key("Headers").begin_object();
  writer.member("x-amz-chime-event-type", std::string_view(type));
  writer.member("x-amz-chime-message-type", "STANDARD").end_object();
  if (!payload.empty()) writer.member("Payload", std::string_view(payload));
  writer.end_object();
  return writer.take();
}

std::string line(ListenPrinter& printer, const std::string& type, const std::string& payload) {
  const auto event = parse_listen_event(frame(type, payload));
  if (!event) return "not taken: " + event.error().reason;
  return printer.line(*event, "12:00:00.123");
}

std::string line(const std::string& type, const std::string& payload) {
  ListenPrinter printer(false);
  return line(printer, type, payload);
}

std::string message(const std::string& more) {
  return R"({"ChannelArn":")" + kChannel + R"(","MessageId":"m","Sender":{"Arn":"x/user/al",)" +
         R"("Name":"Alice"})" + more + "}";
}

TEST(ListenJson, IsOneObjectOnALine) {
  const auto event =
      parse_listen_event(frame("CREATE_CHANNEL_MESSAGE",
                               "{ \"Content\": \"a\\nb\\u0007\",\n \"N\": [1, 1.5, null, true] }"));
  ASSERT_TRUE(event) << event.error().reason;
  EXPECT_EQ(json_line(*event), R"({"Type":"CREATE_CHANNEL_MESSAGE","MessageType":"STANDARD",)"
                               R"("Payload":{"Content":"a\nb\u0007","N":[1,1.5,null,true]}})"
                               "\n");
  EXPECT_EQ(json_line(*parse_listen_event(frame("SESSION_ESTABLISHED", ""))),
            "{\"Type\":\"SESSION_ESTABLISHED\",\"MessageType\":\"STANDARD\",\"Payload\":null}\n");
}

TEST(ListenJson, SaysWhatIsNoEvent) {
  EXPECT_NE(parse_listen_event("{").error().reason, "");
  EXPECT_EQ(parse_listen_event("[]").error().reason,
            "has no x-amz-chime-event-type among its Headers");
  EXPECT_EQ(parse_listen_event(R"({"Headers":{"x-amz-chime-event-type":1}})").error().reason,
            "has no x-amz-chime-event-type among its Headers");
  EXPECT_NE(parse_listen_event(frame("A", "{")).error().reason.find("Payload"), std::string::npos);
  EXPECT_EQ(parse_listen_event(frame("A", "[]")).error().reason, "has a Payload that is no object");
}

TEST(ListenLine, TellsOfMessages) {
  EXPECT_EQ(
      line("CREATE_CHANNEL_MESSAGE", message(R"(,"Content":"hello","Status":{"Value":"SENT"})")),
      "12:00:00.123  CREATE_CHANNEL_MESSAGE  c-1  Alice: hello  [SENT]\n");
  EXPECT_EQ(line("FAILED_CREATE_CHANNEL_MESSAGE",
                 message(R"(,"Content":"x","Status":{"Value":"FAILED","Detail":"no answer"})")),
            "12:00:00.123  FAILED_CREATE_CHANNEL_MESSAGE  c-1  Alice: x  [FAILED: no answer]\n");
  EXPECT_EQ(line("REDACT_CHANNEL_MESSAGE", message(R"(,"Redacted":true)")),
            "12:00:00.123  REDACT_CHANNEL_MESSAGE  c-1  Alice: (redacted)\n");
}

TEST(ListenLine, TellsOfMembers) {
  const std::string start = R"({"ChannelArn":")" + kChannel + R"(",)";
  EXPECT_EQ(line("DELETE_CHANNEL_MEMBERSHIP", start + R"("Member":{"Arn":"a/user/bob"}})"),
            "12:00:00.123  DELETE_CHANNEL_MEMBERSHIP  c-1  bob\n");
  EXPECT_EQ(line("BATCH_CREATE_CHANNEL_MEMBERSHIP",
                 start + R"("InvitedBy":{"Name":"Al"},"Members":[{"Name":"A"},{"Name":"B"}]})"),
            "12:00:00.123  BATCH_CREATE_CHANNEL_MEMBERSHIP  c-1  A, B (by Al)\n");
  std::string many = R"("Members":[{"Name":"0"})";
  for (std::size_t i = 1; i < kListenNamesMax + 3; ++i) {
    many += R"(,{"Name":")" + std::to_string(i) + R"("})";
  }
  EXPECT_TRUE(
      line("BATCH_CREATE_CHANNEL_MEMBERSHIP", start + many + "]}").ends_with(" and 3 more\n"));
}

TEST(ListenLine, CallsChannelsByTheirNamesOnceItKnowsThem) {
  ListenPrinter printer(false);
  const std::string details = R"({"Channel":{"ChannelArn":")" + kChannel +
                              R"(","Name":"general"},"ChannelMessages":[{}],)" +
                              R"("ChannelMemberships":[{},{}]})";
  EXPECT_EQ(line(printer, "CHANNEL_DETAILS", details),
            "12:00:00.123  CHANNEL_DETAILS  general  1 message, 2 members\n");
  EXPECT_EQ(line(printer, "CREATE_CHANNEL_MESSAGE", message(R"(,"Content":"a")")),
            "12:00:00.123  CREATE_CHANNEL_MESSAGE  general  Alice: a\n");
  EXPECT_EQ(
      line(printer, "UPDATE_CHANNEL", R"({"ChannelArn":")" + kChannel + R"(","Name":"new name"})"),
      "12:00:00.123  UPDATE_CHANNEL  new name\n");
}

TEST(ListenLine, IsColouredForATerminal) {
  ListenPrinter printer(true);
  EXPECT_EQ(line(printer, "A", message(R"(,"Content":"a","Status":{"Value":"DENIED"})")),
            "\x1b[2m12:00:00.123\x1b[0m  \x1b[1mA\x1b[0m  \x1b[36mc-1\x1b[0m  Alice: a  "
            "\x1b[31m[DENIED]\x1b[0m\n");
}

TEST(ListenLine, LetsNobodyWriteToTheTerminal) {
  const std::string text =
      line("A\\u001b[2J", message(R"(,"Content":"\u001b[31m\n\u009b2J\u202e\u0000\u007f\\")"
                                  R"(,"Status":{"Value":"\u001bS","Detail":"\u0007"})"));
  EXPECT_EQ(text,
            "12:00:00.123  A\\\\u001b[2J  c-1  Alice: "
            "\\u{1b}[31m\\n\\u{9b}2J\\u{202e}\\u{0}\\u{7f}\\\\  [\\u{1b}S: \\u{7}]\n");
}

TEST(ListenLine, TakesPayloadsThatAreNotAsExpected) {
  EXPECT_EQ(line("A", R"({"ChannelArn":1,"Sender":2,"Status":"x","Members":3,"Name":[]})"),
            "12:00:00.123  A  \n");
  EXPECT_EQ(line("A", R"({"MessageId":"m","Sender":[],"Content":{},"Redacted":"yes"})"),
            "12:00:00.123  A    : \n");
  EXPECT_EQ(line("A", ""), "12:00:00.123  A\n");
}

constexpr std::int64_t kNow = 1'800'000'000'000;
const std::string kUser =
    "arn:aws:chime:eu-central-1:111122223333:app-instance/"
    "01234567-89ab-cdef-0123-456789abcdef/user/alice";

TEST(ListenTarget, IsUnsignedButOfTheUsersAccount) {
  ListenSettings settings;
  settings.user_arn = kUser;
  settings.prefetch = true;
  const std::string target = connect_target(settings, "s-1", kNow);
  const tests::HeaderMap headers{{"Host", "127.0.0.1:7464"}};
  const auto connect = api::read_connect_request({"GET", target, headers, {}}, api::Options());
  ASSERT_TRUE(connect) << connect.error().message << " " << target;
  EXPECT_EQ(connect->user_arn, kUser);
  EXPECT_EQ(connect->session_id, "s-1");
  EXPECT_TRUE(connect->prefetch);
  EXPECT_EQ(connect->caller.account, "111122223333");
  EXPECT_EQ(connect->caller.region, "eu-central-1");
}

TEST(ListenTarget, IsSignedWithTheKeyOfTheEnvironment) {
  ListenSettings settings;
  settings.user_arn = kUser;
  settings.key_id = "AKID";
  settings.credential = {"secret", "token/+="};
  const std::string target = connect_target(settings, "s-1", kNow);
  const api::protocol::Credentials known{{"AKID", {"secret", "token/+="}}};
  const tests::HeaderMap headers{{"Host", "127.0.0.1:7464"}};
  const api::HttpRequest request{"GET", target, headers, {}};
  const auto refusal = api::protocol::check_signature(request, known, kNow + 50'000);
  EXPECT_FALSE(refusal) << refusal->error.message;
  EXPECT_TRUE(api::protocol::check_signature(request, known, kNow + 70'000)) << "it expires";
  const tests::HeaderMap elsewhere{{"Host", "127.0.0.1:1"}};
  EXPECT_TRUE(api::protocol::check_signature({"GET", target, elsewhere, {}}, known, kNow));
  EXPECT_EQ(api::read_connect_request(request, api::Options())->caller.region, "eu-central-1");
}

TEST(ListenSession, IsOpenedAgainAsTheSdkDoes) {
  for (const int code : {1001, 1006, 1011, 1012, 1013, 1014, 4001, 4403, 4500}) {
    EXPECT_TRUE(reconnects_after(code)) << code;
  }
  for (const int code : {1000, 1002, 1003, 1005, 1008, 1009, 3000, 4000, 4002, 4003, 4401}) {
    EXPECT_FALSE(reconnects_after(code)) << code;
  }
}

TEST(PrintableText, CutsWholeCharacters) {
  EXPECT_EQ(printable_text("h\xc3\xa9llo", 2), "h\xc3\xa9\xe2\x80\xa6");
  EXPECT_EQ(printable_text("h\xc3\xa9", 2), "h\xc3\xa9");
  EXPECT_EQ(printable_text("\xf0\x9f\x98\x80\xe2\x82\xac", 9), "\xf0\x9f\x98\x80\xe2\x82\xac");
  EXPECT_EQ(printable_text("a\xff", 9), "a\xef\xbf\xbd");
  EXPECT_EQ(printable_text("", 0), "");
}

}  // namespace
}  // namespace carillon::server
