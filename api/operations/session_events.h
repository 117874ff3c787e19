// What connected users are told of what operations do: each function emits the events of one kind
// of change, with their payloads rendered, to exactly those who are to get them. On the thread that
// owns the transaction.
//
// Source: developer guide, "Using WebSockets to receive messages" and "Using system messages"; what
// they leave open is listed in docs/fidelity.md.
#pragma once

#include <span>
#include <string_view>

#include "api/call.h"
#include "store/rows.h"
#include "store/transaction.h"

namespace carillon::api::messaging {

enum class MessageChange { kCreate, kUpdate, kRedact, kDelete };

// `message` is as the event shows it, its status among it. SENT: the members are told, or, of a
// targeted message, its sender and its target as far as they are members. PENDING, FAILED and
// DENIED, of a message that is created or updated: its sender alone is told. Texts are moved: pass
// a row that is not needed any more.
void emit_message_event(Call& call, store::ReadTx& tx, MessageChange change,
                        store::MessageRow message, std::string_view channel_arn);

// To the members: the channel as it is now. kDelete comes before the row is deleted.
enum class ChannelChange { kUpdate, kDelete };
void emit_channel_event(Call& call, store::ReadTx& tx, ChannelChange change,
                        store::RowId channel_id);

// Where memberships change.
struct MembershipScope {
  store::RowId channel_id = 0;
  store::RowId app_instance_id = 0;
  std::string_view channel_arn;
};

// The rows are there already; all of them are told of each.
void emit_members_added(Call& call, store::ReadTx& tx, const MembershipScope& scope,
                        std::span<const store::MembershipRow> members);

// The same with one event for all of them, who were invited by the same with the same type. Of
// HIDDEN ones, each is told of himself only, unless he may see the others.
void emit_batch_added(Call& call, store::ReadTx& tx, const MembershipScope& scope,
                      std::span<const store::MembershipRow> members);

// The row is gone, its member is told as well.
void emit_member_removed(Call& call, store::ReadTx& tx, const MembershipScope& scope,
                         const store::MembershipRow& member);

}  // namespace carillon::api::messaging
