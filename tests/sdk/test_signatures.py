"""--sigv4 with requests that boto3 signs."""

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from polling import eventually
from world import SESSION

KEY, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-central-1"
ENFORCED = pytest.mark.carillon("--sigv4", "enforce", "--credential", f"{KEY}={SECRET}")


def client(carillon, service, key=KEY, secret=SECRET, token=None):
    return SESSION.client(
        service,
        endpoint_url=carillon.endpoint,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"max_attempts": 0}),
    )


def converse(carillon, **credentials):
    identity = client(carillon, "chime-sdk-identity", **credentials)
    messaging = client(carillon, "chime-sdk-messaging", **credentials)
    app = identity.create_app_instance(Name="app é ☃")["AppInstanceArn"]
    user = identity.create_app_instance_user(
        AppInstanceArn=app, AppInstanceUserId="us-east-1:a_b.c@d", Name="User"
    )["AppInstanceUserArn"]
    channel = messaging.create_channel(AppInstanceArn=app, Name="c", ChimeBearer=user)["ChannelArn"]
    for number in range(3):
        messaging.send_channel_message(
            ChannelArn=channel,
            Content=f"é ☃ {number}",
            Type="STANDARD",
            Persistence="PERSISTENT",
            ChimeBearer=user,
        )
    page = messaging.list_channel_messages(ChannelArn=channel, MaxResults=2, ChimeBearer=user)
    rest = messaging.list_channel_messages(
        ChannelArn=channel, MaxResults=2, NextToken=page["NextToken"], ChimeBearer=user
    )
    assert len(page["ChannelMessages"] + rest["ChannelMessages"]) == 3
    assert f":{REGION}:" in app
    messaging.delete_channel(ChannelArn=channel, ChimeBearer=user)


@ENFORCED
def test_signed_requests_are_let_in(carillon):
    converse(carillon)
    # A session token that Carillon was not told of is signed, and that is all.
    converse(carillon, token="a/session+token==")


@ENFORCED
@pytest.mark.parametrize(
    "credentials, error",
    [
        ({"secret": "wrong"}, "InvalidSignatureException"),
        ({"key": "AKIDOTHER"}, "UnrecognizedClientException"),
    ],
)
def test_others_are_refused_with_the_error_that_services_of_aws_give(carillon, credentials, error):
    with pytest.raises(ClientError) as refusal:
        client(carillon, "chime-sdk-identity", **credentials).list_app_instances()
    assert refusal.value.response["Error"]["Code"] == error
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@ENFORCED
def test_unsigned_requests_are_refused(carillon):
    status, headers, document = carillon.request("GET", "/app-instances")
    assert status == 403
    assert headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"
    assert document["Message"] == "Missing Authentication Token"
    assert carillon.admin("health")["Status"] == "ok"


def signed_by(signer, carillon, path):
    request = AWSRequest("GET", carillon.endpoint + path)
    signer.add_auth(request)
    target = request.prepare().url.removeprefix(carillon.endpoint)
    status, headers, _ = carillon.request("GET", target, headers=dict(request.headers))
    return status, headers["x-amzn-ErrorType"]


@ENFORCED
def test_presigned_urls(carillon):
    good = SigV4QueryAuth(Credentials(KEY, SECRET), "chime", REGION, expires=60)
    assert signed_by(good, carillon, "/app-instances?max-results=5") == (200, None)
    wrong = SigV4QueryAuth(Credentials(KEY, "wrong"), "chime", REGION, expires=60)
    assert signed_by(wrong, carillon, "/app-instances") == (403, "InvalidSignatureException")
    for_long = SigV4QueryAuth(Credentials(KEY, SECRET), "chime", REGION, expires=604_801)
    assert signed_by(for_long, carillon, "/app-instances") == (400, "IncompleteSignatureException")


@ENFORCED
def test_another_service_is_refused(carillon):
    signer = SigV4Auth(Credentials(KEY, SECRET), "s3", REGION)
    assert signed_by(signer, carillon, "/app-instances") == (403, "InvalidSignatureException")


def test_secrets_come_from_a_file_of_the_aws_cli(start_carillon, tmp_path):
    file = tmp_path / "credentials"
    file.write_text(
        f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
        "[session]\naws_access_key_id = 111122223333\naws_secret_access_key = s\n"
        "aws_session_token = t\n"
    )
    carillon = start_carillon("--sigv4", "enforce", "--credentials-file", str(file))
    converse(carillon)
    converse(carillon, key="111122223333", secret="s", token="t")
    with pytest.raises(ClientError) as refusal:
        client(
            carillon, "chime-sdk-identity", key="111122223333", secret="s", token="u"
        ).list_app_instances()
    assert refusal.value.response["Error"]["Code"] == "UnrecognizedClientException"


@pytest.mark.carillon("--sigv4", "warn", "--credential", f"{KEY}={SECRET}")
def test_a_warning_lets_everybody_in(carillon):
    converse(carillon, secret="wrong")
    eventually(lambda: "error=InvalidSignatureException" in carillon.log(), "a warning")
    assert SECRET not in carillon.log()
