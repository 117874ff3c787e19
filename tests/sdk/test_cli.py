"""The AWS CLI, as a process, the way people type it."""

import json
import pathlib
import subprocess
import sys

import pytest
from processor import Processor
from server_process import clean_environment
from test_flows import mask
from world import CREDENTIALS, FORBIDDEN_TEXT, processor_entry

TIMEOUT_S = 60


@pytest.fixture
def aws(carillon, tmp_path):
    """aws("chime-sdk-messaging list-channels", option=value...): the JSON that it prints. With
    fails=True: what it complains of."""
    environment = clean_environment(
        AWS_ENDPOINT_URL=carillon.endpoint,
        AWS_DEFAULT_REGION=CREDENTIALS["region_name"],
        AWS_ACCESS_KEY_ID=CREDENTIALS["aws_access_key_id"],
        AWS_SECRET_ACCESS_KEY=CREDENTIALS["aws_secret_access_key"],
        AWS_CONFIG_FILE=str(tmp_path / "config"),
        AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "credentials"),
        AWS_MAX_ATTEMPTS="1",
    )
    program = pathlib.Path(sys.executable).parent / "aws"

    def run(command, fails=False, **options):
        arguments = [str(program), *command.split(), "--output", "json"]
        for name, value in options.items():
            text = value if isinstance(value, str) else json.dumps(value)
            arguments += ["--" + name.replace("_", "-"), text]
        done = subprocess.run(
            arguments, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S
        )
        assert (done.returncode != 0) == fails, (arguments, done.stdout, done.stderr)
        if fails:
            return done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_a_conversation(aws, carillon, processor: Processor):
    processor.on("mask", mask)
    app_instance = aws("chime-sdk-identity create-app-instance", name="demo")["AppInstanceArn"]
    alice = aws(
        "chime-sdk-identity create-app-instance-user",
        app_instance_arn=app_instance,
        app_instance_user_id="alice",
        name="Alice 👋",
    )["AppInstanceUserArn"]
    channel = aws(
        "chime-sdk-messaging create-channel",
        app_instance_arn=app_instance,
        name="general",
        chime_bearer=alice,
    )["ChannelArn"]
    flow = aws(
        "chime-sdk-messaging create-channel-flow",
        app_instance_arn=app_instance,
        name="moderation",
        processors=[processor_entry("mask")],
    )["ChannelFlowArn"]
    in_channel = {"channel_arn": channel, "chime_bearer": alice}
    assert (
        aws("chime-sdk-messaging associate-channel-flow", **in_channel, channel_flow_arn=flow)
        is None
    )
    sent = aws(
        "chime-sdk-messaging send-channel-message",
        **in_channel,
        content="the secret 日本 is 42",
        type="STANDARD",
        persistence="PERSISTENT",
    )
    assert sent["Status"] == {"Value": "PENDING"}
    processor.wait_for_events(1)
    named = {**in_channel, "message_id": sent["MessageId"]}
    message = aws("chime-sdk-messaging get-channel-message", **named)["ChannelMessage"]
    assert message["Content"] == "the ****** 日本 is 42"
    assert message["Sender"] == {"Arn": alice, "Name": "Alice 👋"}
    assert message["Status"] == {"Value": "SENT"}

    # The processor has answered already; whoever answers now is told so.
    callback = processor.events()[0]["CallbackId"]
    error = aws(
        "chime-sdk-messaging channel-flow-callback",
        fails=True,
        channel_arn=channel,
        callback_id=callback,
        channel_message={"MessageId": sent["MessageId"]},
    )
    assert "(BadRequestException)" in error
    assert f"non-pending message for callback id: {callback}" in error

    listed = aws("chime-sdk-messaging list-channel-messages", **in_channel)
    assert [entry["MessageId"] for entry in listed["ChannelMessages"]] == [sent["MessageId"]]


def test_errors(aws, world):
    error = aws(
        "chime-sdk-messaging describe-channel",
        fails=True,
        channel_arn=world.channel,
        chime_bearer=world.mallory,
    )
    assert "An error occurred (ForbiddenException) when calling the DescribeChannel" in error
    assert FORBIDDEN_TEXT in error


def test_delete_prints_nothing(aws, world):
    assert (
        aws(
            "chime-sdk-messaging delete-channel",
            channel_arn=world.channel,
            chime_bearer=world.admin,
        )
        is None
    )
    channels = world.messaging.list_channels(
        AppInstanceArn=world.app_instance, ChimeBearer=world.admin
    )["Channels"]
    assert channels == []
