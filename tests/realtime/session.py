"""A messaging session seen from its user: botocore signs the URL, `websockets` speaks the protocol.

Nothing here is shared with the JavaScript client of tests/realtime_js, nor with Carillon.
"""

import dataclasses
import http.client
import itertools
import json
import ssl
import urllib.parse

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from world import CREDENTIALS, REGION

DEADLINE_S = 20.0
FRAME_BYTES_MAX = 1 << 20
MESSAGE_TYPES = {"STANDARD", "CONTROL", "SYSTEM"}
FORBIDDEN, NOT_AUTHORISED = 4003, 4401
RESTARTING, OVERLOADED = 1012, 1013
session_numbers = itertools.count(1)


@dataclasses.dataclass(frozen=True)
class Event:
    """One frame, after the checks that hold for every frame."""

    type: str
    message_type: str
    payload: dict | None
    headers: dict

    @classmethod
    def of_frame(cls, frame):
        assert isinstance(frame, str), f"a binary frame: {frame!r}"
        document = json.loads(frame)
        assert set(document) <= {"Headers", "Payload"}, document
        headers = document["Headers"]
        assert all(isinstance(value, str) for value in headers.values()), headers
        payload = document.get("Payload")
        if payload is not None:
            assert isinstance(payload, str), document
            payload = json.loads(payload)
            assert isinstance(payload, dict), document
        message_type = headers["x-amz-chime-message-type"]
        assert message_type in MESSAGE_TYPES
        return cls(headers["x-amz-chime-event-type"], message_type, payload, headers)

    @property
    def content(self):
        return self.payload["Content"]


def credentials(key=CREDENTIALS["aws_access_key_id"], secret=None, token=None):
    return Credentials(key, secret or CREDENTIALS["aws_secret_access_key"], token)


def signed_url(origin, user, signer=None, expires=10, region=REGION, **parameters):
    """What a client connects to; `origin` is ws://host:port or wss://host:port. Parameters are
    those of the query, with _ for -; None leaves one out."""
    scheme, host = origin.split("://")
    query = {
        "userArn": user,
        "sessionId": f"session-{next(session_numbers)}",
        **{name.replace("_", "-"): value for name, value in parameters.items()},
    }
    query = {name: value for name, value in query.items() if value is not None}
    request = AWSRequest("GET", f"https://{host}/connect?{urllib.parse.urlencode(query)}")
    SigV4QueryAuth(signer or credentials(), "chime", region, expires=expires).add_auth(request)
    return request.url.replace("https://", f"{scheme}://", 1)


def origin_of(carillon, scheme="ws"):
    return f"{scheme}://{carillon.host}:{carillon.port}"


def trusted_context(carillon, folder):
    """Trusts what this server says is its CA, and nothing else."""
    connection = http.client.HTTPConnection(carillon.host, carillon.port, timeout=DEADLINE_S)
    connection.request("GET", "/_carillon/ca.pem")
    response = connection.getresponse()
    pem = response.read()
    connection.close()
    assert response.status == 200, (response.status, pem)
    assert b"PRIVATE KEY" not in pem
    path = folder / "ca.pem"
    path.write_bytes(pem)
    context = ssl.create_default_context(cafile=path)
    assert context.check_hostname and context.verify_mode == ssl.CERT_REQUIRED
    return context


class Session:
    """One WebSocket of one user."""

    def __init__(self, url, max_queue=None, **options):
        """With `max_queue` it stops reading when that many frames were not asked for yet."""
        # Keepalive pings of our own would hide a server that sends none.
        self.socket = connect(
            url,
            legacy=True,
            proxy=None,
            ping_interval=None,
            max_size=FRAME_BYTES_MAX,
            max_queue=max_queue,
            open_timeout=DEADLINE_S,
            close_timeout=DEADLINE_S,
            **options,
        )

    def next_frame(self):
        return self.socket.recv(timeout=DEADLINE_S)

    def next(self):
        return Event.of_frame(self.next_frame())

    def established(self):
        """Waits until the session is one, and returns it."""
        event = self.next()
        assert event.type == "SESSION_ESTABLISHED", event
        return self

    def until(self, is_last):
        """All events before the one that `is_last` accepts."""
        events = []
        while not is_last(event := self.next()):
            events.append(event)
        return events

    def close_code(self):
        """Of a session that gets nothing more and is closed by the server."""
        try:
            frame = self.next_frame()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        raise AssertionError(f"not closed but told: {frame}")

    def last_events(self):
        """What comes until the server closes the session."""
        events = []
        try:
            while True:
                events.append(self.next())
        except ConnectionClosed:
            return events

    def close(self):
        self.socket.close()
