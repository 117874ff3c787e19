"""A disk that takes no more, as if full: by a limit on how large the server's files may be."""

import contextlib
import resource
import socket

import pytest
from polling import eventually
from world import processor_entry

# SQLite's write-ahead log is larger once the database has its tables; our own log is not.
FILE_BYTES_MAX = 64 * 1024


@contextlib.contextmanager
def no_room(carillon):
    """Meanwhile every write to the data fails."""
    pid = carillon.process.pid
    _, hard = before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def expect_refused_write(world):
    with pytest.raises(world.messaging.exceptions.ServiceFailureException) as refused:
        world.send("there is no room for this")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def health(world):
    return world.carillon.admin("health")


@pytest.mark.carillon(data=True)
def test_writes_fail_and_nothing_answered_is_lost(world):
    kept = [world.send(f"message {number}")["MessageId"] for number in range(20)]
    with no_room(world.carillon):
        expect_refused_write(world)
        assert health(world)["Status"] == "degraded"
        assert health(world)["Trouble"]
        assert [message["MessageId"] for message in world.list()] == kept[::-1]
    kept.append(world.send("there is room again")["MessageId"])
    assert health(world)["Status"] == "ok"
    world.carillon.kill()
    world.carillon.start()
    assert [message["MessageId"] for message in world.list()] == kept[::-1]


@pytest.mark.carillon(data=True)
def test_what_became_of_an_invocation_is_noted_later(world):
    world.add_flow(processor_entry("mask"))
    message_id = world.send()["MessageId"]
    # Bound, but nobody listens: connections to it are refused.
    with socket.socket() as nobody, no_room(world.carillon):
        nobody.bind(("127.0.0.1", 0))
        target = {"Url": f"http://127.0.0.1:{nobody.getsockname()[1]}"}
        status, _, _ = world.carillon.request("PUT", "/_carillon/processors/mask", target)
        assert status == 200
        eventually(lambda: "is tried again" in world.carillon.log(), "the report has failed")
    world.wait_for_status(message_id, "FAILED")


@pytest.mark.carillon(
    "--callback-timeout", "500ms", "--callback-expiry", "apply-fallback", data=True
)
def test_deadlines_that_passed_are_kept_later(world):
    world.add_flow(processor_entry("held"))
    message_id = world.send()["MessageId"]
    with no_room(world.carillon):
        eventually(lambda: "is tried again" in world.carillon.log(), "the expiry has failed")
    world.wait_for_status(message_id, "FAILED")
