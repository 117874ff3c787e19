#include "api/ids.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace carillon::api {
namespace {

constexpr std::int64_t kNowMs = 1'704'164'645'678;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

void expect_uuid(const std::string& id, char version) {
  ASSERT_EQ(id.size(), 36U) << id;
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) EXPECT_EQ(id[dash], '-') << id;
  std::string digits = id;
  digits.erase(std::remove(digits.begin(), digits.end(), '-'), digits.end());
  EXPECT_EQ(digits.size(), 32U) << id;
  EXPECT_TRUE(is_hex(digits)) << id;
  EXPECT_EQ(id[14], version) << id;
  EXPECT_NE(std::string_view("89ab").find(id[19]), std::string_view::npos) << id;
}

TEST(Ids, AreUuids) {
  Ids ids(1);
  for (int i = 0; i < 1'000; ++i) {
    expect_uuid(ids.uuid(), '4');
    expect_uuid(ids.ordered_uuid(kNowMs + i), '7');
  }
}

TEST(Ids, OrderedUuidsSortByTime) {
  Ids ids(1);
  std::string last;
  for (int i = 0; i < 1'000; ++i) {
    const std::string id = ids.ordered_uuid(kNowMs + i);
    EXPECT_LT(last, id);
    last = id;
  }
  EXPECT_EQ(ids.ordered_uuid(0x0123'4567'89AB).substr(0, 13), "01234567-89ab");
}

TEST(Ids, MessageIdsAreSixtyFourDigitsThatSortByTime) {
  Ids ids(1);
  std::string last;
  for (int i = 0; i < 1'000; ++i) {
    const std::string id = ids.message_id(kNowMs + i);
    ASSERT_EQ(id.size(), 64U);
    EXPECT_TRUE(is_hex(id)) << id;
    EXPECT_LT(last, id);
    last = id;
  }
  EXPECT_EQ(ids.message_id(0x0123'4567'89AB).substr(0, 12), "0123456789ab");
}

TEST(Ids, DoNotRepeat) {
  Ids ids(1);
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_TRUE(seen.insert(ids.uuid()).second);
    EXPECT_TRUE(seen.insert(ids.ordered_uuid(kNowMs)).second);
    EXPECT_TRUE(seen.insert(ids.message_id(kNowMs)).second);
  }
}

TEST(Ids, AreTheSameFromTheSameSeed) {
  const auto some = [](std::uint64_t seed) {
    Ids ids(seed);
    return std::vector{ids.uuid(), ids.message_id(kNowMs), ids.ordered_uuid(kNowMs), ids.uuid()};
  };
  EXPECT_EQ(some(7), some(7));
  EXPECT_NE(some(7), some(8));
}

// Written down, so that neither another compiler nor a change of the code alters what users have in
// their recorded tests without anybody noticing.
TEST(Ids, OfSeedOneAreThese) {
  Ids ids(1);
  EXPECT_EQ(ids.uuid(), "2245bd5f-bb68-4f68-a2eb-92502318fa4e");
  EXPECT_EQ(ids.ordered_uuid(kNowMs), "018cc820-db2e-759a-8561-d8057935c08e");
  EXPECT_EQ(ids.message_id(kNowMs),
            "018cc820db2e6738e94ec2d2b993684978833635915bd1b4130d84f91bf14b09");
}

}  // namespace
}  // namespace carillon::api
