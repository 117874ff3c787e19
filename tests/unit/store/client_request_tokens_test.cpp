#include "store/limits.h"
#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

class TokensTest : public StoreTest {
 protected:
  static std::string key(int number) {
    std::string text = std::to_string(number);
    text.resize(16, '\0');
    return text;
  }
  void add(int number, TimeMs now_ms) {
    TokenRow row;
    row.fingerprint = std::string("\0\xff", 2) + std::to_string(number);
    row.http_status = 201;
    row.response = "{}";
    insert_token(tx_, key(number), row, now_ms);
  }
};

TEST_F(TokensTest, KeepsBinaryKeysAndFingerprints) {
  add(1, 1'000);
  const auto found = find_token(tx_, key(1));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->fingerprint, std::string("\0\xff", 2) + "1");
  EXPECT_EQ(found->http_status, 201);
  EXPECT_EQ(found->response, "{}");
  EXPECT_FALSE(find_token(tx_, key(2)));
  EXPECT_FALSE(find_token(tx_, "1"));
}

TEST_F(TokensTest, OldOnesGoTogether) {
  connection_.begin_immediate();
  for (int i = 1; i < kTokensDroppedTogether; ++i) add(i, i < 100 ? 1'000 : 2'000);
  EXPECT_EQ(count(tx_, "client_request_tokens"), kTokensDroppedTogether - 1);
  add(kTokensDroppedTogether, 1'001 + kTokenAgeMsMin);
  connection_.commit();
  EXPECT_EQ(count(tx_, "client_request_tokens"), kTokensDroppedTogether - 99);
  EXPECT_FALSE(find_token(tx_, key(99)));
  EXPECT_TRUE(find_token(tx_, key(100)));
  EXPECT_TRUE(find_token(tx_, key(kTokensDroppedTogether)));
}

TEST_F(TokensTest, NoneGoesBeforeItsTime) {
  connection_.begin_immediate();
  for (int i = 1; i <= kTokensDroppedTogether; ++i) add(i, 1'000 + i % 2 * kTokenAgeMsMin);
  connection_.commit();
  EXPECT_EQ(count(tx_, "client_request_tokens"), kTokensDroppedTogether);
}

TEST_F(TokensTest, TheirNumberIsLimited) {
  constexpr int kAdded = kTokensMax + 3 * kTokensDroppedTogether;
  connection_.begin_immediate();
  for (int i = 1; i <= kAdded; ++i) add(i, 1'000);
  connection_.commit();
  const RowId kept = count(tx_, "client_request_tokens");
  EXPECT_LE(kept, kTokensMax + kTokensDroppedTogether);
  EXPECT_GE(kept, kTokensMax);
  EXPECT_FALSE(find_token(tx_, key(static_cast<int>(kAdded - kept))));
  EXPECT_TRUE(find_token(tx_, key(static_cast<int>(kAdded - kept + 1))));
  EXPECT_TRUE(find_token(tx_, key(kAdded)));
}

}  // namespace

}  // namespace carillon::store
