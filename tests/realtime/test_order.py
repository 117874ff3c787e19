"""Events come in the order in which they were committed, each once, to everyone alike."""

import concurrent.futures
import threading

from world import make_client

SENDERS, MESSAGES_EACH = 4, 60


class Burst:
    """Several senders at once. Counts how many requests have begun, so that a test can tell what
    may have been sent before it looked and what was not."""

    def __init__(self, world, until=None):
        self.world = world
        self.until = until
        self.lock = threading.Lock()
        self.begun = 0
        self.pool = concurrent.futures.ThreadPoolExecutor(SENDERS)
        self.runs = [self.pool.submit(self.send_all, sender) for sender in range(SENDERS)]

    def send_all(self, sender):
        client = make_client("chime-sdk-messaging", self.world.carillon.endpoint)
        sent = []
        while not (self.until.is_set() if self.until else len(sent) == MESSAGES_EACH):
            with self.lock:
                self.begun += 1
            answer = client.send_channel_message(
                ChannelArn=self.world.channel,
                Content=f"{sender}:{len(sent)}",
                Type="STANDARD",
                Persistence="PERSISTENT",
                ChimeBearer=self.world.alice if sender % 2 else self.world.bob,
            )
            sent.append(answer["MessageId"])
        client.close()
        return sent

    def has_begun(self):
        with self.lock:
            return self.begun

    def sent(self):
        """The ids that each sender got, once all are done."""
        try:
            return [run.result(timeout=60) for run in self.runs]
        finally:
            self.pool.shutdown()


def listed(world):
    """All ids of the channel, oldest first, as ListChannelMessages has them."""
    ids, token = [], {}
    while True:
        page = world.messaging.list_channel_messages(
            ChannelArn=world.channel,
            ChimeBearer=world.alice,
            SortOrder="ASCENDING",
            MaxResults=50,
            **token,
        )
        ids += [message["MessageId"] for message in page["ChannelMessages"]]
        if "NextToken" not in page:
            return ids
        token = {"NextToken": page["NextToken"]}


def ids_of(events):
    assert {event.type for event in events} <= {"CREATE_CHANNEL_MESSAGE"}
    return [event.payload["MessageId"] for event in events]


def test_everyone_sees_the_order_of_the_commits(stage, world):
    users = (world.alice, world.alice, world.bob, world.admin)
    sessions = [stage.connect(user) for user in users]
    sent = Burst(world).sent()
    told = [ids_of(events) for events in stage.seen(*sessions)]
    assert all(ids == told[0] for ids in told)
    assert sorted(told[0]) == sorted(message_id for ids in sent for message_id in ids)
    for ids in sent:
        own = set(ids)
        assert [message_id for message_id in told[0] if message_id in own] == ids
    assert told[0] == listed(world)


def test_who_connects_during_a_burst_misses_nothing_afterwards(stage, world):
    enough = threading.Event()
    burst = Burst(world, until=enough)
    joined = []
    try:
        for user in (world.alice, world.bob, world.admin) * 3:
            session = stage.connect(user)
            # Whatever begins to be sent from here on it has to see.
            joined.append((session, burst.has_begun()))
    finally:
        enough.set()
    total = sum(len(ids) for ids in burst.sent())
    order = listed(world)
    assert len(order) == total
    for (session, begun), events in zip(joined, stage.seen(*(entry[0] for entry in joined))):
        ids = ids_of(events)
        assert len(ids) >= total - begun
        # The end of the order, without a gap: each at most once, none out of order.
        assert ids == order[len(order) - len(ids) :]


def test_changes_of_one_message_come_in_their_order(stage, world):
    bob = stage.connect(world.bob)
    message_id = world.send("0")["MessageId"]
    for number in range(1, 20):
        world.update(message_id, str(number))
    world.messaging.redact_channel_message(
        ChannelArn=world.channel, MessageId=message_id, ChimeBearer=world.alice
    )
    (events,) = stage.seen(bob)
    assert [event.type for event in events] == [
        "CREATE_CHANNEL_MESSAGE",
        *["UPDATE_CHANNEL_MESSAGE"] * 19,
        "REDACT_CHANNEL_MESSAGE",
    ]
    assert [event.content for event in events[:-1]] == [str(number) for number in range(20)]


def test_members_are_told_from_their_coming_to_their_going(stage, world):
    """While messages stream, mallory comes and goes: it sees its own coming, then an unbroken run
    of messages, then its own going, and nothing outside of that."""
    mallory, bob = stage.connect(world.mallory), stage.connect(world.bob)
    enough = threading.Event()
    burst = Burst(world, until=enough)
    membership = {"ChannelArn": world.channel, "MemberArn": world.mallory}
    try:
        for _ in range(5):
            world.messaging.create_channel_membership(
                Type="DEFAULT", ChimeBearer=world.admin, **membership
            )
            world.messaging.delete_channel_membership(ChimeBearer=world.admin, **membership)
    finally:
        enough.set()
        burst.sent()
    to_mallory, to_bob = stage.seen(mallory, bob)
    expected, inside = [], False
    for event in to_bob:
        comes = event.type == "CREATE_CHANNEL_MEMBERSHIP"
        goes = event.type == "DELETE_CHANNEL_MEMBERSHIP"
        inside = inside or comes
        if inside:
            expected.append(event)
        inside = inside and not goes
    assert to_mallory == expected
