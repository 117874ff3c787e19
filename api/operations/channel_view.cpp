#include "api/operations/channel_view.h"

#include "api/generated/messaging/codec.h"
#include "api/operations/stored_json.h"
#include "store/messages.h"

namespace carillon::api::messaging {
namespace {

// The members that Channel and ChannelSummary have in common.
template <typename View>
View common_view(store::ReadTx& tx, const store::ChannelRow& row, store::RowId viewer_id) {
  View view;
  view.name = row.name;
  view.channel_arn = row.arn;
  view.mode = from_stored_text<ChannelMode>(row.mode);
  view.privacy = from_stored_text<ChannelPrivacy>(row.privacy);
  view.metadata = row.metadata;
  if (const auto last_ms = store::last_message_ms(tx, row.id, viewer_id)) {
    view.last_message_timestamp = protocol::Timestamp{*last_ms};
  }
  return view;
}

}  // namespace

Channel view_channel(store::ReadTx& tx, const store::ChannelRow& row, store::RowId viewer_id) {
  auto view = common_view<Channel>(tx, row, viewer_id);
  view.created_by = Identity{row.created_by_arn, row.created_by_name};
  view.created_timestamp = protocol::Timestamp{row.created_ms};
  view.last_updated_timestamp = protocol::Timestamp{row.updated_ms};
  view.channel_flow_arn = row.channel_flow_arn;
  view.elastic_channel_configuration =
      from_stored_json<ElasticChannelConfiguration>(row.elastic_configuration);
  view.expiration_settings = from_stored_json<ExpirationSettings>(row.expiration);
  return view;
}

ChannelSummary summarize_channel(store::ReadTx& tx, const store::ChannelRow& row,
                                 store::RowId viewer_id) {
  return common_view<ChannelSummary>(tx, row, viewer_id);
}

ChannelMembership view_membership(const store::MembershipRow& row, std::string_view channel_arn) {
  ChannelMembership view;
  view.invited_by = Identity{row.invited_by_arn, row.invited_by_name};
  view.type = from_stored_text<ChannelMembershipType>(row.type);
  view.member = Identity{row.member_arn, row.member_name};
  view.channel_arn = channel_arn;
  view.created_timestamp = protocol::Timestamp{row.created_ms};
  view.last_updated_timestamp = protocol::Timestamp{row.updated_ms};
  return view;
}

}  // namespace carillon::api::messaging
