#!/usr/bin/env python3
"""Tests of bench_fan_out, which must not take a wrong delivery for a fast one: a server that is
made up here delivers rightly and wrongly. Run by ctest as bench.sessions; the argument is the
program."""

import contextlib
import json
import re
import socket
import struct
import subprocess
import sys
import threading
import unittest

DEADLINE_S = 20
SESSIONS = 2
ESTABLISHED = '{"Headers":{"x-amz-chime-event-type":"SESSION_ESTABLISHED"}}'
PROGRAM = None


def frame(payload, opcode=1):
    data = payload.encode()
    if len(data) < 126:
        head = struct.pack("!BB", 0x80 | opcode, len(data))
    elif len(data) < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 126, len(data))
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 127, len(data))
    return head + data


def event(marker, padding=""):
    return f'{{"x-amz-chime-event-type":"CREATE_CHANNEL_MESSAGE","about":"{marker}{padding}"}}'


def read_until(client, end):
    data = b""
    while not data.endswith(end):
        some = client.recv(1)
        if not some:
            raise ConnectionError("the client is gone")
        data += some
    return data


def read_frame(client):
    """Opcode and payload of a client's frame, which is short and masked."""
    first, second = client.recv(2, socket.MSG_WAITALL)
    mask = client.recv(4, socket.MSG_WAITALL)
    data = client.recv(second & 0x7F, socket.MSG_WAITALL) if second & 0x7F else b""
    return first & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))


class Server:
    """Takes the sessions' connections, then the sender's. `deliver(marker)` says what bytes each
    session gets for a message."""

    def __init__(self, deliver, upgrade="101 Switching Protocols", answer="201 Created"):
        self.deliver, self.upgrade, self.answer = deliver, upgrade, answer
        self.pongs = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(DEADLINE_S)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def accept(self):
        client = self.stack.enter_context(self.listener.accept()[0])
        client.settimeout(DEADLINE_S)
        return client

    def run(self):
        # A client that gives up, as it should of a wrong delivery, goes away.
        with contextlib.ExitStack() as self.stack, contextlib.suppress(ConnectionError, ValueError):
            self.stack.enter_context(self.listener)
            sessions = [self.open_session() for _ in range(SESSIONS)]
            sender = self.accept()
            while request := read_until(sender, b"\r\n\r\n").decode():
                size = int(re.search(r"Content-Length: (\d+)", request)[1])
                body = json.loads(sender.recv(size, socket.MSG_WAITALL))
                answer = f"HTTP/1.1 {self.answer}\r\nContent-Length: 2\r\n\r\n{{}}"
                sender.sendall(answer.encode())
                marker = body["Content"].split(":")[0]
                for session, data in zip(sessions, self.deliver(marker)):
                    session.sendall(data)
                if marker.endswith("2"):
                    break
            for session in sessions:
                opcode, payload = read_frame(session)
                session.sendall(frame(payload.decode("latin-1") if opcode != 8 else "", 8))

    def open_session(self):
        session = self.accept()
        read_until(session, b"\r\n\r\n")
        session.sendall(f"HTTP/1.1 {self.upgrade}\r\n\r\n".encode())
        session.sendall(frame("are you there", 9))
        self.pongs.append(read_frame(session))
        session.sendall(frame(ESTABLISHED))
        return session


def run_client(server, step_s):
    """Has two messages sent; returns status, the JSON lines of the output, and errors."""
    command = [PROGRAM, "--target-port", str(server.port), "--sessions", str(SESSIONS), "--tls",
               "0", "--channel-arn", "arn:channel", "--bearer", "arn:user", "--member-prefix",
               "arn:user/", "--step-seconds", str(step_s)]
    done = subprocess.run(command, input="1\n1\n", capture_output=True, text=True,
                          timeout=2 * DEADLINE_S, check=False)
    server.thread.join(DEADLINE_S)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


class FanOut(unittest.TestCase):
    def check_right(self, deliver):
        server = Server(deliver)
        status, lines, errors = run_client(server, DEADLINE_S)
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(lines[0], {"established": SESSIONS})
        self.assertEqual([line["deliveries"] for line in lines[1:]], [SESSIONS, SESSIONS])
        self.assertEqual(server.pongs, [(10, b"are you there")] * SESSIONS)
        return lines[1:]

    def check_wrong(self, message, deliver, step_s=DEADLINE_S, **server):
        status, _, errors = run_client(Server(deliver, **server), step_s)
        self.assertEqual(status, 1)
        self.assertRegex(errors, message)

    def test_right_deliveries_of_every_length(self):
        for padding in (0, 200, 70_000):
            text = event("message 1000000001", "x" * padding)
            lines = self.check_right(lambda marker: [frame(event(marker, "x" * padding))] * 2)
            self.assertEqual([line["frame_bytes"] for line in lines], [len(text)] * 2)

    def test_a_doubled_frame(self):
        self.check_wrong("session 1: one more",
                         lambda marker: [frame(event(marker)), frame(event(marker)) * 2])

    def test_a_frame_that_is_doubled_late(self):
        def deliver(marker):
            before = frame(event("message 1000000001")) if marker.endswith("2") else b""
            return [frame(event(marker)), before + frame(event(marker))]

        self.check_wrong("session 1: (not|one more)", deliver)

    def test_a_missing_frame(self):
        self.check_wrong("message 1000000001 was answered and arrived at 1 of 2 sessions",
                         lambda marker: [frame(event(marker)), b""], step_s=1)

    def test_an_unfinished_frame(self):
        self.check_wrong("arrived at 1 of 2 sessions",
                         lambda marker: [frame(event(marker)), frame(event(marker))[:-1]],
                         step_s=1)

    def test_a_frame_of_its_own(self):
        self.check_wrong("not what the others got",
                         lambda marker: [frame(event(marker)), frame(event(marker, "x"))])

    def test_frames_of_another_message(self):
        self.check_wrong("not message 1000000001",
                         lambda marker: [frame(event("message 1000000007"))] * 2)

    def test_a_session_that_is_closed(self):
        self.check_wrong("session 1: unexpected frame",
                         lambda marker: [frame(event(marker)), frame("", 8)])

    def test_a_binary_frame(self):
        self.check_wrong("session 0: a frame that a messaging session does not have",
                         lambda marker: [frame(event(marker), 2), b""])

    def test_a_refused_upgrade(self):
        self.check_wrong("session 0: the upgrade was refused", lambda _: [b"", b""],
                         upgrade="403 Forbidden")

    def test_a_refused_message(self):
        self.check_wrong("was answered HTTP/1.1 503", lambda _: [b"", b""], answer="503 Busy")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
