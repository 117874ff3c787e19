#!/usr/bin/env python3
"""Compares Carillon with a bare Beast server and prints a table of ratios; docs/performance.md
says what each row is. Run by `./dev bench`.

It judges nothing: a bar that is missed is printed as missed, and the exit status is 0. It is 1 when
something broke, such as a load whose answers are errors.
"""

import argparse
import contextlib
import itertools
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import crowd
import fan_out
import loads
import processes
import report
from filled import filled_directory
from processes import BenchError
from report import Bar, Comparison, Figure

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "build" / "bench-data"

CONNECTIONS = (1, 32)
IN_FLIGHT = (1, 32)
# A row's name, and whether it ends with an event on the sender's messaging session.
CYCLES = (("send, invoke, callback, sent", False),
          ("send, PENDING, invoke, callback, CREATE", True))
# About what Carillon's events of such a message are long.
EVENT_BYTES = 800
PROCESSOR_ARN = "arn:aws:lambda:us-east-1:111122223333:function:bench-processor"

GET_BAR = Bar(0.35)
SEND_BAR = Bar(0.2)
GROWTH_BAR = Bar(1.2, at_most=True)
START_BAR = Bar(15, at_most=True)
MEMORY_BAR = Bar(10, at_most=True)


@dataclass
class Effort:
    rounds: int
    seconds: int
    starts: int
    messages_few: int
    messages_many: int
    deliveries: int  # to connected users, in a round


FULL = Effort(rounds=5, seconds=2, starts=10, messages_few=1_000, messages_many=1_000_000,
              deliveries=100_000)
QUICK = Effort(rounds=2, seconds=1, starts=3, messages_few=1_000, messages_many=100_000,
               deliveries=20_000)


def say(text):
    print(text, file=sys.stderr, flush=True)


def tell(failure):
    say(f"FAILED: {failure}")
    return str(failure)


# ---- data ------------------------------------------------------------------------------------


class Filled:
    """Carillon on a copy of a filled directory, for as long as it runs."""

    def __init__(self, programs, messages, name, stack, *flags):
        source = filled_directory(programs, DATA, f"messages-{messages}", messages)
        self.facts = json.loads((source / "filled.json").read_text())
        self.directory = programs.run_directory / name
        shutil.copytree(source, self.directory)
        os.sync()
        self.server = programs.start_carillon(name, "--data", str(self.directory), *flags)
        stack.enter_context(self.server)
        self.server.first_answer()
        self.sent = 0
        self.client = loads.Client(self.server, self.facts["bearer_arn"])

    def arguments(self):
        facts = self.facts
        return {"channel": facts["channel_arn"], "bearer": facts["bearer_arn"],
                "messages": facts["messages"], "first": facts["first_message_ms"],
                "interval": facts["message_interval_ms"]}

    def sample_get(self):
        number = self.facts["messages"] // 2
        time = self.facts["first_message_ms"] + number * self.facts["message_interval_ms"]
        path = self.client.messages_path(self.facts["channel_arn"])
        answer = self.client.call("GET", f"{path}/{time:012x}{number:052x}")
        content = json.loads(answer[1])["ChannelMessage"]["Content"]
        if not content.startswith(f"Message {number:09d}:"):
            raise BenchError(f"GetChannelMessage answered another message: {content}")
        return answer

    def sample_list(self):
        path = self.client.messages_path(self.facts["channel_arn"])
        answer = self.client.call("GET", path + "?max-results=50")
        rows = len(json.loads(answer[1])["ChannelMessages"])
        if rows != 50:
            raise BenchError(f"ListChannelMessages answered {rows} messages")
        return answer

    def sample_send(self):
        self.sent += 1
        path = self.client.messages_path(self.facts["channel_arn"])
        body = {"Content": "sample", "Type": "STANDARD", "Persistence": "PERSISTENT",
                "ClientRequestToken": f"sample-{self.sent}"}
        answer = self.client.call("POST", path, body)
        if "MessageId" not in json.loads(answer[1]):
            raise BenchError("SendChannelMessage answered no MessageId")
        return answer

    def check_kept(self):
        """After the end: every message that was answered is in the file."""
        self.server.stop()
        expected = self.facts["messages"] + self.sent
        found = count_messages(self.directory)
        # wrk drops what is in flight when its time is up; the server may have kept it.
        slack = 64 * 64
        if not expected <= found <= expected + slack:
            raise BenchError(f"{expected} messages were answered, {found} are in the database")


def count_messages(directory, where="1"):
    with contextlib.closing(sqlite3.connect(directory / "carillon.db")) as database:
        query = f"SELECT count(*) FROM channel_messages WHERE {where}"
        return database.execute(query).fetchone()[0]


# ---- rows ------------------------------------------------------------------------------------


@dataclass
class Load:
    """An operation under load: the script, the answer's sample, the bar."""

    name: str
    script: str
    sample: str
    bar: Bar | None = None
    extra: dict | None = None
    growth_extra: dict | None = None


LOADS = (
    Load("GetChannelMessage", "get.lua", "sample_get", GET_BAR),
    Load("ListChannelMessages (50)", "list.lua", "sample_list", None, {"anywhere": 0},
         {"anywhere": 1}),
    Load("SendChannelMessage", "send.lua", "sample_send", SEND_BAR),
)


def run_load(load, filled_or_bare, arguments, connections, seconds):
    server = getattr(filled_or_bare, "server", filled_or_bare)
    arguments = dict(arguments, seed=random.getrandbits(31))
    result = loads.run_wrk(server, load.script, connections, seconds, arguments)
    if load.sample == "sample_send" and isinstance(filled_or_bare, Filled):
        filled_or_bare.sent += result["requests"]
    return result


def compare(programs, effort, load, connections, few, many):
    """Both comparisons of one load, with the bare server and with the larger channel, in paired
    rounds: the order of a round turns, so that no server always comes after the same other."""
    text = f"{connections} connection{'s' if connections > 1 else ''}"
    base = Comparison(load.name, text, bar=load.bar)
    growth = Comparison(load.name, text, bar=GROWTH_BAR, slower=True)
    say(f"{load.name}, {text}")
    try:
        status, body = getattr(few, load.sample)()
        with programs.start_bare(len(body), status) as bare:
            bare.first_answer(path="/")
            own = dict(few.arguments(), **(load.extra or {}))
            anywhere = load.growth_extra or load.extra or {}
            runs = {"bare": (bare, own), "few": (few, own)}
            if load.growth_extra:
                runs["few again"] = (few, dict(few.arguments(), **anywhere))
            runs["many"] = (many, dict(many.arguments(), **anywhere))
            for number in range(effort.rounds + 1):
                order = list(runs)[number % len(runs):] + list(runs)[:number % len(runs)]
                seconds = effort.seconds if number else 1
                rates = {name: run_load(load, *runs[name], connections, seconds)
                         for name in order}
                if number == 0:
                    continue  # warms caches and allocators
                base.add(rates["bare"], rates["few"])
                growth.add(rates.get("few again", rates["few"]), rates["many"])
    except BenchError as failure:
        base.failure = growth.failure = tell(failure)
    return base, growth


def compare_cycles(programs, effort):
    """The full cycle of a channel flow; see bench_flow_cycle for what it is."""
    rows = []
    processor_port = processes.free_port()
    directory = programs.run_directory / "flow"
    with contextlib.ExitStack() as stack:
        carillon = stack.enter_context(programs.start_carillon(
            "flow", "--data", str(directory),
            "--lambda-endpoint", f"http://127.0.0.1:{processor_port}"))
        carillon.first_answer()
        channel = loads.make_flow_channel(carillon, PROCESSOR_ARN)
        bare = stack.enter_context(
            programs.start_bare(300, 200, "--invoke-port", str(processor_port),
                                "--frame-bytes", str(EVENT_BYTES)))
        bare.first_answer(path="/")
        cycles = 0
        for (name, session), in_flight in itertools.product(CYCLES, IN_FLIGHT):
            row = Comparison(name, f"{in_flight} in flight")
            rows.append(row)
            say(f"{name}, {in_flight} in flight")
            try:
                for number in range(effort.rounds + 1):
                    seconds = effort.seconds if number else 1
                    results = []
                    for server in (bare, carillon):
                        run = f"{in_flight}-{number}-{random.getrandbits(31):08x}"
                        results.append(loads.run_flow_cycle(programs, server, processor_port,
                                                            in_flight, seconds, run, channel,
                                                            session))
                    cycles += results[1]["cycles"]
                    if number:
                        row.add(*results)
            except BenchError as failure:
                row.failure = tell(failure)
                return rows
        carillon.stop()
        sent = count_messages(directory, "status = 'SENT' AND content LIKE '%was looked at.'")
        if sent != cycles or sent != count_messages(directory):
            rows[-1].failure = tell(
                f"{cycles} cycles, but {sent} messages are sent as the processor said")
    return rows


# ---- figures ---------------------------------------------------------------------------------


def start_figures(programs, effort):
    say("start to first answer, idle memory")
    starts, bare_starts, memory, bare_memory = [], [], [], []
    for number in range(effort.starts):
        with programs.start_bare(300) as bare:
            bare_starts.append(bare.first_answer(path="/"))
            bare_memory.append(bare.memory_mib())
        directory = programs.run_directory / f"start-{number}"
        with programs.start_carillon("start", "--data", str(directory)) as carillon:
            starts.append(carillon.first_answer())
            memory.append(carillon.memory_mib())
    return [
        Figure("start to first answer, empty --data", median(starts), "ms", START_BAR, starts),
        Figure("  the bare server", median(bare_starts), "ms", None, bare_starts),
        Figure("memory when idle (RSS)", median(memory), "MiB", MEMORY_BAR, memory),
        Figure("  the bare server", median(bare_memory), "MiB", None, bare_memory),
    ]


def find_moto():
    for python in (sys.executable, str(ROOT / "build" / "venv" / "bin" / "python"), "python3"):
        try:
            probe = subprocess.run([python, "-c", "import moto.server"], capture_output=True,
                                   timeout=60, check=False)
        except OSError:
            continue
        if probe.returncode == 0:
            return python
    return None


def moto_figures(programs, effort):
    """What moto needs for its own cheapest call; it has no messaging to compare with."""
    python = find_moto()
    if python is None:
        return []
    say("moto")
    starts, memory = [], 0
    for _ in range(3):
        with programs.start_moto(python) as moto:
            starts.append(moto.first_answer(path="/moto-api/"))
            memory = moto.memory_mib()
    figures = [Figure("moto: start to first answer", median(starts), "ms", None, starts),
               Figure("moto: memory when idle (RSS)", memory, "MiB")]
    with programs.start_moto(python) as moto:
        moto.first_answer(path="/moto-api/")
        for connections in CONNECTIONS:
            rates = [loads.run_wrk(moto, "moto.lua", connections, effort.seconds, {})["rate"]
                     for _ in range(effort.rounds)]
            figures.append(Figure(f"moto: STS GetCallerIdentity, {connections} connections",
                                  median(rates), "/s", None, rates))
    return figures


# ---- the whole -------------------------------------------------------------------------------


def default_threads():
    """As Carillon decides by itself."""
    return max(1, min(4, (os.cpu_count() or 1) // 2))


def run_all(programs, effort):
    figures = start_figures(programs, effort)
    rows, growth = [], []
    with contextlib.ExitStack() as stack:
        few = Filled(programs, effort.messages_few, "few", stack)
        many = Filled(programs, effort.messages_many, "many", stack)
        for load in LOADS:
            for connections in CONNECTIONS:
                base, grown = compare(programs, effort, load, connections, few, many)
                rows.append(base)
                growth.append(grown)
        figures.append(Figure("memory after the load (RssAnon)",
                              few.server.memory_mib("RssAnon"), "MiB"))
        for filled in (few, many):
            filled.check_kept()
    with contextlib.ExitStack() as stack:
        crowds = crowd.compare_all(programs, DATA, effort, CONNECTIONS, GROWTH_BAR, stack, say)
    rows += compare_cycles(programs, effort)
    deliveries, memory = fan_out.compare_all(programs, DATA, effort, say)
    rows += deliveries
    figures += memory
    figures += moto_figures(programs, effort)
    return rows, growth, crowds, figures


def print_results(rows, growth, crowds, figures, effort):
    costs = ["CPU us", "CPU us", "p50 ms", "p99 ms"]
    head = ["", "", "bare Beast/s", "Carillon/s", "ratio", "bar", *costs]
    print(report.table(head, [row.cells() for row in rows]))
    print()
    head = ["messages in the channel", "", f"{effort.messages_few:,}", f"{effort.messages_many:,}",
            "slower", "bar", *costs]
    print(report.table(head, [row.cells() for row in growth]))
    print()
    head = ["members of the channel, channels of a user", "", f"{crowd.FEW.members:,}",
            f"{crowd.MANY.members:,}", "slower", "bar", *costs]
    print(report.table(head, [row.cells() for row in crowds]))
    print()
    print(report.figures_table(figures))
    if not any(figure.name.startswith("moto") for figure in figures):
        print("moto is not installed here: nothing of it to stand beside")


def run_micro(programs, arguments):
    program = programs.tools / "bench_micro"
    return subprocess.run([str(program), *arguments], check=False).returncode


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="less of everything, three minutes")
    parser.add_argument("--json", metavar="FILE", help="also write every round's figures there")
    parser.add_argument("--micro", action="store_true",
                        help="the microbenchmarks; what follows are Google Benchmark's flags")
    known, rest = parser.parse_known_args()
    if rest and not known.micro:
        parser.error(f"unknown argument {rest[0]}")
    return known, rest


def main():
    chosen, rest = parse_arguments()
    effort = QUICK if chosen.quick else FULL
    build = Path(os.environ.get("CARILLON_BUILD", ROOT / "build" / "release"))
    carillon = Path(os.environ.get("CARILLON_BINARY", build / "carillon"))
    DATA.mkdir(parents=True, exist_ok=True)
    run_directory = Path(tempfile.mkdtemp(prefix="run-", dir=DATA))
    try:
        programs = processes.Programs(carillon, build, run_directory, default_threads())
        if chosen.micro:
            return run_micro(programs, rest)
        say(f"{os.cpu_count()} processors, {programs.threads} I/O thread(s) each, "
            f"load average {os.getloadavg()[0]:.1f} before the start")
        rows, growth, crowds, figures = run_all(programs, effort)
        print_results(rows, growth, crowds, figures, effort)
        if chosen.json:
            results = {"rows": rows, "growth": growth, "crowds": crowds, "figures": figures}
            Path(chosen.json).write_text(json.dumps(
                {name: [entry.as_json() for entry in entries] for name, entries in results.items()},
                indent=1))
        return 1 if any(row.failure for row in rows + growth + crowds) else 0
    except BenchError as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(run_directory)


if __name__ == "__main__":
    sys.exit(main())
