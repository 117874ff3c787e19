"""A world whose people are connected, and the means to see exactly what each of them is told."""

import itertools

from session import Session, origin_of, signed_url


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def as_json(value):
    """An answer of boto3 as it was on the wire."""
    if isinstance(value, dict):
        return {name: as_json(member) for name, member in value.items()}
    if isinstance(value, list):
        return [as_json(entry) for entry in value]
    return iso(value) if hasattr(value, "strftime") else value


class Stage:
    """Every user is also a member of a channel of its own that nobody else uses, the curtain. A
    message there comes after all that the user was to be told before: so that "nothing was sent" is
    seen, and not waited for."""

    def __init__(self, world):
        self.world = world
        self.curtains = {}
        self.opened = []
        self.numbers = itertools.count()

    def add_curtain(self, user):
        if user not in self.curtains:
            self.curtains[user] = self.world.messaging.create_channel(
                AppInstanceArn=self.world.app_instance, Name="curtain", ChimeBearer=user
            )["ChannelArn"]

    def open(self, user, origin=None, ssl=None, url=None, socket_options=None, **parameters):
        """A WebSocket, whatever becomes of it."""
        if url is None:
            url = signed_url(origin or origin_of(self.world.carillon), user, **parameters)
        session = Session(url, ssl=ssl, **(socket_options or {}))
        self.opened.append(session)
        return session

    def connect(self, user, **options):
        """A session that is established."""
        self.add_curtain(user)
        session = self.open(user, **options).established()
        session.user = user
        return session

    def prefetched(self, user, count, **parameters):
        """A new session, and the payloads of its CHANNEL_DETAILS by channel. There have to be
        `count`: what happens meanwhile may come before them."""
        session = self.connect(user, **{"prefetch_on": "connect", **parameters})
        events = [session.next() for _ in range(count)]
        assert {(event.type, event.message_type) for event in events} <= {
            ("CHANNEL_DETAILS", "SYSTEM")
        }
        assert self.seen(session) == [[]]
        told = {event.payload["Channel"]["ChannelArn"]: event.payload for event in events}
        assert len(told) == count, "a channel came twice"
        return session, told

    def seen(self, *sessions):
        """What each of these sessions has been told and was not looked at yet."""
        text = f"curtain {next(self.numbers)}"
        for user in {session.user for session in sessions}:
            self.world.messaging.send_channel_message(
                ChannelArn=self.curtains[user],
                Content=text,
                Type="STANDARD",
                Persistence="NON_PERSISTENT",
                ChimeBearer=user,
            )

        def fallen(event):
            return event.payload is not None and event.payload.get("Content") == text

        return [
            [event for event in session.until(fallen) if not self.is_curtain(event, session.user)]
            for session in sessions
        ]

    def is_curtain(self, event, user):
        """One that fell for another session of this user."""
        return event.payload is not None and event.payload.get("ChannelArn") == self.curtains[user]

    def types(self, *sessions):
        return [[event.type for event in events] for events in self.seen(*sessions)]

    def close(self):
        for session in self.opened:
            session.close()
