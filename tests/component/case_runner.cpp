#include "tests/component/case_runner.h"

#include <algorithm>
#include <array>
#include <deque>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <utility>

#include "api/flow_events.h"
#include "store/purge.h"
#include "tests/component/audience.h"
#include "tests/component/http_requests.h"
#include "tests/component/json_match.h"
#include "tests/component/json_template.h"
#include "tests/component/service_in_memory.h"

namespace carillon::tests {

namespace fs = std::filesystem;
namespace json = api::json;

namespace {

constexpr std::string_view kSetUpFolder = "_set_up";

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  if (!file) throw CaseFailure("cannot read " + path.string());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void check_names(json::Value object, std::initializer_list<std::string_view> known) {
  object.for_each_member([&](std::string_view name, json::Value) {
    if (name == "note") return;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw CaseFailure("a case has no use for \"" + std::string(name) + "\" here");
    }
  });
}

std::int64_t integer_or(json::Value value, std::int64_t fallback) {
  return value.is_null() ? fallback : value.integer().value();
}

api::Options read_options(json::Value given) {
  api::Options options;
  if (given.is_null()) return options;
  check_names(given, {"callback_timeout_ms", "callback_expiry", "validation_exception", "quotas",
                      "advertise", "auto_provision"});
  options.callback_timeout_ms =
      integer_or(given.find("callback_timeout_ms"), options.callback_timeout_ms);
  const json::Value expiry = given.find("callback_expiry");
  if (!expiry.is_null() && expiry.string() == "apply-fallback") {
    options.callback_expiry = api::CallbackExpiry::kApplyFallback;
  }
  const json::Value validation = given.find("validation_exception");
  if (!validation.is_null()) options.validation_exception = validation.boolean();
  const json::Value quotas = given.find("quotas");
  if (!quotas.is_null()) options.enforce_quotas = quotas.string() == "enforce";
  const json::Value provision = given.find("auto_provision");
  if (!provision.is_null()) options.auto_provision = provision.boolean();
  const json::Value advertise = given.find("advertise");
  if (!advertise.is_null()) options.advertise = advertise.string();
  return options;
}

// "BadRequestException" is "BadRequest" in the body; the framework's own names stay as they are.
std::string code_of(std::string_view exception) {
  static constexpr std::array<std::string_view, 5> kUnshortened{
      "ValidationException", "SerializationException", "UnknownOperationException",
      "UnsupportedOperationException", "RequestEntityTooLargeException"};
  const bool whole =
      std::find(kUnshortened.begin(), kUnshortened.end(), exception) != kUnshortened.end();
  static constexpr std::string_view kSuffix = "Exception";
  if (whole || exception.size() <= kSuffix.size()) return std::string(exception);
  const std::string_view stem = exception.substr(0, exception.size() - kSuffix.size());
  if (stem == "ThrottledClient") return "Throttled";
  return std::string(stem == "UnauthorizedClient" ? "Unauthorized" : stem);
}

std::string describe(const api::HttpResponse& response) {
  return std::to_string(response.status) + " " + response.error_type + " " + response.body;
}

[[noreturn]] void fail(const std::vector<std::string>& lines, const std::string& context) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  throw CaseFailure(text + context);
}

class CaseRunner {
 public:
  CaseRunner(json::Value root, fs::path folder)
      : root_(root), folder_(std::move(folder)), service_(read_options(root.find("options"))) {}

  // Names of operations are added to `hidden`, if it is given: see run_case_file_with_intruders.
  void run(std::set<std::string>* hidden = nullptr);

 private:
  using Step = void (CaseRunner::*)(json::Value step);
  struct StepKind {
    std::string_view name;  // the member by which a step is told
    Step run;
  };
  static const std::array<StepKind, 13> kStepKinds;

  void set_up(json::Value names);
  void run_steps(json::Value steps);
  void run_step(json::Value step);

  void call_operation(json::Value step);
  void send_request(json::Value step);
  void advance_clock(json::Value step);
  void report_processor(json::Value step);
  void expire(json::Value step);
  void purge(json::Value step);
  void run_same_batch(json::Value step);
  void check_invocations(json::Value step);
  void check_deadline(json::Value step);
  void check_births(json::Value step);
  void check_events(json::Value step);
  void repeat(json::Value step);
  void set_variables(json::Value step);

  void exchange(OwnedRequest request, json::Value step);
  void send_intruders(const OwnedRequest& request);
  void check_intruders(const OwnedRequest& request, const api::HttpResponse& owner,
                       json::Value step);
  void check_answer(const api::HttpResponse& response, json::Value expect);
  void check_error(const api::HttpResponse& response, json::Value expect, json::Value body);
  void save(json::Value body, json::Value names);
  void collect_effects();
  void check_differences(json::Value expected, json::Value got, Members members,
                         const std::string& context);

  json::Value root_;
  fs::path folder_;
  ServiceInMemory service_;
  Variables variables_;
  int requests_ = 0;
  std::set<std::string>* hidden_ = nullptr;
  std::vector<api::HttpResponse> intruder_answers_;  // to the request that comes next
  std::deque<api::InvokeProcessor> invocations_;     // those that no step has looked at
  std::vector<std::string> births_;                  // the same
  Audience audience_;
  bool purge_due_ = false;
  std::optional<std::int64_t> deadline_ms_;
};

const std::array<CaseRunner::StepKind, 13> CaseRunner::kStepKinds{{
    {"operation", &CaseRunner::call_operation},
    {"request", &CaseRunner::send_request},
    {"advance_ms", &CaseRunner::advance_clock},
    {"processor", &CaseRunner::report_processor},
    {"expire", &CaseRunner::expire},
    {"purge", &CaseRunner::purge},
    {"same_batch", &CaseRunner::run_same_batch},
    {"invocations", &CaseRunner::check_invocations},
    {"deadline_in_ms", &CaseRunner::check_deadline},
    {"provisioned", &CaseRunner::check_births},
    {"events", &CaseRunner::check_events},
    {"repeat", &CaseRunner::repeat},
    {"set", &CaseRunner::set_variables},
}};

void CaseRunner::run(std::set<std::string>* hidden) {
  hidden_ = hidden;
  check_names(root_, {"options", "set_up", "steps"});
  if (root_.find("steps").is_null()) throw CaseFailure("a case needs \"steps\"");
  set_up(root_.find("set_up"));
  audience_.take_news();
  run_steps(root_.find("steps"));
  // A second invocation that nobody expected would otherwise go unseen.
  if (!invocations_.empty()) {
    throw CaseFailure("at the end: an invocation that no step looked at: " +
                      invocations_.front().event);
  }
  if (!births_.empty()) {
    throw CaseFailure("at the end: a birth that no step looked at: " + births_.front());
  }
}

void CaseRunner::set_up(json::Value names) {
  if (names.is_null()) return;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string name(names.at(i).string());
    const json::Document document(read_file(folder_ / kSetUpFolder / (name + ".json")));
    if (document.error()) throw CaseFailure("set-up " + name + " " + *document.error());
    try {
      check_names(document.root(), {"set_up", "steps"});
      set_up(document.root().find("set_up"));
      run_steps(document.root().find("steps"));
    } catch (const CaseFailure& failure) {
      throw CaseFailure("set-up " + name + ", " + failure.what());
    }
  }
}

void CaseRunner::run_steps(json::Value steps) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const json::Value step = steps.at(i);
    try {
      run_step(step);
    } catch (const CaseFailure& failure) {
      const json::Value operation = step.find("operation");
      const std::string name =
          operation.is_null() ? "" : " (" + std::string(operation.string()) + ")";
      throw CaseFailure("step " + std::to_string(i + 1) + name + ": " + failure.what());
    }
  }
}

void CaseRunner::run_step(json::Value step) {
  for (const StepKind& kind : kStepKinds) {
    if (!step.find(kind.name).is_null()) return (this->*kind.run)(step);
  }
  throw CaseFailure("no kind of step: " + to_json(step));
}

void CaseRunner::call_operation(json::Value step) {
  check_names(step, {"operation", "input", "headers", "expect", "save"});
  const json::Value given = step.find("input");
  const json::Document input(given.is_null() ? "{}" : fill_in(given, variables_));
  OwnedRequest request = sdk_request(step.find("operation").string(), input.root(),
                                     "token-" + std::to_string(++requests_));
  if (!step.find("headers").is_null()) {
    const json::Document headers(fill_in(step.find("headers"), variables_));
    add_headers(request, headers.root());
  }
  exchange(std::move(request), step);
}

void CaseRunner::send_request(json::Value step) {
  check_names(step, {"request", "expect", "save"});
  check_names(step.find("request"), {"method", "target", "headers", "body"});
  const json::Document request(fill_in(step.find("request"), variables_));
  exchange(raw_request(request.root()), step);
}

void CaseRunner::exchange(OwnedRequest request, json::Value step) {
  if (hidden_ != nullptr) send_intruders(request);
  service_.read([&](store::ReadTx& tx) { audience_.meet(tx, variables_); });
  const api::HttpResponse response = service_.answer(request.view());
  if (hidden_ != nullptr) check_intruders(request, response, step);
  collect_effects();
  check_answer(response, step.find("expect"));
  if (step.find("save").is_null()) return;
  const json::Document body(response.body);
  save(body.root(), step.find("save"));
}

// Only requests that name something: without an ARN there is nothing to be hidden.
void CaseRunner::send_intruders(const OwnedRequest& request) {
  intruder_answers_.clear();
  std::string text = request.target + request.body;
  text += request.headers.find("x-amz-chime-bearer").value_or("");
  if (text.find("app-instance/") == std::string::npos &&
      text.find("app-instance%2F") == std::string::npos) {
    return;
  }
  for (const char* scope : {"999999999999/20240101/us-east-1", "test/20240101/ap-south-2"}) {
    OwnedRequest intruder = request;
    intruder.headers.set("Authorization",
                         "AWS4-HMAC-SHA256 Credential=" + std::string(scope) +
                             "/chime/aws4_request, SignedHeaders=host, Signature=0");
    intruder_answers_.push_back(service_.answer(intruder.view()));
  }
}

// An intruder gets what he would get if nothing of that were there, or what the request deserves
// whoever sends it.
void CaseRunner::check_intruders(const OwnedRequest& request, const api::HttpResponse& owner,
                                 json::Value step) {
  for (const api::HttpResponse& answer : intruder_answers_) {
    const bool missing = answer.status == 403 || answer.status == 404;
    const bool deserved = answer.is_error() && answer.status != 409 && answer.body == owner.body;
    if (!missing && !deserved) {
      throw CaseFailure("another account or region is answered " + describe(answer) + " to " +
                        request.method + " " + request.target + " " + request.body);
    }
    const json::Value operation = step.find("operation");
    if (missing && !owner.is_error() && !operation.is_null()) {
      hidden_->insert(std::string(operation.string()));
    }
  }
}

void CaseRunner::check_answer(const api::HttpResponse& response, json::Value expect) {
  if (expect.is_null()) {
    if (response.is_error()) throw CaseFailure("expected success, got " + describe(response));
    return;
  }
  check_names(expect, {"status", "error", "message", "body", "exact_body", "empty"});
  const std::int64_t status = integer_or(expect.find("status"), 0);
  if (status == 0) throw CaseFailure("\"expect\" needs a \"status\"");
  if (response.status != status) {
    throw CaseFailure("expected status " + std::to_string(status) + ", got " + describe(response));
  }
  if (!expect.find("empty").is_null() && !response.body.empty()) {
    throw CaseFailure("expected no body, got " + describe(response));
  }
  if (response.body.empty()) {
    if (expect.find("body").is_null() && expect.find("exact_body").is_null()) return;
    throw CaseFailure("expected a body, got none");
  }
  const json::Document body(response.body);
  if (body.error()) throw CaseFailure("the body " + *body.error() + ": " + response.body);
  check_error(response, expect, body.root());
  if (!expect.find("body").is_null()) {
    check_differences(expect.find("body"), body.root(), Members::kSubset, response.body);
  }
  if (!expect.find("exact_body").is_null()) {
    check_differences(expect.find("exact_body"), body.root(), Members::kExact, response.body);
  }
}

void CaseRunner::check_error(const api::HttpResponse& response, json::Value expect,
                             json::Value body) {
  const json::Value error = expect.find("error");
  if (error.is_null() != !response.is_error()) {
    throw CaseFailure("say \"error\" of errors, and of nothing else: " + describe(response));
  }
  if (error.is_null()) return;
  const json::Value code = body.find("Code");
  if (response.error_type != error.string() || code.type() != json::Type::kString ||
      code.string() != code_of(error.string())) {
    throw CaseFailure("expected " + std::string(error.string()) + ", got " + describe(response));
  }
  if (expect.find("message").is_null()) return;
  check_differences(expect.find("message"), body.find("Message"), Members::kExact, response.body);
}

void CaseRunner::check_differences(json::Value expected, json::Value got, Members members,
                                   const std::string& context) {
  const std::vector<std::string> found = differences(expected, got, members, variables_);
  if (!found.empty()) fail(found, context);
}

void CaseRunner::save(json::Value body, json::Value names) {
  names.for_each_member([&](std::string_view name, json::Value path) {
    const json::Value value = at_path(body, path.string());
    if (value.is_null()) throw CaseFailure("the answer has no " + std::string(path.string()));
    variables_.insert_or_assign(std::string(name), value.type() == json::Type::kString
                                                       ? std::string(value.string())
                                                       : to_json(value));
  });
}

void CaseRunner::collect_effects() {
  for (api::Effect& effect : service_.take_effects()) {
    audience_.follow(effect);
    if (auto* invocation = std::get_if<api::InvokeProcessor>(&effect)) {
      invocations_.push_back(std::move(*invocation));
    } else if (const auto* deadline = std::get_if<api::CallbackDeadline>(&effect)) {
      deadline_ms_ = deadline->deadline_ms;
    } else if (auto* born = std::get_if<api::ResourceProvisioned>(&effect)) {
      births_.push_back(std::move(born->arn));
    } else if (std::holds_alternative<api::PurgeRows>(effect)) {
      purge_due_ = true;
    }
  }
}

void CaseRunner::advance_clock(json::Value step) {
  check_names(step, {"advance_ms"});
  service_.advance(step.find("advance_ms").integer().value());
}

void CaseRunner::report_processor(json::Value step) {
  check_names(step, {"processor", "callback", "reason"});
  const std::string how(step.find("processor").string());
  const std::string callback = fill_in(step.find("callback").string(), variables_);
  const json::Value reason = step.find("reason");
  service_.write([&](api::Call& call, store::WriteTx& tx) {
    if (how == "accepted") return api::report_processor_accepted(call, tx, callback);
    if (how != "unreachable") throw CaseFailure("a processor is accepted or unreachable");
    api::report_processor_unreachable(call, tx, callback,
                                      reason.is_null() ? "connection refused" : reason.string());
  });
  collect_effects();
}

void CaseRunner::expire(json::Value step) {
  check_names(step, {"expire"});
  service_.write([](api::Call& call, store::WriteTx& tx) { api::expire_callbacks(call, tx); });
  collect_effects();
}

// The effect must have been there: otherwise the server would not purge either.
void CaseRunner::purge(json::Value step) {
  check_names(step, {"purge"});
  if (!purge_due_) throw CaseFailure("nothing has asked for rows to be purged");
  purge_due_ = false;
  bool more = true;
  while (more) {
    service_.write([&](api::Call&, store::WriteTx& tx) { more = store::purge_step(tx); });
  }
}

void CaseRunner::run_same_batch(json::Value step) {
  check_names(step, {"same_batch"});
  service_.begin_batch();
  run_steps(step.find("same_batch"));
  service_.end_batch();
  collect_effects();
}

void CaseRunner::check_invocations(json::Value step) {
  check_names(step, {"invocations"});
  json::Writer writer;
  writer.begin_array();
  for (const api::InvokeProcessor& invocation : invocations_) {
    writer.begin_object()
        .member("CallbackId", std::string_view(invocation.callback_id))
        .member("ProcessorArn", std::string_view(invocation.processor_arn))
        .key("Event")
        .raw(invocation.event)
        .end_object();
  }
  const std::string text = writer.end_array().take();
  const json::Document got(text);
  if (got.error()) throw CaseFailure("an event " + *got.error() + ": " + text);
  check_differences(step.find("invocations"), got.root(), Members::kExact, text);
  invocations_.clear();
}

void CaseRunner::check_births(json::Value step) {
  check_names(step, {"provisioned"});
  json::Writer writer;
  writer.begin_array();
  for (const std::string& arn : births_) writer.string(arn);
  const std::string text = writer.end_array().take();
  const json::Document got(text);
  check_differences(step.find("provisioned"), got.root(), Members::kExact, text);
  births_.clear();
}

void CaseRunner::check_events(json::Value step) {
  check_names(step, {"events"});
  const std::string text = audience_.take_news();
  const json::Document got(text);
  if (got.error()) throw CaseFailure("a payload " + *got.error() + ": " + text);
  check_differences(step.find("events"), got.root(), Members::kExact, text);
}

void CaseRunner::check_deadline(json::Value step) {
  check_names(step, {"deadline_in_ms"});
  const std::int64_t expected = step.find("deadline_in_ms").integer().value();
  if (!deadline_ms_) throw CaseFailure("no deadline was set");
  const std::int64_t got = *deadline_ms_ - service_.now_ms();
  if (got != expected) {
    throw CaseFailure("expected a deadline in " + std::to_string(expected) + " ms, got one in " +
                      std::to_string(got) + " ms");
  }
}

void CaseRunner::repeat(json::Value step) {
  check_names(step, {"repeat", "as", "steps"});
  const std::string name(step.find("as").string());
  for (std::int64_t i = 1; i <= step.find("repeat").integer().value(); ++i) {
    variables_[name] = std::to_string(i);
    run_steps(step.find("steps"));
  }
}

void CaseRunner::set_variables(json::Value step) {
  check_names(step, {"set"});
  step.find("set").for_each_member([&](std::string_view name, json::Value value) {
    variables_.insert_or_assign(std::string(name), fill_in(value.string(), variables_));
  });
}

}  // namespace

std::vector<fs::path> find_cases(const fs::path& root) {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const fs::path relative = fs::relative(entry.path(), root);
    if (entry.path().extension() != ".json") continue;
    if (*relative.begin() != kSetUpFolder) cases.push_back(relative);
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

void run_case_file(const fs::path& file, const fs::path& root) {
  try {
    run_case(read_file(root / file), root);
  } catch (const CaseFailure& failure) {
    throw CaseFailure((root / file).string() + ": " + failure.what());
  } catch (const json::Misuse& misuse) {
    throw CaseFailure((root / file).string() + ": a value of the wrong type: " + misuse.what());
  }
}

std::set<std::string> run_case_file_with_intruders(const fs::path& file, const fs::path& root) {
  const json::Document document(read_file(root / file));
  std::set<std::string> hidden;
  try {
    CaseRunner(document.root(), root).run(&hidden);
  } catch (const CaseFailure& failure) {
    throw CaseFailure((root / file).string() + ": " + failure.what());
  }
  return hidden;
}

void run_case(std::string_view text, const fs::path& root) {
  const json::Document document(text);
  if (document.error()) throw CaseFailure("the file " + *document.error());
  CaseRunner(document.root(), root).run();
}

}  // namespace carillon::tests
