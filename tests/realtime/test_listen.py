"""`carillon listen`, as a user or a script runs it."""

import json
import os
import pty
import re
import signal
import subprocess
import threading

import pytest
from polling import eventually
from server_process import binary, clean_environment
from session import trusted_context
from websockets.sync.server import serve
from world import ACCOUNT, CREDENTIALS

EXIT_TIMEOUT_S = 20
SECRET = CREDENTIALS["aws_secret_access_key"]
KEYS = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": SECRET}
ENFORCED = pytest.mark.carillon("--sigv4", "enforce", "--credential", f"{ACCOUNT}={SECRET}")
NOBODY = "arn:aws:chime:us-east-1:111122223333:app-instance/01234567-89ab-cdef-0123-456789abcdef"


class Listening:
    """One run of `carillon listen`."""

    def __init__(self, folder, endpoint, user, *flags, environment=None, stdout=None):
        self.out = folder / "listen.out"
        self.err = folder / "listen.err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [binary(), "listen", "--user", user, "--endpoint", endpoint, *flags],
                stdin=subprocess.DEVNULL,
                stdout=out if stdout is None else stdout,
                stderr=err,
                env=clean_environment(**(environment or {})),
            )

    def said(self):
        return self.err.read_text()

    def established(self, times=1):
        def count():
            assert self.process.poll() is None, self.said()
            return self.said().count("listening as") >= times

        eventually(count, f"it listens for the {times}. time")
        return self

    def events(self):
        return [json.loads(line) for line in self.out.read_text().splitlines()]

    def ended(self):
        """Its exit code."""
        try:
            return self.process.wait(EXIT_TIMEOUT_S)
        finally:
            self.stop()

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def listen(tmp_path):
    """listen(endpoint, user, *flags): a run that does not outlive the test."""
    runs = []

    def start(endpoint, user, *flags, **options):
        folder = tmp_path / f"listen-{len(runs)}"
        folder.mkdir()
        runs.append(Listening(folder, endpoint, user, *flags, **options))
        return runs[-1]

    yield start
    for run in runs:
        run.stop()


def test_events_are_lines_of_json(world, carillon, listen):
    alice = listen(carillon.endpoint, world.alice, "--count", "2").established()
    world.send("first\nline \x1b[31m", by=world.bob)
    world.send("second", by=world.bob)
    assert alice.ended() == 0
    events = alice.events()
    assert [set(event) for event in events] == [{"Type", "MessageType", "Payload"}] * 2
    assert [event["Type"] for event in events] == ["CREATE_CHANNEL_MESSAGE"] * 2
    assert [event["MessageType"] for event in events] == ["STANDARD"] * 2
    assert events[0]["Payload"]["Content"] == "first\nline \x1b[31m"
    assert events[1]["Payload"]["Sender"]["Arn"] == world.bob
    assert alice.said() == f"carillon: listening as {world.alice}.\n"


def test_each_line_is_there_at_once(world, carillon, listen):
    alice = listen(carillon.endpoint, world.alice).established()
    world.send("now", by=world.bob)
    eventually(lambda: alice.out.read_text().endswith("\n"), "the event is printed")
    assert alice.process.poll() is None


def test_prefetch_begins_with_the_channels(world, carillon, listen):
    alice = listen(carillon.endpoint, world.alice, "--prefetch", "--count", "1")
    assert alice.ended() == 0
    (event,) = alice.events()
    assert event["Type"] == "CHANNEL_DETAILS"
    assert event["Payload"]["Channel"]["ChannelArn"] == world.channel


@ENFORCED
def test_keys_of_the_environment_sign(world, carillon, listen):
    token = {**KEYS, "AWS_SESSION_TOKEN": "a/token+="}
    for environment in (KEYS, token):
        alice = listen(
            carillon.endpoint, world.alice, "--prefetch", "--count", "1", environment=environment
        )
        assert alice.ended() == 0, alice.said()
    for environment in ({}, {**KEYS, "AWS_SECRET_ACCESS_KEY": "another"}):
        refused = listen(carillon.endpoint, world.alice, environment=environment)
        assert refused.ended() == 1
        assert "closed the session with 4401" in refused.said()
        assert bool(environment) != ("Missing Authentication Token" in refused.said())
        assert "connecting again" not in refused.said()


def test_who_is_nobody_is_told_so(carillon, listen):
    nobody = listen(carillon.endpoint, NOBODY + "/user/nobody")
    assert nobody.ended() == 1
    assert (
        "closed the session with 4003: There is no such app instance user for account "
        "111122223333 in us-east-1.\n" in nobody.said()
    )
    assert nobody.events() == []


def test_tls_wants_an_authority(world, carillon, listen, tmp_path):
    endpoint = carillon.endpoint.replace("http:", "https:")
    trusted_context(carillon, tmp_path)
    ca = str(tmp_path / "ca.pem")
    for trusting in (["--ca", ca], ["--insecure"]):
        alice = listen(endpoint, world.alice, "--prefetch", "--count", "1", *trusting)
        assert alice.ended() == 0, alice.said()
    stranger = listen(endpoint, world.alice)
    assert stranger.ended() == 1
    assert "certificate is not trusted" in stranger.said()
    assert "--ca FILE" in stranger.said()
    broken = listen(endpoint, world.alice, "--ca", str(tmp_path / "nowhere.pem"))
    assert broken.ended() == 1
    assert "nowhere.pem cannot be used" in broken.said()


def test_tls_wants_the_name_that_it_asked_for(start_carillon, listen, tmp_path):
    certificate, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt"]
        + ["ec_paramgen_curve:prime256v1", "-subj", "/CN=other", "-addext"]
        + ["subjectAltName=DNS:other.test", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    server = start_carillon("--tls-cert", certificate, "--tls-key", key)
    endpoint = server.endpoint.replace("http:", "https:")
    stranger = listen(endpoint, NOBODY + "/user/alice", "--ca", certificate)
    assert stranger.ended() == 1
    assert "certificate is not trusted" in stranger.said()


def test_the_time_may_be_up(world, carillon, listen):
    for flags, code in (([], 0), (["--count", "1"], 1)):
        alice = listen(carillon.endpoint, world.alice, "--timeout", "2s", *flags)
        assert alice.ended() == code, alice.said()
        assert ("fewer than 1 events within 2s" in alice.said()) == bool(code)


def test_a_session_that_never_was_is_a_failure(carillon, listen):
    gone = carillon.endpoint
    carillon.kill()
    alone = listen(gone, NOBODY + "/user/alice", "--timeout", "300ms")
    assert alone.ended() == 1
    assert "no session could be opened within 300ms" in alone.said()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(world, carillon, listen, number):
    for flags, code in (([], 0), (["--count", "1"], 1)):
        alice = listen(carillon.endpoint, world.alice, *flags).established()
        alice.process.send_signal(number)
        assert alice.ended() == code


def test_it_ends_when_nobody_reads(world, carillon, listen):
    reader, writer = os.pipe()
    alice = listen(carillon.endpoint, world.alice, stdout=writer)
    os.close(writer)
    alice.established()
    os.close(reader)
    world.send("to nobody", by=world.bob)
    assert alice.ended() == 0
    assert "cannot write" not in alice.said()


@pytest.mark.parametrize("coloured", [True, False])
def test_a_terminal_gets_lines_for_people(world, carillon, listen, coloured):
    controller, terminal = pty.openpty()
    environment = {"TERM": "xterm", "NO_COLOR": "" if coloured else "1"}
    alice = listen(
        carillon.endpoint,
        world.alice,
        *("--prefetch", "--count", "2"),
        stdout=terminal,
        environment=environment,
    )
    os.close(terminal)
    alice.established()
    world.send("hello\x1b[2J\u202eworld", by=world.bob)
    text = b""
    try:
        while chunk := os.read(controller, 4096):
            text += chunk
    except OSError:  # how Linux says that the last writer is gone
        pass
    finally:
        os.close(controller)
    assert alice.ended() == 0
    shown = text.decode()
    assert ("\x1b[" in shown) == coloured
    plain = re.sub(r"\x1b\[\d+m", "", shown)
    details, message = plain.splitlines()
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d\.\d{3}  CHANNEL_DETAILS  general  0 messages, \d members", details
    )
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d\.\d{3}  CREATE_CHANNEL_MESSAGE  general  "
        r"Bob: hello\\u\{1b\}\[2J\\u\{202e\}world  \[SENT\]",
        message,
    )


class ScriptedServer:
    """Ends each session as it is told, in turn; the last one gets an event."""

    def __init__(self, *closes):
        self.closes = list(closes)
        self.server = serve(self.session, "127.0.0.1", 0)
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.server.socket.getsockname()[1]}"

    def session(self, socket):
        socket.send(frame("SESSION_ESTABLISHED"))
        if self.closes:
            code, reason = self.closes.pop(0)
            socket.close(code, reason)
        else:
            socket.send("not JSON")
            socket.send(frame("UPDATE_CHANNEL", {"ChannelArn": "a/channel/c"}))
            socket.recv()  # until the client goes


def frame(event_type, payload=None):
    headers = {"x-amz-chime-event-type": event_type, "x-amz-chime-message-type": "SYSTEM"}
    document = {"Headers": headers}
    if payload is not None:
        document["Payload"] = json.dumps(payload)
    return json.dumps(document)


def test_a_lost_session_is_opened_again(listen):
    with ScriptedServer((1012, "restarting"), (4403, "later\x1b[2J")) as server:
        alice = listen(server.endpoint, NOBODY + "/user/alice", "--count", "1")
        assert alice.ended() == 0
    assert [event["Type"] for event in alice.events()] == ["UPDATE_CHANNEL"]
    said = alice.said()
    assert said.count("listening as") == 3
    assert "closed the session with 1012: restarting; connecting again." in said
    assert "closed the session with 4403: later\\u{1b}[2J; connecting again." in said
    assert "a frame is no event: it " in said


@pytest.mark.parametrize("code", [1000, 1008, 4002, 4003, 4401])
def test_a_session_that_is_ended_for_good_is_not(listen, code):
    with ScriptedServer((code, "enough")) as server:
        alice = listen(server.endpoint, NOBODY + "/user/alice")
        assert alice.ended() == 1
    assert f"closed the session with {code}: enough." in alice.said()
    assert alice.said().count("listening as") == 1


def test_wrong_flags_say_what_would_be_right():
    run = subprocess.run(
        [binary(), "listen", "--user", "alice"],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=EXIT_TIMEOUT_S,
    )
    assert run.returncode == 2
    assert "app-instance/ID/user/ID" in run.stderr
