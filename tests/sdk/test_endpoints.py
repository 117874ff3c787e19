"""The ways to point boto3 at Carillon that need no change of code, and whose requests they are."""

import boto3
import botocore.session
import pytest
from botocore.config import Config


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """A developer's environment: credentials, nothing else, and no files of the machine's user."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    return monkeypatch


def create_app_instance(**client_arguments):
    session = boto3.session.Session(botocore_session=botocore.session.Session())
    client = session.client("chime-sdk-identity", **client_arguments)
    return client.create_app_instance(Name="demo")["AppInstanceArn"]


def test_one_variable_for_every_service(carillon, environment):
    environment.setenv("AWS_ENDPOINT_URL", carillon.endpoint)
    # The region is that of the signature; an access key that is no account has the default one.
    arn = create_app_instance()
    assert arn.startswith("arn:aws:chime:eu-central-1:000000000000:app-instance/")


def test_one_variable_for_each_service(carillon, environment):
    environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    environment.setenv("AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY", carillon.endpoint)
    assert create_app_instance()


def test_the_configuration_file(carillon, environment, tmp_path):
    (tmp_path / "config").write_text(
        "[default]\nservices = carillon\n\n[services carillon]\n"
        f"chime_sdk_identity =\n  endpoint_url = {carillon.endpoint}\n"
    )
    assert create_app_instance()


def test_an_endpoint_with_a_slash_at_its_end(carillon, environment):
    assert create_app_instance(endpoint_url=carillon.endpoint + "/")


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_every_retry_mode(carillon, environment, mode):
    config = Config(retries={"mode": mode})
    assert create_app_instance(endpoint_url=carillon.endpoint, config=config)


def test_the_access_key_is_the_account(carillon, environment):
    environment.setenv("AWS_ACCESS_KEY_ID", "444455556666")
    environment.setenv("AWS_ENDPOINT_URL", carillon.endpoint)
    arn = create_app_instance(region_name="us-east-1")
    assert arn.startswith("arn:aws:chime:us-east-1:444455556666:app-instance/")
    # Accounts do not see each other's app instances.
    environment.setenv("AWS_ACCESS_KEY_ID", "777788889999")
    other = boto3.session.Session(botocore_session=botocore.session.Session()).client(
        "chime-sdk-identity", region_name="us-east-1"
    )
    assert other.list_app_instances()["AppInstances"] == []


@pytest.mark.carillon("--account", "123123123123")
def test_the_account_of_keys_that_are_none(carillon, environment):
    assert ":123123123123:" in create_app_instance(endpoint_url=carillon.endpoint)
