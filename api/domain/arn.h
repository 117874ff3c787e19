// The ARNs of this service: made from their parts, and told apart by kind. Pure: any thread.
//
//   arn:aws:chime:REGION:ACCOUNT:app-instance/ID
//   .../user/ID   .../bot/ID   .../channel/ID   .../channel-flow/ID      (below an app instance)
//
// Source: developer guide, "Messaging concepts"; the form of channel flow ARNs was observed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/call.h"

namespace carillon::api::domain {

enum class ArnKind { kAppInstance, kUser, kBot, kChannel, kChannelFlow, kOther };

// Twelve digits.
bool is_account(std::string_view text);

// What may be the region of an ARN: "us-east-1".
bool is_region(std::string_view text);

ArnKind arn_kind(std::string_view arn);

// "an app instance (arn:aws:chime:REGION:ACCOUNT:app-instance/ID)": for error messages.
std::string_view describe(ArnKind kind);

// Account and region of such an ARN; nothing if it is none.
std::optional<Caller> arn_owner(std::string_view arn);

// The parts of an ARN whose account, region and ids have the form that the service gives them, or
// takes from its clients.
struct ArnParts {
  ArnKind kind = ArnKind::kOther;
  Caller owner;
  std::string app_instance_arn;
  std::string app_instance_id;
  std::string id;  // of what is below the app instance
};
std::optional<ArnParts> split_arn(std::string_view arn);

// What the ARNs of one account in one region begin with.
std::string arn_prefix(const Caller& caller);
std::string app_instance_arn(const Caller& caller, std::string_view id);
// What the ARNs of the Kinesis streams of the app instance's account and region begin with.
std::string stream_arn_prefix(std::string_view app_instance_arn);
// `kind` is below an app instance.
std::string resource_arn(std::string_view app_instance_arn, ArnKind kind, std::string_view id);

}  // namespace carillon::api::domain
