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
sys.path.insert(0, str(HERE / "rust"))

from table import write_table  # noqa: E402

ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "sdks"
BUILD_TIMEOUT_S = 1800
# Where Debian puts the sources of Go packages.
GO_PATH = pathlib.Path("/usr/share/gocode")


SOURCE_LINE = re.compile(r"^source = .*\n", re.MULTILINE)


class Unavailable(Exception):
    """This machine lacks something that the driver needs; the text names it."""


class BuildFailed(Exception):
    pass


def need_program(*names):
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        raise Unavailable(f"{' and '.join(missing)} not found")


def need_version(minimum, *command):
    """The first version that the program says of itself has to be at least `minimum`."""
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"(\d+)\.(\d+)", run.stdout + run.stderr)
    if not found or (int(found[1]), int(found[2])) < minimum:
        raise Unavailable(f"{command[0]} {minimum[0]}.{minimum[1]} or newer not found")


def build(name, *command, **environment):
    """Runs a build tool; its output is shown only if it fails."""
    try:
        run = subprocess.run(
            command, cwd=HERE / name, env={**os.environ, **environment}, timeout=BUILD_TIMEOUT_S,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
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
        need_version((20, 0), "node", "--version")
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
        need_version((1, 22), "go", "version")
        if not (GO_PATH / "src/github.com/aws/aws-sdk-go-v2/service/chimesdkmessaging").is_dir():
            raise Unavailable(f"Debian's {self.package} not installed")
        build(
            "go", "go", "build", "-o", str(self.program), "main.go",
            GO111MODULE="off", GOPATH=str(GO_PATH), GOFLAGS="",
        )

    def command(self):
        return [str(self.program)]

    def expected_error(self, service, operation, exception):
        # The code is the exception's name without its end, and for some shorter still.
        code = exception.removesuffix("Exception").removesuffix("Client")
        return code, self.error_class


class Java(Driver):
    name = "java"
    error_class = "software.amazon.awssdk.services.chimesdk{service}.model.{exception}"

    def prepare(self):
        need_program("java", "javac", "mvn")
        need_version((17, 0), "javac", "--version")
        build("java", "mvn", "-B", "-q", "-ntp", "compile", "dependency:copy-dependencies")

    def command(self):
        folder = BUILD / "java"
        return ["java", "-XX:TieredStopAtLevel=1", "-cp",
                f"{folder / 'classes'}:{folder / 'dependency'}/*", "Driver"]


class Rust(Driver):
    """Compiled from a copy in build/sdks/rust, with what is generated beside what is written.

    packages.lock is a Cargo.lock without the lines that say where packages come from, which Cargo
    knows and writes into each lock that it makes.
    """

    name = "rust"
    error_class = "{operation}Error::{exception}"
    crate = BUILD / "rust"

    def prepare(self):
        need_program("cargo")
        need_version((1, 95), "cargo", "--version")
        (self.crate / "src").mkdir(parents=True, exist_ok=True)
        for path in ("Cargo.toml", "src/main.rs"):
            copy_if_changed(HERE / "rust" / path, self.crate / path)
        write_table(HERE / "scenario.json", ROOT / "api" / "model", self.crate / "src" / "table.rs")
        self.write_lock()
        build("rust", "cargo", "build", "--quiet", "--locked", "--manifest-path",
              str(self.crate / "Cargo.toml"), CARGO_TARGET_DIR=str(self.crate / "target"))

    def write_lock(self):
        pinned = (HERE / "rust" / "packages.lock").read_text(encoding="utf-8")
        lock = self.crate / "Cargo.lock"
        written = lock.read_text(encoding="utf-8") if lock.is_file() else ""
        if SOURCE_LINE.sub("", written) == pinned:
            return
        lock.unlink(missing_ok=True)
        build("rust", "cargo", "generate-lockfile", "--quiet", "--manifest-path",
              str(self.crate / "Cargo.toml"))
        source = SOURCE_LINE.search(lock.read_text(encoding="utf-8"))[0]
        checksum = re.compile(r"^checksum = ", re.MULTILINE)
        text = checksum.sub(lambda match: source + match[0], pinned)
        lock.write_text(text, encoding="utf-8")

    def command(self):
        return [str(self.crate / "target" / "debug" / "carillon-sdks-rust")]


def copy_if_changed(source, target):
    """By content: a copy with a new time would be compiled again."""
    text = source.read_bytes()
    if not target.is_file() or target.read_bytes() != text:
        target.write_bytes(text)


DRIVERS = {driver.name: driver for driver in (Python(), Cli(), JavaScript(), Go(), Java(), Rust())}
