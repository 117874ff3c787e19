#include "store/channel_search.h"

#include "store/limits.h"
#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

class ChannelSearchTest : public StoreTest {
 protected:
  ChannelSearchTest() { carol_id_ = insert_identity(tx_, identity_row(app_instance_id_, "carol")); }

  RowId add(const std::string& name, const std::vector<RowId>& members,
            const std::vector<RowId>& hidden = {}) {
    const RowId id = add_channel(name);
    for (const RowId member : members) insert_membership(tx_, id, member, "DEFAULT", alice_id_, 1);
    for (const RowId member : hidden) insert_membership(tx_, id, member, "HIDDEN", alice_id_, 1);
    return id;
  }

  // The names of all that is found, page after page.
  std::string names(ChannelSearch search, int limit = 100) {
    std::string result;
    for (;;) {
      const ChannelSearchPage page = search_channels(tx_, search, limit);
      EXPECT_LE(page.channels.size(), static_cast<std::size_t>(limit));
      for (const ChannelRow& row : page.channels) {
        result += result.empty() ? row.name : " " + row.name;
      }
      if (!page.next_after) return result;
      EXPECT_GT(*page.next_after, search.after);
      search.after = *page.next_after;
    }
  }

  RowId carol_id_ = 0;
};

TEST_F(ChannelSearchTest, FindsTheChannelsThatEverybodyIsIn) {
  add("a", {alice_id_});
  add("ab", {alice_id_, bob_id_});
  add("b", {bob_id_});
  add("abc", {alice_id_, bob_id_, carol_id_});
  add("bc", {bob_id_, carol_id_});
  add("none", {});
  EXPECT_EQ(names({{alice_id_}, false, {}, 0}), "a ab abc");
  EXPECT_EQ(names({{bob_id_, alice_id_}, false, {}, 0}), "ab abc");
  EXPECT_EQ(names({{carol_id_, alice_id_, bob_id_}, false, {}, 0}), "abc");
  EXPECT_EQ(names({{carol_id_ + 1, bob_id_}, false, {}, 0}), "");
}

TEST_F(ChannelSearchTest, FindsTheChannelsThatNobodyElseIsIn) {
  add("a", {alice_id_});
  add("ab", {alice_id_, bob_id_});
  add("abc", {alice_id_, bob_id_, carol_id_});
  add("ab2", {bob_id_, alice_id_});
  EXPECT_EQ(names({{alice_id_}, true, {}, 0}), "a");
  EXPECT_EQ(names({{alice_id_, bob_id_}, true, {}, 0}), "ab ab2");
  EXPECT_EQ(names({{alice_id_, carol_id_}, true, {}, 0}), "");
}

TEST_F(ChannelSearchTest, HiddenMembersCountOnlyAsTheOneWhoAsks) {
  add("a(b)", {alice_id_}, {bob_id_});
  add("ab", {alice_id_, bob_id_});
  EXPECT_EQ(names({{alice_id_, bob_id_}, false, {}, 0}), "ab");
  EXPECT_EQ(names({{bob_id_}, false, {}, 0}), "ab");
  EXPECT_EQ(names({{alice_id_}, true, {}, 0}), "a(b)");
  EXPECT_EQ(names({{alice_id_}, false, bob_id_, 0}), "a(b) ab");
  EXPECT_EQ(names({{alice_id_}, true, bob_id_, 0}), "a(b)");
  EXPECT_EQ(names({{bob_id_}, false, bob_id_, 0}), "ab");
  EXPECT_EQ(names({{alice_id_}, false, carol_id_, 0}), "");
}

TEST_F(ChannelSearchTest, PagesAreFullAndTheLastHasNoNext) {
  for (int i = 0; i < 7; ++i) {
    add(std::to_string(i), {alice_id_, bob_id_});
    add("x" + std::to_string(i), {alice_id_});
  }
  const auto page = search_channels(tx_, {{bob_id_, alice_id_}, false, {}, 0}, 3);
  EXPECT_EQ(page.channels.size(), 3u);
  EXPECT_EQ(page.next_after, page.channels.back().id);
  EXPECT_EQ(names({{bob_id_, alice_id_}, false, {}, 0}, 3), "0 1 2 3 4 5 6");
  EXPECT_FALSE(search_channels(tx_, {{bob_id_}, false, {}, 0}, 7).next_after);
}

TEST_F(ChannelSearchTest, DeletedChannelsAreNotFound) {
  const RowId gone = add("gone", {alice_id_});
  add("kept", {alice_id_});
  delete_channel(tx_, gone);
  EXPECT_EQ(names({{alice_id_}, false, {}, 0}), "kept");
  delete_app_instance(tx_, app_instance_id_);
  EXPECT_EQ(names({{alice_id_}, false, {}, 0}), "");
}

// Two members who take turns have nothing in common, and no index says so: the search ends early
// and goes on from there, and nothing is lost in between.
TEST_F(ChannelSearchTest, ASearchThatFindsLittleInMuchEndsEarly) {
  const auto count = static_cast<int>(kSearchStepsMax);
  for (int i = 0; i < count; ++i) {
    if (i == count / 3) add("found", {alice_id_, bob_id_});
    insert_membership(tx_, add_channel(std::to_string(i)), i % 2 == 0 ? alice_id_ : bob_id_,
                      "DEFAULT", alice_id_, 1);
  }
  add("last", {alice_id_, bob_id_});
  const ChannelSearch search{{alice_id_, bob_id_}, false, {}, 0};
  const auto page = search_channels(tx_, search, 100);
  ASSERT_TRUE(page.next_after);
  EXPECT_EQ(page.channels.size(), 1u);
  EXPECT_EQ(names(search), "found last");
}

}  // namespace

}  // namespace carillon::store
