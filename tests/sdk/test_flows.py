"""Messages through channel flows, with a real processor behind a real Invoke endpoint."""

import re
import socket

import pytest
from polling import eventually
from processor import DENY, PASS, SILENT
from world import World, function_arn, processor_entry

EVENT_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def mask(event):
    return {"Content": event["ChannelMessage"]["Content"].replace("secret", "******")}


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def test_a_message_is_changed_by_its_processor(world, processor):
    processor.on("mask", mask)
    world.add_flow(processor_entry("mask"))
    sent = world.send("the secret is 42", Metadata='{"id":1}')
    assert sent["ChannelArn"] == world.channel
    assert sent["Status"] == {"Value": "PENDING"}

    message = world.wait_for_status(sent["MessageId"], "SENT")
    assert message["Content"] == "the ****** is 42"
    assert message["Metadata"] == '{"id":1}'
    assert message["Status"] == {"Value": "SENT"}
    assert "LastEditedTimestamp" not in message
    assert world.get(sent["MessageId"], by=world.bob) == message

    # Exactly the documented event, nothing more and nothing less.
    (event,) = processor.events("mask")
    (callback,) = world.callbacks(message_id=sent["MessageId"])
    assert event == {
        "EventType": "CHANNEL_MESSAGE_EVENT",
        "CallbackId": callback["CallbackId"],
        "ChannelMessage": {
            "MessageId": sent["MessageId"],
            "ChannelArn": world.channel,
            "Content": "the secret is 42",
            "Metadata": '{"id":1}',
            "Sender": {"Arn": world.alice, "Name": "Alice"},
            "Persistence": "PERSISTENT",
            "Type": "STANDARD",
            "CreatedTimestamp": iso(message["CreatedTimestamp"]),
        },
    }
    assert EVENT_TIME.fullmatch(event["ChannelMessage"]["CreatedTimestamp"])
    assert callback["Event"] == event
    assert (callback["Status"], callback["Invocation"]) == ("COMPLETED", "ACCEPTED")
    assert processor.failures == []


def test_members_that_are_not_set_are_not_in_the_event(world, processor):
    processor.on("pass", lambda event: PASS)
    world.add_flow(processor_entry("pass"))
    world.send("bare")
    world.send(
        "full",
        Metadata="m",
        ContentType="text/plain",
        MessageAttributes={"colour": {"StringValues": ["red", "blue"]}},
    )
    bare, full = sorted(
        (event["ChannelMessage"] for event in processor.wait_for_events(2)),
        key=lambda message: message["Content"],
    )
    documented = {
        "MessageId", "ChannelArn", "Content", "Sender", "Persistence", "Type", "CreatedTimestamp",
    }  # fmt: skip
    assert set(bare) == documented
    assert set(full) == documented | {"Metadata", "ContentType", "MessageAttributes"}
    assert full["ContentType"] == "text/plain"
    assert full["MessageAttributes"] == {"colour": {"StringValues": ["red", "blue"]}}


def test_a_denied_message_is_gone(world, processor):
    processor.on("deny", lambda event: DENY)
    world.add_flow(processor_entry("deny"))
    sent = world.send("spam")
    world.wait_until_gone(sent["MessageId"])
    with pytest.raises(world.messaging.exceptions.ForbiddenException):
        world.status(sent["MessageId"])
    assert world.list() == world.list(by=world.bob) == []
    assert [callback["Status"] for callback in world.callbacks()] == ["DENIED"]


def test_no_change_keeps_every_member(world, processor):
    processor.on("pass", lambda event: PASS)
    world.add_flow(processor_entry("pass"))
    attributes = {"colour": {"StringValues": ["red"]}}
    sent = world.send(
        "as it was", Metadata="m", ContentType="text/x", MessageAttributes=attributes
    )
    message = world.wait_for_status(sent["MessageId"], "SENT")
    assert (message["Content"], message["Metadata"]) == ("as it was", "m")
    assert (message["ContentType"], message["MessageAttributes"]) == ("text/x", attributes)


def test_a_processor_may_change_metadata_attributes_and_content_type_alone(world, processor):
    changes = {
        "Metadata": "checked",
        "ContentType": "text/checked",
        "MessageAttributes": {"checked": {"StringValues": ["yes"]}},
    }
    processor.on("tag", lambda event: changes)
    world.add_flow(processor_entry("tag"))
    sent = world.send("as it was", Metadata="m")
    message = world.wait_for_status(sent["MessageId"], "SENT")
    assert message["Content"] == "as it was"
    assert {name: message[name] for name in changes} == changes


def test_only_the_sender_sees_a_pending_message(world):
    world.add_flow(processor_entry("held"))
    sent = world.send("wait for it")
    message = world.get(sent["MessageId"])
    assert message["Status"] == {"Value": "PENDING"}
    assert message["Content"] == "wait for it"
    assert [entry["Status"]["Value"] for entry in world.list()] == ["PENDING"]
    for other in (world.bob, world.admin):
        with pytest.raises(world.messaging.exceptions.NotFoundException):
            world.get(sent["MessageId"], by=other)
        assert world.list(by=other) == []
        with pytest.raises(world.messaging.exceptions.ForbiddenException):
            world.status(sent["MessageId"], by=other)


def test_a_pending_message_cannot_be_updated_redacted_or_deleted(world):
    world.add_flow(processor_entry("held"))
    message_id = world.send(by=world.admin)["MessageId"]
    named = {
        "ChannelArn": world.channel,
        "MessageId": message_id,
        "ChimeBearer": world.admin,
    }
    with pytest.raises(world.messaging.exceptions.ConflictException):
        world.update(message_id, "too early", by=world.admin)
    with pytest.raises(world.messaging.exceptions.ConflictException):
        world.messaging.redact_channel_message(**named)
    # DeleteChannelMessage does not model Conflict.
    with pytest.raises(world.messaging.exceptions.BadRequestException):
        world.messaging.delete_channel_message(**named)
    world.call_back(world.held(message_id))
    assert world.get(message_id, by=world.admin)["Content"] == "hello"


def test_control_messages_do_not_go_through_the_flow(world, processor):
    processor.on("deny", lambda event: DENY)
    world.add_flow(processor_entry("deny"))
    sent = world.send("typing", Type="CONTROL")
    assert sent["Status"] == {"Value": "SENT"}
    assert world.get(sent["MessageId"], by=world.bob)["Content"] == "typing"
    fleeting = world.send("typing", Type="CONTROL", Persistence="NON_PERSISTENT")
    assert fleeting["Status"] == {"Value": "SENT"}
    assert world.callbacks() == []
    assert processor.events() == []


def test_a_non_persistent_message_lives_until_it_is_delivered(world):
    world.add_flow(processor_entry("held"))
    sent = world.send("now or never", Persistence="NON_PERSISTENT")
    assert sent["Status"] == {"Value": "PENDING"}
    callback = world.held(sent["MessageId"])
    assert callback["Event"]["ChannelMessage"]["Persistence"] == "NON_PERSISTENT"
    assert world.get(sent["MessageId"])["Status"] == {"Value": "PENDING"}
    world.call_back(callback)
    with pytest.raises(world.messaging.exceptions.NotFoundException):
        world.get(sent["MessageId"])
    with pytest.raises(world.messaging.exceptions.ForbiddenException):
        world.status(sent["MessageId"])
    assert world.list() == []


def test_several_processors_run_in_execution_order(world, processor):
    for name in ("first", "second", "third"):
        processor.on(
            name, lambda event, n=name: {"Content": event["ChannelMessage"]["Content"] + " " + n}
        )
    # In another order than they are to run in, and with a gap.
    world.add_flow(
        processor_entry("third", 3), processor_entry("first", 1), processor_entry("second", 2)
    )
    sent = world.send("0", Metadata="m")
    assert world.wait_for_status(sent["MessageId"], "SENT")["Content"] == "0 first second third"
    with processor.lock:
        assert [name for name, _ in processor.invocations] == ["first", "second", "third"]
    events = processor.events()
    assert [event["ChannelMessage"]["Content"] for event in events] == ["0", "0 first",
                                                                       "0 first second"]
    assert {event["ChannelMessage"]["Metadata"] for event in events} == {"m"}
    assert len({event["CallbackId"] for event in events}) == 3
    assert len({event["ChannelMessage"]["MessageId"] for event in events}) == 1


def test_a_denial_ends_the_chain(world, processor):
    processor.on("first", lambda event: DENY)
    processor.on("second", lambda event: PASS)
    world.add_flow(processor_entry("first", 1), processor_entry("second", 2))
    sent = world.send()
    world.wait_until_gone(sent["MessageId"])
    assert processor.events("second") == []
    assert len(world.callbacks()) == 1


def test_a_message_keeps_the_processors_it_entered_with(world):
    flow = world.add_flow(processor_entry("first", 1), processor_entry("second", 2))
    message_id = world.send()["MessageId"]
    world.messaging.update_channel_flow(
        ChannelFlowArn=flow, Name="flow", Processors=[processor_entry("other", 1)]
    )
    first = world.held(message_id)
    assert first["Processor"]["ResourceArn"] == function_arn("first")
    world.call_back(first)
    second = world.held(message_id)
    assert second["Processor"]["ResourceArn"] == function_arn("second")
    world.call_back(second)
    assert world.status_is(message_id, "SENT")
    later = world.held(world.send()["MessageId"])
    assert later["Processor"]["ResourceArn"] == function_arn("other")


@pytest.fixture
def closed_port():
    """A port that nobody listens on and that nobody else can take."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_unreachable_with_abort_fails_the_message(start_carillon, closed_port):
    world = World(start_carillon("--lambda-endpoint", f"http://127.0.0.1:{closed_port}"))
    world.add_flow(processor_entry("gone", 1, "ABORT"), processor_entry("next", 2, "CONTINUE"))
    sent = world.send("lost")
    assert sent["Status"] == {"Value": "PENDING"}
    message = world.wait_for_status(sent["MessageId"], "FAILED")
    assert message["Content"] == "lost"
    assert message["Status"]["Detail"]
    assert world.list(by=world.bob) == []
    with pytest.raises(world.messaging.exceptions.NotFoundException):
        world.get(sent["MessageId"], by=world.bob)
    (callback,) = world.callbacks()
    assert (callback["Status"], callback["Invocation"]) == ("FAILED", "FAILED")
    # A callback that nobody asked for any more.
    with pytest.raises(world.messaging.exceptions.BadRequestException):
        world.call_back(callback)


def test_unreachable_with_continue_sends_the_message_unmodified(start_carillon, closed_port):
    world = World(start_carillon("--lambda-endpoint", f"http://127.0.0.1:{closed_port}"))
    world.add_flow(processor_entry("gone", 1, "CONTINUE"), processor_entry("also", 2, "CONTINUE"))
    sent = world.send("as it was", Metadata="m")
    message = world.wait_for_status(sent["MessageId"], "SENT")
    assert (message["Content"], message["Metadata"]) == ("as it was", "m")
    assert world.get(sent["MessageId"], by=world.bob)["Content"] == "as it was"
    assert [callback["Status"] for callback in world.callbacks()] == ["FAILED", "FAILED"]


def test_continue_goes_on_to_the_next_processor(world, processor):
    # The endpoint is there, but knows no function of the first name.
    processor.on("mask", mask)
    world.add_flow(processor_entry("missing", 1, "CONTINUE"), processor_entry("mask", 2, "ABORT"))
    sent = world.send("my secret")
    assert world.wait_for_status(sent["MessageId"], "SENT")["Content"] == "my ******"
    assert len(processor.events("mask")) == 1


def test_a_processor_that_does_not_call_back_leaves_the_message_pending(world, processor):
    processor.on("silent", lambda event: SILENT)
    world.add_flow(processor_entry("silent"))
    sent = world.send()
    processor.wait_for_events(1)
    eventually(
        lambda: world.held(sent["MessageId"])["Invocation"] == "ACCEPTED",
        "the invocation was accepted",
    )
    assert world.status_is(sent["MessageId"], "PENDING")
    # It may still come, from anywhere.
    world.call_back(world.held(sent["MessageId"]), {"Content": "at last"})
    assert world.get(sent["MessageId"], by=world.bob)["Content"] == "at last"


def test_many_messages_at_once(world, processor):
    processor.on("mask", mask)
    world.add_flow(processor_entry("mask"))
    sent = [world.send(f"secret {number}")["MessageId"] for number in range(60)]
    for number, message_id in enumerate(sent):
        message = world.wait_for_status(message_id, "SENT")
        assert message["Content"] == f"****** {number}"
    assert len(processor.events()) == len(sent)
    assert processor.failures == []
