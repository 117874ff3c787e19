#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

class ConnectionTest : public testing::Test {
 protected:
  void SetUp() override { connection_.run("CREATE TABLE t (a, b)"); }

  TemporaryDirectory directory_;
  Connection connection_{(directory_.path() / "t.db").string(), Connection::Role::kWriter};
};

constexpr char kInsert[] = "INSERT INTO t (a, b) VALUES (?1, ?2)";
constexpr char kSelect[] = "SELECT a, b, typeof(a), typeof(b) FROM t";
constexpr char kCount[] = "SELECT count(*) FROM t";

TEST_F(ConnectionTest, BindsAndReadsEveryType) {
  connection_.execute(kInsert, std::string("te\0xt", 5), Blob{"bl\xff"});
  Statement row = connection_.query(kSelect);
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.next_text(), std::string("te\0xt", 5));
  EXPECT_EQ(row.next_optional_text(), "bl\xff");
  EXPECT_EQ(row.next_text(), "text");
  EXPECT_EQ(row.next_text(), "blob");
  EXPECT_FALSE(row.step());
}

TEST_F(ConnectionTest, EmptyTextIsNotNull) {
  connection_.execute(kInsert, std::string_view(), OptionalText());
  Statement row = connection_.query(kSelect);
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.next_optional_text(), "");
  EXPECT_FALSE(row.next_optional_text());
}

TEST_F(ConnectionTest, IntegersKeepTheirWholeRange) {
  connection_.execute(kInsert, INT64_MIN, std::optional<std::int64_t>(INT64_MAX));
  Statement row = connection_.query(kSelect);
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.next_integer(), INT64_MIN);
  EXPECT_EQ(row.next_optional_integer(), INT64_MAX);
}

TEST_F(ConnectionTest, AStatementCanBeUsedAgain) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(connection_.execute(kInsert, i, i), 1);
  EXPECT_EQ(connection_.last_insert_id(), 3);
  EXPECT_EQ(connection_.prepared_texts().size(), 1u);
}

TEST_F(ConnectionTest, ErrorsNameTheStatementAndTheCause) {
  const std::string error = error_of([&] { connection_.run("SELECT 1 FROM nowhere"); });
  EXPECT_NE(error.find("nowhere"), std::string::npos) << error;
  EXPECT_NE(error.find("no such table"), std::string::npos) << error;
}

TEST_F(ConnectionTest, ASavepointIsOpenedByTheFirstWriteOnly) {
  connection_.begin_immediate();
  connection_.arm_savepoint();
  connection_.query(kCount).step();
  EXPECT_FALSE(connection_.release_savepoint());
  connection_.arm_savepoint();
  connection_.execute(kInsert, 1, 1);
  EXPECT_TRUE(connection_.release_savepoint());
  connection_.arm_savepoint();
  connection_.execute(kInsert, 2, 2);
  connection_.rollback_savepoint();
  connection_.commit();
  EXPECT_EQ(connection_.run_for_value("SELECT count(*) FROM t"), 1);
  EXPECT_EQ(connection_.run_for_value("SELECT max(a) FROM t"), 1);
}

TEST_F(ConnectionTest, WhatIsKeptSurvivesTheRollbackOfTheRest) {
  connection_.begin_immediate();
  connection_.arm_savepoint();
  connection_.keep_savepoint();  // nothing yet
  connection_.execute(kInsert, 1, 1);
  connection_.keep_savepoint();
  connection_.execute(kInsert, 2, 2);
  EXPECT_TRUE(connection_.rollback_savepoint());
  connection_.arm_savepoint();
  connection_.execute(kInsert, 3, 3);
  EXPECT_FALSE(connection_.rollback_savepoint()) << "what another job kept does not count";
  connection_.arm_savepoint();
  connection_.execute(kInsert, 4, 4);
  connection_.keep_savepoint();
  EXPECT_TRUE(connection_.release_savepoint());
  connection_.commit();
  EXPECT_EQ(connection_.run_for_value("SELECT sum(a) FROM t"), 5);
}

TEST_F(ConnectionTest, RollbackOutsideATransactionDoesNothing) {
  EXPECT_FALSE(connection_.in_transaction());
  connection_.rollback();
  connection_.begin_immediate();
  connection_.execute(kInsert, 1, 1);
  connection_.rollback();
  EXPECT_EQ(connection_.run_for_value("SELECT count(*) FROM t"), 0);
}

TEST_F(ConnectionTest, AReaderCannotWrite) {
  connection_.configure(Connection::Durability::kData);
  Connection reader((directory_.path() / "t.db").string(), Connection::Role::kReader);
  reader.configure(Connection::Durability::kData);
  EXPECT_THROW(reader.execute(kInsert, 1, 1), StoreError);
}

}  // namespace

}  // namespace carillon::store
