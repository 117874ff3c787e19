// Microbenchmarks of the layers below HTTP, to see which part of a request costs what:
//   ./dev bench --micro [Google Benchmark's flags]
// All of it runs on one thread but for the writer's, over a database on disk.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

#include <benchmark/benchmark.h>
#include <strings.h>

#include "api/generated/messaging/codec.h"
#include "api/generated/messaging/operations.h"
#include "api/protocol/invocation.h"
#include "api/protocol/uri.h"
#include "api/service.h"
#include "store/channels.h"
#include "store/messages.h"
#include "store/reader_pool.h"
#include "store/writer.h"
#include "tests/bench/filled_database.h"

namespace carillon::bench {
namespace {

constexpr std::int64_t kMessages = 20'000;
// Jobs that are submitted before the first is waited for: as many clients at once.
constexpr int kJobsAtOnce = 32;
constexpr store::TimeMs kNowMs = kFirstMessageMs + kMessages * kMessageIntervalMs;

// ---- what the benchmarks share ---------------------------------------------------------------

// A filled database in a directory of its own, removed at the end.
class World {
 public:
  static World& get() {
    static World world;
    return world;
  }
  ~World() {
    writer.stop();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

 private:
  World() : directory_(make_directory()), database_(open_filled(directory_)) {}

  static std::filesystem::path make_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "carillon-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    return name;
  }
  static store::Database open_filled(const std::filesystem::path& directory) {
    {
      store::Database database = store::Database::open(directory);
      fill(database, {.messages = kMessages});
    }
    return store::Database::open(directory);
  }

  std::filesystem::path directory_;
  store::Database database_;

 public:
  store::ReaderPool readers{database_, 1};
  store::Writer writer{database_, readers, 1'000'000};
  api::Options options;
  api::Ids ids{1};
};

// As many header fields as an SDK sends.
class Headers final : public api::RequestHeaders {
 public:
  std::optional<std::string_view> find(std::string_view name) const override {
    for (const auto& [key, value] : fields_) {
      if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0) {
        return value;
      }
    }
    return std::nullopt;
  }

 private:
  const std::string bearer_ = member_arn(0);
  const std::vector<std::pair<std::string_view, std::string_view>> fields_ = {
      {"Host", "127.0.0.1:7464"},
      {"Accept-Encoding", "identity"},
      {"x-amz-chime-bearer", bearer_},
      {"Content-Type", "application/json"},
      {"User-Agent", "Boto3/1.43.11 md/Botocore#1.43.11 ua/2.1 os/linux#6.1 lang/python#3.11.7"},
      {"X-Amz-Date", "20261122T144829Z"},
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/chime/aws4_request, "
       "SignedHeaders=content-type;host;x-amz-chime-bearer;x-amz-date, "
       "Signature=48e8433d7f1ca05da3f35c93c2fc3d0e1e2ec30a4c1690ce4abd5995e5eae1ce"},
      {"amz-sdk-invocation-id", "411ea0ba-027d-4975-a598-2e6bc7f3cf51"},
      {"amz-sdk-request", "attempt=1"}};
};
const Headers kHeaders;

std::string messages_path() {
  std::string path = "/channels/";
  for (const char c : kChannelArn) {
    if (c == ':') {
      path += "%3A";
    } else if (c == '/') {
      path += "%2F";
    } else {
      path += c;
    }
  }
  return path + "/messages";
}

std::string send_body(std::string_view token, std::string_view type = "STANDARD") {
  return R"({"Content": "A message as people send them: a sentence or two, with an accent (é).",)"
         R"( "Type": ")" +
         std::string(type) +
         R"(", "Persistence": "PERSISTENT",)"
         R"( "Metadata": "{\"client\": \"bench\"}", "ClientRequestToken": ")" +
         std::string(token) + R"("})";
}

// Throws when the service refuses what should be valid: a benchmark that measures errors is
// worthless.
api::Prepared prepare(std::string_view method, std::string_view target, std::string_view body) {
  auto prepared = api::prepare({method, target, kHeaders, body}, World::get().options);
  if (auto* refusal = std::get_if<api::HttpResponse>(&prepared)) {
    throw std::runtime_error("refused: " + refusal->body);
  }
  return std::move(std::get<api::Prepared>(prepared));
}

api::HttpResponse run_read(api::Prepared& prepared) {
  World& world = World::get();
  api::Call call{kNowMs, world.ids, world.options, prepared.caller()};
  auto response = world.readers.read(0, [&](store::ReadTx& tx) { return prepared.run(call, tx); });
  if (response.is_error()) throw std::runtime_error("answered " + response.body);
  return response;
}

// A message that differs from call to call, all over the channel.
std::int64_t some_message() {
  static std::int64_t number = 0;
  number = (number + 7'919) % kMessages;
  return number;
}

// ---- reading ---------------------------------------------------------------------------------

void prepare_get(benchmark::State& state) {
  const std::string target = messages_path() + "/" + message_id(1);
  for (auto _ : state) benchmark::DoNotOptimize(prepare("GET", target, ""));
}
BENCHMARK(prepare_get);

void prepare_list(benchmark::State& state) {
  const std::string target = messages_path() + "?max-results=50";
  for (auto _ : state) benchmark::DoNotOptimize(prepare("GET", target, ""));
}
BENCHMARK(prepare_list);

void prepare_send(benchmark::State& state) {
  const std::string target = messages_path();
  const std::string body = send_body("411ea0ba-027d-4975-a598-2e6bc7f3cf51");
  for (auto _ : state) benchmark::DoNotOptimize(prepare("POST", target, body));
}
BENCHMARK(prepare_send);

void refuse_invalid_send(benchmark::State& state) {
  const std::string target = messages_path();
  const std::string body = send_body("x", "SHOUTED");
  for (auto _ : state) {
    auto answer = api::prepare({"POST", target, kHeaders, body}, World::get().options);
    if (!std::holds_alternative<api::HttpResponse>(answer)) throw std::runtime_error("accepted");
    benchmark::DoNotOptimize(answer);
  }
}
BENCHMARK(refuse_invalid_send);

void load_access(benchmark::State& state) {
  const std::string bearer = member_arn(0);
  for (auto _ : state) {
    World::get().readers.read(0, [&](store::ReadTx& tx) {
      benchmark::DoNotOptimize(store::load_channel_access(tx, kChannelArn, bearer));
    });
  }
}
BENCHMARK(load_access);

void find_message(benchmark::State& state) {
  const store::RowId channel_id = World::get().readers.read(
      0, [](store::ReadTx& tx) { return store::find_channel(tx, kChannelArn).value().id; });
  for (auto _ : state) {
    const std::string id = message_id(some_message());
    World::get().readers.read(0, [&](store::ReadTx& tx) {
      benchmark::DoNotOptimize(store::find_message(tx, channel_id, id).value());
    });
  }
}
BENCHMARK(find_message);

// The whole request below HTTP.
void get_channel_message(benchmark::State& state) {
  const std::string path = messages_path() + "/";
  for (auto _ : state) {
    api::Prepared prepared = prepare("GET", path + message_id(some_message()), "");
    benchmark::DoNotOptimize(run_read(prepared));
  }
}
BENCHMARK(get_channel_message);

void list_50_channel_messages(benchmark::State& state) {
  const std::string target = messages_path() + "?max-results=50";
  for (auto _ : state) {
    api::Prepared prepared = prepare("GET", target, "");
    benchmark::DoNotOptimize(run_read(prepared));
  }
}
BENCHMARK(list_50_channel_messages);

void render_50_channel_messages(benchmark::State& state) {
  World& world = World::get();
  api::messaging::ListChannelMessagesRequest in;
  in.channel_arn = kChannelArn;
  in.chime_bearer = member_arn(0);
  api::Call call{kNowMs, world.ids, world.options, {}};
  const auto out = world.readers.read(
      0, [&](store::ReadTx& tx) { return *api::messaging::list_channel_messages(call, tx, in); });
  for (auto _ : state) benchmark::DoNotOptimize(api::protocol::encode_answer(out));
}
BENCHMARK(render_50_channel_messages);

// ---- writing ---------------------------------------------------------------------------------

// Runs `body` on the writer thread and counts the latch down when it is committed.
template <typename Body>
class Job final : public store::WriteJob {
 public:
  Job(Body body, std::latch& latch) : body_(std::move(body)), latch_(latch) {}
  bool run(store::WriteTx& tx) override {
    body_(tx);
    return true;
  }
  void done(std::exception_ptr failure) noexcept override {
    if (failure) std::abort();
    latch_.count_down();
  }

 private:
  Body body_;
  std::latch& latch_;
};

template <typename MakeBody>
void write_in_groups(benchmark::State& state, MakeBody make_body) {
  World& world = World::get();
  const int at_once = static_cast<int>(state.range(0));
  for (auto _ : state) {
    std::latch latch(at_once);
    for (int i = 0; i < at_once; ++i) {
      auto body = make_body();
      if (!world.writer.submit(std::make_unique<Job<decltype(body)>>(std::move(body), latch))) {
        throw std::runtime_error("the writer refused a job");
      }
    }
    latch.wait();
  }
  state.SetItemsProcessed(state.iterations() * at_once);
}

void writer_insert_message(benchmark::State& state) {
  World& world = World::get();
  store::MessageRow row;
  world.readers.read(0, [&](store::ReadTx& tx) { row = store::find_message_by_id(tx, 1).value(); });
  write_in_groups(state, [&world, &row] {
    return [&world, &row](store::WriteTx& tx) {
      store::MessageRow message = row;
      message.message_id = world.ids.message_id(kNowMs);
      store::insert_message(tx, message);
    };
  });
}
BENCHMARK(writer_insert_message)->Arg(1)->Arg(kJobsAtOnce)->UseRealTime();

// The whole request below HTTP: decoded on this thread, run and rendered on the writer's.
void send_channel_message(benchmark::State& state) {
  World& world = World::get();
  const std::string target = messages_path();
  static std::int64_t number = 0;
  write_in_groups(state, [&world, &target] {
    const std::string token = "token-" + std::to_string(++number);
    auto prepared = std::make_shared<api::Prepared>(prepare("POST", target, send_body(token)));
    return [&world, prepared](store::WriteTx& tx) {
      api::Call call{kNowMs, world.ids, world.options, prepared->caller()};
      if (prepared->run(call, tx).is_error()) throw std::runtime_error("the message is refused");
    };
  });
}
BENCHMARK(send_channel_message)->Arg(1)->Arg(kJobsAtOnce)->UseRealTime();

}  // namespace
}  // namespace carillon::bench

int main(int count, char** arguments) {
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
  carillon::bench::World::get();  // filled before anything is timed
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
