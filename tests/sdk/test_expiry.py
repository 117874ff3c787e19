"""Processors that do not call back in time."""

import pytest
from botocore.exceptions import ClientError
from polling import eventually
from processor import SILENT
from world import FORBIDDEN_TEXT, function_arn, processor_entry

FALLBACK = ("--callback-timeout", "200ms", "--callback-expiry", "apply-fallback")


def wait_until_expired(world, count=1):
    def expired():
        found = world.callbacks(status="EXPIRED")
        return found if len(found) == count else None

    return eventually(expired, f"{count} callbacks have expired")


def assert_forbidden(world, callback):
    with pytest.raises(world.messaging.exceptions.ForbiddenException) as refused:
        world.call_back(callback, {"Content": "late"})
    assert refused.value.response["Error"]["Message"] == FORBIDDEN_TEXT


def test_the_deadline_is_48_hours_away(world):
    world.add_flow(processor_entry("held"))
    callback = world.held(world.send()["MessageId"])
    hours = (callback["DeadlineTimestamp"] - callback["CreatedTimestamp"]) / 3600
    assert hours == pytest.approx(48)


@pytest.mark.carillon("--callback-timeout", "200ms")
def test_by_default_the_message_stays_pending(world):
    world.add_flow(processor_entry("held", fallback="CONTINUE"))
    message_id = world.send()["MessageId"]
    (callback,) = wait_until_expired(world)
    window = callback["DeadlineTimestamp"] - callback["CreatedTimestamp"]
    assert window == pytest.approx(0.2)
    assert_forbidden(world, callback)
    assert world.status_is(message_id, "PENDING")
    assert world.get(message_id)["Content"] == "hello"
    assert world.list(by=world.bob) == []


@pytest.mark.carillon("--callback-timeout", "200ms")
def test_an_accepted_invocation_expires_as_well(world, processor):
    processor.on("silent", lambda event: SILENT)
    world.add_flow(processor_entry("silent"))
    message_id = world.send()["MessageId"]
    (callback,) = wait_until_expired(world)
    assert callback["Invocation"] == "ACCEPTED"
    assert_forbidden(world, callback)
    assert world.status_is(message_id, "PENDING")


@pytest.mark.carillon(*FALLBACK)
def test_abort(world):
    world.add_flow(processor_entry("held", fallback="ABORT"))
    message_id = world.send()["MessageId"]
    message = world.wait_for_status(message_id, "FAILED")
    assert message["Content"] == "hello"
    (callback,) = wait_until_expired(world)
    assert_forbidden(world, callback)
    assert world.list(by=world.bob) == []


@pytest.mark.carillon(*FALLBACK)
def test_continue(world):
    world.add_flow(
        processor_entry("first", 1, "CONTINUE"), processor_entry("second", 2, "CONTINUE")
    )
    message_id = world.send("unmodified")["MessageId"]
    assert world.wait_for_status(message_id, "SENT")["Content"] == "unmodified"
    assert world.get(message_id, by=world.bob)["Content"] == "unmodified"
    second, first = wait_until_expired(world, count=2)
    assert first["Processor"]["ResourceArn"] == function_arn("first")
    assert second["Processor"]["ResourceArn"] == function_arn("second")
    # The second processor has its time, not what the first one left.
    assert second["CreatedTimestamp"] >= first["DeadlineTimestamp"]


@pytest.mark.carillon(*FALLBACK)
def test_an_expired_update_keeps_the_old_revision(world):
    message_id = world.send("old")["MessageId"]
    world.add_flow(processor_entry("held", fallback="ABORT"))
    world.update(message_id, "new")
    assert world.wait_for_status(message_id, "SENT")["Content"] == "old"


@pytest.mark.carillon("--callback-timeout", "200ms")
def test_a_callback_in_time_is_not_undone_by_the_deadline(world):
    world.add_flow(processor_entry("held"))
    in_time, late = world.send("in time")["MessageId"], world.send("late")["MessageId"]
    try:
        world.call_back(world.held(in_time))
    except (AssertionError, ClientError):
        # A machine so busy that the window was over: then both are late.
        wait_until_expired(world, count=2)
        return
    # The other one's deadline has passed, and so has this one's.
    (expired,) = wait_until_expired(world)
    assert expired["MessageId"] == late
    assert world.get(in_time, by=world.bob)["Content"] == "in time"
