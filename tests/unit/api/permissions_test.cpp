#include "api/domain/permissions.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace carillon::api::domain {
namespace {

// The table as the documentation draws it, one letter for each role: A allowed, - denied, o only
// one's own, p only in public channels, u only in unrestricted channels, j only oneself and only in
// public channels, m only who is a member as well.
struct Expected {
  Action action;
  std::string_view name;
  std::string_view letters;  // administrator, moderator, member, hidden member, none of these
};

constexpr std::array kExpected{
    Expected{Action::kDescribeChannel, "DescribeChannel", "AAAAp"},
    Expected{Action::kUpdateChannel, "UpdateChannel", "AA---"},
    Expected{Action::kDeleteChannel, "DeleteChannel", "AA---"},
    Expected{Action::kCreateChannelMembership, "CreateChannelMembership", "AAu-j"},
    Expected{Action::kCreateHiddenChannelMembership, "CreateHiddenChannelMembership", "AA---"},
    Expected{Action::kDescribeChannelMembership, "DescribeChannelMembership", "AAAAp"},
    Expected{Action::kListChannelMemberships, "ListChannelMemberships", "AAAAp"},
    Expected{Action::kDeleteChannelMembership, "DeleteChannelMembership", "AAoo-"},
    Expected{Action::kSendChannelMessage, "SendChannelMessage", "--A--"},
    Expected{Action::kGetChannelMessage, "GetChannelMessage", "AAAAp"},
    Expected{Action::kListChannelMessages, "ListChannelMessages", "AAAAp"},
    Expected{Action::kUpdateChannelMessage, "UpdateChannelMessage", "ooo--"},
    Expected{Action::kRedactChannelMessage, "RedactChannelMessage", "AAo--"},
    Expected{Action::kDeleteChannelMessage, "DeleteChannelMessage", "A----"},
    Expected{Action::kGetChannelMessageStatus, "GetChannelMessageStatus", "ooooo"},
    Expected{Action::kAssociateChannelFlow, "AssociateChannelFlow", "AA---"},
    Expected{Action::kDisassociateChannelFlow, "DisassociateChannelFlow", "AA---"},
    Expected{Action::kCreateChannelModerator, "CreateChannelModerator", "Am---"},
    Expected{Action::kDescribeChannelModerator, "DescribeChannelModerator", "AA---"},
    Expected{Action::kListChannelModerators, "ListChannelModerators", "AAAA-"},
    Expected{Action::kDeleteChannelModerator, "DeleteChannelModerator", "AA---"},
    Expected{Action::kCreateChannelBan, "CreateChannelBan", "AA---"},
    Expected{Action::kDescribeChannelBan, "DescribeChannelBan", "AA---"},
    Expected{Action::kListChannelBans, "ListChannelBans", "AA---"},
    Expected{Action::kDeleteChannelBan, "DeleteChannelBan", "AA---"},
    Expected{Action::kUpdateChannelReadMarker, "UpdateChannelReadMarker", "--AA-"},
    Expected{Action::kPutChannelMembershipPreferences, "PutChannelMembershipPreferences", "--oo-"},
    Expected{Action::kGetChannelMembershipPreferences, "GetChannelMembershipPreferences", "--oo-"},
    Expected{Action::kPutChannelExpirationSettings, "PutChannelExpirationSettings", "AA---"},
    Expected{Action::kListSubChannels, "ListSubChannels", "AA---"},
    Expected{Action::kDescribeChannelMembershipForAppInstanceUser,
             "DescribeChannelMembershipForAppInstanceUser", "Aoooo"},
    Expected{Action::kDescribeChannelModeratedByAppInstanceUser,
             "DescribeChannelModeratedByAppInstanceUser", "AAAAo"},
    Expected{Action::kListChannelMembershipsForAppInstanceUser,
             "ListChannelMembershipsForAppInstanceUser", "Aoooo"},
    Expected{Action::kListChannelsModeratedByAppInstanceUser,
             "ListChannelsModeratedByAppInstanceUser", "Aoooo"},
    Expected{Action::kListPrivateChannels, "ListPrivateChannels", "A----"},
    Expected{Action::kSearchAllChannels, "SearchAllChannels", "A----"},
};

constexpr int kAdmin = 1;
constexpr int kModerator = 2;
enum class Membership { kNone, kDefault, kHidden };

struct Situation {
  int roles = 0;
  Membership membership = Membership::kNone;
  bool is_public = false;
  bool unrestricted = false;
  Owner owner = Owner::kOther;

  std::string text() const {
    return "roles " + std::to_string(roles) + ", membership " +
           std::to_string(static_cast<int>(membership)) + (is_public ? ", PUBLIC" : ", PRIVATE") +
           (unrestricted ? ", UNRESTRICTED" : ", RESTRICTED") +
           (owner == Owner::kBearer ? ", own" : ", another's");
  }
};

std::vector<Situation> every_situation() {
  std::vector<Situation> all;
  for (int roles = 0; roles < 4; ++roles) {
    for (const Membership membership :
         {Membership::kNone, Membership::kDefault, Membership::kHidden}) {
      for (int bits = 0; bits < 8; ++bits) {
        all.push_back({roles, membership, (bits & 1) != 0, (bits & 2) != 0,
                       (bits & 4) != 0 ? Owner::kBearer : Owner::kOther});
      }
    }
  }
  return all;
}

store::ChannelAccess access_of(const Situation& situation) {
  store::ChannelAccess access;
  access.bearer_id = 1;
  access.bearer_app_instance_id = 1;
  access.channel_id = 1;
  access.channel_app_instance_id = 1;
  access.mode = situation.unrestricted ? "UNRESTRICTED" : "RESTRICTED";
  access.privacy = situation.is_public ? "PUBLIC" : "PRIVATE";
  access.is_admin = (situation.roles & kAdmin) != 0;
  access.is_moderator = (situation.roles & kModerator) != 0;
  if (situation.membership == Membership::kDefault) access.membership_type = "DEFAULT";
  if (situation.membership == Membership::kHidden) access.membership_type = "HIDDEN";
  return access;
}

bool grants(char letter, const Situation& situation) {
  const bool own = situation.owner == Owner::kBearer;
  switch (letter) {
    case 'A': return true;
    case 'o': return own;
    case 'p': return situation.is_public;
    case 'u': return situation.unrestricted;
    case 'j': return own && situation.is_public;
    case 'm': return situation.membership != Membership::kNone;
    default: return false;
  }
}

// Whoever has several roles may what any of them may; what strangers may, everybody may.
bool expected(const Expected& row, const Situation& situation) {
  bool allowed = grants(row.letters[4], situation);
  if ((situation.roles & kAdmin) != 0) allowed |= grants(row.letters[0], situation);
  if ((situation.roles & kModerator) != 0) allowed |= grants(row.letters[1], situation);
  if (situation.membership == Membership::kDefault) allowed |= grants(row.letters[2], situation);
  if (situation.membership == Membership::kHidden) allowed |= grants(row.letters[3], situation);
  return allowed;
}

TEST(Permissions, AreThoseOfTheTableInEverySituation) {
  int walked = 0;
  for (const Expected& row : kExpected) {
    for (const Situation& situation : every_situation()) {
      EXPECT_EQ(is_allowed(row.action, access_of(situation), situation.owner),
                expected(row, situation))
          << row.name << ": " << situation.text();
      ++walked;
    }
  }
  EXPECT_EQ(walked, 36 * 4 * 3 * 8);
}

TEST(Permissions, ATableForEveryAction) {
  for (std::size_t i = 0; i < kExpected.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kExpected[i].action), i) << kExpected[i].name;
  }
  EXPECT_EQ(static_cast<std::size_t>(Action::kSearchAllChannels) + 1, kExpected.size());
}

TEST(Permissions, ModeratorsOfAnElasticChannelNeedNoMembership) {
  store::ChannelAccess access = access_of({.roles = kModerator});
  EXPECT_FALSE(is_allowed(Action::kCreateChannelModerator, access));
  access.elastic = true;
  EXPECT_TRUE(is_allowed(Action::kCreateChannelModerator, access));
}

TEST(Permissions, AreOneRuleForEachAction) {
  ASSERT_EQ(rules().size(), kExpected.size());
  for (std::size_t i = 0; i < rules().size(); ++i)
    EXPECT_EQ(rules()[i].action, kExpected[i].action);
}

TEST(Permissions, AreAnothersUnlessSaidOtherwise) {
  EXPECT_FALSE(
      is_allowed(Action::kUpdateChannelMessage, access_of({.roles = kAdmin | kModerator})));
}

}  // namespace
}  // namespace carillon::api::domain
