// The admin endpoints that belong to the server, and their errors.
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>

#include "server/tls/authority.h"
#include "tests/http/flow_fixture.h"

namespace carillon::tests {
namespace {

class AdminTest : public FlowTest {
 protected:
  void SetUp() override { start(); }
  Answer put(const std::string& key, const std::string& body) {
    return ask(port(), "PUT", "/_carillon/processors/" + key, body);
  }
};

TEST_F(AdminTest, TellsHealth) {
  const Answer answer = get("/_carillon/health");
  EXPECT_EQ(answer.text("Status"), "ok");
  EXPECT_EQ(answer.text("Data"), "ephemeral");
  EXPECT_EQ(answer.text("Version"), std::string(server::version()));
  const api::json::Document document(answer.body);
  EXPECT_GE(document.root().find("Connections").integer(), 1);
  EXPECT_EQ(document.root().find("RequestsInFlight").integer(), 1);
}

TEST_F(AdminTest, GivesOutWhatTlsClientsHaveToTrust) {
  const Answer answer = get("/_carillon/ca.pem");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "application/x-pem-file");
  EXPECT_NE(server::tls::parse_certificate(answer.body), nullptr) << answer.body;
  EXPECT_EQ(get("/_carillon/ca.pem").body, answer.body);
}

TEST_F(AdminTest, HasNoAuthorityOfItsOwnForAGivenCertificate) {
  const auto authority = server::tls::make_authority(clock_.now_ms());
  std::string name = (std::filesystem::temp_directory_path() / "carillon-admin-XXXXXX").string();
  const std::filesystem::path directory = ::mkdtemp(name.data());
  std::ofstream(directory / "cert.pem") << authority.certificate;
  std::ofstream(directory / "key.pem") << authority.key;
  start([&](server::Settings& settings) {
    settings.tls_cert = directory / "cert.pem";
    settings.tls_key = directory / "key.pem";
  });
  std::filesystem::remove_all(directory);
  const Answer answer = get("/_carillon/ca.pem");
  EXPECT_EQ(answer.status, 404);
  EXPECT_NE(answer.text("Message").find("--tls-cert"), std::string::npos) << answer.body;
}

TEST_F(AdminTest, ListsWhatThereIsWhenAskedForWhatThereIsNot) {
  for (const char* target : {"/_carillon", "/_carillon/", "/_carillon/helth?x",
                             "/_carillon/processors/a/b", "/_carillon/reset/x"}) {
    const Answer answer = get(target);
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_EQ(answer.header("x-amzn-errortype"), "UnknownOperationException");
    EXPECT_NE(answer.text("Message").find("GET /_carillon/health"), std::string::npos);
  }
  EXPECT_NE(get("/_carillonx").text("Message").find("No operation"), std::string::npos);
}

TEST_F(AdminTest, NamesTheMethodsThatAnEndpointTakes) {
  const Answer reset = get("/_carillon/reset");
  EXPECT_EQ(reset.status, 405);
  EXPECT_EQ(reset.header("allow"), "POST");
  const Answer processor = ask(port(), "POST", "/_carillon/processors/f", "{}");
  EXPECT_EQ(processor.status, 405);
  EXPECT_EQ(processor.header("allow"), "GET, PUT, DELETE");
}

TEST_F(AdminTest, KeepsProcessorTargets) {
  EXPECT_EQ(get("/_carillon/processors").body, R"({"Processors":[],"LambdaEndpoint":null})");
  EXPECT_EQ(get("/_carillon/processors/f").status, 404);
  const Answer made = put("f", R"({"Url":"http://l:1/p/","NameForm":"fixed:function",)"
                               R"("InvocationType":"RequestResponse","Concurrency":1})");
  EXPECT_EQ(made.status, 200);
  const std::string target = R"({"Processor":"f","Url":"http://l:1/p","NameForm":"fixed:function",)"
                             R"("InvocationType":"RequestResponse","Concurrency":1})";
  EXPECT_EQ(made.body, R"({"Processor":)" + target + "}");
  EXPECT_EQ(get("/_carillon/processors/f").body, made.body);
  EXPECT_EQ(get("/_carillon/processors").body,
            R"({"Processors":[)" + target + R"(],"LambdaEndpoint":null})");
  EXPECT_EQ(ask(port(), "DELETE", "/_carillon/processors/f").status, 204);
  EXPECT_EQ(ask(port(), "DELETE", "/_carillon/processors/f").status, 404);
}

TEST_F(AdminTest, SaysEverythingThatIsWrongWithATarget) {
  const std::pair<const char*, std::vector<const char*>> cases[] = {
      {R"({})", {"1 error: Url is missing"}},
      {R"({"Url":1})", {"Url must be a string, not a number"}},
      {R"({"Url":"https://l","NameForm":"x","InvocationType":"y","Concurrency":0,"Nme":1})",
       {"5 errors:", "https URL", "NameForm \"x\"", "InvocationType \"y\"", "1 to 1000", "Nme"}},
      {R"({"Url":"http://l","Concurrency":1.5})", {"whole number"}},
  };
  for (const auto& [body, parts] : cases) {
    const Answer answer = put("f", body);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.header("x-amzn-errortype"), "BadRequestException");
    for (const char* part : parts) {
      EXPECT_NE(answer.text("Message").find(part), std::string::npos) << answer.body;
    }
  }
  EXPECT_EQ(put("f", "{").header("x-amzn-errortype"), "SerializationException");
  EXPECT_EQ(put("f", "[]").header("x-amzn-errortype"), "SerializationException");
  EXPECT_NE(put("a%2Fb", R"({"Url":"http://l"})").text("Message").find("bare function name"),
            std::string::npos);
  EXPECT_NE(put("a%", R"({"Url":"http://l"})").text("Message").find("percent-encoding"),
            std::string::npos);
  EXPECT_EQ(get("/_carillon/processors").body, R"({"Processors":[],"LambdaEndpoint":null})");
}

TEST_F(AdminTest, TellsOfAThousandErrorsInAShortAnswer) {
  std::string members;
  for (int i = 0; i < 1'000; ++i) members += ",\"member" + std::to_string(i) + "\":1";
  const Answer answer = put("f", R"({"Url":"http://l")" + members + "}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.text("Message").find("1000 errors: member0 is no member"), 0u) << answer.body;
  EXPECT_LT(answer.body.size(), 4'000u);
}

TEST_F(AdminTest, KeepsNoTargetThatIsTooLong) {
  const std::string text(server::kTargetTextBytesMax, 'x');
  for (const std::string& body : {R"({"Url":"http://l/)" + text + "\"}",
                                  R"({"Url":"http://l","NameForm":"fixed:)" + text + "\"}"}) {
    const Answer answer = put("f", body);
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.text("Message").find("is longer than 2048 characters"), std::string::npos);
  }
  EXPECT_EQ(
      put("arn:aws:lambda:us-east-1:111122223333:function:f%FF", R"({"Url":"http://l"})").status,
      400);
  EXPECT_EQ(get("/_carillon/processors").body, R"({"Processors":[],"LambdaEndpoint":null})");
}

TEST_F(AdminTest, AnswersInUtf8WhateverTheTargetWas) {
  for (const char* target :
       {"\xff", "/_carillon/\xff", "/_carillon/health/\xff", "/_carillon/processors/\xff",
        "/_carillon/processors/%FF", "/_carillon/processors/arn:x:function:%FF",
        "/_carillon/messages?\xff=1", "/_carillon/channels?max-results=%FF", "/\xff"}) {
    for (const char* method : {"GET", "PUT"}) {
      const Answer answer = ask(port(), method, target, "{}");
      EXPECT_GE(answer.status, 400) << target;
      EXPECT_FALSE(api::json::Document(answer.body).error()) << target << ": " << answer.body;
    }
  }
}

TEST_F(AdminTest, ResetForgetsEverything) {
  make_channel("ABORT");
  send_message();
  EXPECT_NE(callback_text("CallbackId"), "");
  const Answer reset = ask(port(), "POST", "/_carillon/reset");
  EXPECT_EQ(reset.status, 200);
  EXPECT_EQ(callback_text("CallbackId"), "");
  EXPECT_EQ(get("/_carillon/channels").body.find("arn:"), std::string::npos);
  make_channel("ABORT");
  EXPECT_EQ(status(send_message()), "PENDING");
}

TEST_F(AdminTest, ResetForgetsOneAccount) {
  const auto make = [&](const std::string& key) {
    const Answer answer = ask(port(), "POST", "/app-instances?X-Amz-Credential=" + key,
                              R"({"Name":"a","ClientRequestToken":"a-token"})");
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.text("AppInstanceArn");
  };
  const auto reset = [&](const std::string& query, const std::string& body) {
    return ask(port(), "POST", "/_carillon/reset" + query, body);
  };
  const std::string first = make("111111111111");
  const std::string second = make("222222222222");
  EXPECT_EQ(reset("?account=111111111111", "").status, 200);
  EXPECT_NE(make("111111111111"), first);
  EXPECT_EQ(make("222222222222"), second);
  EXPECT_EQ(reset("", R"({"Account":"222222222222"})").status, 200);
  EXPECT_NE(make("222222222222"), second);

  for (const auto& [query, body] :
       {std::pair("?account=", ""), std::pair("?account=12", ""), std::pair("?acount=1", ""),
        std::pair("", R"({"Account":""})"), std::pair("", R"({"Account":1})"),
        std::pair("", R"({"account":"111111111111"})"), std::pair("", "x"), std::pair("", "[]"),
        std::pair("?account=111111111111", R"({"Account":"222222222222"})")}) {
    const Answer answer = reset(query, body);
    EXPECT_EQ(answer.status, 400) << query << " " << body;
    EXPECT_EQ(answer.header("x-amzn-errortype"), "BadRequestException");
  }
  EXPECT_EQ(reset("", "{}").status, 200);
  EXPECT_NE(make("111111111111"), first);
}

}  // namespace
}  // namespace carillon::tests
