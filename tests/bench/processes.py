"""Servers as processes of ours: started, measured, and ended by their own id."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time

# From the start to the first answer; a server that needs longer does not come up.
START_S_MAX = 60
STOP_S_MAX = 20


class BenchError(Exception):
    """Something broke: there is nothing to measure."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A started process that listens on `port`. As a context manager it is ended at the end."""

    def __init__(self, name, argv, port, log_path):
        self.name, self.port, self.log_path = name, port, log_path
        with open(log_path, "ab") as log:
            self.begun = time.perf_counter()
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise BenchError(f"{self.name} did not end within {STOP_S_MAX} s of SIGTERM") from None

    def first_answer(self, path="/_carillon/health"):
        """Asks until there is an answer; returns the milliseconds since the process was spawned.
        Does not pause between two looks: what is waited for takes a few milliseconds."""
        while time.perf_counter() - self.begun < START_S_MAX:
            self.check_alive()
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) != 0:
                    os.sched_yield()
                    continue
                client.settimeout(START_S_MAX)
                client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                answer = client.recv(4096)
                if answer.startswith(b"HTTP/1.1 2"):
                    return (time.perf_counter() - self.begun) * 1000
                raise BenchError(f"{self.name} answered {answer[:200]!r} to GET {path}")
        raise BenchError(f"{self.name} did not answer within {START_S_MAX} s")

    def check_alive(self):
        status = self.process.poll()
        if status is not None:
            with open(self.log_path, errors="replace") as log:
                last = "".join(log.readlines()[-10:])
            raise BenchError(f"{self.name} ended by itself with status {status}:\n{last}")

    def cpu_us(self):
        """Processor time that its threads have had so far, those that ended too."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) * 1e6 / os.sysconf("SC_CLK_TCK")

    def memory_mib(self, field="VmRSS"):
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) / 1024
        raise BenchError(f"{self.name}: no {field} in /proc")

    def ask(self, method, path, body=None, headers=()):
        """One request; returns status and body."""
        self.check_alive()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_S_MAX)
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read()


class Programs:
    """Where the programs are, and how each server is started."""

    def __init__(self, carillon, build, run_directory, threads):
        self.carillon, self.build = carillon, build
        self.run_directory, self.threads = run_directory, threads
        self.tools = build / "tests" / "bench"
        for program in (carillon, self.tools / "bench_bare_server"):
            if not os.access(program, os.X_OK):
                raise BenchError(f"{program} is not there: ./dev bench builds it")

    def start_carillon(self, name, *flags):
        port = free_port()
        return Server(
            f"Carillon ({name})",
            [str(self.carillon), "--port", str(port), "--io-threads", str(self.threads), *flags],
            port,
            self.run_directory / f"{name}.log",
        )

    def start_bare(self, body_bytes, status=200, *flags):
        port = free_port()
        server = Server(
            "the bare server",
            [str(self.tools / "bench_bare_server"), "--port", str(port), "--threads",
             str(self.threads), "--body-bytes", str(body_bytes), "--status", str(status), *flags],
            port,
            self.run_directory / "bare.log",
        )
        return server

    def start_moto(self, python):
        port = free_port()
        argv = [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        return Server("moto", argv, port, self.run_directory / "moto.log")
