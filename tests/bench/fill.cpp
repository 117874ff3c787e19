// Makes a data directory with one channel that holds the given number of messages, and has ten
// members or more; further channels have ten members and no message. Says on standard output, as
// JSON, what is in it. Run by bench.py.
//   bench_fill DIRECTORY MESSAGES [MEMBERS MORE_CHANNELS]
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>

#include "tests/bench/filled_database.h"

int main(int count, char** arguments) {
  using namespace carillon;
  bench::Contents contents;
  contents.messages = count == 3 || count == 5 ? std::atoll(arguments[2]) : -1;
  if (count == 5) {
    contents.members = std::atoi(arguments[3]);
    contents.more_channels = std::atoi(arguments[4]);
  }
  if (contents.messages < 0 || contents.members < bench::kMembers || contents.more_channels < 0) {
    std::cerr << "usage: bench_fill DIRECTORY MESSAGES [MEMBERS MORE_CHANNELS]\n";
    return 2;
  }
  try {
    const std::filesystem::path directory = arguments[1];
    if (std::filesystem::exists(directory / "carillon.db")) {
      std::cerr << "bench_fill: " << directory << " holds a database already\n";
      return 1;
    }
    store::Database database = store::Database::open(directory);
    bench::fill(database, contents);
  } catch (const std::exception& failure) {
    std::cerr << "bench_fill: " << failure.what() << '\n';
    return 1;
  }
  std::cout << R"({"app_instance_arn": ")" << bench::kAppInstanceArn << R"(", "channel_arn": ")"
            << bench::kChannelArn << R"(", "bearer_arn": ")" << bench::member_arn(0)
            << R"(", "messages": )" << contents.messages << R"(, "first_message_ms": )"
            << bench::kFirstMessageMs << R"(, "message_interval_ms": )" << bench::kMessageIntervalMs
            << "}\n";
  return 0;
}
