"""Messaging sessions: what it costs to have users connected, and to tell all of them something.
bench_fan_out is the users, and checks what they get."""

import contextlib
import json
import os
import select
import shutil
import subprocess
from dataclasses import dataclass

import loads
from filled import filled_directory
from processes import BenchError
from report import Bar, Comparison, Figure

SESSIONS = (1_000, 10_000)
# Sessions, and those connections that are none.
CONNECTIONS_MAX = SESSIONS[-1] + 2_000
# For a message to reach all sessions, and for all messages of a round, or all sessions to open.
STEP_S_MAX = 20
ANSWER_S_MAX = 90

DELIVERY_BAR = Bar(0.6)
PLAIN_BAR = Bar(16, at_most=True)
TLS_BAR = Bar(48, at_most=True)


class Audience:
    """Users in their sessions, for as long as it is entered. Raises BenchError for whatever they
    did not get as they should."""

    def __init__(self, programs, server, facts, sessions, tls=False):
        self.what = f"{sessions} sessions on {server.name}"
        self.server = server
        self.sessions = sessions
        self.unread = b""
        command = [str(programs.tools / "bench_fan_out"), "--target-port", str(server.port),
                   "--sessions", str(sessions), "--tls", str(int(tls)),
                   "--step-seconds", str(STEP_S_MAX),
                   "--channel-arn", facts["channel_arn"], "--bearer", facts["bearer_arn"],
                   "--member-prefix", facts["app_instance_arn"] + "/user/member-"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)

    def __enter__(self):
        try:
            if self.read_line() != {"established": self.sessions}:
                raise BenchError(f"{self.what}: it did not say that they are established")
        except BenchError:
            self.kill()
            raise
        return self

    def __exit__(self, failure, *_):
        try:
            if failure is None:
                self.close()
        finally:
            self.kill()

    def send(self, messages):
        """Sends so many; returns what was seen, with the server's processor time."""
        self.server.check_alive()
        cpu_us = self.server.cpu_us()
        try:
            self.process.stdin.write(f"{messages}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            self.fail()
        result = self.read_line()
        if result["deliveries"] != messages * self.sessions:
            raise BenchError(f"{self.what}: {result['deliveries']} deliveries")
        result["cpu_us"] = (self.server.cpu_us() - cpu_us) / result["deliveries"]
        return result

    def close(self):
        """Ends the sessions: whatever comes to one only now was too much."""
        self.process.stdin.close()
        if self.read_some():
            raise BenchError(f"{self.what}: more was said than was asked")
        if self.process.wait(ANSWER_S_MAX):
            self.fail()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def read_line(self):
        while b"\n" not in self.unread:
            some = self.read_some()
            if not some:
                self.fail()
            self.unread += some
        line, self.unread = self.unread.split(b"\n", 1)
        return json.loads(line)

    def read_some(self):
        output = self.process.stdout.fileno()
        if not select.select([output], [], [], ANSWER_S_MAX)[0]:
            raise BenchError(f"{self.what}: nothing for {ANSWER_S_MAX} s")
        return os.read(output, 65536)

    def fail(self):
        self.process.wait(ANSWER_S_MAX)
        raise BenchError(f"{self.what}: {self.process.stderr.read().decode().strip()}")


@dataclass
class Host:
    """Carillon on a copy of a filled directory, with a channel that has members enough."""

    server: object
    facts: dict

    @classmethod
    def start(cls, programs, data, name, stack):
        source = filled_directory(programs, data, "sessions", 0, SESSIONS[-1], 0)
        directory = programs.run_directory / name
        shutil.copytree(source, directory)
        server = programs.start_carillon(name, "--data", str(directory), "--max-connections",
                                         str(CONNECTIONS_MAX))
        stack.enter_context(server)
        server.first_answer()
        return cls(server, json.loads((source / "filled.json").read_text()))

    def sample_send(self):
        path = f"/channels/{loads.quote(self.facts['channel_arn'], safe='')}/messages"
        body = {"Content": "sample", "Type": "STANDARD", "Persistence": "PERSISTENT",
                "ClientRequestToken": "sample"}
        return loads.Client(self.server, self.facts["bearer_arn"]).call("POST", path, body)


def memory_of_sessions(programs, data, tls, bar):
    """What one idle session takes, of many; returns a Figure."""
    kind = "TLS" if tls else "plain"
    with contextlib.ExitStack() as stack:
        host = Host.start(programs, data, f"idle-{kind}", stack)
        before = host.server.memory_mib("RssAnon")
        stack.enter_context(Audience(programs, host.server, host.facts, SESSIONS[-1], tls))
        after = host.server.memory_mib("RssAnon")
    return Figure(f"memory of an idle session, {kind} (RssAnon of {SESSIONS[-1]:,})",
                  (after - before) * 1024 / SESSIONS[-1], "KiB", bar)


def compare_deliveries(programs, data, effort, sessions):
    """A message's way to all sessions, in paired rounds with the bare server."""
    row = Comparison("SendChannelMessage to connected users", f"{sessions:,} sessions",
                     bar=DELIVERY_BAR)
    messages = max(1, effort.deliveries // sessions)
    try:
        with contextlib.ExitStack() as stack:
            host = Host.start(programs, data, f"sessions-{sessions}", stack)
            status, body = host.sample_send()
            told = stack.enter_context(Audience(programs, host.server, host.facts, sessions))
            frame_bytes = told.send(1)["frame_bytes"]
            bare = stack.enter_context(
                programs.start_bare(len(body), status, "--frame-bytes", str(frame_bytes)))
            bare.first_answer(path="/")
            bare_told = stack.enter_context(Audience(programs, bare, host.facts, sessions))
            for number in range(effort.rounds + 1):
                order = (bare_told, told) if number % 2 else (told, bare_told)
                results = {audience: audience.send(messages) for audience in order}
                if results[bare_told]["frame_bytes"] != results[told]["frame_bytes"]:
                    raise BenchError("the servers' frames are not equally long")
                if number:  # the first warms caches and allocators
                    row.add(results[bare_told], results[told])
    except BenchError as failure:
        row.failure = str(failure)
    return row


def compare_all(programs, data, effort, say):
    """Rows and figures."""
    rows, figures = [], []
    for tls, bar in ((False, PLAIN_BAR), (True, TLS_BAR)):
        say(f"idle sessions, {'TLS' if tls else 'plain'}")
        figures.append(memory_of_sessions(programs, data, tls, bar))
    for sessions in SESSIONS:
        say(f"deliveries to {sessions:,} sessions")
        rows.append(compare_deliveries(programs, data, effort, sessions))
        if rows[-1].failure:
            say(f"FAILED: {rows[-1].failure}")
    return rows, figures
