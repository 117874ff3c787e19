// The admin endpoints for processor targets.
#include "api/protocol/json.h"
#include "api/protocol/uri.h"
#include "api/service.h"
#include "server/admin.h"

namespace carillon::server {
namespace {

using api::HttpResponse;
namespace json = api::json;

void write_target(json::Writer& writer, const ProcessorTarget& target) {
  writer.member("Url", target.url.text())
      .member("NameForm", target.name_form.text())
      .member("InvocationType", text(target.invocation_type))
      .member("Concurrency", std::int64_t{target.concurrency});
}

HttpResponse one_target(std::string_view key, const ProcessorTarget& target) {
  json::Writer writer;
  writer.begin_object().key("Processor").begin_object().member("Processor", key);
  write_target(writer, target);
  writer.end_object().end_object();
  return {200, {}, writer.take()};
}

// What the percent-encoded segment of the path names, or the error.
std::variant<HttpResponse, std::string> processor_key(std::string_view segment) {
  std::optional<std::string> key = api::protocol::percent_decode(segment);
  if (!key) {
    return api::render(api::error::bad_request(
        "The processor in the path has a broken percent-encoding; encode its name or ARN as one "
        "segment."));
  }
  if (const auto wrong = why_no_processor_key(*key)) {
    return api::render(api::error::bad_request("The processor in the path, \"" +
                                               api::printable(*key) + "\", " + *wrong + "."));
  }
  return std::move(*key);
}

HttpResponse no_such_processor(const std::string& key) {
  HttpResponse response = api::render(api::error::not_found());
  json::Writer writer;
  writer.begin_object()
      .member("Code", api::info(api::ErrorKind::kNotFound).code)
      .member("Message", "The processor " + key + " has no target.")
      .end_object();
  response.body = writer.take();
  return response;
}

// As much of a wrong value as a right one could have.
std::string start_of(std::string_view value) {
  return api::protocol::first_code_points(value, kTargetTextBytesMax);
}

// Reads the body of PUT: each wrong member is told, not the first alone.
class TargetReader {
 public:
  TargetReader(json::Value root, ProcessorTarget& target) : root_(root), target_(target) {}

  std::optional<std::string> read(const Processors& processors) {
    read_url(processors);
    read_name_form();
    read_invocation_type();
    read_concurrency();
    root_.for_each_member([this](std::string_view name, json::Value) {
      if (name != "Url" && name != "NameForm" && name != "InvocationType" &&
          name != "Concurrency") {
        complain(api::printable(name) +
                 " is no member; there are Url, NameForm, InvocationType and Concurrency");
      }
    });
    if (errors_ == 0) return std::nullopt;
    return std::to_string(errors_) + (errors_ == 1 ? " error: " : " errors: ") + message_ + ".";
  }

 private:
  void complain(const std::string& what) {
    if (errors_++ < kTargetErrorsShownMax) message_ += (message_.empty() ? "" : "; ") + what;
  }

  std::optional<std::string_view> text_member(std::string_view name) {
    const json::Value value = root_.find(name);
    if (value.is_null()) return std::nullopt;
    if (value.type() == json::Type::kString) return value.string();
    complain(std::string(name) + " must be a string, not " + std::string(json::name(value.type())));
    return std::nullopt;
  }

  void read_url(const Processors& processors) {
    if (root_.find("Url").is_null()) return complain("Url is missing");
    const auto url_text = text_member("Url");
    if (!url_text) return;
    auto url = parse_endpoint_url(*url_text);
    if (!url) return complain("Url \"" + start_of(*url_text) + "\" " + url.error().reason);
    target_ = processors.with_defaults(std::move(*url));
  }
  void read_name_form() {
    const auto value = text_member("NameForm");
    if (!value) return;
    auto form = parse_name_form(*value);
    if (!form) return complain("NameForm \"" + start_of(*value) + "\" " + form.error().reason);
    target_.name_form = std::move(*form);
  }
  void read_invocation_type() {
    const auto value = text_member("InvocationType");
    if (!value) return;
    const auto type = parse_invocation_type(*value);
    if (!type) {
      return complain("InvocationType \"" + start_of(*value) + "\" " + type.error().reason);
    }
    target_.invocation_type = *type;
  }
  void read_concurrency() {
    const json::Value value = root_.find("Concurrency");
    if (value.is_null()) return;
    const auto number = value.type() == json::Type::kNumber ? value.integer() : std::nullopt;
    if (!number || *number < 1 || *number > kProcessorConcurrencyMax) {
      return complain("Concurrency must be a whole number from 1 to " +
                      std::to_string(kProcessorConcurrencyMax));
    }
    target_.concurrency = static_cast<int>(*number);
  }

  const json::Value root_;
  ProcessorTarget& target_;
  int errors_ = 0;
  std::string message_;
};

}  // namespace

Admin::Answer Admin::list_processors(const api::HttpRequest&, std::string_view) {
  json::Writer writer;
  writer.begin_object().key("Processors").begin_array();
  for (const auto& [key, target] : processors_.list()) {
    writer.begin_object().member("Processor", key);
    write_target(writer, target);
    writer.end_object();
  }
  writer.end_array().key("LambdaEndpoint");
  if (const auto& target = processors_.default_target()) {
    writer.begin_object();
    write_target(writer, *target);
    writer.end_object();
  } else {
    writer.null();
  }
  writer.end_object();
  return HttpResponse{200, {}, writer.take()};
}

Admin::Answer Admin::get_processor(const api::HttpRequest&, std::string_view argument) {
  auto key = processor_key(argument);
  if (auto* error = std::get_if<HttpResponse>(&key)) return std::move(*error);
  const auto& name = std::get<std::string>(key);
  const auto target = processors_.find(name);
  if (!target) return no_such_processor(name);
  return one_target(name, *target);
}

Admin::Answer Admin::put_processor(const api::HttpRequest& request, std::string_view argument) {
  auto key = processor_key(argument);
  if (auto* error = std::get_if<HttpResponse>(&key)) return std::move(*error);
  auto& name = std::get<std::string>(key);
  const json::Document document(request.body);
  if (document.error()) {
    return api::render(api::error::serialization("The request body " + *document.error()));
  }
  if (document.root().type() != json::Type::kObject) {
    return api::render(api::error::serialization("The request body must be an object, not " +
                                                 std::string(json::name(document.root().type())) +
                                                 "."));
  }
  ProcessorTarget target;
  if (const auto wrong = TargetReader(document.root(), target).read(processors_)) {
    return api::render(api::error::bad_request(*wrong));
  }
  if (!processors_.put(name, target)) {
    return api::render(api::error::resource_limit_exceeded(
        "There are " + std::to_string(kProcessorTargetsMax) +
        " processors with a target, which is the most; delete one first."));
  }
  return one_target(name, target);
}

Admin::Answer Admin::delete_processor(const api::HttpRequest&, std::string_view argument) {
  auto key = processor_key(argument);
  if (auto* error = std::get_if<HttpResponse>(&key)) return std::move(*error);
  const auto& name = std::get<std::string>(key);
  if (!processors_.remove(name)) return no_such_processor(name);
  return HttpResponse{204, {}, {}};
}

}  // namespace carillon::server
