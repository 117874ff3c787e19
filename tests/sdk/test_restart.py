"""What was under way goes on after kill -9 and a restart on the same data."""

import pytest
from polling import eventually
from processor import SILENT
from test_flows import mask
from world import World, function_arn, processor_entry


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def restart(world, *flags):
    """`flags` are those of the new run; none means as before."""
    world.carillon.kill()
    world.carillon.start(*flags)


@pytest.mark.carillon(data=True)
def test_a_pending_message_can_be_called_back_after_a_restart(world):
    world.add_flow(processor_entry("held"))
    message_id = world.send("the secret", ClientRequestToken="token-1")["MessageId"]
    before = world.held(message_id)
    restart(world)
    assert world.held(message_id) == before
    assert world.get(message_id)["Status"] == {"Value": "PENDING"}
    assert world.list(by=world.bob) == []
    # What the client did not know to have arrived and sends again is still the same request.
    repeated = world.send("the secret", ClientRequestToken="token-1")
    assert repeated["MessageId"] == message_id
    assert len(world.callbacks()) == 1
    world.call_back(before, {"Content": "the ******"})
    assert world.get(message_id, by=world.bob)["Content"] == "the ******"
    restart(world)
    assert world.get(message_id, by=world.bob)["Content"] == "the ******"
    with pytest.raises(world.messaging.exceptions.BadRequestException):
        world.call_back(before)


@pytest.mark.carillon(data=True)
def test_a_chain_goes_on_where_it_was(world):
    world.add_flow(processor_entry("first", 1), processor_entry("second", 2))
    message_id = world.send("0")["MessageId"]
    world.call_back(world.held(message_id), {"Content": "0 first"})
    restart(world)
    second = world.held(message_id)
    assert second["Processor"]["ResourceArn"] == function_arn("second")
    assert second["Event"]["ChannelMessage"]["Content"] == "0 first"
    world.call_back(second)
    assert world.get(message_id, by=world.bob)["Content"] == "0 first"


@pytest.mark.carillon(data=True)
def test_a_pending_update_survives(world):
    message_id = world.send("old")["MessageId"]
    world.add_flow(processor_entry("held"))
    world.update(message_id, "new")
    restart(world)
    assert world.get(message_id)["Content"] == "new"
    assert world.get(message_id, by=world.bob)["Content"] == "old"
    world.call_back(world.held(message_id))
    assert world.get(message_id, by=world.bob)["Content"] == "new"


def test_invocations_that_were_not_made_are_made(start_carillon, processor, data):
    # Nothing is mapped at first: the invocations wait, and then the server dies.
    world = World(start_carillon(data=data))
    world.add_flow(processor_entry("mask"))
    sent = [world.send(f"secret {number}")["MessageId"] for number in range(20)]
    assert {callback["Invocation"] for callback in world.callbacks()} == {"HELD"}
    world.carillon.kill()
    assert processor.events() == []

    processor.on("mask", mask)
    processor.serves(world.carillon)
    world.carillon.start("--lambda-endpoint", processor.url)
    for number, message_id in enumerate(sent):
        message = world.wait_for_status(message_id, "SENT")
        assert message["Content"] == f"****** {number}"
    # In the order in which they were sent, and each one once.
    invoked = [event["ChannelMessage"]["MessageId"] for event in processor.events()]
    assert sorted(invoked) == sorted(sent)


@pytest.mark.carillon(data=True)
def test_an_accepted_invocation_is_not_made_again(world, processor):
    processor.on("silent", lambda event: SILENT)
    world.add_flow(processor_entry("silent"))
    message_id = world.send()["MessageId"]
    eventually(
        lambda: world.held(message_id)["Invocation"] == "ACCEPTED", "the invocation was accepted"
    )
    restart(world)
    # A later one is invoked: by then the earlier one would have been, too.
    later = world.send("later")["MessageId"]
    processor.wait_for_events(2)
    invoked = [event["ChannelMessage"]["MessageId"] for event in processor.events()]
    assert invoked == [message_id, later]
    world.call_back(world.held(message_id))
    assert world.status_is(message_id, "SENT")


def test_deadlines_survive(start_carillon, data):
    fallback = ("--callback-expiry", "apply-fallback")
    world = World(start_carillon("--callback-timeout", "700ms", *fallback, data=data))
    world.add_flow(processor_entry("held"))
    message_id = world.send()["MessageId"]
    (before,) = world.callbacks(message_id=message_id)
    # The deadline is the message's own: the new run has another default.
    restart(world, "--callback-timeout", "48h", *fallback)
    (callback,) = world.callbacks(message_id=message_id)
    deadline = callback["DeadlineTimestamp"]
    assert deadline == before["DeadlineTimestamp"]
    world.wait_for_status(message_id, "FAILED")
    (callback,) = world.callbacks(message_id=message_id)
    assert callback["Status"] == "EXPIRED"
    assert callback["ResolvedTimestamp"] >= deadline


def test_deadlines_that_passed_meanwhile(start_carillon, data):
    flags = ("--callback-timeout", "1ms", "--callback-expiry", "apply-fallback")
    world = World(start_carillon(*flags, data=data))
    world.add_flow(processor_entry("held", fallback="CONTINUE"))
    sent = [world.send(str(number))["MessageId"] for number in range(5)]
    restart(world)
    for message_id in sent:
        world.wait_for_status(message_id, "SENT")


def test_a_clean_end_keeps_everything_too(start_carillon, data):
    world = World(start_carillon(data=data))
    world.add_flow(processor_entry("held"))
    pending = world.send("pending")["MessageId"]
    world.carillon.terminate()
    world.carillon.start()
    world.call_back(world.held(pending))
    assert world.get(pending, by=world.bob)["Content"] == "pending"


def test_without_data_nothing_is_kept_or_left_behind(carillon, world):
    world.send()
    assert carillon.admin("health")["Data"] == "ephemeral"
    carillon.terminate()
    assert list(carillon.temporary.iterdir()) == []
    carillon.start()
    assert world.identity.list_app_instances()["AppInstances"] == []
    carillon.kill()
    assert list(carillon.temporary.iterdir()) == []
