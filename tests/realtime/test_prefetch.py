"""What a session that asks for it is told of its channels at its start."""

import pytest
from stage import as_json
from world import processor_entry

CHANNELS_MAX, MESSAGES_MAX, MEMBERS_MAX = 50, 20, 30


def test_a_channel_with_its_messages_and_members(stage, world):
    for number in range(3):
        world.send(f"message {number}", Metadata="m")
    _, told = stage.prefetched(world.alice, 2)
    assert set(told) == {world.channel, stage.curtains[world.alice]}
    payload = told[world.channel]
    assert payload["Channel"] == as_json(
        next(
            entry
            for entry in world.messaging.list_channel_memberships_for_app_instance_user(
                AppInstanceUserArn=world.alice, ChimeBearer=world.alice
            )["ChannelMemberships"]
            if entry["ChannelSummary"]["ChannelArn"] == world.channel
        )["ChannelSummary"]
    )
    assert payload["ChannelMessages"] == as_json(world.list())
    assert [message["Content"] for message in payload["ChannelMessages"]] == [
        "message 2", "message 1", "message 0",
    ]  # fmt: skip
    assert payload["ChannelMessagesHasMore"] is False
    members = world.messaging.list_channel_memberships(
        ChannelArn=world.channel, ChimeBearer=world.alice
    )["ChannelMemberships"]
    assert payload["ChannelMemberships"] == members
    assert "ReadMarkerTimestamp" not in payload

    world.messaging.update_channel_read_marker(ChannelArn=world.channel, ChimeBearer=world.alice)
    marker = world.messaging.describe_channel_membership_for_app_instance_user(
        ChannelArn=world.channel, AppInstanceUserArn=world.alice, ChimeBearer=world.alice
    )["ChannelMembership"]["AppInstanceUserMembershipSummary"]["ReadMarkerTimestamp"]
    _, told = stage.prefetched(world.alice, 2)
    assert told[world.channel]["ReadMarkerTimestamp"] == as_json(marker)


def test_a_session_that_does_not_ask_gets_nothing(stage, world):
    world.send("x")
    for parameters in ({}, {"prefetch_sort_by": "unread"}):
        assert stage.seen(stage.connect(world.alice, **parameters)) == [[]]


def test_users_see_their_own_channels_and_messages(stage, world):
    world.send("for bob", Target=[{"MemberArn": world.bob}])
    world.send("to be deleted")
    world.messaging.delete_channel_message(
        ChannelArn=world.channel, MessageId=world.list()[0]["MessageId"], ChimeBearer=world.admin
    )
    world.add_flow(processor_entry("held"))
    world.send("pending")
    _, told = stage.prefetched(world.mallory, 1)
    assert set(told) == {stage.curtains[world.mallory]}

    def contents(user):
        _, told = stage.prefetched(user, 2)
        messages = told[world.channel]["ChannelMessages"]
        return [message["Content"] for message in messages]

    assert contents(world.bob) == ["for bob"]
    assert contents(world.alice) == ["pending", "for bob"]
    assert contents(world.admin) == []


def test_the_newest_twenty_messages_and_thirty_members(stage, world):
    for number in range(MESSAGES_MAX):
        world.send(str(number))
    _, told = stage.prefetched(world.bob, 2)
    payload = told[world.channel]
    assert len(payload["ChannelMessages"]) == MESSAGES_MAX
    assert payload["ChannelMessagesHasMore"] is False

    world.send(str(MESSAGES_MAX))
    world.messaging.batch_create_channel_membership(
        ChannelArn=world.channel,
        MemberArns=[world.add_user(f"user-{number}") for number in range(MEMBERS_MAX)],
        ChimeBearer=world.admin,
    )
    _, told = stage.prefetched(world.bob, 2)
    payload = told[world.channel]
    assert [message["Content"] for message in payload["ChannelMessages"]] == [
        str(number) for number in range(MESSAGES_MAX, 0, -1)
    ]
    assert payload["ChannelMessagesHasMore"] is True
    members = [entry["Member"]["Arn"] for entry in payload["ChannelMemberships"]]
    assert len(set(members)) == len(members) == MEMBERS_MAX


@pytest.mark.parametrize("sort_by", [None, "unread", "last-message-timestamp"])
def test_of_many_channels_those_that_matter_most_come(stage, world, sort_by):
    # Ten more than are told. Every other one, and among them the oldest, is read to its end.
    stage.add_curtain(world.bob)
    channels = [world.add_channel(str(number)) for number in range(CHANNELS_MAX + 10)]
    for channel in channels:
        world.send("news", ChannelArn=channel)
    for channel in channels[0::2]:
        world.messaging.update_channel_read_marker(ChannelArn=channel, ChimeBearer=world.bob)
    _, told = stage.prefetched(world.bob, CHANNELS_MAX, prefetch_sort_by=sort_by)
    if sort_by == "last-message-timestamp":
        expected = channels[-CHANNELS_MAX:]
    else:
        unread = channels[1::2]
        expected = [*unread, *channels[0::2][-(CHANNELS_MAX - len(unread)) :]]
    assert set(told) == set(expected)


def test_what_happens_meanwhile_is_told_as_well(stage, world):
    for number in range(CHANNELS_MAX):
        world.add_channel(str(number))
    session = stage.connect(world.bob, prefetch_on="connect")
    sent = world.send("meanwhile")["MessageId"]
    events = [session.next() for _ in range(CHANNELS_MAX + 1)]
    assert stage.seen(session) == [[]]
    live = [event for event in events if event.type != "CHANNEL_DETAILS"]
    assert [(event.type, event.payload["MessageId"]) for event in live] == [
        ("CREATE_CHANNEL_MESSAGE", sent)
    ]
    told = [event for event in events if event.type == "CHANNEL_DETAILS"]
    assert len({event.payload["Channel"]["ChannelArn"] for event in told}) == CHANNELS_MAX
