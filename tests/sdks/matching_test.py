"""The judge of the scenario has to find what is wrong."""

import time

import pytest
from matching import Mismatch, MissingVariable, check, fill_in, pick


def test_variables():
    variables = {"id": "x", "when": {"$date": 5}}
    value = {"a": "${id}/${id}", "b": ["${when}"], "c": 1}
    assert fill_in(value, variables) == {"a": "x/x", "b": [{"$date": 5}], "c": 1}
    with pytest.raises(MissingVariable):
        fill_in("${other}", variables)


def test_paths():
    document = {"A": [{"B": "x"}]}
    assert pick(document, "A[0].B") == "x"
    for path in ("A[1].B", "A[0].C", "B", "A.B"):
        with pytest.raises(Mismatch):
            pick(document, path)


NOW_MS = int(time.time() * 1000)


@pytest.mark.parametrize(
    "expected, got",
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": {"$absent": True}}, {"b": 2}),
        ([{"a": 1}, 2], [{"a": 1, "b": 2}, 2]),
        ({"$date": "recent"}, {"$date": NOW_MS}),
        ({"$date": 7}, {"$date": 7}),
        ({"$matches": "^a+$"}, "aa"),
        ({"$length": 2}, [1, 2]),
        ({"$unordered": [{"a": 1}, {"a": 2}]}, [{"a": 2}, {"a": 1}]),
        ({"$contains": {"a": 2}}, [{"a": 1}, {"a": 2}]),
    ],
)
def test_what_is_as_expected(expected, got):
    check(expected, got)


@pytest.mark.parametrize(
    "expected, got",
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {}),
        ({"a": 1}, {"a": "1"}),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, []),
        ({"a": {"$absent": True}}, {"a": None}),
        ([], [1]),
        ([1], [1, 1]),
        ([1, 2], [2, 1]),
        ({"$date": "recent"}, {"$date": NOW_MS // 1000}),
        ({"$date": "recent"}, NOW_MS),
        ({"$date": 7}, {"$date": 8}),
        ({"$matches": "^a+$"}, "ab"),
        ({"$matches": "1"}, 1),
        ({"$length": 2}, [1]),
        ({"$unordered": [1, 1]}, [1, 2]),
        ({"$unordered": [1]}, [1, 1]),
        ({"$contains": 3}, [1, 2]),
    ],
)
def test_what_is_not(expected, got):
    with pytest.raises(Mismatch):
        check(expected, got)


def test_an_operator_that_does_not_exist():
    with pytest.raises(ValueError):
        check({"$between": [1, 2]}, 1)
