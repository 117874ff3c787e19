#include <algorithm>
#include <string>

#include "api/domain/arn.h"
#include "api/generated/messaging/codec.h"
#include "api/generated/messaging/operations.h"
#include "api/operations/access.h"
#include "api/protocol/codec.h"
#include "store/settings.h"

namespace carillon::api::messaging {
namespace {

using Configurations = std::vector<StreamingConfiguration>;

// Source: developer guide, "Streaming messaging data": a Kinesis stream of the app instance's
// account and region, whose name begins with chime-messaging-. That it is BadRequest otherwise, and
// one configuration for each DataType, is our reading.
Result<Nothing> check(const Configurations& configurations, std::string_view app_instance_arn) {
  const std::string wanted = domain::stream_arn_prefix(app_instance_arn) + "chime-messaging-";
  for (const StreamingConfiguration& configuration : configurations) {
    const std::string& arn = configuration.resource_arn;
    if (!arn.starts_with(wanted) || arn.size() == wanted.size()) {
      return error::bad_request(
          "ResourceArn must be the ARN of a Kinesis stream of the app instance's account and "
          "region, with a name that begins with chime-messaging- (" +
          wanted + "NAME), but is '" + arn + "'.");
    }
  }
  if (configurations.size() == 2 && configurations[0].data_type == configurations[1].data_type) {
    return error::bad_request("Two StreamingConfigurations have the DataType " +
                              std::string(to_text(configurations[0].data_type)) +
                              ". Each DataType goes to one stream.");
  }
  return Nothing{};
}

}  // namespace

// Replaces all that were there: our reading. Nothing is streamed yet.
Result<PutMessagingStreamingConfigurationsResponse> put_messaging_streaming_configurations(
    Call&, store::WriteTx& tx, const PutMessagingStreamingConfigurationsRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow row,
             require_app_instance(tx, in.app_instance_arn, Missing::kNotFound));
  TRY(check(in.streaming_configurations, row.arn));
  json::Writer writer;
  protocol::encode(writer, in.streaming_configurations);
  store::set_streaming(tx, row.id, writer.take());
  return PutMessagingStreamingConfigurationsResponse{in.streaming_configurations};
}

Result<GetMessagingStreamingConfigurationsResponse> get_messaging_streaming_configurations(
    Call&, store::ReadTx& tx, const GetMessagingStreamingConfigurationsRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow row,
             require_app_instance(tx, in.app_instance_arn, Missing::kNotFound));
  const auto stored = store::find_streaming(tx, row.id);
  if (!stored) return error::not_found();
  const json::Document document(*stored);
  GetMessagingStreamingConfigurationsResponse out;
  protocol::decode(document.root(), out.streaming_configurations);
  return out;
}

// Succeeds when there are none: our reading.
Result<Nothing> delete_messaging_streaming_configurations(
    Call&, store::WriteTx& tx, const DeleteMessagingStreamingConfigurationsRequest& in) {
  TRY_ASSIGN(const store::AppInstanceRow row, require_app_instance(tx, in.app_instance_arn));
  store::set_streaming(tx, row.id, std::nullopt);
  return Nothing{};
}

}  // namespace carillon::api::messaging
