"""ClientRequestToken: the same token and the same request is the same request."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from processor import PASS
from world import make_client, processor_entry


def test_a_repeated_send_is_one_message_and_one_invocation(world, processor):
    processor.on("pass", lambda event: PASS)
    world.add_flow(processor_entry("pass"))
    first = world.send("once", ClientRequestToken="token-1")
    world.wait_for_status(first["MessageId"], "SENT")
    second = world.send("once", ClientRequestToken="token-1")
    # The same answer, though the message has been sent meanwhile.
    for answer in (first, second):
        answer.pop("ResponseMetadata")
    assert second == first
    assert len(processor.events()) == 1
    assert len(world.callbacks()) == 1
    assert len(world.list()) == 1


def test_the_same_token_with_another_request_is_a_conflict(world):
    world.send("once", ClientRequestToken="token-1")
    with pytest.raises(world.messaging.exceptions.ConflictException):
        world.send("twice", ClientRequestToken="token-1")
    assert [message["Content"] for message in world.list()] == ["once"]


def test_a_token_is_its_senders_and_channels_own(world):
    elsewhere = world.add_channel("elsewhere")
    sent = {
        world.send("x", ClientRequestToken="token-1")["MessageId"],
        world.send("y", by=world.bob, ClientRequestToken="token-1")["MessageId"],
        world.send("z", ChannelArn=elsewhere, ClientRequestToken="token-1")["MessageId"],
    }
    assert len(sent) == 3


def test_a_refused_request_does_not_use_up_its_token(world):
    with pytest.raises(world.messaging.exceptions.ForbiddenException):
        world.send("x", by=world.mallory, ClientRequestToken="token-1")
    world.messaging.create_channel_membership(
        ChannelArn=world.channel, MemberArn=world.mallory, Type="DEFAULT", ChimeBearer=world.admin
    )
    assert world.send("x", by=world.mallory, ClientRequestToken="token-1")["MessageId"]


def test_repeats_that_arrive_together_are_one_message(world):
    world.add_flow(processor_entry("held"))
    clients = [make_client("chime-sdk-messaging", world.carillon.endpoint) for _ in range(6)]

    def send(client):
        return client.send_channel_message(
            ChannelArn=world.channel,
            Content="once",
            Type="STANDARD",
            Persistence="PERSISTENT",
            ClientRequestToken="token-1",
            ChimeBearer=world.alice,
        )["MessageId"]

    with ThreadPoolExecutor(len(clients)) as threads:
        assert len(set(threads.map(send, clients))) == 1
    assert len(world.callbacks()) == 1


def test_creating_twice_with_one_token_creates_one(world):
    by_alice = {"AppInstanceArn": world.app_instance, "ChimeBearer": world.alice}
    repeats = [
        (
            world.identity.create_app_instance,
            {"Name": "a", "ClientRequestToken": "token-1"},
            "AppInstanceArn",
        ),
        (
            world.identity.create_app_instance_user,
            {
                "AppInstanceArn": world.app_instance,
                "AppInstanceUserId": "carol",
                "Name": "Carol",
                "ClientRequestToken": "token-1",
            },
            "AppInstanceUserArn",
        ),
        (
            world.messaging.create_channel,
            {**by_alice, "Name": "c", "ClientRequestToken": "token-1"},
            "ChannelArn",
        ),
        (
            world.messaging.create_channel_flow,
            {
                "AppInstanceArn": world.app_instance,
                "Name": "f",
                "Processors": [processor_entry("one")],
                "ClientRequestToken": "token-1",
            },
            "ChannelFlowArn",
        ),
    ]
    for create, request, arn in repeats:
        assert create(**request)[arn] == create(**request)[arn]
        with pytest.raises(create.__self__.exceptions.ConflictException):
            create(**{**request, "Name": "another name"})
    assert len(world.identity.list_app_instances()["AppInstances"]) == 2
    assert len(world.messaging.list_channels(**by_alice)["Channels"]) == 1


def test_without_a_token_every_request_is_a_new_one(world):
    assert world.send("x")["MessageId"] != world.send("x")["MessageId"]
