"""kill -9 again and again under load: nothing that was answered is ever missing.

The moment of death is a random number of answers. CARILLON_CRASH_SEED repeats a run, as far as
threads and processes can be repeated.
"""

import os
import random
import sqlite3
import subprocess
import time

from load import Ledger, Processor, is_waiting, load_until_killed
from polling import eventually
from server_process import binary, clean_environment
from service import Connection, World

ROUNDS = 60
ROUNDS_MIN = 5
# Further rounds are left out after this, so that a slow machine is done in time as well.
ROUNDS_TIME_S = 15.0
ANSWERS_MAX = 250
SAMPLE = 10
EXIT_TIMEOUT_S = 20.0


def test_nothing_that_was_answered_is_lost(carillon):
    seed = int(os.environ.get("CARILLON_CRASH_SEED", random.SystemRandom().randrange(2**32)))
    print(f"CARILLON_CRASH_SEED={seed}")
    dice = random.Random(seed)
    ledger = Ledger()
    with Processor(carillon) as processor:
        carillon.start("--processor", f"upper={processor.url}", "--log-level", "warn")
        world = World(Connection(carillon))
        deadline = time.monotonic() + ROUNDS_TIME_S
        for number in range(ROUNDS):
            if number >= ROUNDS_MIN and time.monotonic() > deadline:
                break
            load_until_killed(
                carillon, world, ledger, dice, number, dice.randint(1, ANSWERS_MAX)
            )
            carillon.start()
            check_everything(carillon, world, ledger, dice)
        print(f"{number + 1} rounds, {ledger.answers} answers")
        finish_everything(carillon, world, ledger, processor)
    carillon.terminate()
    check_file(carillon.data)


def check_everything(carillon, world, ledger, dice):
    connection = Connection(carillon)
    send_again(connection, world, ledger)
    check_table(connection.messages(world.plain), ledger.plain)
    held = connection.messages(world.held)
    check_table(held, ledger.held)
    check_callbacks(connection, world, held)
    check_processed(connection, world, ledger)
    for message_id in dice.sample(sorted(ledger.plain), min(SAMPLE, len(ledger.plain))):
        message = connection.get(world.plain, world.alice, message_id)
        ((content, status, _),) = ledger.plain[message_id]
        assert (message["Content"], message["Status"]["Value"]) == (content, status)
    connection.close()


def send_again(connection, world, ledger):
    """What an SDK does with a request that was not answered: the same once more. The token makes
    sure that it is one message, whether the first one had arrived or not."""
    tables = {
        world.plain: (ledger.plain, "SENT"),
        world.held: (ledger.held, "PENDING"),
        world.processed: (ledger.processed, "PENDING"),
    }
    for channel, token, content in ledger.unanswered:
        table, status = tables[channel]
        answer = connection.send(channel, world.alice, content, token)
        again = connection.send(channel, world.alice, content, token)
        assert again == answer
        table[answer["MessageId"]] = {(content, status, None)}
    ledger.unanswered.clear()


def check_table(found, table):
    """What is there is what was answered, nothing less and nothing more."""
    assert found.keys() == table.keys()
    for message_id, states in table.items():
        assert found[message_id] in states, (message_id, found[message_id], states)
        # What was in doubt is known now, and has to stay so.
        table[message_id] = {found[message_id]}


def check_callbacks(connection, world, held):
    """Each pending message waits for one callback, and no other callback is pending."""
    waiting = connection.admin_rows(
        "callbacks", "Callbacks", **{"channel-arn": world.held, "status": "PENDING"}
    )
    assert {callback["Invocation"] for callback in waiting} <= {"HELD"}
    pending = sorted(message_id for message_id, state in held.items() if is_waiting(state))
    assert sorted(callback["MessageId"] for callback in waiting) == pending


def check_processed(connection, world, ledger):
    """Here the processor goes on meanwhile: a message may be sent, but none may be missing."""
    found = connection.messages(world.processed)
    assert found.keys() == ledger.processed.keys()
    for message_id, states in ledger.processed.items():
        ((content, status, _),) = states
        done = (content.upper(), "SENT", None)
        assert found[message_id] == done or (found[message_id] in states and status == "PENDING")
        ledger.processed[message_id] = {found[message_id]}


def finish_everything(carillon, world, ledger, processor):
    """All that is still under way comes to its end."""
    connection = Connection(carillon)

    def all_processed():
        found = connection.messages(world.processed)
        return all(status == "SENT" for _, status, _ in found.values())

    eventually(all_processed, "the processor's messages are sent")
    check_processed(connection, world, ledger)
    assert processor.refusals == []
    assert len(set(processor.invocations)) == len(ledger.processed)

    waiting = connection.admin_rows(
        "callbacks", "Callbacks", **{"channel-arn": world.held, "status": "PENDING"}
    )
    for callback in waiting:
        message = {"MessageId": callback["MessageId"]}
        status, document = connection.call_back(world.held, callback["CallbackId"], message)
        assert status == 200, document
    for message_id, states in ledger.held.items():
        ((content, _, update),) = states
        ledger.held[message_id] = {(update or content, "SENT", None)}
    check_table(connection.messages(world.held), ledger.held)
    connection.close()


def check_file(data):
    """SQLite's own opinion of what a score of crashes has left."""
    (path,) = data.glob("*.db")
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()


def test_a_data_directory_that_is_in_use(carillon):
    carillon.start()
    world = World(Connection(carillon))
    second = subprocess.run(
        [binary(), "--port", "0", "--data", str(carillon.data)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=EXIT_TIMEOUT_S,
    )
    assert second.returncode == 1
    said = second.stdout + second.stderr
    assert "is in use by another process" in said
    assert str(carillon.data) in said
    assert "Ready." not in said
    # The first one does not mind.
    connection = Connection(carillon)
    answer = connection.send(world.plain, world.alice, "still here", "token")
    assert answer["Status"] == {"Value": "SENT"}
    # And once it is dead, the directory is free at once.
    carillon.kill()
    carillon.start()
    assert list(Connection(carillon).messages(world.plain)) == [answer["MessageId"]]
