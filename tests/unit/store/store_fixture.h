// What the store's tests share: a database with one app instance in it, and short ways to fill it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/app_instance_user_endpoints.h"
#include "store/app_instances.h"
#include "store/channel_bans.h"
#include "store/channel_flows.h"
#include "store/channel_memberships.h"
#include "store/channel_moderators.h"
#include "store/channels.h"
#include "store/client_request_tokens.h"
#include "store/connection.h"
#include "store/database.h"
#include "store/flow_executions.h"
#include "store/messages.h"
#include "store/purge.h"
#include "store/writer.h"

namespace carillon::store {

inline constexpr char kScope[] = "arn:aws:chime:us-east-1:123456789012:";

// Where data directories of tests go; removed when the test ends.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Whether `condition` becomes true within ten seconds.
bool eventually(const std::function<bool()>& condition);

// Text of what `action` throws, "" when it throws nothing.
std::string error_of(const std::function<void()>& action);

AppInstanceRow app_instance_row(const std::string& name);
IdentityRow identity_row(RowId app_instance_id, const std::string& name);
ChannelRow channel_row(RowId app_instance_id, const std::string& name,
                       const std::string& created_by_arn);
MessageRow message_row(RowId channel_id, RowId sender_id, const std::string& message_id,
                       TimeMs created_ms, const std::string& status = "SENT");
ProcessorRow processor_row(int execution_order, const std::string& name);
FlowExecutionRow execution_row(RowId message_row_id, const std::string& kind, RowId version_id);
EndpointRow endpoint_row(RowId user_id, const std::string& endpoint_id);
CallbackRow callback_row(const std::string& callback_id, RowId message_row_id, RowId channel_id,
                         const std::string& message_id, TimeMs deadline_ms);
std::int64_t count(ReadTx& tx, const std::string& table);

class StoreTest : public testing::Test {
 protected:
  StoreTest();

  RowId add_channel(const std::string& name);
  RowId add_message(RowId channel_id, const std::string& message_id, TimeMs created_ms,
                    const std::string& status = "SENT");
  // Runs purge steps until nothing is left; returns how many it took.
  int purge_all();

  Database database_ = Database::ephemeral(2);
  Connection& connection_ = database_.writer_connection();
  WriteTx tx_{connection_, 7};
  RowId app_instance_id_ = 0;
  std::string alice_arn_;
  std::string bob_arn_;
  RowId alice_id_ = 0;
  RowId bob_id_ = 0;
};

// A job made of two functions.
class FunctionJob : public WriteJob {
 public:
  using Run = std::function<bool(WriteTx&)>;
  using Done = std::function<void(std::exception_ptr)>;
  explicit FunctionJob(Run run, Done done = {}) : run_(std::move(run)), done_(std::move(done)) {}
  bool run(WriteTx& tx) override { return run_(tx); }
  void done(std::exception_ptr failure) noexcept override {
    if (done_) done_(failure);
  }

 private:
  Run run_;
  Done done_;
};

// Submits, waits for done() and rethrows its failure.
void run_in(Writer& writer, FunctionJob::Run run);

}  // namespace carillon::store
