"""The Python sample of docs/sessions.md does what it says when it is pasted."""

import subprocess
import sys

import pytest
from documents import shows, the_block
from polling import eventually
from server_process import clean_environment
from world import ACCOUNT

DOCUMENT = "docs/sessions.md"
DOCUMENTED_ADDRESS = "127.0.0.1:7464"


@pytest.fixture
def watch(carillon, tmp_path):
    """watch(user): the sample as a process; what it prints is in out, what it complains in err."""
    sample = the_block(DOCUMENT, "python", "websockets.connect")
    assert sample.count(DOCUMENTED_ADDRESS) == 1
    here = f"{carillon.host}:{carillon.port}"
    (tmp_path / "watch.py").write_text(sample.replace(DOCUMENTED_ADDRESS, here))
    processes = []

    def start(user):
        with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
            processes.append(
                subprocess.Popen(
                    [sys.executable, "watch.py", user],
                    cwd=tmp_path,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    env=clean_environment(),
                )
            )
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.carillon("--account", ACCOUNT)
def test_the_watcher_prints_frames(world, watch, tmp_path):
    expected = the_block(DOCUMENT, "text", "Headers").splitlines()
    process = watch(world.alice)

    def frames():
        assert process.poll() is None, (tmp_path / "err").read_text()
        return (tmp_path / "out").read_text().split("\n")[:-1]

    eventually(lambda: len(frames()) == 1, "the session is established")
    world.send("hello", by=world.bob)
    eventually(lambda: len(frames()) == len(expected), "the message is printed")
    for abridged, frame in zip(expected, frames(), strict=True):
        assert shows(abridged, frame), (abridged, frame)
