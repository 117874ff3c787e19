"""Carillon as its users run it: the binary in CARILLON_BINARY as a process of its own.

Used by the tests in tests/sdk, tests/realtime and tests/crash. Listens on the loopback address and
a free port.
"""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import urllib.parse

from polling import eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY = re.compile(r"Listening on http://(?:127\.0\.0\.1|\[::1\]):(\d+)\. Ready\.$", re.MULTILINE)
REQUEST_TIMEOUT_S = 20.0
EXIT_TIMEOUT_S = 20.0


def binary():
    """The binary under test: what ./dev names, or the release build when pytest is run by hand."""
    path = pathlib.Path(os.environ.get("CARILLON_BINARY", ROOT / "build/release/carillon"))
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there: run ./dev build, or set CARILLON_BINARY")
    return str(path)


def clean_environment(**more):
    """The environment without what would change how Carillon or an SDK behaves."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CARILLON_", "AWS_"))
    }
    return {**kept, **more}


class CarillonProcess:
    """One run of the server at a time; start() again after kill() or terminate() is a restart."""

    def __init__(self, folder, *flags, data=None, host="127.0.0.1"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log_path = self.folder / "carillon.log"
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.data = data
        self.host = host
        self.flags = flags
        self.process = None
        self.port = None  # as long as it is ready
        self.log_start = 0

    def start(self, *flags):
        """Returns once the server said that it is ready. `flags` replace those of the last run."""
        assert self.process is None, "it runs already"
        self.flags = flags or self.flags
        arguments = [binary(), "--host", self.host, "--port", "0", *self.flags]
        if self.data is not None:
            arguments += ["--data", str(self.data)]
        self.log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=clean_environment(TMPDIR=str(self.temporary)),
            )
        ready = eventually(self._ready_line, f"Carillon is ready; its log: {self.log_path}")
        self.port = int(ready[1])
        return self

    def _ready_line(self):
        exit_code = self.process.poll()
        text = self.log(self.log_start)
        if exit_code is not None:
            self.process = None
            raise AssertionError(f"Carillon ended with {exit_code} before it was ready:\n{text}")
        return READY.search(text)

    def log(self, start=0):
        return self.log_path.read_bytes()[start:].decode(errors="replace")

    @property
    def endpoint(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def kill(self):
        """kill -9: no goodbye, nothing flushed."""
        process, self.process, self.port = self.process, None, None
        process.kill()
        process.wait()

    def terminate(self):
        """Asks it to end as a container engine does, and insists that it does so cleanly."""
        process, self.process, self.port = self.process, None, None
        process.send_signal(signal.SIGTERM)
        try:
            exit_code = process.wait(EXIT_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"Carillon did not end on SIGTERM:\n{self.log()}") from None
        assert exit_code == 0, f"Carillon ended with {exit_code}:\n{self.log()}"

    def request(self, method, target, body=None, headers=None):
        """One HTTP request: (status, headers, JSON document or None)."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=REQUEST_TIMEOUT_S)
        try:
            return exchange(connection, method, target, body, headers)
        finally:
            connection.close()

    def admin(self, path, **parameters):
        """GET below /_carillon/, which has to succeed. channel_arn=... is ?channel-arn=..."""
        query = urllib.parse.urlencode(
            {name.replace("_", "-"): value for name, value in parameters.items()}
        )
        target = f"/_carillon/{path}" + (f"?{query}" if query else "")
        status, _, document = self.request("GET", target)
        assert status == 200, (target, status, document)
        return document


def exchange(connection, method, target, body=None, headers=None):
    """One request on an open connection. `body` is sent as it is when it is bytes, else as JSON."""
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    if body is not None:
        headers = {"Content-Type": "application/json", **(headers or {})}
    connection.request(method, target, body, headers or {})
    response = connection.getresponse()
    answer = response.read()
    return response.status, response.headers, json.loads(answer) if answer else None
