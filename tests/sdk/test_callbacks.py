"""ChannelFlowCallback that comes twice, at the wrong place, for something unknown, or in a race."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from world import FORBIDDEN_TEXT, make_client, processor_entry

RACING_TEXT = "There was a conflict processing the request. Try your request again."


def non_pending_text(callback):
    return (
        "Unable to complete processing of non-pending message for callback id: "
        f"{callback['CallbackId']}, message id: {callback['MessageId']}"
    )


@pytest.fixture
def callback(world):
    """What a message that was just sent waits for."""
    world.add_flow(processor_entry("held"))
    return world.held(world.send("hello")["MessageId"])


def refusal(world, callback, message=None, **members):
    """The error of a callback that has to fail: its type, status and text."""
    with pytest.raises(ClientError) as refused:
        world.call_back(callback, message, **members)
    answer = refused.value.response
    return (
        type(refused.value).__name__,
        answer["ResponseMetadata"]["HTTPStatusCode"],
        answer["Error"]["Message"],
    )


FORBIDDEN = ("ForbiddenException", 403, FORBIDDEN_TEXT)


def test_the_answer_echoes_channel_and_callback(world, callback):
    answer = world.call_back(callback)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["ChannelArn"] == callback["ChannelArn"]
    assert answer["CallbackId"] == callback["CallbackId"]


def test_a_second_callback(world, callback):
    world.call_back(callback, {"Content": "first"})
    expected = ("BadRequestException", 400, non_pending_text(callback))
    assert refusal(world, callback, {"Content": "second"}) == expected
    assert refusal(world, callback, DeleteResource=True) == expected
    assert world.get(callback["MessageId"])["Content"] == "first"


def test_a_second_callback_after_a_denial(world, callback):
    world.call_back(callback, DeleteResource=True)
    assert refusal(world, callback) == FORBIDDEN
    assert refusal(world, callback, DeleteResource=True) == FORBIDDEN


def test_an_earlier_step_of_a_message_that_is_still_pending(world):
    world.add_flow(processor_entry("first", 1), processor_entry("second", 2))
    message_id = world.send()["MessageId"]
    first = world.held(message_id)
    world.call_back(first)
    kind, status, _ = refusal(world, first, {"Content": "again"})
    assert (kind, status) == ("BadRequestException", 400)
    world.call_back(world.held(message_id))
    assert world.get(message_id)["Content"] == "hello"


def test_an_unknown_callback_id(world, callback):
    assert refusal(world, callback, CallbackId=str(uuid.uuid4())) == FORBIDDEN
    assert world.status_is(callback["MessageId"], "PENDING")


def test_another_channel(world, callback):
    elsewhere = world.add_channel("elsewhere")
    assert refusal(world, callback, ChannelArn=elsewhere) == FORBIDDEN
    nowhere = world.app_instance + "/channel/" + str(uuid.uuid4())
    assert refusal(world, callback, ChannelArn=nowhere) == FORBIDDEN
    assert world.status_is(callback["MessageId"], "PENDING")
    world.call_back(callback)


def test_another_message(world, callback):
    other = world.send("other")["MessageId"]
    assert refusal(world, callback, {"MessageId": other}) == FORBIDDEN
    assert refusal(world, callback, {"MessageId": "unknown"}) == FORBIDDEN
    assert world.status_is(callback["MessageId"], "PENDING")
    assert world.status_is(other, "PENDING")


def test_a_deleted_channel(world, callback):
    world.messaging.delete_channel(ChannelArn=world.channel, ChimeBearer=world.admin)
    assert refusal(world, callback) == FORBIDDEN


def test_content_that_is_too_large_leaves_the_message_pending(world, callback):
    text = "Channel Messages size limit exceeded"
    answer = refusal(world, callback, {"Content": "é" * 2049})
    assert answer == ("BadRequestException", 400, text)
    world.call_back(callback, {"Content": "é" * 2048})
    assert world.get(callback["MessageId"])["Content"] == "é" * 2048


def test_of_racing_callbacks_exactly_one_wins(world):
    world.add_flow(processor_entry("held"))
    runners = 4
    barrier = threading.Barrier(runners)
    # Clients of their own: connections of their own, so that the requests really meet.
    clients = [
        make_client("chime-sdk-messaging", world.carillon.endpoint) for _ in range(runners)
    ]

    def run(runner, callback):
        barrier.wait()
        try:
            clients[runner].channel_flow_callback(
                ChannelArn=callback["ChannelArn"],
                CallbackId=callback["CallbackId"],
                ChannelMessage={
                    "MessageId": callback["MessageId"],
                    "Content": f"by runner {runner}",
                },
            )
        except ClientError as refused:
            return refused
        return f"by runner {runner}"

    with ThreadPoolExecutor(runners) as threads:
        for _ in range(25):
            callback = world.held(world.send()["MessageId"])
            outcomes = list(threads.map(run, range(runners), [callback] * runners))
            (winner,) = [outcome for outcome in outcomes if isinstance(outcome, str)]
            allowed = {
                ("ConflictException", RACING_TEXT),
                ("BadRequestException", non_pending_text(callback)),
            }
            for refused in outcomes:
                if refused != winner:
                    text = refused.response["Error"]["Message"]
                    assert (type(refused).__name__, text) in allowed
            message = world.get(callback["MessageId"], by=world.bob)
            assert message["Content"] == winner
            (after,) = world.callbacks(message_id=callback["MessageId"])
            assert after["Status"] == "COMPLETED"
