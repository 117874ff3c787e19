"""How sessions end, what survives it, and that the others do not notice."""

import json
import socket

import pytest
from polling import eventually
from session import OVERLOADED, RESTARTING, origin_of, trusted_context
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode

KEEPS_DATA = pytest.mark.carillon(data=True)


@KEEPS_DATA
def test_a_server_that_ends_says_so_and_is_there_again(stage, world, trust, tmp_path):
    sessions = [
        stage.connect(world.alice),
        stage.connect(world.alice, origin=origin_of(world.carillon, "wss"), ssl=trust),
        stage.connect(world.bob),
    ]
    world.send("before")
    stage.seen(*sessions)
    world.carillon.terminate()
    assert [session.close_code() for session in sessions] == [RESTARTING] * 3

    world.carillon.start()
    # Who trusted the CA before the restart does so after it.
    assert trusted_context(world.carillon, tmp_path).get_ca_certs() == trust.get_ca_certs()
    again = [
        stage.connect(world.alice),
        stage.connect(world.alice, origin=origin_of(world.carillon, "wss"), ssl=trust),
        stage.connect(world.bob),
    ]
    message_id = world.send("after")["MessageId"]
    for events in stage.seen(*again):
        assert [event.payload["MessageId"] for event in events] == [message_id]


@KEEPS_DATA
def test_sessions_come_back_after_kill_9(stage, world):
    sessions = [stage.connect(world.alice), stage.connect(world.bob)]
    first = world.send("answered")["MessageId"]
    world.carillon.kill()
    for session in sessions:
        assert {event.payload["MessageId"] for event in session.last_events()} <= {first}
        assert session.socket.close_code == 1006

    world.carillon.start()
    alice = stage.connect(world.alice)
    bob, told = stage.prefetched(world.bob, 2)
    messages = told[world.channel]["ChannelMessages"]
    assert [message["MessageId"] for message in messages] == [first]
    second = world.send("and on")["MessageId"]
    for events in stage.seen(alice, bob):
        assert [event.payload["MessageId"] for event in events] == [second]


def test_a_client_that_leaves_is_answered_and_forgotten(stage, world):
    before = world.carillon.admin("health")["Sessions"]
    alice, bob = stage.connect(world.alice), stage.connect(world.bob)
    assert world.carillon.admin("health")["Sessions"] == before + 2
    alice.socket.close(1000, "enough")
    assert alice.socket.close_code == 1000
    bob.socket.socket.shutdown(socket.SHUT_RDWR)
    eventually(
        lambda: world.carillon.admin("health")["Sessions"] == before, "both sessions are gone"
    )
    again = stage.connect(world.alice)
    world.send("anyone?")
    assert stage.types(again) == [["CREATE_CHANNEL_MESSAGE"]]


@pytest.mark.carillon("--session-idle-timeout", "1s")
def test_pings_keep_a_silent_session_alive(stage, world):
    alice = stage.connect(world.alice)
    pings = count_pings(alice)
    # Six pings are three idle timeouts; the client answers each, and says nothing else.
    eventually(lambda: pings() >= 6, "six pings came")
    world.send("still there?")
    assert stage.types(alice) == [["CREATE_CHANNEL_MESSAGE"]]


def count_pings(session):
    """The library answers pings itself; this looks over its shoulder."""
    seen = []
    protocol = session.socket.protocol
    receive = protocol.recv_frame

    def counting(frame):
        if frame.opcode is Opcode.PING:
            seen.append(frame)
        return receive(frame)

    protocol.recv_frame = counting
    return lambda: len(seen)


@pytest.mark.carillon("--session-idle-timeout", "1s")
def test_who_answers_no_ping_is_dropped(stage, world):
    bob = stage.connect(world.bob)
    # Its receiver stops at the first unread message, and with it the answers to pings.
    silent = stage.connect(world.alice, socket_options={"max_queue": 1})
    for _ in range(4):
        world.send("unread")
    eventually(lambda: world.carillon.admin("health")["Sessions"] == 1, "alice was dropped")
    silent.last_events()
    assert silent.socket.close_code == 1006
    world.send("still here?")
    assert stage.types(bob) == [["CREATE_CHANNEL_MESSAGE"] * 5]


# Each of these characters takes seven bytes of a frame, so that a few hundred messages fill every
# buffer between the server and a client that does not read.
PADDING = "\x01" * 4000
MESSAGES_MAX = 2000


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_slow_consumer_is_closed_and_the_fast_ones_get_everything(
    stage, world, request, scheme
):
    options = {"origin": origin_of(world.carillon, scheme)}
    if scheme == "wss":
        options["ssl"] = request.getfixturevalue("trust")
    fast = [stage.connect(world.alice, **options), stage.connect(world.bob, **options)]
    slow = stage.connect(world.admin, socket_options={"max_queue": 1}, **options)
    sent = []

    def closed_as_slow():
        return world.carillon.admin("health")["SlowSessionsEnded"] == 1

    received = [[] for _ in fast]
    while not closed_as_slow():
        assert len(sent) < MESSAGES_MAX, "nobody was found to be slow"
        sent += [world.send(PADDING)["MessageId"] for _ in range(20)]
        for events, seen in zip(received, stage.seen(*fast)):
            events += seen
    for events in received:
        assert [event.payload["MessageId"] for event in events] == sent
    # What the slow one did get is a beginning of it all, without a gap; then it is told why.
    begun = [event.payload["MessageId"] for event in slow.last_events()]
    assert begun == sent[: len(begun)] and len(begun) < len(sent)
    assert slow.socket.close_code in (OVERLOADED, 1006)
    stage.connect(world.admin, **options)


def test_the_health_endpoint_knows_the_sessions(world, stage):
    assert world.carillon.admin("health")["Sessions"] == 0
    alice = stage.connect(world.alice)
    health = world.carillon.admin("health")
    assert (health["Sessions"], health["SlowSessionsEnded"]) == (1, 0)
    alice.close()


def test_frames_that_are_no_frames_end_their_own_session_only(stage, world):
    good = stage.connect(world.bob)
    reserved_bits = bytes([0xF1, 0x80, 0, 0, 0, 0])
    unmasked = bytes([0x89, 0x00])
    oversized_ping = bytes([0x89, 0xFE, 0x01, 0x00, 0, 0, 0, 0]) + bytes(256)
    for rubbish in (reserved_bits, unmasked, oversized_ping):
        bad = stage.connect(world.alice)
        bad.socket.socket.sendall(rubbish)
        with pytest.raises(ConnectionClosed):
            bad.next_frame()
        assert bad.socket.close_code == 1002, rubbish
    world.send("unharmed")
    assert stage.types(good) == [["CREATE_CHANNEL_MESSAGE"]]


def test_an_unclean_upgrade_is_a_plain_http_error(world):
    with socket.create_connection((world.carillon.host, world.carillon.port), timeout=20) as raw:
        raw.sendall(
            b"GET /connect?userArn=x HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 7\r\n\r\n"
        )
        answer = raw.recv(4096)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 426 ")), answer
    document = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert document["Code"]
