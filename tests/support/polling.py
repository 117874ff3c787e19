"""Waiting without sleeping: look until it is so, or until a deadline says that it never will be."""

import time

# Far beyond what anything here takes, so that a busy machine fails no test.
DEADLINE_S = 20.0
PAUSE_S = 0.005


def eventually(probe, what, timeout_s=DEADLINE_S):
    """The first true value of probe(). Fails with `what` and the last value after the deadline."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout_s} s still not: {what} (last seen: {value!r})")
        time.sleep(PAUSE_S)
