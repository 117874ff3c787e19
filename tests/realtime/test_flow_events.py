"""What is told of messages in a channel with a flow, to exactly those who are to see it."""

import pytest
from people import ALWAYS, People, message_of, of_types
from stage import as_json
from world import processor_entry

FALLS_BACK = ("--callback-timeout", "200ms", "--callback-expiry", "apply-fallback")


@pytest.fixture
def people(stage):
    return People(stage)


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


def test_what_does_not_persist_pends_and_reaches_those_who_are_connected(people, stage, world):
    world.add_flow(processor_entry("held"))
    message_id = world.send("x", Metadata="m", Persistence="NON_PERSISTENT")["MessageId"]
    (pending,) = people.sender_sees("PENDING_CREATE_CHANNEL_MESSAGE")
    assert pending.payload["Persistence"] == "NON_PERSISTENT"
    # Who comes while it is pending is not told that it is, not even on a device of the sender.
    early = [stage.connect(world.admin), stage.connect(world.alice)]
    assert stage.types(*early) == [[], []]

    world.call_back(world.held(message_id), {"Content": "y"})
    (created,) = people.all_see("CREATE_CHANNEL_MESSAGE")
    assert stage.seen(*early) == [[created]] * 2
    assert message_of(created) == message_of(pending)
    assert created.payload["Persistence"] == "NON_PERSISTENT"
    assert created.payload["Status"] == {"Value": "SENT"}
    assert created.content == "y"
    assert world.list() == []
    _, told = stage.prefetched(world.bob, 2)
    assert told[world.channel]["ChannelMessages"] == []


# Whom else a message is meant for makes no difference to who is told that it was not sent.
NARROW = pytest.mark.parametrize(
    ("persistence", "targeted"),
    [("NON_PERSISTENT", False), ("NON_PERSISTENT", True), ("PERSISTENT", True)],
)


def send_narrow(world, persistence, targeted):
    target = {"Target": [{"MemberArn": world.bob}]} if targeted else {}
    return world.send("x", Metadata="m", Persistence=persistence, **target)["MessageId"]


def told_of_its_end(people, status):
    """The sender alone was told that its message was pending, and then that it has this status."""
    pending, ended = people.sender_sees(
        "PENDING_CREATE_CHANNEL_MESSAGE", f"{status}_CREATE_CHANNEL_MESSAGE"
    )
    assert message_of(ended) == message_of(pending)
    assert ended.payload["Status"]["Value"] == status
    assert ended.payload.get("Target") == pending.payload.get("Target")
    return ended


@NARROW
def test_the_sender_alone_is_told_of_a_denial(people, world, persistence, targeted):
    world.add_flow(processor_entry("held"))
    message_id = send_narrow(world, persistence, targeted)
    world.call_back(world.held(message_id), DeleteResource=True)
    denied = told_of_its_end(people, "DENIED")
    assert (denied.payload["MessageId"], denied.content) == (message_id, "x")


@pytest.mark.carillon(*FALLS_BACK)
@NARROW
def test_the_sender_alone_is_told_of_a_failure(people, world, persistence, targeted):
    world.add_flow(processor_entry("late", fallback="ABORT"))
    message_id = send_narrow(world, persistence, targeted)
    world.wait_for_status(message_id, "FAILED")
    failed = told_of_its_end(people, "FAILED")
    assert (failed.payload["MessageId"], failed.content) == (message_id, "x")


@pytest.mark.parametrize("persistence", ["PERSISTENT", "NON_PERSISTENT"])
def test_a_targeted_message_that_a_flow_lets_go_is_between_two(people, world, persistence):
    world.add_flow(processor_entry("held"))
    message_id = send_narrow(world, persistence, targeted=True)
    (pending,) = people.sender_sees("PENDING_CREATE_CHANNEL_MESSAGE")
    world.call_back(world.held(message_id), {"Content": "y"})
    (created,) = people.two_see("CREATE_CHANNEL_MESSAGE")
    assert message_of(created) == message_of(pending)
    target = [{"MemberArn": world.bob}]
    assert created.payload["Target"] == pending.payload["Target"] == target
    assert created.content == "y"


def test_updates_of_a_targeted_message_stay_between_two(people, world):
    message_id = send_narrow(world, "PERSISTENT", targeted=True)
    people.two_see("CREATE_CHANNEL_MESSAGE")
    world.add_flow(processor_entry("held"))
    world.update(message_id, "new")
    people.sender_sees("PENDING_UPDATE_CHANNEL_MESSAGE")
    world.call_back(world.held(message_id))
    (updated,) = people.two_see("UPDATE_CHANNEL_MESSAGE")
    assert updated.content == "new"
    world.update(message_id, "worse")
    world.call_back(world.held(message_id), DeleteResource=True)
    people.sender_sees("PENDING_UPDATE_CHANNEL_MESSAGE", "DENIED_UPDATE_CHANNEL_MESSAGE")


def leave(world, member):
    world.messaging.delete_channel_membership(
        ChannelArn=world.channel, MemberArn=member, ChimeBearer=member
    )


def test_who_is_a_member_when_the_flow_lets_a_message_go_is_told(people, stage, world):
    world.add_flow(processor_entry("held"))
    message_id = send_narrow(world, "NON_PERSISTENT", targeted=False)
    mallory = people.outside[1]
    world.messaging.create_channel_membership(
        ChannelArn=world.channel,
        MemberArn=world.mallory,
        Type="DEFAULT",
        ChimeBearer=world.admin,
    )
    leave(world, world.bob)
    stage.seen(people.phone, people.bob, people.hidden, mallory)
    world.call_back(world.held(message_id))
    assert stage.types(people.phone, people.bob, people.hidden, mallory) == [
        ["CREATE_CHANNEL_MESSAGE"],
        [],
        *[["CREATE_CHANNEL_MESSAGE"]] * 2,
    ]


@pytest.mark.parametrize("leaver", ["alice", "bob"])
def test_of_the_two_one_may_leave_before_the_flow_lets_go(people, stage, world, leaver):
    world.add_flow(processor_entry("held"))
    message_id = send_narrow(world, "PERSISTENT", targeted=True)
    leave(world, getattr(world, leaver))
    stage.seen(people.phone, people.bob, people.hidden)
    world.call_back(world.held(message_id))
    told = {"alice": people.phone, "bob": people.bob}
    gone = told.pop(leaver)
    assert stage.types(*told.values(), gone, people.hidden) == [["CREATE_CHANNEL_MESSAGE"], [], []]


def test_a_sender_who_has_left_is_told_of_a_denial(people, stage, world):
    world.add_flow(processor_entry("held"))
    message_id = send_narrow(world, "NON_PERSISTENT", targeted=True)
    leave(world, world.alice)
    stage.seen(people.phone, people.laptop, people.bob, people.hidden)
    world.call_back(world.held(message_id), DeleteResource=True)
    (denied,) = people.sender_sees("DENIED_CREATE_CHANNEL_MESSAGE")
    assert denied.payload["MessageId"] == message_id


def test_control_messages_do_not_wait_for_a_flow(people, world):
    world.add_flow(processor_entry("held"))
    world.send("typing", Type="CONTROL", Persistence="NON_PERSISTENT")
    (event,) = people.all_see("CREATE_CHANNEL_MESSAGE")
    assert event.payload["Status"] == {"Value": "SENT"}
    world.send("typing", Type="CONTROL", Target=[{"MemberArn": world.bob}])
    people.two_see("CREATE_CHANNEL_MESSAGE")
    assert world.callbacks() == []
