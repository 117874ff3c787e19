#include "api/protocol/invocation.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "api/protocol/binding.h"
#include "store/connection.h"
#include "store/database.h"
#include "tests/unit/api/ask.h"

namespace carillon::api::protocol {
namespace {

using tests::HeaderMap;

constexpr std::int64_t kNowMs = 1'704'164'645'678;

// Stands for an operation: counts how often it really runs.
class Counting final : public Invocation {
 public:
  Counting(const Operation& operation, std::string input, int& runs)
      : Invocation(operation), input_(std::move(input)), runs_(runs) {}

  std::optional<Error> error;

 protected:
  Result<std::string> answer(Call&, store::ReadTx&) override { return count(); }
  Result<std::string> answer(Call&, store::WriteTx&) override { return count(); }
  std::string canonical_input() const override { return input_; }

 private:
  Result<std::string> count() {
    ++runs_;
    if (error) return *error;
    return R"({"Run":)" + std::to_string(runs_) + "}";
  }

  std::string input_;
  int& runs_;
};

struct Request {
  std::string_view operation = "SendChannelMessage";
  std::string target = "/channels/arn%3Ac/messages";
  std::string bearer = "arn:alice";
  std::string token = "token";
  std::string input = "input";
  Caller caller{"111122223333", "us-east-1"};
  std::optional<Error> error = {};
};

class InvocationTest : public testing::Test {
 protected:
  HttpResponse run(const Request& request) {
    const Operation& operation = tests::operation_named(request.operation);
    const HeaderMap headers{{"x-amz-chime-bearer", request.bearer}};
    const std::string body = R"({"ClientRequestToken":")" + request.token + R"(","CallbackId":")" +
                             request.token + R"("})";
    BoundInput bound;
    EXPECT_FALSE(
        bound.bind(operation, {"", request.target, headers, body}, split_target(request.target)));
    auto counting = std::make_unique<Counting>(operation, request.input, runs_);
    counting->error = request.error;
    const std::unique_ptr<Invocation> invocation = finish_binding(std::move(counting), bound);
    invocation->caller = request.caller;
    Call call{kNowMs, ids_, options_, request.caller};
    store::Connection& connection = database_.writer_connection();
    connection.begin_immediate();
    store::WriteTx tx(connection, 1);
    const HttpResponse response = invocation->run(call, tx);
    if (response.is_error()) {
      connection.rollback();
    } else {
      connection.commit();
    }
    return response;
  }

  int runs_ = 0;
  Ids ids_{1};
  Options options_;
  store::Database database_ = store::Database::ephemeral(0);
};

TEST_F(InvocationTest, TheSameRequestAgainGetsTheSameAnswerAndDoesNotRun) {
  for (int i = 0; i < 3; ++i) {
    const HttpResponse response = run({});
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.error_type, "");
    EXPECT_EQ(response.body, R"({"Run":1})");
  }
  EXPECT_EQ(runs_, 1);
}

TEST_F(InvocationTest, AnotherRequestWithTheSameTokenIsAConflict) {
  run({});
  Request other;
  other.input = "other";
  const HttpResponse response = run(other);
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.error_type, "ConflictException");
  EXPECT_EQ(response.body,
            R"({"Code":"Conflict","Message":"The ClientRequestToken was used before with a )"
            R"(different request. Use a new token."})");
  EXPECT_EQ(runs_, 1);
  // The first answer is still there.
  EXPECT_EQ(run({}).body, R"({"Run":1})");
}

TEST_F(InvocationTest, ATokenIsItsCallersOwn) {
  run({});
  Request token, bearer, channel, account, region, operation;
  token.token = "token2";
  bearer.bearer = "arn:bob";
  channel.target = "/channels/arn%3Ad/messages";
  account.caller.account = "999988887777";
  region.caller.region = "eu-central-1";
  operation.operation = "CreateChannel";
  operation.target = "/channels";
  int expected = 1;
  for (const Request& other : {token, bearer, channel, account, region, operation}) {
    EXPECT_EQ(run(other).body, R"({"Run":)" + std::to_string(++expected) + "}");
  }
}

// Where one part ends and the next begins must count, too.
TEST_F(InvocationTest, PartsOfTheScopeDoNotRunTogether) {
  Request first, second;
  first.target = "/channels/arn%3Ab/messages";
  first.bearer = "arn:c";
  second.target = "/channels/arn%3A/messages";
  second.bearer = "barn:c";
  run(first);
  run(second);
  EXPECT_EQ(runs_, 2);
}

TEST_F(InvocationTest, ErrorsAreNotRemembered) {
  Request refused;
  refused.error = error::forbidden();
  EXPECT_EQ(run(refused).status, 403);
  EXPECT_EQ(run(refused).status, 403);
  EXPECT_EQ(runs_, 2);
  EXPECT_EQ(run({}).status, 201);
  EXPECT_EQ(run({}).body, R"({"Run":3})");
}

// The SDKs fill in CallbackId like a token; it is the service's own, and using it twice must show.
TEST_F(InvocationTest, WithoutATokenEveryRequestRuns) {
  Request callback, update;
  callback.operation = "ChannelFlowCallback";
  callback.target = "/channels/arn%3Ac?operation=channel-flow-callback";
  update.operation = "UpdateChannel";
  update.target = "/channels/arn%3Ac";
  for (const Request& request : {callback, callback, update, update}) {
    EXPECT_EQ(run(request).status, 200);
  }
  EXPECT_EQ(runs_, 4);
}

TEST_F(InvocationTest, AnswersWithTheModelsStatus) {
  Request deletion;
  deletion.operation = "DeleteChannel";
  deletion.target = "/channels/arn%3Ac";
  EXPECT_EQ(run(deletion).status, 204);
}

TEST_F(InvocationTest, AnErrorThatTheModelDoesNotListIsABug) {
  Request request;
  request.error = error::not_found();
  EXPECT_DEBUG_DEATH(run(request), "is_modelled");
}

TEST_F(InvocationTest, TheFrameworksErrorsNeedNoListing) {
  Request request;
  request.error = error::serialization("odd");
  EXPECT_EQ(run(request).error_type, "SerializationException");
}

TEST(Invocation, TheseOperationsHaveATokenAndItIsRequired) {
  std::set<std::string_view> names;
  for (const Operation& operation : operations()) {
    if (operation.token_member < 0) continue;
    names.insert(operation.name);
    EXPECT_FALSE(operation.reads) << operation.name;
    const Member& token =
        operation.input->members[static_cast<std::size_t>(operation.token_member)];
    EXPECT_EQ(token.name, "ClientRequestToken") << operation.name;
    EXPECT_TRUE(token.required) << operation.name;
    for (const Member& member : operation.input->members) {
      // The scope of a token is made of texts.
      if (member.location != Location::kBody) {
        EXPECT_EQ(member.shape->kind, Kind::kString) << operation.name << " " << member.name;
      }
    }
  }
  EXPECT_EQ(names, (std::set<std::string_view>{
                       "CreateAppInstance", "CreateAppInstanceBot", "CreateAppInstanceUser",
                       "CreateChannel", "CreateChannelFlow", "RegisterAppInstanceUserEndpoint",
                       "SendChannelMessage"}));
}

TEST(Invocation, EveryGetReadsAndSoDoesSearchingOnly) {
  for (const Operation& operation : operations()) {
    EXPECT_EQ(operation.reads, operation.method == "GET" || operation.name == "SearchChannels")
        << operation.name;
  }
}

}  // namespace
}  // namespace carillon::api::protocol
