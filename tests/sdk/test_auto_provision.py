"""--auto-provision: an application with ARNs of its real account, and no set-up."""

import pytest
from botocore.config import Config
from polling import eventually
from world import SESSION

APP = "arn:aws:chime:eu-central-1:123456789012:app-instance/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
ALICE, BOB = f"{APP}/user/alice", f"{APP}/user/bob"


def client(carillon, service, key="AKIDTEST"):
    return SESSION.client(
        service,
        endpoint_url=carillon.endpoint,
        region_name="eu-central-1",
        aws_access_key_id=key,
        aws_secret_access_key="any",
        config=Config(retries={"max_attempts": 0}),
    )


@pytest.mark.carillon("--auto-provision")
def test_a_conversation_without_set_up(carillon):
    messaging = client(carillon, "chime-sdk-messaging")
    channel = messaging.create_channel(
        AppInstanceArn=APP, Name="c", ChimeBearer=ALICE, MemberArns=[BOB]
    )["ChannelArn"]
    messaging.send_channel_message(
        ChannelArn=channel,
        Content=f"{APP}/user/nobody",
        Type="STANDARD",
        Persistence="PERSISTENT",
        ChimeBearer=BOB,
    )
    listed = messaging.list_channel_messages(ChannelArn=channel, ChimeBearer=ALICE)
    assert [message["Sender"]["Name"] for message in listed["ChannelMessages"]] == ["bob"]

    births = carillon.admin("provisioned")["Provisioned"]
    assert [birth["Arn"] for birth in births] == [APP, ALICE, BOB]
    assert all(birth["CreatedTimestamp"] > 1_700_000_000 for birth in births)
    page = carillon.admin("provisioned", max_results=2)
    rest = carillon.admin("provisioned", max_results=2, next_token=page["NextToken"])
    assert page["Provisioned"] + rest["Provisioned"] == births
    for arn in (APP, ALICE, BOB):
        line = f"came to exist because a request named it arn={arn}\n"
        assert eventually(lambda line=line: carillon.log().count(line), line) == 1

    # A key that is an account stays that account.
    other = client(carillon, "chime-sdk-messaging", "999999999999")
    with pytest.raises(other.exceptions.ForbiddenException):
        other.describe_channel(ChannelArn=channel, ChimeBearer=ALICE)


@pytest.mark.carillon("--auto-provision")
def test_births_survive_the_refusal_of_what_caused_them(carillon):
    messaging = client(carillon, "chime-sdk-messaging")
    with pytest.raises(messaging.exceptions.ForbiddenException):
        messaging.describe_channel(ChannelArn=f"{APP}/channel/none", ChimeBearer=ALICE)
    identity = client(carillon, "chime-sdk-identity")
    assert [app["AppInstanceArn"] for app in identity.list_app_instances()["AppInstances"]] == []
    births = carillon.admin("provisioned")["Provisioned"]
    assert [birth["Arn"] for birth in births] == [APP, ALICE]
    # Nothing named an ARN in the listing above, so its account was --account.
    owner = client(carillon, "chime-sdk-identity", "123456789012")
    assert [app["AppInstanceArn"] for app in owner.list_app_instances()["AppInstances"]] == [APP]
    assert carillon.request("POST", "/_carillon/reset?account=123456789012")[0] == 200
    assert carillon.admin("provisioned")["Provisioned"] == []
    assert owner.list_app_instances()["AppInstances"] == []


def test_nothing_comes_to_exist_unasked(carillon):
    messaging = client(carillon, "chime-sdk-messaging", "123456789012")
    with pytest.raises(messaging.exceptions.ForbiddenException):
        messaging.create_channel(AppInstanceArn=APP, Name="c", ChimeBearer=ALICE)
    assert carillon.admin("provisioned")["Provisioned"] == []
