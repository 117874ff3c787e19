"""Every message event, to exactly those who are to see it."""

import pytest
from session import Event
from stage import as_json
from world import processor_entry

ALWAYS = {
    "MessageId", "ChannelArn", "Content", "CreatedTimestamp", "LastUpdatedTimestamp", "Persistence",
    "Redacted", "Type", "Sender", "Status",
}  # fmt: skip


class People:
    """alice twice, bob, a hidden member, and those who are not members: another administrator and
    mallory."""

    def __init__(self, stage):
        world = stage.world
        self.stage = stage
        self.hidden_arn = world.add_user("hidden")
        world.messaging.create_channel_membership(
            ChannelArn=world.channel,
            MemberArn=self.hidden_arn,
            Type="HIDDEN",
            ChimeBearer=world.admin,
        )
        root = world.add_user("root")
        world.identity.create_app_instance_admin(
            AppInstanceArn=world.app_instance, AppInstanceAdminArn=root
        )
        self.phone = stage.connect(world.alice)
        self.laptop = stage.connect(world.alice)
        self.bob = stage.connect(world.bob)
        self.hidden = stage.connect(self.hidden_arn)
        self.outside = [stage.connect(root), stage.connect(world.mallory)]

    def all_see(self, *types):
        """Every member has seen these events, each session the same; the others nothing."""
        phone, laptop, bob, hidden, *outside = self.stage.seen(
            self.phone, self.laptop, self.bob, self.hidden, *self.outside
        )
        assert phone == laptop == bob == hidden
        assert outside == [[], []]
        return of_types(phone, types)

    def sender_sees(self, *types):
        """Both sessions of alice have seen these events; nobody else has seen anything."""
        phone, laptop, *others = self.stage.seen(
            self.phone, self.laptop, self.bob, self.hidden, *self.outside
        )
        assert phone == laptop
        assert others == [[], [], [], []]
        return of_types(phone, types)


def of_types(events, types):
    assert [event.type for event in events] == list(types)
    return events


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


def test_a_targeted_message_is_between_two(people, stage, world):
    sent = world.send("psst", Target=[{"MemberArn": world.bob}])
    phone, laptop, bob, *others = stage.seen(
        people.phone, people.laptop, people.bob, people.hidden, *people.outside
    )
    assert others == [[], [], []]
    for events in (phone, laptop, bob):
        (event,) = of_types(events, ["CREATE_CHANNEL_MESSAGE"])
        assert event.payload["MessageId"] == sent["MessageId"]
    world.messaging.delete_channel_message(
        ChannelArn=world.channel, MessageId=sent["MessageId"], ChimeBearer=world.admin
    )
    assert stage.types(people.phone, people.laptop, people.bob, people.hidden) == [
        *[["DELETE_CHANNEL_MESSAGE"]] * 3,
        [],
    ]


def test_a_target_that_is_the_sender_sees_it_once(stage, world):
    alice, bob = stage.connect(world.alice), stage.connect(world.bob)
    world.send("psst", by=world.bob, Target=[{"MemberArn": world.alice}])
    assert stage.types(alice, bob) == [["CREATE_CHANNEL_MESSAGE"]] * 2


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


# ---- channel flows -----------------------------------------------------------------------------


def message_of(event: Event):
    """What stays the same from a message's first event to its last."""
    names = ("MessageId", "ChannelArn", "Metadata", "Sender", "CreatedTimestamp", "Type")
    return {name: event.payload.get(name) for name in names}


def test_pending_then_created(people, world):
    world.add_flow(processor_entry("held"))
    sent = world.send("the secret", Metadata='{"id":"of the client"}')
    (pending,) = people.sender_sees("PENDING_CREATE_CHANNEL_MESSAGE")
    assert pending.message_type == "STANDARD"
    assert pending.payload["MessageId"] == sent["MessageId"]
    assert pending.payload["Status"] == {"Value": "PENDING"}
    assert pending.content == "the secret"
    assert set(pending.payload) == ALWAYS | {"Metadata"}

    world.call_back(world.held(sent["MessageId"]), {"Content": "the ******"})
    (created,) = people.all_see("CREATE_CHANNEL_MESSAGE")
    assert message_of(created) == message_of(pending)
    assert created.payload["Metadata"] == '{"id":"of the client"}'
    assert created.payload["Status"] == {"Value": "SENT"}
    assert created.content == "the ******"
    assert created.payload == as_json(world.get(sent["MessageId"]))


def test_pending_then_denied(people, world):
    world.add_flow(processor_entry("held"))
    sent = world.send("spam", Metadata="mine")
    (pending,) = people.sender_sees("PENDING_CREATE_CHANNEL_MESSAGE")
    world.call_back(world.held(sent["MessageId"]), DeleteResource=True)
    (denied,) = people.sender_sees("DENIED_CREATE_CHANNEL_MESSAGE")
    assert message_of(denied) == message_of(pending)
    assert denied.payload["Metadata"] == "mine"
    assert denied.payload["Status"]["Value"] == "DENIED"


FALLS_BACK = ("--callback-timeout", "200ms", "--callback-expiry", "apply-fallback")


@pytest.mark.carillon(*FALLS_BACK)
def test_pending_then_failed(people, world):
    world.add_flow(processor_entry("late", fallback="ABORT"))
    sent = world.send("x", Metadata="mine")
    world.wait_for_status(sent["MessageId"], "FAILED")
    pending, failed = people.sender_sees(
        "PENDING_CREATE_CHANNEL_MESSAGE", "FAILED_CREATE_CHANNEL_MESSAGE"
    )
    assert message_of(failed) == message_of(pending)
    assert failed.payload["Metadata"] == "mine"
    assert failed.payload["Status"]["Value"] == "FAILED"
    assert failed.content == "x"


@pytest.mark.carillon(*FALLS_BACK)
def test_pending_then_created_without_the_processor(people, world):
    world.add_flow(processor_entry("late", fallback="CONTINUE"))
    sent = world.send("x")
    world.wait_for_status(sent["MessageId"], "SENT")
    phone, laptop, bob = people.stage.seen(people.phone, people.laptop, people.bob)
    assert phone == laptop
    of_types(phone, ["PENDING_CREATE_CHANNEL_MESSAGE", "CREATE_CHANNEL_MESSAGE"])
    assert bob == phone[1:]


def test_an_update_pends_and_is_seen_by_all(people, world):
    message_id = world.send("old", Metadata="m")["MessageId"]
    (created,) = people.all_see("CREATE_CHANNEL_MESSAGE")
    world.add_flow(processor_entry("held"))
    world.update(message_id, "new", Metadata="m")
    (pending,) = people.sender_sees("PENDING_UPDATE_CHANNEL_MESSAGE")
    assert message_of(pending) == message_of(created)
    assert pending.payload["Status"] == {"Value": "PENDING"}
    assert pending.content == "new"
    world.call_back(world.held(message_id))
    (updated,) = people.all_see("UPDATE_CHANNEL_MESSAGE")
    assert message_of(updated) == message_of(created)
    assert updated.payload == as_json(world.get(message_id))
    assert updated.content == "new"


def test_an_update_is_denied(people, world):
    message_id = world.send("old", Metadata="m")["MessageId"]
    people.all_see("CREATE_CHANNEL_MESSAGE")
    world.add_flow(processor_entry("held"))
    world.update(message_id, "worse", Metadata="m")
    world.call_back(world.held(message_id), DeleteResource=True)
    pending, denied = people.sender_sees(
        "PENDING_UPDATE_CHANNEL_MESSAGE", "DENIED_UPDATE_CHANNEL_MESSAGE"
    )
    assert message_of(denied) == message_of(pending)
    assert denied.payload["Status"]["Value"] == "DENIED"


@pytest.mark.carillon(*FALLS_BACK)
def test_an_update_fails(people, world):
    message_id = world.send("old", Metadata="m")["MessageId"]
    people.all_see("CREATE_CHANNEL_MESSAGE")
    world.add_flow(processor_entry("late", fallback="ABORT"))
    world.update(message_id, "new", Metadata="m")
    events = [people.phone.next(), people.phone.next()]
    pending, failed = of_types(
        events, ["PENDING_UPDATE_CHANNEL_MESSAGE", "FAILED_UPDATE_CHANNEL_MESSAGE"]
    )
    assert message_of(failed) == message_of(pending)
    assert failed.payload["Status"]["Value"] == "FAILED"
    (bob, hidden) = people.stage.seen(people.bob, people.hidden)
    assert bob == hidden == []


def test_a_real_processor_changes_what_is_seen(stage, world, processor):
    processor.on("mask", lambda event: {"Content": "******"})
    world.add_flow(processor_entry("mask"))
    alice, bob = stage.connect(world.alice), stage.connect(world.bob)
    sent = [world.send(f"secret {number}")["MessageId"] for number in range(5)]
    for message_id in sent:
        world.wait_for_status(message_id, "SENT")
    to_alice, to_bob = stage.seen(alice, bob)
    assert {event.content for event in to_bob} == {"******"}
    assert sorted(event.payload["MessageId"] for event in to_bob) == sorted(sent)
    for message_id in sent:
        types = [event.type for event in to_alice if event.payload["MessageId"] == message_id]
        assert types == ["PENDING_CREATE_CHANNEL_MESSAGE", "CREATE_CHANNEL_MESSAGE"]
    assert processor.failures == []
