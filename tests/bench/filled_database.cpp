#include "tests/bench/filled_database.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "store/app_instances.h"
#include "store/channel_memberships.h"
#include "store/channel_moderators.h"
#include "store/channels.h"
#include "store/messages.h"
#include "store/reader_pool.h"
#include "store/writer.h"

namespace carillon::bench {
namespace {

// Large enough that the commit costs nothing, small enough that the log stays short.
constexpr std::int64_t kMessagesPerJob = 5'000;

class Job final : public store::WriteJob {
 public:
  explicit Job(std::function<void(store::WriteTx&)> body) : body_(std::move(body)) {}

  std::future<void> finished() { return finished_.get_future(); }
  bool run(store::WriteTx& tx) override {
    body_(tx);
    return true;
  }
  void done(std::exception_ptr failure) noexcept override {
    if (failure) {
      finished_.set_exception(std::move(failure));
    } else {
      finished_.set_value();
    }
  }

 private:
  std::function<void(store::WriteTx&)> body_;
  std::promise<void> finished_;
};

void run(store::Writer& writer, std::function<void(store::WriteTx&)> body) {
  auto job = std::make_unique<Job>(std::move(body));
  auto finished = job->finished();
  if (!writer.submit(std::move(job))) throw std::runtime_error("the writer refused a job");
  finished.get();
}

struct Ids {
  store::RowId channel = 0;
  std::vector<store::RowId> members;
};

store::RowId insert_channel_of(store::WriteTx& tx, store::RowId app_instance_id,
                               const std::string& arn, const std::vector<store::RowId>& members) {
  store::ChannelRow channel;
  channel.app_instance_id = app_instance_id;
  channel.arn = arn;
  channel.name = "bench";
  channel.mode = "RESTRICTED";
  channel.privacy = "PRIVATE";
  channel.created_by_arn = member_arn(0);
  channel.created_ms = channel.updated_ms = kFirstMessageMs;
  const store::RowId id = store::insert_channel(tx, channel);
  for (const store::RowId member : members) {
    store::insert_membership(tx, id, member, "DEFAULT", members.front(), kFirstMessageMs);
  }
  store::insert_moderator(tx, id, members.front(), members.front(), kFirstMessageMs);
  return id;
}

Ids insert_channel(store::WriteTx& tx, const Contents& contents) {
  store::AppInstanceRow app_instance;
  app_instance.arn = kAppInstanceArn;
  app_instance.name = "bench";
  app_instance.created_ms = app_instance.updated_ms = kFirstMessageMs;
  const store::RowId app_instance_id = store::insert_app_instance(tx, app_instance);

  Ids ids;
  for (int member = 0; member < contents.members; ++member) {
    store::IdentityRow user;
    user.app_instance_id = app_instance_id;
    user.arn = member_arn(member);
    user.name = "Member " + std::to_string(member);
    user.created_ms = user.updated_ms = kFirstMessageMs;
    ids.members.push_back(store::insert_identity(tx, user));
  }
  ids.channel = insert_channel_of(tx, app_instance_id, std::string(kChannelArn), ids.members);
  const std::vector<store::RowId> some(ids.members.begin(), ids.members.begin() + kMembers);
  for (int channel = 0; channel < contents.more_channels; ++channel) {
    std::array<char, 16> number;
    std::snprintf(number.data(), number.size(), "-%06d", channel);
    insert_channel_of(tx, app_instance_id, std::string(kChannelArn) + number.data(), some);
  }
  return ids;
}

std::string content(std::int64_t number) {
  std::array<char, 160> text;
  std::snprintf(text.data(), text.size(),
                "Message %09lld: the quick brown fox jumps over the lazy dog, and then goes on to "
                "say what people say in channels.",
                static_cast<long long>(number));
  return text.data();
}

store::MessageRow make_message(const Ids& ids, std::int64_t number) {
  store::MessageRow message;
  message.channel_id = ids.channel;
  message.sender_id = ids.members[static_cast<std::size_t>(number % kMembers)];
  message.message_id = message_id(number);
  message.type = "STANDARD";
  message.persistence = "PERSISTENT";
  message.status = "SENT";
  message.revision.content = content(number);
  message.revision.metadata = R"({"client":"bench"})";
  message.created_ms = message.updated_ms = kFirstMessageMs + number * kMessageIntervalMs;
  return message;
}

}  // namespace

std::string member_arn(int member) {
  return std::string(kAppInstanceArn) + "/user/member-" + std::to_string(member);
}

std::string message_id(std::int64_t number) {
  std::array<char, 65> text;
  const auto time = kFirstMessageMs + number * kMessageIntervalMs;
  std::snprintf(text.data(), text.size(), "%012llx%052llx", static_cast<unsigned long long>(time),
                static_cast<unsigned long long>(number));
  return text.data();
}

void fill(store::Database& database, const Contents& contents) {
  store::ReaderPool readers(database, 0);
  store::Writer writer(database, readers, 1);
  Ids ids;
  run(writer, [&](store::WriteTx& tx) { ids = insert_channel(tx, contents); });
  for (std::int64_t first = 0; first < contents.messages; first += kMessagesPerJob) {
    const std::int64_t end = std::min(contents.messages, first + kMessagesPerJob);
    run(writer, [&ids, first, end](store::WriteTx& tx) {
      for (std::int64_t number = first; number < end; ++number) {
        store::insert_message(tx, make_message(ids, number));
      }
    });
  }
}

}  // namespace carillon::bench
