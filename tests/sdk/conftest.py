"""The SDK tests use the fixtures that all tests from outside share."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
pytest.register_assert_rewrite("fixtures", "world", "processor")

from fixtures import *  # noqa: E402, F403
