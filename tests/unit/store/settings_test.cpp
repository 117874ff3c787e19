#include "store/settings.h"

#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

using SettingsTest = StoreTest;

TEST_F(SettingsTest, ExpirationComesAndGoes) {
  const RowId channel_id = add_channel("general");
  set_channel_expiration(tx_, channel_id, "{\"a\":1}", 500);
  EXPECT_EQ(find_channel_by_id(tx_, channel_id)->expiration, "{\"a\":1}");
  EXPECT_EQ(find_channel_by_id(tx_, channel_id)->updated_ms, 500);
  set_channel_expiration(tx_, channel_id, {}, 600);
  EXPECT_FALSE(find_channel_by_id(tx_, channel_id)->expiration);
  set_user_expiration(tx_, alice_id_, "{\"b\":1}", 500);
  EXPECT_EQ(find_identity(tx_, alice_arn_)->expiration, "{\"b\":1}");
  EXPECT_EQ(find_identity(tx_, alice_arn_)->updated_ms, 500);
  EXPECT_FALSE(find_identity(tx_, bob_arn_)->expiration);
  set_user_expiration(tx_, alice_id_, {}, 600);
  EXPECT_FALSE(find_identity(tx_, alice_arn_)->expiration);
}

TEST_F(SettingsTest, Retention) {
  EXPECT_FALSE(find_retention(tx_, app_instance_id_).settings);
  EXPECT_FALSE(find_retention(tx_, app_instance_id_).deletion_ms);
  set_retention(tx_, app_instance_id_, {"{}", 700});
  EXPECT_EQ(find_retention(tx_, app_instance_id_).settings, "{}");
  EXPECT_EQ(find_retention(tx_, app_instance_id_).deletion_ms, 700);
  EXPECT_FALSE(find_retention(tx_, app_instance_id_ + 1).settings);
}

TEST_F(SettingsTest, Streaming) {
  EXPECT_FALSE(find_streaming(tx_, app_instance_id_));
  set_streaming(tx_, app_instance_id_, "[1]");
  EXPECT_EQ(find_streaming(tx_, app_instance_id_), "[1]");
  set_streaming(tx_, app_instance_id_, {});
  EXPECT_FALSE(find_streaming(tx_, app_instance_id_));
}

}  // namespace

}  // namespace carillon::store
