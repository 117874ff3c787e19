#include "api/protocol/timestamp.h"

#include <gtest/gtest.h>

namespace carillon::api::protocol {
namespace {

std::optional<std::int64_t> ms(std::string_view text) {
  const std::optional<Timestamp> time = parse_iso8601(text);
  return time ? std::optional(time->ms) : std::nullopt;
}

constexpr std::int64_t kSecond = 1'704'164'645'000;  // 2024-01-02T03:04:05Z

TEST(Timestamp, ReadsWhatTheSdksSend) {
  EXPECT_EQ(ms("2024-01-02T03:04:05Z"), kSecond);               // JavaScript v2
  EXPECT_EQ(ms("2024-01-02T03:04:05.678Z"), kSecond + 678);     // JavaScript v3, Go
  EXPECT_EQ(ms("2024-01-02T03:04:05.678901Z"), kSecond + 678);  // boto3
  EXPECT_EQ(ms("2024-01-02T03:04:05.678000Z"), kSecond + 678);  // the CLI
  EXPECT_EQ(ms("2024-01-02T03:04:05.6789Z"), kSecond + 678);    // Rust leaves out zeros
  EXPECT_EQ(ms("2024-01-02T03:04:05.678901234Z"), kSecond + 678);
  EXPECT_EQ(ms("2024-01-02T03:04:05.1Z"), kSecond + 100);
}

TEST(Timestamp, ReadsOffsets) {
  EXPECT_EQ(ms("2024-01-02T04:04:05+01:00"), kSecond);
  EXPECT_EQ(ms("2024-01-01T21:34:05-05:30"), kSecond);
  EXPECT_EQ(ms("2024-01-02T03:04:05.250+00:00"), kSecond + 250);
  EXPECT_EQ(ms("2024-01-02t03:04:05z"), kSecond);
}

TEST(Timestamp, KnowsTheCalendar) {
  EXPECT_EQ(ms("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(ms("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(ms("2024-02-29T00:00:00Z"), 1'709'164'800'000);
  EXPECT_EQ(ms("2000-02-29T00:00:00Z"), 951'782'400'000);
  EXPECT_FALSE(ms("2023-02-29T00:00:00Z"));
  EXPECT_FALSE(ms("1900-02-29T00:00:00Z"));
  EXPECT_FALSE(ms("2024-04-31T00:00:00Z"));
  // A leap second is the first second of the next minute.
  EXPECT_EQ(ms("2016-12-31T23:59:60Z"), ms("2017-01-01T00:00:00Z"));
  EXPECT_EQ(ms("9999-12-31T23:59:59.999Z"), 253'402'300'799'999);
  EXPECT_EQ(ms("0000-01-01T00:00:00Z"), -62'167'219'200'000);
}

TEST(Timestamp, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "yesterday",
                                      "1704164645",
                                      "1704164645.678",
                                      "2024-01-02",
                                      "2024-01-02T03:04Z",
                                      "2024-01-02T03:04:05",
                                      "2024-01-02 03:04:05Z",
                                      "2024-1-2T03:04:05Z",
                                      "24-01-02T03:04:05Z",
                                      "2024-00-02T03:04:05Z",
                                      "2024-13-02T03:04:05Z",
                                      "2024-01-00T03:04:05Z",
                                      "2024-01-32T03:04:05Z",
                                      "2024-01-02T24:00:00Z",
                                      "2024-01-02T03:60:05Z",
                                      "2024-01-02T03:04:61Z",
                                      "2024-01-02T03:04:05.Z",
                                      "2024-01-02T03:04:05.1234567890Z",
                                      "2024-01-02T03:04:05,678Z",
                                      "2024-01-02T03:04:05+0100",
                                      "2024-01-02T03:04:05+1:00",
                                      "2024-01-02T03:04:05+24:00",
                                      "2024-01-02T03:04:05+01:60",
                                      "2024-01-02T03:04:05+01",
                                      "2024-01-02T03:04:05ZZ",
                                      "2024-01-02T03:04:05Z ",
                                      " 2024-01-02T03:04:05Z",
                                      "+2024-01-02T03:04:05Z",
                                      "-024-01-02T03:04:05Z",
                                      "2024-01-02T03:04:05.67 Z",
                                      "20240102T030405Z",
                                      "Tue, 02 Jan 2024 03:04:05 GMT",
                                      "2024-01-02T03:04:05.-1Z"}) {
    EXPECT_FALSE(ms(text)) << text;
  }
}

TEST(Timestamp, WritesMilliseconds) {
  EXPECT_EQ(format_iso8601(kSecond + 678), "2024-01-02T03:04:05.678Z");
  EXPECT_EQ(format_iso8601(kSecond), "2024-01-02T03:04:05.000Z");
  EXPECT_EQ(format_iso8601(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_iso8601(-1), "1969-12-31T23:59:59.999Z");
}

TEST(Timestamp, ReadsWhatItWrites) {
  for (const std::int64_t time : {INT64_C(0), INT64_C(1), kSecond + 7, INT64_C(951'782'399'999),
                                  INT64_C(253'402'300'799'999), INT64_C(-62'167'219'200'000)}) {
    EXPECT_EQ(ms(format_iso8601(time)), time);
  }
}

}  // namespace
}  // namespace carillon::api::protocol
