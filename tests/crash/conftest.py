"""The crash tests drive the server with the tools of tests/support, no SDK between."""

import pathlib
import sys

import pytest

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
sys.path.insert(0, str(SUPPORT))
pytest.register_assert_rewrite("load", "service")

from server_process import CarillonProcess  # noqa: E402


@pytest.fixture
def carillon(tmp_path):
    """A server that keeps data; the test starts it, and it has to end cleanly."""
    process = CarillonProcess(tmp_path / "carillon", "--log-level", "warn", data=tmp_path / "data")
    yield process
    if process.process is not None:
        process.terminate()
