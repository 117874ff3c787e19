"""Updates of messages that go through a channel flow."""

import pytest
from processor import PASS
from test_flows import EVENT_TIME, iso
from world import processor_entry


@pytest.fixture
def updated(world):
    """A message that was sent, and an update of it that waits for its processor."""
    sent = world.send("old", Metadata="old meta")
    world.add_flow(processor_entry("held"))
    answer = world.update(sent["MessageId"], "new", Metadata="new meta")
    assert answer["Status"] == {"Value": "PENDING"}
    return sent["MessageId"]


def revision(message):
    return message["Content"], message["Metadata"], message["Status"]["Value"]


def listed(world, by):
    (message,) = world.list(by=by)
    return revision(message)


def test_others_read_the_old_revision_meanwhile(world, updated):
    assert revision(world.get(updated)) == ("new", "new meta", "PENDING")
    assert listed(world, world.alice) == ("new", "new meta", "PENDING")
    assert world.status_is(updated, "PENDING")
    for other in (world.bob, world.admin):
        assert revision(world.get(updated, by=other)) == ("old", "old meta", "SENT")
        assert listed(world, other) == ("old", "old meta", "SENT")
        assert "LastEditedTimestamp" not in world.get(updated, by=other)
    (shown,) = world.carillon.admin("messages", channel_arn=world.channel)["Messages"]
    assert shown["ChannelMessage"]["Content"] == "old"
    assert shown["PendingUpdate"] == {"Content": "new", "Metadata": "new meta"}


def test_the_event_of_an_update(world, updated):
    event = world.held(updated)["Event"]
    message = event["ChannelMessage"]
    assert EVENT_TIME.fullmatch(message.pop("LastEditedTimestamp"))
    assert event["EventType"] == "CHANNEL_MESSAGE_EVENT"
    assert message == {
        "MessageId": updated,
        "ChannelArn": world.channel,
        "Content": "new",
        "Metadata": "new meta",
        "Sender": {"Arn": world.alice, "Name": "Alice"},
        "Persistence": "PERSISTENT",
        "Type": "STANDARD",
        "CreatedTimestamp": iso(world.get(updated)["CreatedTimestamp"]),
    }


def test_an_update_is_changed_by_its_processor(world, updated):
    created = world.get(updated)["CreatedTimestamp"]
    edited = world.held(updated)["Event"]["ChannelMessage"]["LastEditedTimestamp"]
    world.call_back(world.held(updated), {"Content": "new, but nicer"})
    for reader in (world.alice, world.bob):
        message = world.get(updated, by=reader)
        assert revision(message) == ("new, but nicer", "new meta", "SENT")
        assert message["CreatedTimestamp"] == created
        assert iso(message["LastEditedTimestamp"]) == edited


def test_a_denied_update_keeps_the_old_revision(world, updated):
    callback = world.held(updated)
    world.call_back(callback, DeleteResource=True)
    for reader in (world.alice, world.bob):
        message = world.get(updated, by=reader)
        assert revision(message) == ("old", "old meta", "SENT")
        assert "LastEditedTimestamp" not in message
    assert world.status_is(updated, "SENT")
    assert "PendingUpdate" not in world.carillon.admin(
        "messages", channel_arn=world.channel
    )["Messages"][0]
    # The next update is another one.
    world.update(updated, "third")
    world.call_back(world.held(updated))
    assert world.get(updated, by=world.bob)["Content"] == "third"


def test_an_update_that_cannot_be_processed_keeps_the_old_revision(world, processor):
    sent = world.send("old")
    world.add_flow(processor_entry("missing", fallback="ABORT"))
    world.update(sent["MessageId"], "new")
    message = world.wait_for_status(sent["MessageId"], "SENT")
    assert message["Content"] == "old"
    assert [callback["Status"] for callback in world.callbacks()] == ["FAILED"]


def test_an_update_through_a_real_processor(world, processor):
    processor.on("pass", lambda event: PASS)
    sent = world.send("old")
    world.add_flow(processor_entry("pass"))
    world.update(sent["MessageId"], "new")
    message = world.wait_for_status(sent["MessageId"], "SENT")
    assert message["Content"] == "new"
    assert len(processor.events()) == 1


def test_one_update_at_a_time(world, updated):
    with pytest.raises(world.messaging.exceptions.ConflictException):
        world.update(updated, "another")
    world.call_back(world.held(updated))
    world.update(updated, "another")


def test_only_the_sender_may_update(world, updated):
    world.call_back(world.held(updated))
    for other in (world.bob, world.admin, world.mallory):
        with pytest.raises(world.messaging.exceptions.ForbiddenException):
            world.update(updated, "not mine", by=other)
    assert world.get(updated)["Content"] == "new"
