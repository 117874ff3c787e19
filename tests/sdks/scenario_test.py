"""The scenario leaves out no operation: each SDK makes each call at least once."""

import json
import pathlib

import pytest

HERE = pathlib.Path(__file__).resolve().parent
SCENARIO = json.loads((HERE / "scenario.json").read_text(encoding="utf-8"))
STEPS = [step for section in SCENARIO["sections"] for step in section["steps"]]


@pytest.mark.parametrize("service", ["messaging", "identity"])
def test_every_operation_is_called(service):
    path = HERE.parents[1] / "api" / "model" / f"{service}.json"
    model = json.loads(path.read_text(encoding="utf-8"))
    called = {step["call"] for step in STEPS if "call" in step and "error" not in step}
    assert {f"{service}.{name}" for name in model["operations"]} - called == set()


def test_every_step_says_what_it_expects():
    silent = [step["step"] for step in STEPS if not {"expect", "error", "save"} & set(step)]
    # Messages that are there to be listed.
    assert silent == ["the third", "the fourth"]
