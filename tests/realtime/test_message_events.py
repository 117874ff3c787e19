"""Every message event, to exactly those who are to see it. Channel flows: test_flow_events.py."""

import pytest
from people import ALWAYS, People
from stage import as_json


@pytest.fixture
def people(stage):
    return People(stage)


def test_a_message_from_its_creation_to_its_end(people, world):
    sent = world.send("hello", Metadata='{"id":1}', ContentType="text/plain")
    message_id = sent["MessageId"]
    (created,) = people.all_see("CREATE_CHANNEL_MESSAGE")
    assert created.message_type == "STANDARD"
    assert set(created.payload) == ALWAYS | {"Metadata", "ContentType"}
    assert created.payload == as_json(world.get(message_id))
    assert created.payload["Status"] == {"Value": "SENT"}
    assert created.payload["Redacted"] is False
    assert created.payload["Sender"] == {"Arn": world.alice, "Name": "Alice"}

    world.update(message_id, "changed", Metadata="m2")
    (updated,) = people.all_see("UPDATE_CHANNEL_MESSAGE")
    assert updated.payload == as_json(world.get(message_id))
    assert (updated.content, updated.payload["Metadata"]) == ("changed", "m2")
    assert "LastEditedTimestamp" in updated.payload

    world.messaging.redact_channel_message(
        ChannelArn=world.channel, MessageId=message_id, ChimeBearer=world.alice
    )
    (redacted,) = people.all_see("REDACT_CHANNEL_MESSAGE")
    assert redacted.payload == as_json(world.get(message_id))
    assert redacted.payload["Redacted"] is True
    assert not redacted.payload.get("Content")

    world.messaging.delete_channel_message(
        ChannelArn=world.channel, MessageId=message_id, ChimeBearer=world.admin
    )
    (deleted,) = people.all_see("DELETE_CHANNEL_MESSAGE")
    assert deleted.payload["MessageId"] == message_id
    assert deleted.payload["ChannelArn"] == world.channel
    assert set(deleted.payload) >= ALWAYS - {"Content"}


def test_content_arrives_as_it_was_written(stage, world):
    bob = stage.connect(world.bob)
    texts = ['"quoted" \\ \'single\' \\u0041', "Grüße 👋🏽 𝔘", "one\r\ntwo\u2028three", "\x01\x1f"]
    for text in texts:
        world.send(text, Metadata=text.splitlines()[0])
    (events,) = stage.seen(bob)
    assert [event.content for event in events] == texts
    assert [event.payload["Metadata"] for event in events] == [
        text.splitlines()[0] for text in texts
    ]


def test_attributes_are_shown(stage, world):
    bob = stage.connect(world.bob)
    attributes = {"colour": {"StringValues": ["red", "blue"]}}
    sent = world.send("x", MessageAttributes=attributes)
    ((created,),) = stage.seen(bob)
    assert created.payload["MessageAttributes"] == attributes
    assert created.payload == as_json(world.get(sent["MessageId"], by=world.bob))


@pytest.mark.parametrize("persistence", ["PERSISTENT", "NON_PERSISTENT"])
def test_control_messages_say_so(people, world, persistence):
    world.send("typing", Type="CONTROL", Persistence=persistence)
    (event,) = people.all_see("CREATE_CHANNEL_MESSAGE")
    assert event.message_type == "CONTROL"
    assert (event.payload["Type"], event.payload["Persistence"]) == ("CONTROL", persistence)
    assert set(event.payload) == ALWAYS


def test_what_does_not_persist_reaches_those_who_are_connected(people, stage, world):
    world.send("now or never", Persistence="NON_PERSISTENT")
    (event,) = people.all_see("CREATE_CHANNEL_MESSAGE")
    assert event.message_type == "STANDARD"
    assert event.payload["Persistence"] == "NON_PERSISTENT"
    assert world.list() == []
    _, told = stage.prefetched(world.bob, 2)
    assert told[world.channel]["ChannelMessages"] == []


def test_a_targeted_message_is_between_two(people, world):
    target = [{"MemberArn": world.bob}]
    sent = world.send("psst", Target=target)
    (created,) = people.two_see("CREATE_CHANNEL_MESSAGE")
    assert created.payload["MessageId"] == sent["MessageId"]
    assert created.payload["Target"] == target
    world.messaging.delete_channel_message(
        ChannelArn=world.channel, MessageId=sent["MessageId"], ChimeBearer=world.admin
    )
    people.two_see("DELETE_CHANNEL_MESSAGE")


def test_a_target_that_is_the_sender_sees_it_once(stage, world):
    alice, bob = stage.connect(world.alice), stage.connect(world.bob)
    world.send("psst", by=world.bob, Target=[{"MemberArn": world.alice}])
    assert stage.types(alice, bob) == [["CREATE_CHANNEL_MESSAGE"]] * 2


FILTER_RULE = '{"mention":["bob"]}'


@pytest.mark.parametrize(
    "preferences",
    [
        {"AllowNotifications": "NONE"},
        {"AllowNotifications": "FILTERED", "FilterRule": FILTER_RULE},
    ],
    ids=["none", "filtered"],
)
def test_preferences_of_a_member_hold_nothing_back(people, world, preferences):
    world.messaging.put_channel_membership_preferences(
        ChannelArn=world.channel,
        MemberArn=world.bob,
        Preferences={"PushNotifications": preferences},
        ChimeBearer=world.bob,
    )
    kept = world.messaging.get_channel_membership_preferences(
        ChannelArn=world.channel, MemberArn=world.bob, ChimeBearer=world.bob
    )
    assert kept["Preferences"]["PushNotifications"] == preferences
    push = {"Title": "t", "Body": "b", "Type": "DEFAULT"}
    message_id = world.send("for all", PushNotification=push)["MessageId"]
    world.send("not for carol", MessageAttributes={"mention": {"StringValues": ["carol"]}})
    world.send("now or never", Persistence="NON_PERSISTENT")
    world.send("typing", Type="CONTROL", Persistence="NON_PERSISTENT")
    world.update(message_id, "still for all")
    world.messaging.redact_channel_message(
        ChannelArn=world.channel, MessageId=message_id, ChimeBearer=world.alice
    )
    world.messaging.update_channel(
        ChannelArn=world.channel, Name="renamed", ChimeBearer=world.admin
    )
    people.all_see(
        *["CREATE_CHANNEL_MESSAGE"] * 4,
        "UPDATE_CHANNEL_MESSAGE",
        "REDACT_CHANNEL_MESSAGE",
        "UPDATE_CHANNEL",
    )
    world.send("to the two of us", Target=[{"MemberArn": world.bob}])
    people.two_see("CREATE_CHANNEL_MESSAGE")


def test_a_repeated_request_is_told_once(stage, world):
    bob = stage.connect(world.bob)
    for _ in range(3):
        world.send("once", ClientRequestToken="token-1")
    assert stage.types(bob) == [["CREATE_CHANNEL_MESSAGE"]]


def test_what_is_refused_is_told_to_nobody(stage, world):
    alice, bob = stage.connect(world.alice), stage.connect(world.bob)
    errors = world.messaging.exceptions
    with pytest.raises(errors.ForbiddenException):
        world.send("let me in", by=world.mallory)
    with pytest.raises(errors.BadRequestException):
        world.send("x" * 5000)
    with pytest.raises(errors.ForbiddenException):
        world.update("unknown", "x")
    assert stage.types(alice, bob) == [[], []]
