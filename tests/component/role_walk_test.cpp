// Walks the role table through the API: every action of it, for every role, in every kind of
// channel, with what is the bearer's own and with what is another's. What the table grants must
// succeed, and what it does not grant must be Forbidden. An action that the walk has no step for
// fails it.

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "api/domain/permissions.h"
#include "api/protocol/model.h"
#include "tests/component/conversation.h"

namespace carillon::tests {
namespace {

using api::domain::Action;
using api::domain::Grant;
using api::domain::Owner;

struct Kind {
  std::string_view privacy;
  std::string_view mode;
};

constexpr std::array kKinds{Kind{"PUBLIC", "RESTRICTED"}, Kind{"PUBLIC", "UNRESTRICTED"},
                            Kind{"PRIVATE", "RESTRICTED"}, Kind{"PRIVATE", "UNRESTRICTED"}};

// What the bearer is to the channel, whether he is a user or a bot.
struct Role {
  std::string_view name;
  bool is_admin = false;
  bool is_moderator = false;
  std::string_view membership = {};  // DEFAULT, HIDDEN, or none
  bool is_banned = false;
};

constexpr std::array kRoles{
    Role{"administrator", true},
    Role{"administrator-member", true, false, "DEFAULT"},
    Role{"moderator", false, true},
    Role{"moderator-member", false, true, "DEFAULT"},
    Role{"member", false, false, "DEFAULT"},
    Role{"hidden-member", false, false, "HIDDEN"},
    Role{"non-member"},
    Role{"banned", false, false, {}, true},
};

// What is in the way of a request that the role is allowed to make: the status that it then gets,
// 0 when nothing is.
using Obstacle = int (*)(const Role&, Owner);

int none(const Role&, Owner) { return 0; }

int added_already_or_banned(const Role& role, Owner owner) {
  if (owner == Owner::kOther) return 0;
  if (role.is_banned) return 403;
  return role.membership.empty() ? 0 : 409;
}

template <int kStatus>
int no_member(const Role& role, Owner owner) {
  return owner == Owner::kBearer && role.membership.empty() ? kStatus : 0;
}

template <int kStatus>
int no_moderator(const Role& role, Owner owner) {
  return owner == Owner::kBearer && !role.is_moderator ? kStatus : 0;
}

int moderator_already(const Role& role, Owner owner) {
  return owner == Owner::kBearer && role.is_moderator ? 409 : 0;
}

// Who may ban and lift bans cannot be banned.
template <int kStatus>
int own_ban(const Role&, Owner owner) {
  return owner == Owner::kBearer ? kStatus : 0;
}

int not_elastic(const Role&, Owner) { return 400; }

struct Step {
  Action action;
  std::string_view operation;
  std::string_view input;       // besides the bearer; ${user} and ${message} are of the owner
  std::string_view other = {};  // the ${user} who is not the bearer
  Obstacle obstacle = none;

  bool knows_owners() const {
    return input.find("${user}") != input.npos || input.find("${message}") != input.npos;
  }
};

#define CHANNEL R"("ChannelArn": "${channel}")"
#define MEMBER CHANNEL R"(, "MemberArn": "${user}")"
#define MODERATOR CHANNEL R"(, "ChannelModeratorArn": "${user}")"
#define OF_USER R"("AppInstanceUserArn": "${user}")"
#define MESSAGE CHANNEL R"(, "MessageId": "${message}")"
#define FLOW CHANNEL R"(, "ChannelFlowArn": "${channel_flow}")"
#define BATCH CHANNEL R"(, "MemberArns": ["${user}"])"

constexpr std::array kSteps{
    Step{Action::kDescribeChannel, "DescribeChannel", CHANNEL},
    Step{Action::kUpdateChannel, "UpdateChannel", CHANNEL R"(, "Name": "New")"},
    Step{Action::kDeleteChannel, "DeleteChannel", CHANNEL},
    Step{Action::kCreateChannelMembership, "CreateChannelMembership",
         MEMBER R"(, "Type": "DEFAULT")", "newcomer", added_already_or_banned},
    // The same says so for each member, and succeeds.
    Step{Action::kCreateChannelMembership, "BatchCreateChannelMembership", BATCH, "newcomer"},
    Step{Action::kCreateHiddenChannelMembership, "CreateChannelMembership",
         MEMBER R"(, "Type": "HIDDEN")", "newcomer", added_already_or_banned},
    Step{Action::kCreateHiddenChannelMembership, "BatchCreateChannelMembership",
         BATCH R"(, "Type": "HIDDEN")", "newcomer"},
    Step{Action::kDescribeChannelMembership, "DescribeChannelMembership", MEMBER, "fellow",
         no_member<404>},
    Step{Action::kListChannelMemberships, "ListChannelMemberships", CHANNEL},
    Step{Action::kDeleteChannelMembership, "DeleteChannelMembership", MEMBER, "fellow",
         no_member<403>},
    Step{Action::kSendChannelMessage, "SendChannelMessage",
         CHANNEL R"(, "Content": "Hi", "Type": "STANDARD", "Persistence": "PERSISTENT")"},
    Step{Action::kGetChannelMessage, "GetChannelMessage", MESSAGE},
    Step{Action::kListChannelMessages, "ListChannelMessages", CHANNEL},
    Step{Action::kUpdateChannelMessage, "UpdateChannelMessage", MESSAGE R"(, "Content": "Ho")"},
    Step{Action::kRedactChannelMessage, "RedactChannelMessage", MESSAGE},
    Step{Action::kDeleteChannelMessage, "DeleteChannelMessage", MESSAGE},
    Step{Action::kGetChannelMessageStatus, "GetChannelMessageStatus", MESSAGE},
    Step{Action::kAssociateChannelFlow, "AssociateChannelFlow", FLOW},
    Step{Action::kDisassociateChannelFlow, "DisassociateChannelFlow", FLOW},
    Step{Action::kCreateChannelModerator, "CreateChannelModerator", MODERATOR, "newcomer",
         moderator_already},
    Step{Action::kDescribeChannelModerator, "DescribeChannelModerator", MODERATOR, "founder",
         no_moderator<404>},
    Step{Action::kListChannelModerators, "ListChannelModerators", CHANNEL},
    Step{Action::kDeleteChannelModerator, "DeleteChannelModerator", MODERATOR, "founder",
         no_moderator<403>},
    Step{Action::kCreateChannelBan, "CreateChannelBan", MEMBER, "fellow", own_ban<403>},
    Step{Action::kDescribeChannelBan, "DescribeChannelBan", MEMBER, "outcast", own_ban<404>},
    Step{Action::kListChannelBans, "ListChannelBans", CHANNEL},
    Step{Action::kDeleteChannelBan, "DeleteChannelBan", MEMBER, "outcast", own_ban<403>},
    Step{Action::kUpdateChannelReadMarker, "UpdateChannelReadMarker", CHANNEL},
    Step{Action::kPutChannelMembershipPreferences, "PutChannelMembershipPreferences",
         MEMBER R"(, "Preferences": {"PushNotifications": {"AllowNotifications": "NONE"}})",
         "fellow"},
    Step{Action::kGetChannelMembershipPreferences, "GetChannelMembershipPreferences", MEMBER,
         "fellow"},
    Step{Action::kPutChannelExpirationSettings, "PutChannelExpirationSettings",
         CHANNEL R"(, "ExpirationSettings":
         {"ExpirationDays": 7, "ExpirationCriterion": "CREATED_TIMESTAMP"})"},
    Step{Action::kListSubChannels, "ListSubChannels", CHANNEL, {}, not_elastic},
    Step{Action::kDescribeChannelMembershipForAppInstanceUser,
         "DescribeChannelMembershipForAppInstanceUser", CHANNEL ", " OF_USER, "fellow",
         no_member<403>},
    Step{Action::kDescribeChannelModeratedByAppInstanceUser,
         "DescribeChannelModeratedByAppInstanceUser", CHANNEL ", " OF_USER, "founder",
         no_moderator<403>},
    Step{Action::kListChannelMembershipsForAppInstanceUser,
         "ListChannelMembershipsForAppInstanceUser", OF_USER, "fellow"},
    Step{Action::kListChannelsModeratedByAppInstanceUser, "ListChannelsModeratedByAppInstanceUser",
         OF_USER, "founder"},
    Step{Action::kListPrivateChannels, "ListChannels",
         R"("AppInstanceArn": "${app_instance}", "Privacy": "PRIVATE")"},
    Step{Action::kSearchAllChannels, "SearchChannels",
         R"("Fields": [{"Key": "MEMBERS", "Operator": "INCLUDES", "Values": ["${fellow}"]}])"},
};

const api::protocol::Operation& find_operation(std::string_view name) {
  for (const api::protocol::Operation& operation : api::protocol::operations()) {
    if (operation.name == name) return operation;
  }
  throw CaseFailure("the model has no operation " + std::string(name));
}

// An app instance with one channel at a time. In it the founder is member and moderator, the fellow
// is a member, the outcast is banned, the newcomer is nothing, and the actor is what his role says.
class World {
 public:
  World() {
    must("CreateAppInstance", R"("Name": "Walk")", {}, "AppInstanceArn", "app_instance");
    for (const char* id : {"chief", "founder", "fellow", "newcomer", "outcast"}) add_user(id);
    make_admin("chief");
    must("CreateChannelFlow",
         R"("AppInstanceArn": "${app_instance}", "Name": "Flow", "Processors": [{"Name": "P",
              "Configuration": {"Lambda": {"InvocationType": "ASYNC",
              "ResourceArn": "arn:aws:lambda:us-east-1:000000000000:function:walk"}},
              "ExecutionOrder": 1, "FallbackAction": "ABORT"}])",
         {}, "ChannelFlowArn", "channel_flow");
  }

  void add_actor(const Role& role, bool is_bot) {
    if (is_bot) {
      must("CreateAppInstanceBot",
           R"("AppInstanceArn": "${app_instance}", "Configuration": {"Lex": {"LocaleId": "en_US",
                "LexBotAliasArn":
                  "arn:aws:lex:us-east-1:000000000000:bot-alias/ABCDEFGHIJ/TSTALIASID"}})",
           {}, "AppInstanceBotArn", "actor");
    } else {
      add_user(std::string(role.name));
      variables_["actor"] = variables_.at(std::string(role.name));
    }
    if (role.is_admin) make_admin("actor");
  }

  // The channel that was there goes.
  void make_channel(const Kind& kind, const Role& role) {
    if (variables_.contains("channel")) talk_.call("DeleteChannel", with_bearer(CHANNEL, "chief"));
    variables_["privacy"] = kind.privacy;
    variables_["mode"] = kind.mode;
    must("CreateChannel",
         R"("AppInstanceArn": "${app_instance}", "Name": "Walk", "Privacy": "${privacy}",
              "Mode": "${mode}")",
         "founder", "ChannelArn", "channel");
    add_member("fellow", "DEFAULT");
    must("CreateChannelBan", CHANNEL R"(, "MemberArn": "${outcast}")", "founder");
    send("fellow", "message_of_other");
    add_member("actor", "DEFAULT");
    send("actor", "message_of_bearer");
    give_role(role);
    must("AssociateChannelFlow", FLOW, "founder");
  }

  api::HttpResponse ask(const Step& step, Owner owner) {
    const bool own = owner == Owner::kBearer;
    variables_["user"] =
        own || step.other.empty() ? variables_.at("actor") : variables_.at(std::string(step.other));
    variables_["message"] = variables_.at(own ? "message_of_bearer" : "message_of_other");
    return talk_.call(step.operation, with_bearer(step.input, "actor"));
  }

  const std::string& channel_arn() const { return variables_.at("channel"); }

 private:
  static std::string with_bearer(std::string_view input, std::string_view bearer) {
    std::string text = "{" + std::string(input);
    if (!bearer.empty()) text += ", \"ChimeBearer\": \"${" + std::string(bearer) + "}\"";
    return text + "}";
  }

  void must(std::string_view operation, std::string_view input, std::string_view bearer,
            std::string_view member = {}, const std::string& variable = {}) {
    talk_.make(operation, with_bearer(input, bearer), member, variable);
  }

  void add_user(const std::string& id) {
    variables_["id"] = id;
    must("CreateAppInstanceUser",
         R"("AppInstanceArn": "${app_instance}", "AppInstanceUserId": "${id}", "Name": "${id}")",
         {}, "AppInstanceUserArn", id);
  }

  void make_admin(const std::string& user) {
    must("CreateAppInstanceAdmin",
         R"("AppInstanceArn": "${app_instance}", "AppInstanceAdminArn": "${)" + user + "}\"", {});
  }

  void add_member(const std::string& user, std::string_view type) {
    must("CreateChannelMembership",
         CHANNEL R"(, "MemberArn": "${)" + user + R"(}", "Type": ")" + std::string(type) + "\"",
         "founder");
  }

  void send(std::string_view bearer, const std::string& variable) {
    must("SendChannelMessage",
         CHANNEL R"(, "Content": "Hi", "Type": "STANDARD", "Persistence": "PERSISTENT")", bearer,
         "MessageId", variable);
  }

  // To an actor who is a plain member: he was one, so that every actor has sent a message.
  void give_role(const Role& role) {
    const std::string actor = CHANNEL R"(, "MemberArn": "${actor}")";
    if (role.membership != "DEFAULT") must("DeleteChannelMembership", actor, "founder");
    if (role.membership == "HIDDEN") add_member("actor", "HIDDEN");
    if (role.is_banned) must("CreateChannelBan", actor, "founder");
    if (role.is_moderator) {
      must("CreateChannelModerator", CHANNEL R"(, "ChannelModeratorArn": "${actor}")", "founder");
    }
  }

  Conversation talk_;
  Variables& variables_ = talk_.variables;
};

bool table_grants(const Step& step, const Role& role, const Kind& kind, Owner owner) {
  store::ChannelAccess access;
  access.mode = kind.mode;
  access.privacy = kind.privacy;
  access.is_admin = role.is_admin;
  access.is_moderator = role.is_moderator;
  if (!role.membership.empty()) access.membership_type = role.membership;
  return api::domain::is_allowed(step.action, access, owner);
}

class RoleWalk : public testing::TestWithParam<Kind> {
 protected:
  void walk(const Role& role, bool is_bot) {
    world_.add_actor(role, is_bot);
    world_.make_channel(GetParam(), role);
    for (const Step& step : kSteps) {
      for (const Owner owner : {Owner::kBearer, Owner::kOther}) {
        if (owner == Owner::kBearer && !step.knows_owners()) continue;
        SCOPED_TRACE(std::string(step.operation) + " by " + std::string(role.name) +
                     (is_bot ? " bot" : "") + (owner == Owner::kBearer ? ", own" : ", other's"));
        take(step, role, owner);
      }
    }
  }

  int granted(Action action) { return granted_[action]; }

 private:
  void take(const Step& step, const Role& role, Owner owner) {
    const api::protocol::Operation& operation = find_operation(step.operation);
    const api::HttpResponse answer = world_.ask(step, owner);
    const bool grants = table_grants(step, role, GetParam(), owner);
    granted_[step.action] += grants ? 1 : 0;
    if (operation.make_invocation == nullptr) {
      EXPECT_EQ(answer.status, 501) << answer.body;
    } else if (step.action == Action::kSearchAllChannels) {
      check_search(answer, grants || !role.membership.empty());
    } else if (!grants) {
      EXPECT_EQ(answer.status, 403) << answer.body;
      EXPECT_EQ(answer.error_type, "ForbiddenException");
    } else {
      const int obstacle = step.obstacle(role, owner);
      EXPECT_EQ(answer.status, obstacle != 0 ? obstacle : operation.status) << answer.body;
    }
    if (!answer.is_error() && !operation.reads) world_.make_channel(GetParam(), role);
  }

  // Everybody may search; the table says who searches channels that he is no member of.
  void check_search(const api::HttpResponse& answer, bool finds) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    const std::string arn = "\"" + world_.channel_arn() + "\"";
    EXPECT_EQ(answer.body.find(arn) != std::string::npos, finds) << answer.body;
  }

  World world_;
  std::map<Action, int> granted_;
};

TEST_P(RoleWalk, IsAnsweredAsTheTableSays) {
  for (const Role& role : kRoles) {
    for (const bool is_bot : {false, true}) walk(role, is_bot);
  }
  // Each of them was done for somebody, so that no step is refused for another reason.
  for (const Step& step : kSteps) EXPECT_GT(granted(step.action), 0) << step.operation;
}

std::string kind_name(const testing::TestParamInfo<Kind>& kind) {
  return std::string(kind.param.privacy) + "_" + std::string(kind.param.mode);
}

INSTANTIATE_TEST_SUITE_P(Kinds, RoleWalk, testing::ValuesIn(kKinds), kind_name);

TEST(RoleWalkSteps, CoverEveryActionOfTheTable) {
  for (const api::domain::Rule& rule : api::domain::rules()) {
    const auto step = std::find_if(kSteps.begin(), kSteps.end(), [&](const Step& candidate) {
      return candidate.action == rule.action;
    });
    ASSERT_NE(step, kSteps.end()) << "no step for action " << static_cast<int>(rule.action);
    for (const Grant grant :
         {rule.admin, rule.moderator, rule.member, rule.hidden_member, rule.stranger}) {
      const bool asks_for_owner = grant == Grant::kOwn || grant == Grant::kOwnInPublic;
      EXPECT_TRUE(!asks_for_owner || step->knows_owners()) << step->operation;
    }
  }
}

}  // namespace
}  // namespace carillon::tests
