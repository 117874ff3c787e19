"""Errors as boto3 shows them: the modelled exception, the status, the exact text, a request id."""

import socket

import pytest
from botocore.exceptions import ClientError
from polling import eventually
from world import FORBIDDEN_TEXT, NOT_FOUND_TEXT, World, make_client, processor_entry

BEARER_TEXT = (
    "An invalid app instance user ARN was supplied for the x-amz-chime-bearer HTTP header."
)
INPUT_TEXT = "An invalid app instance user ARN was supplied for the input parameter."


def error_of(refused):
    return refused.value.response["Error"]


@pytest.fixture
def unchecked(carillon):
    """A client that sends what it is given, so that the server is what complains."""
    return make_client("chime-sdk-messaging", carillon.endpoint, parameter_validation=False)


def test_every_error_has_its_class_status_code_and_request_id(world):
    exceptions = world.messaging.exceptions
    world.send("x", ClientRequestToken="token-1")
    cases = [
        (lambda: world.list(NextToken="nonsense"), exceptions.BadRequestException, 400),
        (lambda: world.send("x", by=world.mallory), exceptions.ForbiddenException, 403),
        (lambda: world.get("unknown"), exceptions.NotFoundException, 404),
        (lambda: world.send("y", ClientRequestToken="token-1"), exceptions.ConflictException, 409),
    ]
    for request, exception, status in cases:
        with pytest.raises(exception) as refused:
            request()
        assert type(refused.value) is exception
        metadata = refused.value.response["ResponseMetadata"]
        assert metadata["HTTPStatusCode"] == status
        assert metadata["RequestId"]
        # The header carries the exception, the body the short code.
        assert metadata["HTTPHeaders"]["x-amzn-errortype"] == exception.__name__
        assert refused.value.response["Code"] + "Exception" == exception.__name__
        assert error_of(refused)["Message"] == refused.value.response["Message"]


@pytest.mark.carillon("--max-connections", "1")
def test_service_unavailable(carillon):
    # Whoever holds the only connection leaves none to others.
    with socket.create_connection(("127.0.0.1", carillon.port)):
        client = make_client("chime-sdk-identity", carillon.endpoint)
        with pytest.raises(client.exceptions.ServiceUnavailableException) as refused:
            client.list_app_instances()
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503

    def accepted():
        try:
            return client.list_app_instances()["AppInstances"] == []
        except client.exceptions.ServiceUnavailableException:
            return False

    eventually(accepted, "the connection that was freed is given to others")


def test_bearers(world):
    other = World(world.carillon)
    request = {
        "ChannelArn": world.channel,
        "Content": "x",
        "Type": "STANDARD",
        "Persistence": "PERSISTENT",
    }
    for bearer, text in [
        (world.app_instance + "/user/nobody", BEARER_TEXT),
        (other.alice, BEARER_TEXT),
        (world.mallory, FORBIDDEN_TEXT),
    ]:
        with pytest.raises(world.messaging.exceptions.ForbiddenException) as refused:
            world.messaging.send_channel_message(**request, ChimeBearer=bearer)
        assert error_of(refused)["Message"] == text


def test_users_in_the_input(world):
    for member in (world.app_instance + "/user/nobody", World(world.carillon).alice):
        with pytest.raises(world.messaging.exceptions.ForbiddenException) as refused:
            world.messaging.create_channel_membership(
                ChannelArn=world.channel,
                MemberArn=member,
                Type="DEFAULT",
                ChimeBearer=world.admin,
            )
        assert error_of(refused)["Message"] == INPUT_TEXT


def test_missing_resources(world):
    unknown = world.app_instance + "/channel/unknown"
    # NotFound where the operation models it, Forbidden elsewhere.
    with pytest.raises(world.messaging.exceptions.NotFoundException) as refused:
        world.messaging.get_channel_message(
            ChannelArn=unknown, MessageId="m", ChimeBearer=world.alice
        )
    assert error_of(refused)["Message"] == NOT_FOUND_TEXT
    with pytest.raises(world.messaging.exceptions.ForbiddenException) as refused:
        world.messaging.describe_channel(ChannelArn=unknown, ChimeBearer=world.alice)
    assert error_of(refused)["Message"] == FORBIDDEN_TEXT


def test_an_arn_of_the_wrong_kind(world):
    with pytest.raises(world.messaging.exceptions.BadRequestException) as refused:
        world.messaging.describe_channel(ChannelArn=world.alice, ChimeBearer=world.alice)
    assert world.alice in error_of(refused)["Message"]


def test_validation_errors_name_every_violation(world, unchecked):
    with pytest.raises(unchecked.exceptions.BadRequestException) as refused:
        unchecked.channel_flow_callback(
            ChannelArn=world.channel, CallbackId="short", ChannelMessage={"MessageId": "m" * 129}
        )
    long_id = "m" * 129
    assert error_of(refused)["Message"] == (
        "2 validation errors detected: "
        "Value 'short' at 'callbackId' failed to satisfy constraint: "
        "Member must have length greater than or equal to 32; "
        f"Value '{long_id}' at 'channelMessage.messageId' failed to satisfy constraint: "
        "Member must have length less than or equal to 128"
    )


def test_a_missing_member(world, unchecked):
    with pytest.raises(unchecked.exceptions.BadRequestException) as refused:
        unchecked.send_channel_message(
            ChannelArn=world.channel,
            Content="x",
            Persistence="PERSISTENT",
            ChimeBearer=world.alice,
        )
    assert error_of(refused)["Message"] == (
        "1 validation error detected: Value null at 'type' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_a_value_that_is_no_enum_member(world):
    # boto3 does not check enums: this is how the developer would see it.
    with pytest.raises(world.messaging.exceptions.BadRequestException) as refused:
        world.send("x", Type="LOUD")
    assert error_of(refused)["Message"] == (
        "1 validation error detected: Value 'LOUD' at 'type' failed to satisfy constraint: "
        "Member must satisfy enum value set: [STANDARD, CONTROL]"
    )


def test_sensitive_values_are_withheld(world):
    with pytest.raises(world.messaging.exceptions.BadRequestException) as refused:
        world.send("x", Metadata="hush" * 300)
    text = error_of(refused)["Message"]
    assert "Value at 'metadata' failed to satisfy constraint" in text
    assert "hush" not in text


@pytest.mark.carillon("--validation-error", "ValidationException")
def test_the_other_name_of_validation_errors(world):
    with pytest.raises(ClientError) as refused:
        world.send("x", Type="LOUD")
    assert error_of(refused)["Code"] == "ValidationException"


def test_a_wrong_type(world, unchecked):
    with pytest.raises(ClientError) as refused:
        unchecked.create_channel(
            AppInstanceArn=world.app_instance, Name=["no", "text"], ChimeBearer=world.alice
        )
    assert error_of(refused)["Code"] == "SerializationException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_messages_that_are_too_large(world):
    assert world.send("é" * 2048)["Status"]["Value"] == "SENT"
    with pytest.raises(world.messaging.exceptions.BadRequestException) as refused:
        world.send("é" * 2048 + "x")
    assert error_of(refused)["Message"] == "Channel Messages size limit exceeded"
    with pytest.raises(world.messaging.exceptions.BadRequestException):
        world.send("x" * 31, Type="CONTROL")


def test_two_processors_at_one_place(world):
    with pytest.raises(world.messaging.exceptions.BadRequestException):
        world.add_flow(processor_entry("one", 1), processor_entry("two", 1))
