// Files of access keys, in the form that the AWS CLI keeps them.
#include "server/credentials.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>

namespace carillon::server {
namespace {

using api::protocol::Credentials;

TEST(CredentialsFile, HasAKeyForEachProfile) {
  const auto parsed = parse_credentials(
      "# a comment\r\n"
      "[default]\r\n"
      "aws_access_key_id = AKID1\r\n"
      "aws_secret_access_key=se=cr/et+ \r\n"
      "\r\n"
      "[ profile two ]\n"
      "; another\n"
      "region = us-east-1\n"
      "aws_access_key_id=111122223333\n"
      "aws_secret_access_key = s2\n"
      "aws_session_token = tok/==\n"
      "[without-keys]\n"
      "region = eu-central-1");
  ASSERT_TRUE(parsed) << parsed.error().reason;
  ASSERT_EQ(parsed->size(), 2U);
  EXPECT_EQ(parsed->at("AKID1").secret, "se=cr/et+");
  EXPECT_EQ(parsed->at("AKID1").session_token, "");
  EXPECT_EQ(parsed->at("111122223333").secret, "s2");
  EXPECT_EQ(parsed->at("111122223333").session_token, "tok/==");
}

TEST(CredentialsFile, IsRefusedWithWhereItIsWrong) {
  const auto reason = [](std::string_view text) {
    const auto parsed = parse_credentials(text);
    return parsed ? "" : parsed.error().reason;
  };
  EXPECT_EQ(reason("aws_access_key_id = A"), "line 1 stands before the first [profile]");
  EXPECT_EQ(reason("[a]\nwhat"), "line 2 is neither [profile] nor key = value");
  EXPECT_EQ(reason("\n[a"), "line 2 begins a [profile] and does not end it");
  EXPECT_EQ(reason("[a]\naws_access_key_id = A\n[b]\n"),
            "the profile [a] needs both aws_access_key_id and aws_secret_access_key");
  EXPECT_EQ(reason("[a]\naws_secret_access_key = A"),
            "the profile [a] needs both aws_access_key_id and aws_secret_access_key");
  EXPECT_EQ(reason("[a]\naws_access_key_id = A\naws_secret_access_key = B\n"
                   "[b]\naws_access_key_id = A\naws_secret_access_key = C\n"),
            "give each access key once: A has a secret already");
  EXPECT_EQ(reason(""), "it has no profile with an aws_access_key_id");
}

TEST(CredentialsFile, IsRead) {
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) / ("credentials." + std::to_string(::getpid()));
  std::ofstream(path) << "[a]\naws_access_key_id = A\naws_secret_access_key = B\n";
  Credentials credentials;
  EXPECT_EQ(add_credentials_file(credentials, path.string()), std::nullopt);
  EXPECT_EQ(credentials.at("A").secret, "B");
  EXPECT_NE(add_credentials_file(credentials, path.string()), std::nullopt) << "twice the same key";
  std::ofstream(path) << std::string(2'000'000, '#');
  EXPECT_NE(add_credentials_file(credentials, path.string())->find("bytes"), std::string::npos);
  std::filesystem::remove(path);
  EXPECT_NE(add_credentials_file(credentials, path.string()), std::nullopt);
  EXPECT_NE(add_credentials_file(credentials, testing::TempDir()), std::nullopt);
}

}  // namespace
}  // namespace carillon::server
