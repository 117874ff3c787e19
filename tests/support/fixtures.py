"""Fixtures of the tests that drive a server from outside: the server, clients for it, and those who
talk. A conftest.py takes them in by importing everything from here.

A test gets a server of its own, which starts in a few milliseconds, so that no test sees what
another one made. Its flags stand at the test:  @pytest.mark.carillon("--callback-timeout", "300ms")
A test that asks for `processor` gets a server whose --lambda-endpoint is that processor; in all
others invocations are held.
"""

import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "fixtures" / "processors"))

from processor import Processor  # noqa: E402
from server_process import CarillonProcess  # noqa: E402
from world import Clients, World  # noqa: E402

LOG_LINES_SHOWN = 40


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "carillon(*flags, data=False): flags of the server, and whether it keeps data"
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows the servers' logs with whatever failed."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for process in getattr(item, "carillon_processes", []):
            if process.log_path.exists():
                lines = process.log().splitlines()[-LOG_LINES_SHOWN:]
                report.sections.append((f"{process.log_path}, its end", "\n".join(lines)))


@pytest.fixture
def start_carillon(request, tmp_path):
    """start_carillon(*flags, data=None): a running server, which has to end cleanly."""
    processes = request.node.carillon_processes = []

    def start(*flags, data=None):
        process = CarillonProcess(tmp_path / f"carillon-{len(processes)}", *flags, data=data)
        processes.append(process)
        return process.start()

    yield start
    for process in processes:
        if process.process is not None:
            process.terminate()


@pytest.fixture
def processor():
    with Processor() as running:
        yield running


@pytest.fixture
def carillon(request, start_carillon, tmp_path):
    marker = request.node.get_closest_marker("carillon")
    flags = list(marker.args) if marker else []
    keeps = marker is not None and marker.kwargs.get("data", False)
    if "processor" not in request.fixturenames:
        return start_carillon(*flags, data=tmp_path / "data" if keeps else None)
    processor = request.getfixturevalue("processor")
    flags += ["--lambda-endpoint", processor.url]
    process = start_carillon(*flags, data=tmp_path / "data" if keeps else None)
    processor.serves(process)
    return process


@pytest.fixture
def clients(carillon):
    return Clients(carillon)


@pytest.fixture
def messaging(clients):
    return clients.messaging


@pytest.fixture
def identity(clients):
    return clients.identity


@pytest.fixture
def world(carillon):
    return World(carillon)
