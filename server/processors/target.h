// Where a processor runs: the endpoint's URL and how its function is named there. Pure values and
// their parsing, used by the settings, the admin endpoint and the invoker. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "server/limits.h"

namespace carillon::server {

// What is wrong with a value, as the end of a sentence that starts with the value.
struct Rejected {
  std::string reason;
};
template <typename T>
using Parsed = boost::system::result<T, Rejected>;

// The base URL of a Lambda Invoke endpoint, without the path of the Invoke operation.
struct EndpointUrl {
  std::string host;  // a name or an IP literal without brackets
  std::uint16_t port = 80;
  std::string prefix;     // "" or "/some/path", no slash at the end
  std::string authority;  // for the Host header: as given, the port only if it is not 80

  std::string text() const { return "http://" + authority + prefix; }
  bool operator==(const EndpointUrl&) const = default;
};
Parsed<EndpointUrl> parse_endpoint_url(std::string_view text);

// How a function's ARN becomes the {FunctionName} of the Invoke path.
struct NameForm {
  enum class Kind : std::uint8_t {
    kBare,   // the function's name without account and alias: sam local, serverless-offline
    kArn,    // the ARN as the channel flow has it
    kFixed,  // always the same: the runtime interface emulator knows its function as "function"
  };
  Kind kind = Kind::kBare;
  std::string fixed;

  std::string text() const;  // as the setting is written
};
Parsed<NameForm> parse_name_form(std::string_view text);

enum class InvocationType : std::uint8_t { kEvent, kRequestResponse };
Parsed<InvocationType> parse_invocation_type(std::string_view text);
std::string_view text(InvocationType type);

struct ProcessorTarget {
  EndpointUrl url;
  NameForm name_form;
  InvocationType invocation_type = InvocationType::kEvent;
  int concurrency = kProcessorConcurrencyDefault;
};

// The function's name in a Lambda ARN (arn:aws:lambda:region:account:function:NAME[:QUALIFIER]), or
// what stands for it in other ARNs: the last part.
std::string_view function_name(std::string_view arn);

// What may stand for a processor in --processor and at the admin endpoint: a Lambda ARN or a bare
// function name.
std::optional<std::string> why_no_processor_key(std::string_view key);

// The path of the Invoke request for the function behind `arn`.
std::string invoke_path(const ProcessorTarget& target, std::string_view arn);

}  // namespace carillon::server
