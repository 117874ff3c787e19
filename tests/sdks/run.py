#!/usr/bin/env python3
"""Runs the scenario through each SDK and prints a table; README.md says what is where.

usage: run.py [--junit FILE] [DRIVER...]     (./dev sdks builds what this needs and calls it)

Every driver gets a server of its own, and one more for each section with flags of its own. What the
drivers print is judged here, so that all SDKs are held to the same expectations.
"""

import argparse
import json
import pathlib
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from xml.sax.saxutils import quoteattr

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

from drivers import BUILD, DRIVERS, BuildFailed, Unavailable  # noqa: E402
from matching import Mismatch, MissingVariable, check, fill_in, pick  # noqa: E402
from server_process import CarillonProcess, binary, clean_environment  # noqa: E402

ACCOUNT = "111122223333"
REGION = "us-east-1"
SECRET = "a-secret-that-the-server-knows"
# What steps may name without any step having saved it. The text has fewer than 4,096 characters but
# more bytes than that.
GIVEN = {"account": ACCOUNT, "region": REGION, "secret": SECRET, "long_text": "é" * 2049}
ANSWER_TIMEOUT_S = 90.0
LOG_LINES_SHOWN = 20
# SQLite's write-ahead log is larger once the database has its tables; the server's own log is not.
FILE_BYTES_MAX = 64 * 1024
# What fails first makes others fail.
FAILURES_SHOWN = 10


class DriverFailed(Exception):
    """The driver could not make the call, or is gone. No answer of the service."""


class NotInSdk(Exception):
    """This version of the SDK does not know an operation or a member."""


class DriverProcess:
    """A running driver: call() is one line there and one line back."""

    def __init__(self, driver, endpoint, log_path):
        self.log_path = log_path
        with log_path.open("ab") as log:
            self.process = subprocess.Popen(
                driver.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                env=clean_environment(
                    AWS_ENDPOINT_URL=endpoint, AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION,
                    AWS_ACCESS_KEY_ID=ACCOUNT, AWS_SECRET_ACCESS_KEY=SECRET,
                    AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null",
                    AWS_EC2_METADATA_DISABLED="true", AWS_MAX_ATTEMPTS="1",
                    PYTHONDONTWRITEBYTECODE="1",
                ),
            )
        self.sdk = self.read()["sdk"]

    def read(self):
        # A driver that hangs is killed, which ends the read.
        timer = threading.Timer(ANSWER_TIMEOUT_S, self.process.kill)
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        try:
            return json.loads(line)
        except ValueError:
            log = self.log_path.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
            said = line.decode(errors="replace").strip() or "nothing"
            raise DriverFailed("\n".join([f"the driver answered {said}; its log:", *log])) from None

    def call(self, service, operation, values):
        request = {"service": service, "operation": operation, "input": values}
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it is gone, as read() will find out and tell
        answer = self.read()
        if "failure" in answer:
            raise DriverFailed(answer["failure"])
        if "unsupported" in answer:
            raise NotInSdk(answer["unsupported"])
        return answer

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(ANSWER_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def fill_disk(server):
    """From now on the server's files cannot grow, and those of its data have to."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, hard))


def take_connection(server):
    address = urllib.parse.urlsplit(server.endpoint)
    return socket.create_connection((address.hostname, address.port), timeout=ANSWER_TIMEOUT_S)


TROUBLES = {"full disk": fill_disk, "a connection taken": take_connection}


class Session:
    """A server, a driver that talks to it, and what the steps saved so far."""

    def __init__(self, driver, flags, folder, trouble=None):
        folder.mkdir(parents=True, exist_ok=True)
        self.driver = driver
        data = folder / "data" if trouble == "full disk" else None
        self.server = CarillonProcess(folder, "--log-level", "info", *flags, data=data).start()
        self.trouble = TROUBLES[trouble](self.server) if trouble else None
        self.process = None
        self.lacking = {}  # variables of steps that the SDK cannot do, and why
        self.variables = dict(GIVEN)
        try:
            self.process = DriverProcess(driver, self.server.endpoint, folder / "driver.log")
        except BaseException:
            self.close()
            raise

    def close(self):
        if self.process:
            self.process.close()
        if self.trouble:
            self.trouble.close()
        self.server.terminate()

    def run(self, step):
        """Raises Mismatch, MissingVariable, NotInSdk or DriverFailed if the step does not pass."""
        try:
            self.run_known(step)
        except MissingVariable as missing:
            if missing.name not in self.lacking:
                raise
            raise NotInSdk(self.lacking[missing.name]) from None
        except NotInSdk as reason:
            if not self.driver.may_lack:
                raise DriverFailed(str(reason)) from None
            self.lacking.update({name: str(reason) for name in step.get("save", {})})
            raise

    def run_known(self, step):
        step = {**step, **fill_in({name: step[name] for name in step if name != "save"},
                                  self.variables)}
        output = self.get(step) if "get" in step else self.call(step)
        check(step.get("expect", {}), output)
        for variable, path in step.get("save", {}).items():
            self.variables[variable] = pick(output, path)

    def get(self, step):
        status, _, document = self.server.request("GET", step["get"])
        if status != 200:
            raise Mismatch(f"GET {step['get']}: {status} {document}")
        return document

    def call(self, step):
        service, operation = step["call"].split(".")
        values = step.get("input", {})
        if "pages" in step:
            return self.call_pages(service, operation, values, **step["pages"])
        answer = self.process.call(service, operation, values)
        for _ in range(step.get("until_error_within", 1) - 1):
            if "error" in answer:
                break
            answer = self.process.call(service, operation, values)
        if "error" in step:
            self.check_error(service, operation, step["error"], answer)
            return answer
        return output_of(answer)

    def call_pages(self, service, operation, values, list, sizes):
        """All pages as one answer. Each has to have its size, and only the last one no token."""
        entries, token = [], None
        for number, size in enumerate(sizes):
            answer = output_of(self.process.call(
                service, operation, {**values, **({"NextToken": token} if token else {})}
            ))
            check({list: {"$length": size}}, answer, f"page {number}")
            entries += answer[list]
            token = answer.get("NextToken")
            if bool(token) != (number + 1 < len(sizes)):
                raise Mismatch(f"page {number}: NextToken is {token!r}")
        return {**answer, list: entries}

    def check_error(self, service, operation, expected, answer):
        if "error" not in answer:
            raise Mismatch(f"expected {expected['exception']}, got {answer['output']!r}")
        name, kind = self.driver.expected_error(service, operation, expected["exception"])
        check({"error": name, "class": kind}, answer)
        check(expected.get("message", {"$matches": "."}), answer["message"], "message")


def output_of(answer):
    if "error" in answer:
        raise Mismatch(f"{answer['class']}: {answer['message']}")
    return answer["output"]


class Result:
    """What became of one driver."""

    def __init__(self, name):
        self.name = name
        self.sdk = ""
        self.sections = []  # (section, seconds, steps, failures, skipped because)
        self.lacking = []
        self.unavailable = ""
        self.seconds = 0.0

    @property
    def steps(self):
        return sum(section[2] for section in self.sections)

    @property
    def failures(self):
        return [failure for section in self.sections for failure in section[3]]


def run_section(section, session):
    """(steps, failures, what the SDK lacks). A step whose variables are missing fails too."""
    failures, lacking = [], []
    for step in section["steps"]:
        try:
            session.run(step)
        except NotInSdk as reason:
            lacking.append(f"{section['section']}: {step['step']}: {reason}")
        except (Mismatch, MissingVariable, DriverFailed) as failure:
            failures.append(f"{section['section']}: {step['step']}: {failure}")
    return len(section["steps"]) - len(lacking), failures, lacking


def run_driver(driver, scenario, known_flags, folder):
    result = Result(driver.name)
    try:
        driver.prepare()
    except Unavailable as reason:
        result.unavailable = str(reason)
        return result
    except BuildFailed as failure:
        result.sections.append(("build", 0.0, 1, [f"build: {failure}"], ""))
        return result
    started = time.monotonic()
    sessions = {}  # the shared one is that of None
    try:
        for section in scenario["sections"]:
            began = time.monotonic()
            flags = section.get("flags", scenario["flags"])
            lacking = [flag for flag in flags if flag.startswith("--") and flag not in known_flags]
            if lacking:
                why = f"this Carillon has no {' '.join(lacking)}"
                result.sections.append((section["section"], 0.0, 0, [], why))
                continue
            key = section["section"] if "flags" in section else None
            try:
                if key not in sessions:
                    own = folder / f"{driver.name}-{len(sessions)}"
                    trouble = section.get("trouble")
                    sessions[key] = Session(driver, fill_in(flags, GIVEN), own, trouble)
                    result.sdk = sessions[key].process.sdk
                steps, failures, unknown = run_section(section, sessions[key])
                result.lacking += unknown
            except DriverFailed as failure:
                steps = len(section["steps"])
                failures = [f"{section['section']}: {failure}"] * steps
            took = time.monotonic() - began
            result.sections.append((section["section"], took, steps, failures, ""))
    finally:
        for session in sessions.values():
            session.close()
    result.seconds = time.monotonic() - started
    return result


def print_table(results):
    print(f"\n{'driver':<12}{'SDK':<40}{'steps passed':>14}{'seconds':>9}")
    for result in results:
        if result.unavailable:
            print(f"{result.name:<12}skipped: {result.unavailable}")
            continue
        passed = f"{result.steps - len(result.failures)} of {result.steps}"
        print(f"{result.name:<12}{result.sdk:<40}{passed:>14}{result.seconds:>9.1f}")
        if result.lacking:
            print(f"{'':<12}{len(result.lacking)} more steps need what this version does not know")
    skipped = {(section[0], section[4]) for result in results for section in result.sections
               if section[4]}
    for name, why in sorted(skipped):
        print(f"section skipped: {name}: {why}")


def write_junit(path, results):
    """One test for each driver and section."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<testsuite name="sdks">']
    for result in results:
        sections = result.sections
        if result.unavailable:
            sections = [("scenario", 0.0, 0, [], result.unavailable)]
        for name, seconds, _, failures, skipped in sections:
            lines.append(
                f"<testcase classname={quoteattr(result.name)} name={quoteattr(name)} "
                f'time="{seconds:.3f}">'
            )
            if failures:
                lines.append(f"<failure message={quoteattr(chr(10).join(failures))}/>")
            if skipped:
                lines.append(f"<skipped message={quoteattr(skipped)}/>")
            lines.append("</testcase>")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*lines, "</testsuite>", ""]), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description="Runs one scenario through the AWS SDKs.")
    parser.add_argument("drivers", metavar="DRIVER", nargs="*", help=", ".join(DRIVERS))
    parser.add_argument("--junit", metavar="FILE", type=pathlib.Path)
    arguments = parser.parse_args()
    for name in arguments.drivers:
        if name not in DRIVERS:
            parser.error(f"no driver {name}; there are {', '.join(DRIVERS)}")
    scenario = json.loads((HERE / "scenario.json").read_text(encoding="utf-8"))
    help_text = subprocess.run([binary(), "--help"], capture_output=True, text=True, check=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    results = []
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        for name in arguments.drivers or DRIVERS:
            print(f"{name}: preparing and running", file=sys.stderr, flush=True)
            result = run_driver(DRIVERS[name], scenario, help_text.stdout, pathlib.Path(folder))
            results.append(result)
            for failure in result.failures[:FAILURES_SHOWN]:
                print(f"FAILED {name}: {failure}", file=sys.stderr, flush=True)
            if len(result.failures) > FAILURES_SHOWN:
                more = len(result.failures) - FAILURES_SHOWN
                print(f"FAILED {name}: {more} more", file=sys.stderr, flush=True)
            for reason in result.lacking:
                print(f"not in this SDK: {name}: {reason}", file=sys.stderr, flush=True)
    print_table(results)
    if arguments.junit:
        write_junit(arguments.junit, results)
    ran = [result for result in results if not result.unavailable]
    # Nothing that ran is no success either.
    good = ran and all(result.steps and not result.failures for result in ran)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
