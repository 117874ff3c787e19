#include "api/domain/paging.h"

#include <vector>

#include <gtest/gtest.h>

#include "api/limits.h"

namespace carillon::api::domain {
namespace {

const PageScope kScope = page_scope("ListChannels", {"arn", "PUBLIC"});

std::optional<Cursor> cursor_of(const std::string& token) {
  const auto cursor = read_next_token(kScope, token);
  return cursor ? *cursor : std::nullopt;
}

void expect_refused(const PageScope& scope, const std::string& token) {
  const auto cursor = read_next_token(scope, token);
  ASSERT_FALSE(cursor) << token;
  EXPECT_EQ(cursor.error().kind, ErrorKind::kBadRequest);
  EXPECT_EQ(cursor.error().message,
            "The NextToken is not one that this operation gave for this list. Start again without "
            "it.");
}

TEST(Paging, NoTokenIsTheFirstPage) {
  const auto cursor = read_next_token(kScope, std::nullopt);
  ASSERT_TRUE(cursor);
  EXPECT_FALSE(*cursor);
}

TEST(Paging, TokensComeBackAsTheyWere) {
  const std::int64_t numbers[] = {0, 1, -1, 1'704'164'645'678, INT64_MAX, INT64_MIN};
  for (const std::int64_t first : numbers) {
    for (const std::int64_t second : numbers) {
      const std::string token = make_next_token(kScope, {first, second});
      const auto cursor = cursor_of(token);
      ASSERT_TRUE(cursor) << token;
      EXPECT_EQ(cursor->first, first);
      EXPECT_EQ(cursor->second, second);
    }
  }
}

TEST(Paging, TokensAreOfAnotherListRefused) {
  const std::string token = make_next_token(kScope, {5, 6});
  expect_refused(page_scope("ListChannels", {"arn", "PRIVATE"}), token);
  expect_refused(page_scope("ListChannels", {"arn"}), token);
  expect_refused(page_scope("ListChannels", {"ar", "nPUBLIC"}), token);
  expect_refused(page_scope("ListChannelMessages", {"arn", "PUBLIC"}), token);
}

TEST(Paging, AlteredTokensAreRefused) {
  const std::string token = make_next_token(kScope, {1'234, 56});
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == '0' ? '1' : '0';
    expect_refused(kScope, altered);
    altered = token;
    altered.erase(i, 1);
    expect_refused(kScope, altered);
    expect_refused(kScope, token.substr(0, i));
  }
  for (const char* const text : {"", ".", "..", "a.b.c", "next", "0.0.0", "\xFF"}) {
    expect_refused(kScope, text);
  }
  expect_refused(kScope, token + "0");
  expect_refused(kScope, token + ".0");
  expect_refused(kScope, std::string(100'000, '.'));
}

TEST(Paging, TokensAreWithinTheModelsLength) {
  EXPECT_LE(make_next_token(kScope, {INT64_MIN, INT64_MIN}).size(), 2'048U);
}

TEST(Paging, RowsAreTheModelsMaximumUnlessAsked) {
  EXPECT_EQ(page_rows(std::nullopt), kPageRowsDefault);
  EXPECT_EQ(page_rows(7), 7);
}

TEST(Paging, TheRowTooManyIsCut) {
  std::vector<int> rows{1, 2, 3};
  EXPECT_FALSE(cut_page(rows, 3));
  EXPECT_EQ(rows.size(), 3U);
  EXPECT_TRUE(cut_page(rows, 2));
  EXPECT_EQ(rows, (std::vector<int>{1, 2}));
  rows.clear();
  EXPECT_FALSE(cut_page(rows, 1));
}

}  // namespace
}  // namespace carillon::api::domain
