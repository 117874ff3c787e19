"""Senders that load the server until it dies, and what they were answered."""

import json
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from polling import DEADLINE_S, eventually
from service import Connection, Unanswered

SENDERS = 4


class Ledger:
    """What the server has answered, and so may never lose. On any thread.

    A message's state is (content, status, content of its pending update). Of a request that is
    under way nobody knows whether it was carried out: then there are two states that it may be in.
    """

    def __init__(self):
        self.lock = threading.Condition()
        self.answers = 0
        self.plain = {}  # message id -> the set of states it may be in
        self.held = {}
        self.processed = {}
        self.unanswered = []  # (channel, token, content): sends that nobody knows of

    def doubt(self, table, message_id, *states):
        with self.lock:
            table[message_id] = set(states)

    def note(self, table, message_id, *states):
        with self.lock:
            table[message_id] = set(states)
            self.answers += 1
            self.lock.notify_all()

    def note_unanswered(self, channel, token, content):
        with self.lock:
            self.unanswered.append((channel, token, content))

    def wait_for_answers(self, count):
        with self.lock:
            reached = self.lock.wait_for(lambda: self.answers >= count, DEADLINE_S)
        assert reached, f"the senders got {self.answers} answers in {DEADLINE_S} s"


class Sender:
    """One thread's requests, in a random mix. Ends when the server does."""

    def __init__(self, carillon, world, ledger, name, seed):
        self.world = world
        self.ledger = ledger
        self.dice = random.Random(seed)
        self.name = name
        self.counter = 0
        self.connection = Connection(carillon)
        self.own_plain = {}  # message id -> state, as the server has answered
        self.own_held = {}

    def run(self):
        steps = {
            self.send_plain: 3,
            self.send_held: 2,
            self.send_processed: 2,
            self.update_plain: 2,
            self.update_held: 1,
            self.decide: 2,
        }
        try:
            while True:
                self.dice.choices(list(steps), list(steps.values()))[0]()
        except Unanswered:
            pass
        finally:
            self.connection.close()

    def send(self, channel, table, status):
        self.counter += 1
        content = f"message {self.name}-{self.counter}"
        token = f"token-{self.name}-{self.counter}"
        try:
            answer = self.connection.send(channel, self.world.alice, content, token)
        except Unanswered:
            self.ledger.note_unanswered(channel, token, content)
            raise
        assert answer["Status"] == {"Value": status}
        state = (content, status, None)
        self.ledger.note(table, answer["MessageId"], state)
        return answer["MessageId"], state

    def send_plain(self):
        message_id, state = self.send(self.world.plain, self.ledger.plain, "SENT")
        self.own_plain[message_id] = state

    def send_held(self):
        message_id, state = self.send(self.world.held, self.ledger.held, "PENDING")
        self.own_held[message_id] = state

    def send_processed(self):
        self.send(self.world.processed, self.ledger.processed, "PENDING")

    def update_plain(self):
        self.update(self.world.plain, self.ledger.plain, self.own_plain, self.own_plain)

    def update_held(self):
        idle = {
            message_id: state
            for message_id, state in self.own_held.items()
            if state[1:] == ("SENT", None)
        }
        self.update(self.world.held, self.ledger.held, self.own_held, idle)

    def update(self, channel, table, own, candidates):
        if not candidates:
            return
        message_id, before = self.dice.choice(list(candidates.items()))
        new = before[0] + "+"
        pending = channel == self.world.held
        after = (before[0], "SENT", new) if pending else (new, "SENT", None)
        self.ledger.doubt(table, message_id, before, after)
        self.connection.update(channel, self.world.alice, message_id, new)
        self.ledger.note(table, message_id, after)
        own[message_id] = after

    def decide(self):
        """Calls back for a message, or an update, whose invocation is held."""
        waiting = [item for item in self.own_held.items() if is_waiting(item[1])]
        if not waiting:
            return
        message_id, before = self.dice.choice(waiting)
        (callback,) = self.connection.admin_rows(
            "callbacks", "Callbacks", **{"message-id": message_id, "status": "PENDING"}
        )
        content = callback["Event"]["ChannelMessage"]["Content"] + " decided"
        after = (content, "SENT", None)
        self.ledger.doubt(self.ledger.held, message_id, before, after)
        message = {"MessageId": message_id, "Content": content}
        status, document = self.connection.call_back(
            self.world.held, callback["CallbackId"], message
        )
        assert status == 200, document
        self.ledger.note(self.ledger.held, message_id, after)
        self.own_held[message_id] = after


def is_waiting(state):
    """Whether a message of this state waits for a callback."""
    _, status, pending_update = state
    return status == "PENDING" or pending_update is not None


def load_until_killed(carillon, world, ledger, dice, round_number, answers):
    """Kills the server once it has given `answers` more answers, while more are under way."""
    senders = [
        Sender(carillon, world, ledger, f"{round_number}-{thread}", dice.random())
        for thread in range(SENDERS)
    ]
    with ThreadPoolExecutor(SENDERS) as threads:
        running = [threads.submit(sender.run) for sender in senders]
        try:
            ledger.wait_for_answers(ledger.answers + answers)
        finally:
            carillon.kill()
            for sender in running:
                sender.result()  # raises what went wrong besides the server's death


class Processor(ThreadingHTTPServer):
    """An Invoke endpoint whose function writes in capitals. It outlives the server, and like Lambda
    it tries an event again whose callback could not be delivered."""

    daemon_threads = True

    def __init__(self, carillon):
        super().__init__(("127.0.0.1", 0), InvokeHandler)
        self.carillon = carillon
        self.workers = ThreadPoolExecutor(8)
        self.lock = threading.Lock()
        self.invocations = []  # callback ids
        self.refusals = []  # callbacks that were refused for another reason than coming twice

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.thread.join()
        self.server_close()
        self.workers.shutdown(cancel_futures=True)

    def handle_error(self, request, client_address):
        # A connection that the server kept open breaks when it is killed.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def process(self, event):
        message = event["ChannelMessage"]
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            eventually(lambda: self.carillon.port, "the server is back")
            connection = Connection(self.carillon)
            try:
                status, document = connection.call_back(
                    message["ChannelArn"],
                    event["CallbackId"],
                    {"MessageId": message["MessageId"], "Content": message["Content"].upper()},
                )
            except Unanswered:
                continue
            finally:
                connection.close()
            if status != 200 and not is_second_callback(status, document):
                with self.lock:
                    self.refusals.append((status, document))
            return


def is_second_callback(status, document):
    """The first try may have been heard, though its answer was not; and an event whose acceptance
    the server could not note any more comes again."""
    if status == 409:
        return "conflict processing the request" in document["Message"]
    return status == 400 and "non-pending message" in document["Message"]


class InvokeHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.invocations.append(event["CallbackId"])
        self.server.workers.submit(self.server.process, event)
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):
        pass
