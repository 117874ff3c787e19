#include "tests/unit/store/store_fixture.h"

#include <chrono>
#include <cstdlib>
#include <future>
#include <thread>

namespace carillon::store {

namespace fs = std::filesystem;

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (fs::temp_directory_path() / "carillon-store-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code error;
  fs::remove_all(path_, error);
  EXPECT_FALSE(error) << error.message();
}

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

AppInstanceRow app_instance_row(const std::string& name) {
  AppInstanceRow row;
  row.arn = std::string(kScope) + "app-instance/" + name;
  row.name = name;
  row.created_ms = 100;
  row.updated_ms = 100;
  return row;
}

IdentityRow identity_row(RowId app_instance_id, const std::string& name) {
  IdentityRow row;
  row.app_instance_id = app_instance_id;
  row.arn =
      std::string(kScope) + "app-instance/" + std::to_string(app_instance_id) + "/user/" + name;
  row.name = name;
  row.created_ms = 100;
  row.updated_ms = 100;
  return row;
}

ChannelRow channel_row(RowId app_instance_id, const std::string& name,
                       const std::string& created_by_arn) {
  ChannelRow row;
  row.app_instance_id = app_instance_id;
  row.arn =
      std::string(kScope) + "app-instance/" + std::to_string(app_instance_id) + "/channel/" + name;
  row.name = name;
  row.mode = "RESTRICTED";
  row.privacy = "PRIVATE";
  row.created_by_arn = created_by_arn;
  row.created_ms = 200;
  row.updated_ms = 200;
  return row;
}

MessageRow message_row(RowId channel_id, RowId sender_id, const std::string& message_id,
                       TimeMs created_ms, const std::string& status) {
  MessageRow row;
  row.channel_id = channel_id;
  row.sender_id = sender_id;
  row.message_id = message_id;
  row.type = "STANDARD";
  row.persistence = "PERSISTENT";
  row.status = status;
  row.revision.content = "content of " + message_id;
  row.created_ms = created_ms;
  row.updated_ms = created_ms;
  return row;
}

ProcessorRow processor_row(int execution_order, const std::string& name) {
  return {execution_order, name, "arn:aws:lambda:us-east-1:123456789012:function:" + name, "ASYNC",
          "ABORT"};
}

FlowExecutionRow execution_row(RowId message_row_id, const std::string& kind, RowId version_id) {
  FlowExecutionRow row;
  row.message_row_id = message_row_id;
  row.kind = kind;
  row.flow_version_id = version_id;
  row.revision.content = "revised";
  row.created_ms = 300;
  return row;
}

EndpointRow endpoint_row(RowId user_id, const std::string& endpoint_id) {
  EndpointRow row;
  row.user_id = user_id;
  row.endpoint_id = endpoint_id;
  row.name = "phone";
  row.type = "GCM";
  row.resource_arn = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/a";
  row.attributes = "{\"DeviceToken\":\"t\"}";
  row.allow_messages = "ALL";
  row.created_ms = 150;
  row.updated_ms = 150;
  return row;
}

CallbackRow callback_row(const std::string& callback_id, RowId message_row_id, RowId channel_id,
                         const std::string& message_id, TimeMs deadline_ms) {
  CallbackRow row;
  row.callback_id = callback_id;
  row.message_row_id = message_row_id;
  row.channel_id = channel_id;
  row.message_id = message_id;
  row.processor_name = "mask";
  row.processor_arn = "arn:aws:lambda:us-east-1:123456789012:function:mask";
  row.fallback_action = "CONTINUE";
  row.status = "PENDING";
  row.invocation = "QUEUED";
  row.event = "{\"CallbackId\":\"" + callback_id + "\"}";
  row.created_ms = 400;
  row.deadline_ms = deadline_ms;
  return row;
}

std::int64_t count(ReadTx& tx, const std::string& table) {
  return tx.connection().run_for_value("SELECT count(*) FROM " + table);
}

StoreTest::StoreTest() {
  app_instance_id_ = insert_app_instance(tx_, app_instance_row("main"));
  const IdentityRow alice = identity_row(app_instance_id_, "alice");
  const IdentityRow bob = identity_row(app_instance_id_, "bob");
  alice_arn_ = alice.arn;
  bob_arn_ = bob.arn;
  alice_id_ = insert_identity(tx_, alice);
  bob_id_ = insert_identity(tx_, bob);
}

RowId StoreTest::add_channel(const std::string& name) {
  return insert_channel(tx_, channel_row(app_instance_id_, name, alice_arn_));
}

RowId StoreTest::add_message(RowId channel_id, const std::string& message_id, TimeMs created_ms,
                             const std::string& status) {
  return insert_message(tx_, message_row(channel_id, alice_id_, message_id, created_ms, status));
}

int StoreTest::purge_all() {
  int steps = 1;
  while (purge_step(tx_)) ++steps;
  return steps;
}

void run_in(Writer& writer, FunctionJob::Run run) {
  std::promise<void> finished;
  const bool accepted = writer.submit(
      std::make_unique<FunctionJob>(std::move(run), [&finished](std::exception_ptr failure) {
        if (failure) {
          finished.set_exception(failure);
        } else {
          finished.set_value();
        }
      }));
  if (!accepted) throw std::runtime_error("the writer refused a job");
  finished.get_future().get();
}

}  // namespace carillon::store
