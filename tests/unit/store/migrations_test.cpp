#include "store/migrations.h"

#include <fstream>
#include <iterator>

#include "tests/unit/store/store_fixture.h"

namespace carillon::store {

namespace {

class MigrationsTest : public testing::Test {
 protected:
  // As another program would, or another version of this one.
  void change(const std::string& sql) {
    Connection connection(path(), Connection::Role::kWriter);
    connection.run(sql);
  }
  std::string path() const { return (directory_.path() / "carillon.db").string(); }
  std::string open_error() const {
    return error_of([this] { Database::open(directory_.path()); });
  }
  std::string bytes() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  TemporaryDirectory directory_;
};

TEST_F(MigrationsTest, AFreshFileGetsTheSchema) {
  ASSERT_EQ(open_error(), "");
  Connection connection(path(), Connection::Role::kWriter);
  EXPECT_EQ(connection.run_for_value("PRAGMA user_version"), known_schema_version());
  EXPECT_EQ(connection.run_for_value("PRAGMA application_id"), kApplicationId);
  EXPECT_EQ(connection.run_for_value(
                "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
                "AND name NOT LIKE 'sqlite_%' AND NOT strict"),
            0);
}

TEST_F(MigrationsTest, TheSameVersionIsOpenedAsItIs) {
  ASSERT_EQ(open_error(), "");
  change(
      "INSERT INTO app_instances (arn, scope, name, created_ms, updated_ms) VALUES ('a', 's', 'n', "
      "1, 1)");
  ASSERT_EQ(open_error(), "");
  Connection connection(path(), Connection::Role::kWriter);
  EXPECT_EQ(connection.run_for_value("SELECT count(*) FROM app_instances"), 1);
}

TEST_F(MigrationsTest, ANewerVersionIsRefusedAndLeftAlone) {
  ASSERT_EQ(open_error(), "");
  change("PRAGMA user_version = 99");
  const std::string before = bytes();
  const std::string error = open_error();
  EXPECT_TRUE(contains(error, path())) << error;
  EXPECT_TRUE(contains(error, "newer version")) << error;
  EXPECT_TRUE(contains(error, "99")) << error;
  EXPECT_TRUE(contains(error, std::to_string(known_schema_version()))) << error;
  EXPECT_EQ(bytes(), before);
}

TEST_F(MigrationsTest, AnotherApplicationsFileIsRefusedAndLeftAlone) {
  change("PRAGMA application_id = 1196444487; CREATE TABLE layers (id INTEGER)");
  const std::string before = bytes();
  const std::string error = open_error();
  EXPECT_TRUE(contains(error, path())) << error;
  EXPECT_TRUE(contains(error, "another application")) << error;
  EXPECT_TRUE(contains(error, "1196444487")) << error;
  EXPECT_EQ(bytes(), before);
}

TEST_F(MigrationsTest, AFileWithTablesAndNoMarkIsRefused) {
  change("CREATE TABLE notes (id INTEGER)");
  EXPECT_TRUE(contains(open_error(), "another application"));
}

TEST_F(MigrationsTest, AFileThatIsNoDatabaseIsRefusedAndLeftAlone) {
  std::ofstream(path()) << std::string(8'192, 'z');
  const std::string error = open_error();
  EXPECT_TRUE(contains(error, path())) << error;
  EXPECT_TRUE(contains(error, "not an SQLite database")) << error;
  EXPECT_EQ(bytes(), std::string(8'192, 'z'));
}

TEST_F(MigrationsTest, ADamagedFileIsRefused) {
  ASSERT_EQ(open_error(), "");
  // The schema's page, behind the header of the file.
  std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(100);
  file << std::string(3'000, '\xff');
  file.close();
  const std::string error = open_error();
  EXPECT_TRUE(contains(error, path())) << error;
  EXPECT_TRUE(contains(error, "damaged")) << error;
}

}  // namespace

}  // namespace carillon::store
