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

TEST_F(TokensTest, OldOnesGoAFewAtATime) {
  for (int i = 0; i < 10; ++i) add(i, 1'000);
  add(100, 1'000 + kTokenAgeMsMax);
  EXPECT_EQ(count(tx_, "client_request_tokens"), 11);
  add(101, 1'001 + kTokenAgeMsMax);
  EXPECT_EQ(count(tx_, "client_request_tokens"), 12 - kTokensDroppedMax);
  EXPECT_FALSE(find_token(tx_, key(0)));
  EXPECT_TRUE(find_token(tx_, key(9)));
  EXPECT_TRUE(find_token(tx_, key(101)));
}

TEST_F(TokensTest, TheirNumberIsLimited) {
  connection_.begin_immediate();
  for (int i = 0; i < kTokensMax + 10; ++i) add(i, 1'000);
  connection_.commit();
  EXPECT_EQ(count(tx_, "client_request_tokens"), kTokensMax);
  EXPECT_FALSE(find_token(tx_, key(9)));
  EXPECT_TRUE(find_token(tx_, key(10)));
}

}  // namespace

}  // namespace carillon::store
