"""The admin endpoint: what it shows, what it changes, and how it refuses."""

import urllib.parse

import pytest
from polling import eventually
from processor import PASS
from test_flows import mask
from world import World, function_arn, processor_entry


def segment(text):
    return urllib.parse.quote(text, safe="")


def refuse(carillon, method, path, body=None):
    """(status, exception, text) of a request that has to fail."""
    status, headers, document = carillon.request(method, "/_carillon/" + path, body)
    assert status >= 400
    assert headers["x-amzn-RequestId"]
    assert headers["Content-Type"] == "application/json"
    assert set(document) == {"Code", "Message"}
    return status, headers["x-amzn-ErrorType"], document["Message"]


def test_health(carillon):
    health = carillon.admin("health")
    assert health["Status"] == "ok"
    assert health["Data"] == "ephemeral"
    assert health["Version"]
    assert 0 <= health["UptimeSeconds"] < 600
    assert health["Connections"] >= 1


@pytest.mark.carillon(data=True)
def test_health_says_where_the_data_is(carillon):
    assert str(carillon.data) in carillon.admin("health")["Data"]


def test_callbacks_and_their_filters(world):
    world.add_flow(processor_entry("held"))
    elsewhere = world.add_channel("elsewhere")
    world.add_flow(processor_entry("other"), channel=elsewhere)
    done = world.send("done")["MessageId"]
    world.call_back(world.held(done))
    denied = world.send("denied")["MessageId"]
    world.call_back(world.held(denied), DeleteResource=True)
    waits = world.send("waits")["MessageId"]
    far = world.send("far", ChannelArn=elsewhere)["MessageId"]

    def found(**filters):
        return [callback["MessageId"] for callback in world.callbacks(**filters)]

    assert found() == [far, waits, denied, done]  # newest first
    assert found(status="PENDING") == [far, waits]
    assert found(status="COMPLETED") == [done]
    assert found(status="DENIED") == [denied]
    assert found(status="FAILED") == found(status="EXPIRED") == []
    assert found(channel_arn=world.channel) == [waits, denied, done]
    assert found(channel_arn=elsewhere, status="PENDING") == [far]
    assert found(message_id=waits) == [waits]
    assert found(message_id=waits, status="DENIED") == []
    assert found(message_id="unknown") == []

    (callback,) = world.callbacks(message_id=waits)
    event = callback.pop("Event")
    assert event["CallbackId"] == callback.pop("CallbackId")
    assert event["ChannelMessage"]["Content"] == "waits"
    assert callback.pop("CreatedTimestamp") < callback.pop("DeadlineTimestamp")
    assert callback == {
        "ChannelArn": world.channel,
        "MessageId": waits,
        "Processor": {
            "Name": "processor held",
            "ResourceArn": function_arn("held"),
            "FallbackAction": "ABORT",
        },
        "Status": "PENDING",
        "Invocation": "HELD",
    }
    (resolved,) = world.callbacks(message_id=done)
    assert resolved["ResolvedTimestamp"] >= resolved["CreatedTimestamp"]


def test_messages_of_every_status(world):
    sent = world.send("sent")["MessageId"]
    world.add_flow(processor_entry("held"))
    pending = world.send("pending")["MessageId"]
    world.update(sent, "updated")
    shown = world.carillon.admin("messages", channel_arn=world.channel)["Messages"]
    assert [
        (
            entry["ChannelMessage"]["MessageId"],
            entry["ChannelMessage"]["Content"],
            entry["ChannelMessage"]["Status"]["Value"],
            entry.get("PendingUpdate"),
        )
        for entry in shown
    ] == [
        (sent, "sent", "SENT", {"Content": "updated"}),
        (pending, "pending", "PENDING", None),
    ]


def test_channels_and_channel_flows(world):
    flow = world.add_flow(processor_entry("held", fallback="CONTINUE"))
    (channel,) = world.carillon.admin("channels")["Channels"]
    assert channel.pop("CreatedTimestamp") <= channel.pop("LastUpdatedTimestamp")
    assert channel == {
        "ChannelArn": world.channel,
        "Name": "general",
        "Mode": "RESTRICTED",
        "Privacy": "PRIVATE",
        "ChannelFlowArn": flow,
        "CreatedBy": {"Arn": world.admin, "Name": "Admin"},
    }
    (shown,) = world.carillon.admin("channel-flows")["ChannelFlows"]
    assert shown.pop("CreatedTimestamp") == shown.pop("LastUpdatedTimestamp")
    assert shown == {
        "ChannelFlowArn": flow,
        "Name": "flow",
        "Processors": [
            {
                "Name": "processor held",
                "ResourceArn": function_arn("held"),
                "ExecutionOrder": 1,
                "FallbackAction": "CONTINUE",
            }
        ],
    }


BAD_QUERIES = [
    ("callbacks?state=PENDING", "'state'"),
    ("callbacks?status=pending", "'pending'"),
    ("callbacks?max-results=0", "'max-results'"),
    ("callbacks?max-results=1001", "'max-results'"),
    ("callbacks?max-results=many", "'max-results'"),
    ("callbacks?next-token=nonsense", "NextToken"),
    ("callbacks?status=PENDING&status=DENIED", "twice"),
    ("callbacks?message-id=%ff", "'message-id'"),
    ("callbacks?channel-arn=general", "channel-arn"),
    ("messages", "'channel-arn'"),
    ("messages?channel-arn=", "'channel-arn'"),
    ("messages?channel-arn=nonsense", "channel-arn"),
    ("channels?status=PENDING", "'status'"),
    ("channel-flows?max-results=-1", "'max-results'"),
]


@pytest.mark.parametrize("path, named", BAD_QUERIES, ids=[path for path, _ in BAD_QUERIES])
def test_a_bad_query_is_refused_by_name(carillon, path, named):
    status, exception, text = refuse(carillon, "GET", path)
    assert (status, exception) == (400, "BadRequestException")
    assert named in text


def test_a_channel_that_is_not_there(world):
    unknown = segment(world.app_instance + "/channel/unknown")
    for path in ("messages", "callbacks"):
        status, exception, _ = refuse(world.carillon, "GET", f"{path}?channel-arn={unknown}")
        assert (status, exception) == (404, "NotFoundException")


def test_unknown_paths_and_methods(carillon):
    for path in ("nothing", "callbacks/1", "processors/a/b", ""):
        status, exception, text = refuse(carillon, "GET", path)
        assert (status, exception) == (404, "UnknownOperationException")
        assert "/_carillon/callbacks" in text
    status, headers, document = carillon.request("POST", "/_carillon/callbacks", {})
    assert (status, headers["Allow"]) == (405, "GET")
    assert "POST" in document["Message"]


# ---- processors ----


def put(carillon, name, url, **members):
    return carillon.request(
        "PUT", f"/_carillon/processors/{segment(name)}", {"Url": url, **members}
    )


def test_processors_at_run_time(start_carillon, processor):
    carillon = start_carillon()
    assert carillon.admin("processors") == {"Processors": [], "LambdaEndpoint": None}
    for name in ("word-filter", function_arn("word-filter")):
        status, _, document = put(carillon, name, processor.url)
        assert status == 200
        expected = {
            "Processor": name,
            "Url": processor.url,
            "NameForm": "bare",
            "InvocationType": "Event",
            "Concurrency": 16,
        }
        assert document == {"Processor": expected}
        assert carillon.admin("processors/" + segment(name)) == document
        assert carillon.admin("processors")["Processors"] == [expected]
        status, _, _ = carillon.request("DELETE", f"/_carillon/processors/{segment(name)}")
        assert status == 204
        assert carillon.admin("processors")["Processors"] == []
        for method in ("GET", "DELETE"):
            status, exception, text = refuse(carillon, method, f"processors/{segment(name)}")
            assert (status, exception) == (404, "NotFoundException")
            assert name in text


def test_what_was_held_is_delivered_once_a_processor_is_put(start_carillon, processor):
    carillon = start_carillon()
    world = World(carillon)
    processor.serves(carillon)
    processor.on("mask", mask)
    world.add_flow(processor_entry("mask"))
    held = world.send("held secret")["MessageId"]
    assert world.held(held)["Invocation"] == "HELD"

    put(carillon, "mask", processor.url)
    assert world.wait_for_status(held, "SENT")["Content"] == "held ******"
    direct = world.send("direct secret")["MessageId"]
    assert world.wait_for_status(direct, "SENT")["Content"] == "direct ******"

    carillon.request("DELETE", "/_carillon/processors/mask")
    again = world.send("again")["MessageId"]
    assert world.held(again)["Invocation"] == "HELD"
    assert len(processor.events()) == 2


def test_a_processors_own_target_comes_before_the_lambda_endpoint(world, processor):
    processor.on("mask", mask)
    processor.on("fixed", lambda event: {"Content": "by the fixed function"})
    world.add_flow(processor_entry("mask"))
    put(world.carillon, function_arn("mask"), processor.url, NameForm="fixed:fixed")
    message_id = world.send("secret")["MessageId"]
    message = world.wait_for_status(message_id, "SENT")
    assert message["Content"] == "by the fixed function"
    world.carillon.request("DELETE", f"/_carillon/processors/{segment(function_arn('mask'))}")
    message_id = world.send("secret")["MessageId"]
    assert world.wait_for_status(message_id, "SENT")["Content"] == "******"


def test_one_processor_by_flag(start_carillon, processor):
    processor.on("mask", mask)
    carillon = start_carillon("--processor", f"mask={processor.url}")
    processor.serves(carillon)
    world = World(carillon)
    world.add_flow(processor_entry("mask", 1), processor_entry("held", 2))
    message_id = world.send("secret")["MessageId"]
    eventually(lambda: len(world.callbacks(message_id=message_id)) == 2, "the second step")
    second = world.held(message_id)
    assert second["Invocation"] == "HELD"
    assert second["Event"]["ChannelMessage"]["Content"] == "******"


@pytest.mark.parametrize("name_form", ["bare", "arn"])
@pytest.mark.parametrize("invocation_type", ["Event", "RequestResponse"])
def test_name_forms_and_invocation_types(start_carillon, processor, name_form, invocation_type):
    processor.on("mask", mask)
    carillon = start_carillon(
        "--lambda-endpoint", processor.url,
        "--lambda-name-form", name_form,
        "--lambda-invocation-type", invocation_type,
    )  # fmt: skip
    processor.serves(carillon)
    world = World(carillon)
    world.add_flow(processor_entry("mask"))
    message_id = world.send("secret")["MessageId"]
    assert world.wait_for_status(message_id, "SENT")["Content"] == "******"


BAD_TARGETS = [
    ({}, "Url"),
    ({"Url": "nonsense"}, "nonsense"),
    ({"Url": "ftp://127.0.0.1"}, "ftp://127.0.0.1"),
    ({"Url": 7}, "Url"),
    ({"Url": "http://127.0.0.1:1", "NameForm": "short"}, "NameForm"),
    ({"Url": "http://127.0.0.1:1", "InvocationType": "Sometimes"}, "InvocationType"),
    ({"Url": "http://127.0.0.1:1", "Concurrency": 0}, "Concurrency"),
    ({"Url": "http://127.0.0.1:1", "Concurrency": "many"}, "Concurrency"),
    ({"Url": "http://127.0.0.1:1", "Retries": 3}, "Retries"),
]


@pytest.mark.parametrize("body, named", BAD_TARGETS)
def test_a_bad_target_is_refused_by_name(carillon, body, named):
    status, exception, text = refuse(carillon, "PUT", "processors/mask", body)
    assert (status, exception) == (400, "BadRequestException")
    assert named in text
    assert carillon.admin("processors")["Processors"] == []


def test_every_wrong_member_of_a_target_is_told(carillon):
    body = {"Url": "nonsense", "Concurrency": -1, "Retries": 3}
    _, _, text = refuse(carillon, "PUT", "processors/mask", body)
    assert "Url" in text and "Concurrency" in text and "Retries" in text


def test_a_target_that_is_no_json(carillon):
    for body in (b"{", b"[]", b"\xff", b""):
        status, exception, _ = refuse(carillon, "PUT", "processors/mask", body)
        assert (status, exception) == (400, "SerializationException")


def test_bad_names_of_processors(carillon):
    for name in ("%zz", "no%20blank", segment("arn:aws:sns:us-east-1:1:topic")):
        status, exception, _ = refuse(
            carillon, "PUT", f"processors/{name}", {"Url": "http://127.0.0.1:1"}
        )
        assert (status, exception) == (400, "BadRequestException")


# ---- reset ----


def test_reset(world, processor):
    processor.on("pass", lambda event: PASS)
    put(world.carillon, "other", processor.url)
    world.add_flow(processor_entry("held-by-nobody", 1))
    status, _, _ = world.carillon.request("POST", "/_carillon/reset", b"")
    assert status == 200
    assert world.identity.list_app_instances()["AppInstances"] == []
    for path, member in [
        ("callbacks", "Callbacks"),
        ("channels", "Channels"),
        ("channel-flows", "ChannelFlows"),
    ]:
        assert world.carillon.admin(path)[member] == []
    with pytest.raises(world.messaging.exceptions.ForbiddenException):
        world.get("unknown")
    # Mapped processors stay, and a new world can be made.
    assert [entry["Processor"] for entry in world.carillon.admin("processors")["Processors"]] == [
        "other"
    ]
    again = World(world.carillon)
    again.add_flow(processor_entry("pass"))
    message_id = again.send("new life")["MessageId"]
    assert again.wait_for_status(message_id, "SENT")["Content"] == "new life"


def test_reset_forgets_pending_callbacks_and_tokens(world):
    world.add_flow(processor_entry("held"))
    callback = world.held(world.send(ClientRequestToken="token-1")["MessageId"])
    world.identity.create_app_instance(Name="x", ClientRequestToken="token-1")
    world.carillon.request("POST", "/_carillon/reset", b"")
    with pytest.raises(world.messaging.exceptions.ForbiddenException):
        world.call_back(callback)
    # Another request with the same token is no conflict any more.
    world.identity.create_app_instance(Name="y", ClientRequestToken="token-1")
