"""The drivers: what each one needs, how it is built, and how it is started.

A driver is a program that reads requests from its input and writes answers to its output, one JSON
document per line (README.md). What it builds goes to build/sdks/NAME.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "sdks"
BUILD_TIMEOUT_S = 1800
# Where Debian puts the sources of Go packages.
GO_PATH = pathlib.Path("/usr/share/gocode")


class Unavailable(Exception):
    """This machine lacks something that the driver needs; the text names it."""


class BuildFailed(Exception):
    pass


def need_program(*names):
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        raise Unavailable(f"{' and '.join(missing)} not found")


def need_major(minimum, *command):
    """The first number that the program says of itself has to be at least `minimum`."""
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"\d+", run.stdout + run.stderr)
    if not found or int(found[0]) < minimum:
        raise Unavailable(f"{command[0]} {minimum} or newer not found")


def build(name, *command, **environment):
    """Runs a build tool; its output is shown only if it fails."""
    try:
        run = subprocess.run(
            command, cwd=HERE / name, env={**os.environ, **environment}, timeout=BUILD_TIMEOUT_S,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise BuildFailed(f"{command[0]} was not done after {BUILD_TIMEOUT_S} s") from None
    if run.returncode != 0:
        raise BuildFailed(f"{' '.join(command)} ended with {run.returncode}:\n{run.stdout}")


class Driver:
    """`error_class` is how the driver writes the SDK's own class of an exception, where {service}
    is messaging or identity."""

    name = ""
    error_class = "{exception}"
    # Whether the SDK may be older than the service model, so that it may lack what steps use.
    may_lack = False

    def prepare(self):
        """Builds what has to be built. Raises Unavailable or BuildFailed."""

    def command(self):
        raise NotImplementedError

    def expected_error(self, service, operation, exception):
        """What `error` and `class` of the answer have to be."""
        values = {"service": service, "operation": operation, "exception": exception}
        return exception, self.error_class.format(**values)


class Python(Driver):
    name = "python"
    error_class = "botocore.errorfactory.{exception}"

    def command(self):
        return [sys.executable, str(HERE / "python" / "driver.py")]


class Cli(Driver):
    name = "cli"

    def command(self):
        return [sys.executable, str(HERE / "cli" / "driver.py")]


class JavaScript(Driver):
    name = "javascript"
    error_class = "@aws-sdk/client-chime-sdk-{service} {exception}"

    def prepare(self):
        need_program("node")
        need_major(20, "node", "--version")
        if not (ROOT / "tests/sdk/js/node_modules").is_dir():
            raise Unavailable("tests/sdk/js/node_modules is not there (./dev sdks installs it)")

    def command(self):
        return ["node", str(HERE / "javascript" / "driver.mjs")]


class Go(Driver):
    """Built against the sources of Debian's package. That version takes the code in the body for
    the name of the exception, and so finds no class of its own for what the service answers."""

    name = "go"
    error_class = "*smithy.GenericAPIError"
    may_lack = True
    program = BUILD / "go" / "driver"
    package = "golang-github-aws-aws-sdk-go-v2-dev"

    def prepare(self):
        need_program("go")
        if not (GO_PATH / "src/github.com/aws/aws-sdk-go-v2/service/chimesdkmessaging").is_dir():
            raise Unavailable(f"Debian's {self.package} not installed")
        build(
            "go", "go", "build", "-o", str(self.program), "main.go",
            GO111MODULE="off", GOPATH=str(GO_PATH), GOFLAGS="",
        )  # fmt: skip

    def command(self):
        return [str(self.program)]

    def expected_error(self, service, operation, exception):
        return exception.removesuffix("Exception"), self.error_class


class Java(Driver):
    name = "java"
    error_class = "software.amazon.awssdk.services.chimesdk{service}.model.{exception}"

    def prepare(self):
        need_program("java", "javac", "mvn")
        need_major(17, "javac", "--version")
        build("java", "mvn", "-B", "-q", "-ntp", "compile", "dependency:copy-dependencies")

    def command(self):
        folder = BUILD / "java"
        return ["java", "-XX:TieredStopAtLevel=1", "-cp",
                f"{folder / 'classes'}:{folder / 'dependency'}/*", "Driver"]  # fmt: skip


DRIVERS = {driver.name: driver for driver in (Python(), Cli(), JavaScript(), Go(), Java())}
