"""What the documentation says to paste works when it is pasted."""

import json
import pathlib
import subprocess
import sys

import boto3
import botocore.session
import pytest
from documents import blocks, the_block
from server_process import binary, clean_environment
from world import CREDENTIALS

DOCUMENTED_ENDPOINT = "http://127.0.0.1:7464"
TIMEOUT_S = 120


@pytest.fixture
def run(carillon, tmp_path):
    """Runs a pasted text against this server; returns what it prints."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("python3", "aws"):
        (tools / name).symlink_to(pathlib.Path(sys.executable).parent / name)
    (tools / "carillon").symlink_to(binary())
    nobody = str(tmp_path / "none")
    environment = clean_environment(AWS_CONFIG_FILE=nobody, AWS_SHARED_CREDENTIALS_FILE=nobody)
    environment["PATH"] = f"{tools}:{environment['PATH']}"
    environment["CARILLON_LISTEN_ENDPOINT"] = carillon.endpoint

    def paste(text, *program):
        done = subprocess.run(
            [*program, text.replace(DOCUMENTED_ENDPOINT, carillon.endpoint)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return paste


def test_the_conversation_with_boto3(run):
    block = the_block("README.md", "python", "channel_flow_callback")
    printed = run(block, sys.executable, "-c").splitlines()
    assert printed == ["{'Value': 'PENDING'}", "the secret is ** {'Value': 'SENT'}"]


def test_the_recipe_for_python(run):
    block = the_block("docs/sdks.md", "python", "boto3.client")
    assert "(ForbiddenException) when calling the ListChannels operation" in run(
        block, sys.executable, "-c"
    )


def test_the_recipe_for_curl(run, world):
    message_id = world.send("hello")["MessageId"]
    block = the_block("docs/sdks.md", "sh", "curl")
    people = f"set -eu\nchannel={world.channel}\nalice={world.alice}\n"
    assert message_id in run(people + block, "bash", "-c")


def test_the_recipe_for_the_configuration_file(carillon, monkeypatch, tmp_path):
    (block,) = blocks("docs/sdks.md", "ini")
    (tmp_path / "config").write_text(block.replace(DOCUMENTED_ENDPOINT, carillon.endpoint))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for service in ("chime-sdk-identity", "chime-sdk-messaging"):
        session = boto3.session.Session(botocore_session=botocore.session.Session())
        assert session.client(service, **CREDENTIALS).meta.endpoint_url == carillon.endpoint


def test_the_conversation_with_the_aws_cli(run):
    block = the_block("README.md", "sh", "create-app-instance")
    printed = run("set -eu\n" + block, "bash", "-c")
    assert '"Content": "the secret is **"' in printed
    assert '"Value": "SENT"' in printed


def test_watching_it_live(run):
    conversation = the_block("README.md", "sh", "create-app-instance")
    live = the_block("README.md", "sh", "run listen").replace("./dev run", "carillon")
    printed = run("set -eu\n" + conversation + live, "bash", "-c").splitlines()
    told = [json.loads(line) for line in printed if line.startswith('{"Type"')]
    assert [(event["Type"], event["Payload"]["Content"]) for event in told] == [
        ("PENDING_CREATE_CHANNEL_MESSAGE", "the answer is 42"),
        ("CREATE_CHANNEL_MESSAGE", "the answer is **"),
    ]
