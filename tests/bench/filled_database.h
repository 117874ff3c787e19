// A database filled through the store layer, as the benchmarks need it: one app instance, a few
// users, and one channel that holds any number of messages. Everything in it follows from the
// message's number, so that a load generator can ask for any message without having seen it.
//
// Called by fill.cpp and micro.cpp, on their main threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/database.h"
#include "store/rows.h"

namespace carillon::bench {

inline constexpr std::string_view kAppInstanceArn =
    "arn:aws:chime:us-east-1:000000000000:app-instance/5c1f7a2e-8b4d-4f0a-9e63-2d7b10c4a985";
inline constexpr std::string_view kChannelArn =
    "arn:aws:chime:us-east-1:000000000000:app-instance/5c1f7a2e-8b4d-4f0a-9e63-2d7b10c4a985"
    "/channel/bench";
// Members of the channel, of whom there may be more; the first is the bearer of every request.
// Messages are sent by these.
inline constexpr int kMembers = 10;
std::string member_arn(int member);

// Message n was created n seconds after the first: whole seconds, so that the answers for any two
// messages are equally long. 2024-01-01T00:00:00Z.
inline constexpr store::TimeMs kFirstMessageMs = 1'704'067'200'000;
inline constexpr store::TimeMs kMessageIntervalMs = 1'000;

// 64 hexadecimal digits, the first 12 of them the time, as the service makes them.
std::string message_id(std::int64_t number);

struct Contents {
  std::int64_t messages = 0;
  int members = kMembers;  // of the channel, kMembers at the least
  int more_channels = 0;   // each with the first kMembers members
};
// Puts them into an empty database. Throws store::StoreError.
void fill(store::Database& database, const Contents& contents);

}  // namespace carillon::bench
