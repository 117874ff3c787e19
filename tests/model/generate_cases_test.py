"""The generated model cases say what they should and leave no constraint out.

The expectations come from model_rules.py; what is written out by hand here keeps that module from
being wrong in the same way as the code it judges.
"""

import collections
import json
import pathlib
import subprocess
import sys
import time
import urllib.parse

import botocore.session
import pytest
from botocore.serialize import create_serializer

import generate_cases
import model_rules

GENERATOR = pathlib.Path(generate_cases.__file__)
SECONDS_MAX = 5
LENGTH_MAX = "Member must have length less than or equal to"
LENGTH_MIN = "Member must have length greater than or equal to"
PATTERN = "Member must satisfy regular expression pattern:"
ARN_PATTERN = (r"arn:[a-z0-9-\.]{1,63}:[a-z0-9-\.]{0,63}:[a-z0-9-\.]{0,63}:[a-z0-9-\.]{0,63}"
               r":[^/].{0,1023}")
BOB = ("arn:aws:chime:us-east-1:111122223333:app-instance/8a6b1c2d-0f3e-4a5b-9c7d-1e2f3a4b5c6d"
       "/user/bob")


@pytest.fixture(scope="module", name="generated")
def fixture_generated():
    return generate_cases.generate()


@pytest.fixture(scope="module", name="by_name")
def fixture_by_name(generated):
    return {case["name"]: case for case in generated[0]}


def at(path, clause, value=None):
    shown = "Value" if value is None else f"Value '{value}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {clause}"


def null_at(path):
    return f"Value null at '{path}' failed to satisfy constraint: Member must not be null"


# What an answer says, written by hand.
EXACT = {
    "messaging/SendChannelMessage/Content/min": [at("content", f"{LENGTH_MIN} 1")],
    "messaging/SendChannelMessage/Metadata/max": [at("metadata", f"{LENGTH_MAX} 1024")],
    "messaging/SendChannelMessage/Metadata/pattern": [at("metadata", f"{PATTERN} .*")],
    "messaging/SendChannelMessage/Type/enum":
        [at("type", "Member must satisfy enum value set: [STANDARD, CONTROL]", "NOT_STANDARD")],
    "messaging/SendChannelMessage/MessageAttributes.topic.StringValues.1/min":
        [at("messageAttributes.topic.member.stringValues",
            f"Member must satisfy constraint: [{LENGTH_MAX} 512, {LENGTH_MIN} 1, "
            rf"{PATTERN} [\s\S]*]")],
    "messaging/SendChannelMessage/MessageAttributes/key.max":
        [at("messageAttributes", f"Map keys must satisfy constraint: [{LENGTH_MAX} 64, "
                                 rf"{LENGTH_MIN} 1, {PATTERN} [\s\S]*]")],
    "messaging/SendChannelMessage/several/all_required_missing":
        [null_at(p) for p in ("content", "type", "persistence", "clientRequestToken",
                              "chimeBearer")],
    "messaging/ChannelFlowCallback/CallbackId/min":
        [at("callbackId", f"{LENGTH_MIN} 32", "0b9c6d1e-7f2a-4c3b-8d5e-6f7a8b9")],
    "messaging/ChannelFlowCallback/ChannelMessage.MessageId/null":
        [null_at("channelMessage.messageId")],
    "messaging/ChannelFlowCallback/ChannelMessage.MessageId/pattern":
        [at("channelMessage.messageId", f"{PATTERN} [-_a-zA-Z0-9]*", "bad value")],
    "messaging/CreateChannelFlow/Processors/min": [at("processors", f"{LENGTH_MIN} 1")],
    "messaging/CreateChannelFlow/Processors.1.Name/min":
        [at("processors.1.member.name", f"{LENGTH_MIN} 1")],
    "messaging/CreateChannelFlow/Processors.1.ExecutionOrder/max":
        [at("processors.1.member.executionOrder", "Member must have value less than or equal to 3",
            "4")],
    "messaging/CreateChannelFlow/Processors.2.FallbackAction/missing":
        [null_at("processors.2.member.fallbackAction")],
    "messaging/BatchCreateChannelMembership/MemberArns.1/two_of_three":
        [at("memberArns", f"Member must satisfy constraint: [{LENGTH_MAX} 1600, {LENGTH_MIN} 5, "
                          f"{PATTERN} {ARN_PATTERN}]", f"[{BOB},  {BOB},  {BOB}]")],
    "messaging/BatchCreateChannelMembership/MemberArns/min":
        [at("memberArns", f"{LENGTH_MIN} 1", "[]")],
    "messaging/UntagResource/TagKeys.1/max":
        [at("tagKeys",
            f"Member must satisfy constraint: [{LENGTH_MAX} 128, {LENGTH_MIN} 1]")],
    "messaging/ListChannels/MaxResults/min":
        [at("maxResults", "Member must have value greater than or equal to 1", "0")],
    "messaging/ListChannels/ChimeBearer/min":
        [at("chimeBearer", f"{LENGTH_MIN} 5", "arn:"),
         at("chimeBearer", f"{PATTERN} {ARN_PATTERN}", "arn:")],
    "identity/DescribeAppInstanceUserEndpoint/EndpointId/max":
        [at("endpointId", f"{LENGTH_MAX} 64", "sample-1" + "a" * 57)],
    "identity/ListAppInstanceUserEndpoints/AppInstanceUserArn/pattern":
        [at("appInstanceUserArn", f"{PATTERN} {ARN_PATTERN}")],
    "identity/CreateAppInstanceUser/several/two":
        [at("appInstanceArn", f"{LENGTH_MAX} 1600", BOB[:-9] + "a" * (1601 - len(BOB[:-9]))),
         at("appInstanceArn", f"{PATTERN} {ARN_PATTERN}",
            BOB[:-9] + "a" * (1601 - len(BOB[:-9]))),
         at("tags", f"{LENGTH_MAX} 50")],
}


@pytest.mark.parametrize("name", sorted(EXACT))
def test_hand_written_answer(by_name, name):
    count = len(EXACT[name])
    noun = "error" if count == 1 else "errors"
    expect = by_name[name]["expect"]
    assert expect["message"] == f"{count} validation {noun} detected: {'; '.join(EXACT[name])}"
    assert (expect["status"], expect["error_type"], expect["code"]) == (
        400, "BadRequestException", "BadRequest")


def test_hand_written_request(by_name):
    case = by_name["messaging/GetChannelMessageStatus/MessageId/pattern"]
    assert case["method"] == "GET"
    assert case["target"] == (
        "/channels/arn%3Aaws%3Achime%3Aus-east-1%3A111122223333%3Aapp-instance%2F"
        "8a6b1c2d-0f3e-4a5b-9c7d-1e2f3a4b5c6d%2Fchannel%2Fd1c2b3a4/messages/bad%20value"
        "?scope=message-status")
    assert case["headers"]["x-amz-chime-bearer"].endswith("/user/alice")
    assert case["body"] is None


def test_all_operations_have_refused_and_accepted_cases(generated):
    kinds = collections.defaultdict(set)
    for case in generated[0]:
        kinds[case["service"], case["operation"]].add(case["expect"].get("error_type"))
    assert len(kinds) == 81
    for key, found in kinds.items():
        assert None in found, key
        assert "BadRequestException" in found, key


def constraint_titles(model, structure, path=(), body=False):
    """Every constraint of an input, by a walk of its own: the case title that must exist."""
    for member in model["shapes"][structure]["members"]:
        here = path + (member["name"],)
        if member.get("required"):
            yield "/".join((".".join(here), "missing"))
        in_body = body or "location" not in member
        yield from shape_titles(model, member["shape"], here, in_body)


def shape_titles(model, name, path, in_body, label=""):
    shape = model["shapes"][name]
    title = ".".join(path)
    for key in ("min", "max", "pattern", "enum"):
        if key in shape:
            yield f"{title}/{label}{key}"
    if in_body and not label:
        yield f"{title}/type"
    if shape["type"] == "structure":
        yield from constraint_titles(model, name, path, in_body)
    elif shape["type"] == "list":
        yield from shape_titles(model, shape["element"], path + ("1",), in_body)
    elif shape["type"] == "map":
        yield from shape_titles(model, shape["key"], path, in_body, "key.")
        yield from shape_titles(model, shape["value"], path + ("topic",), in_body)


@pytest.mark.parametrize("service", model_rules.SERVICES)
def test_every_constraint_has_a_case_or_a_reason(generated, service):
    cases, skipped = generated
    names = [case["name"] for case in cases]
    covered = set(names) | {name.rsplit(".", 1)[0] for name in names if "/type." in name}
    covered |= {name for name, _ in skipped}
    model = model_rules.load_model(service)
    wanted = {f"{service}/{name}/{title}" for name, operation in model["operations"].items()
              for title in constraint_titles(model, operation["input"])}
    assert len(wanted) > 300
    assert sorted(wanted - covered) == []


def test_only_what_cannot_be_sent_is_skipped(generated):
    """A skip is a claim; each kind of claim is checked against the model."""
    models = {s: model_rules.load_model(s) for s in model_rules.SERVICES}
    for name, reason in generated[1]:
        service, operation, path, label = name.split("/")
        if path == "several":
            continue
        model = models[service]
        shape_name = model["operations"][operation]["input"]
        for step in path.split("."):
            shape = model["shapes"][shape_name]
            if shape["type"] == "structure":
                member = next(m for m in shape["members"] if m["name"] == step)
                shape_name = member["shape"]
            else:
                shape_name = shape.get("element") or shape["value"]
        shape = model["shapes"][shape_name]
        if label.startswith("key."):
            shape, label = model["shapes"][shape["key"]], label.removeprefix("key.")
        if label == "missing":
            assert member["location"] == "uri", name
        elif label == "min":
            assert shape["min"] == 0 or (shape["min"] == 1 and member["location"] == "uri"), name
        else:
            assert (label, shape["pattern"]) == ("pattern", r"[\s\S]*"), (name, reason)


def test_names_are_unique(generated):
    names = [case["name"] for case in generated[0]]
    assert len(names) == len(set(names))


def test_a_request_never_has_two_expectations(generated):
    """Both services have the tag operations at the same paths."""
    expectations = {}
    for case in generated[0]:
        request = json.dumps([case[k] for k in ("method", "target", "headers", "body")])
        assert expectations.setdefault(request, case["expect"]) == case["expect"], case["name"]


def test_requests_are_fit_for_the_wire(generated):
    for case in generated[0]:
        assert case["target"].startswith("/"), case["name"]
        allowed = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%/?&=")
        assert set(case["target"]) <= allowed, case["name"]
        assert "//" not in case["target"] and "{" not in case["target"], case["name"]
        for value in case["headers"].values():
            assert value == value.strip() and value.isascii() and value.isprintable(), case["name"]
        if case["body"] is not None:
            case["body"].encode("utf-8")


def test_output_is_deterministic_and_quick(tmp_path):
    texts = []
    for seed in ("1", "2"):
        out = tmp_path / f"cases_{seed}.jsonl"
        started = time.monotonic()
        done = subprocess.run([sys.executable, str(GENERATOR), "--out", str(out)], check=True,
                              capture_output=True, text=True, env={"PYTHONHASHSEED": seed})
        assert time.monotonic() - started < SECONDS_MAX
        texts.append(out.read_bytes())
    assert texts[0] == texts[1]
    assert texts[0].count(b"\n") >= 2500
    print(done.stdout)


def test_an_unusable_output_path_is_an_exit_code(tmp_path):
    done = subprocess.run([sys.executable, str(GENERATOR), "--out", str(tmp_path)], check=False,
                          capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("generate_cases:")


def bound_by_the_sdk(service, operation, value):
    """The same input as botocore puts it on the wire."""
    name = model_rules.load_model(service)["service"]
    model = botocore.session.Session().get_service_model(name)
    serializer = create_serializer("rest-json", include_validation=False)
    request = serializer.serialize_to_request(value, model.operation_model(operation))
    path, _, literal = request["url_path"].partition("?")
    query = urllib.parse.parse_qsl(literal) + [
        (k, str(v)) for k, v in request["query_string"].items()]
    headers = {k.lower(): v for k, v in request["headers"].items()}
    body = json.loads(request["body"]) if request["body"] else None
    return request["method"], path, sorted(query), headers.get("x-amz-chime-bearer"), body


@pytest.mark.parametrize("service", model_rules.SERVICES)
def test_requests_are_bound_as_the_sdk_binds_them(service):
    model = model_rules.load_model(service)
    for name in model["operations"]:
        maker = generate_cases.OperationCases(service, model, name)
        for value in (maker.base, maker.samples.valid(maker.input, full=True)):
            ours = generate_cases.bound_request(maker.operation, maker.members, value)
            path, _, query = ours["target"].partition("?")
            body = json.loads(ours["body"]) if ours["body"] is not None else None
            assert (ours["method"], path, sorted(urllib.parse.parse_qsl(query)),
                    ours["headers"].get("x-amz-chime-bearer"), body) == bound_by_the_sdk(
                        service, name, value), name
