"""The tests of messaging sessions use the fixtures of all tests from outside, and a stage."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
pytest.register_assert_rewrite("fixtures", "world", "processor", "session", "stage", "people")

from fixtures import *  # noqa: E402, F403
from session import trusted_context  # noqa: E402
from stage import Stage  # noqa: E402


@pytest.fixture
def stage(world):
    stage = Stage(world)
    yield stage
    stage.close()


@pytest.fixture
def trust(carillon, tmp_path):
    """A TLS context that trusts this server's CA only."""
    return trusted_context(carillon, tmp_path)
