"""A channel flow processor as one would deploy it, run by the Invoke endpoint of the fixtures.

Each function decides by a verdict: a callable that gets the event and returns what it wants to have
changed. The callback itself goes through boto3, as it would from Lambda.
"""

import threading

import invoke_endpoint
from polling import eventually
from world import Clients

PASS = {}
DENY = object()
# Returned by a verdict that does not call back.
SILENT = object()


class Processor:
    def __init__(self):
        self.endpoint = None
        self.clients = None
        self.lock = threading.Lock()
        self.invocations = []  # (function name, event), in the order of their arrival
        self.failures = []  # what went wrong in a callback
        self.functions = {}
        self.thread = None

    def __enter__(self):
        self.endpoint = invoke_endpoint.InvokeEndpoint(("127.0.0.1", 0), self.functions)
        self.thread = threading.Thread(
            target=self.endpoint.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.endpoint.shutdown()
        self.thread.join()
        self.endpoint.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.endpoint.server_address[1]}"

    def serves(self, carillon):
        """Where callbacks go from now on."""
        self.clients = Clients(carillon)

    def on(self, function, verdict):
        """Deploys `function`. The verdict returns ChannelMessage members to change, DENY, SILENT,
        or PASS."""

        def handler(event, context):
            with self.lock:
                self.invocations.append((context.function_name, event))
            decided = verdict(event)
            if decided is not SILENT:
                self.call_back(event, decided)

        self.functions[function] = handler

    def call_back(self, event, decided):
        message = {"MessageId": event["ChannelMessage"]["MessageId"]}
        request = {"DeleteResource": True} if decided is DENY else {}
        if decided is not DENY:
            message.update(decided)
        try:
            self.clients.messaging.channel_flow_callback(
                ChannelArn=event["ChannelMessage"]["ChannelArn"],
                CallbackId=event["CallbackId"],
                ChannelMessage=message,
                **request,
            )
        except Exception as failure:
            with self.lock:
                self.failures.append(failure)
            raise

    def events(self, function=None):
        with self.lock:
            return [event for name, event in self.invocations if function in (None, name)]

    def wait_for_events(self, count, function=None):
        eventually(lambda: len(self.events(function)) >= count, f"{count} invocations")
        return self.events(function)
