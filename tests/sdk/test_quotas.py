"""--quotas: what an SDK sees of request rates and numbers of resources."""

import pytest
from world import make_client, processor_entry

ENFORCE = pytest.mark.carillon("--quotas", "enforce")


@ENFORCE
def test_too_many_requests_are_throttled(carillon):
    identity = make_client("chime-sdk-identity", carillon.endpoint)
    # Five a second, and what fills up while we ask.
    with pytest.raises(identity.exceptions.ThrottledClientException) as refused:
        for _ in range(1_000):
            identity.create_app_instance(Name="one too many")
    response = refused.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert response["Error"]["Message"] == (
        "Rate exceeded: at most 5 a second, of creations, updates and deletions of app instances."
    )


def test_by_default_nothing_is_throttled(identity):
    for _ in range(110):
        identity.create_app_instance(Name="as many as you like")


@ENFORCE
def test_too_many_resources_are_refused(carillon):
    identity = make_client("chime-sdk-identity", carillon.endpoint)
    messaging = make_client("chime-sdk-messaging", carillon.endpoint)
    app_instance = identity.create_app_instance(Name="world")["AppInstanceArn"]
    with pytest.raises(messaging.exceptions.ResourceLimitExceededException) as refused:
        messaging.create_channel_flow(
            AppInstanceArn=app_instance,
            Name="long",
            Processors=[processor_entry("a"), processor_entry("b", order=2)],
        )
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert refused.value.response["Error"]["Message"] == (
        "The quota is exceeded: at most 1 processors of a channel flow."
    )
