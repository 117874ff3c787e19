#include "tests/component/service_in_memory.h"

#include <utility>
#include <variant>

#include "store/connection.h"

namespace carillon::tests {
namespace {

constexpr std::uint64_t kSeed = 7464;

}  // namespace

ServiceInMemory::ServiceInMemory(const api::Options& options)
    : options_(options),
      database_(store::Database::ephemeral(1)),
      readers_(database_, 1),
      ids_(kSeed) {}

api::HttpResponse ServiceInMemory::answer(const api::HttpRequest& request) {
  auto result = api::prepare(request, options_);
  if (auto* refusal = std::get_if<api::HttpResponse>(&result)) return std::move(*refusal);
  auto& prepared = std::get<api::Prepared>(result);
  if (auto refusal = api::throttle(prepared, buckets_, now_ms_)) return std::move(*refusal);
  if (prepared.reads()) {
    return readers_.read(0, [&](store::ReadTx& tx) {
      api::Call call{now_ms_, ids_, options_, prepared.caller()};
      return prepared.run(call, tx);
    });
  }
  api::HttpResponse response;
  run_write(prepared.caller(), [&](api::Call& call, store::WriteTx& tx) {
    response = prepared.run(call, tx);
    return !response.is_error();
  });
  return response;
}

void ServiceInMemory::write(const std::function<void(api::Call&, store::WriteTx&)>& job) {
  const api::Caller caller{options_.default_account, options_.default_region};
  run_write(caller, [&](api::Call& call, store::WriteTx& tx) {
    job(call, tx);
    return true;
  });
}

void ServiceInMemory::read(const std::function<void(store::ReadTx&)>& look) {
  readers_.read(0, [&](store::ReadTx& tx) { look(tx); });
}

void ServiceInMemory::run_write(const api::Caller& caller,
                                const std::function<bool(api::Call&, store::WriteTx&)>& job) {
  const bool alone = !in_batch_;
  if (alone) begin_batch();
  store::Connection& connection = database_.writer_connection();
  store::WriteTx tx(connection, batch_);
  api::Call call{now_ms_, ids_, options_, caller};
  connection.arm_savepoint();
  if (job(call, tx)) {
    connection.release_savepoint();
  } else {
    connection.rollback_savepoint();
  }
  for (api::Effect& effect : call.effects) uncommitted_.push_back(std::move(effect));
  if (alone) end_batch();
}

void ServiceInMemory::begin_batch() {
  database_.writer_connection().begin_immediate();
  in_batch_ = true;
}

void ServiceInMemory::end_batch() {
  database_.writer_connection().commit();
  readers_.announce_commit();
  for (api::Effect& effect : uncommitted_) committed_.push_back(std::move(effect));
  uncommitted_.clear();
  in_batch_ = false;
  ++batch_;
}

std::vector<api::Effect> ServiceInMemory::take_effects() { return std::exchange(committed_, {}); }

}  // namespace carillon::tests
