"""Accounts and regions are worlds of their own, as boto3 sees them."""

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from polling import eventually
from world import SESSION


def client(carillon, service, account, region="us-east-1"):
    return SESSION.client(
        service,
        endpoint_url=carillon.endpoint,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="any",
        config=Config(retries={"max_attempts": 0}),
    )


def test_the_likeliest_mistake_is_in_the_log(carillon):
    mine = client(carillon, "chime-sdk-identity", "111111111111")
    app = mine.create_app_instance(Name="app")["AppInstanceArn"]
    for account, region, what in (
        ("test", "us-east-1", "another account"),
        ("111111111111", "eu-central-1", "another region"),
    ):
        other = client(carillon, "chime-sdk-identity", account, region)
        with pytest.raises(other.exceptions.ForbiddenException):
            other.describe_app_instance(AppInstanceArn=app)
        (line,) = eventually(
            lambda what=what: [line for line in carillon.log().splitlines() if what in line], what
        )
        for part in (
            "operation=DescribeAppInstance",
            "arn_account=111111111111",
            "credentials_account=" + ("000000000000" if account == "test" else account),
            "credentials_region=" + region,
        ):
            assert part in line
    mine.describe_app_instance(AppInstanceArn=app)
    with pytest.raises(ClientError):
        mine.describe_app_instance(AppInstanceArn=app + "0")
    # The log is written in order: what those two wrote would stand before the line of the second.
    eventually(lambda: carillon.log().count("operation=DescribeAppInstance status=") == 4, "a line")
    assert carillon.log().count("than that of its credentials") == 2


def test_a_reset_of_one_account_leaves_the_others(carillon):
    apps = {}
    for account in ("111111111111", "222222222222"):
        identity = client(carillon, "chime-sdk-identity", account)
        apps[account] = identity.create_app_instance(Name="app")["AppInstanceArn"]
    status, _, _ = carillon.request("POST", "/_carillon/reset", {"Account": "111111111111"})
    assert status == 200
    for account, left in (("111111111111", 0), ("222222222222", 1)):
        identity = client(carillon, "chime-sdk-identity", account)
        assert len(identity.list_app_instances()["AppInstances"]) == left
