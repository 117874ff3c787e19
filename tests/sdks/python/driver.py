"""boto3 as a driver of the scenario: one JSON request per line in, one JSON answer per line out."""

import datetime
import json
import sys

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

# An error is to be seen, not repaired by a retry.
SETTINGS = Config(retries={"max_attempts": 0}, read_timeout=30)
CLIENTS = {
    service: boto3.client(f"chime-sdk-{service}", config=SETTINGS)
    for service in ("messaging", "identity")
}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MILLISECOND = datetime.timedelta(milliseconds=1)


def decoded(value):
    """What the scenario says, as boto3 takes it."""
    if isinstance(value, dict):
        if "$date" in value:
            return EPOCH + value["$date"] * MILLISECOND
        return {name: decoded(member) for name, member in value.items()}
    return [decoded(member) for member in value] if isinstance(value, list) else value


def encoded(value):
    if isinstance(value, dict):
        return {
            name: encoded(member) for name, member in value.items() if name != "ResponseMetadata"
        }
    if isinstance(value, datetime.datetime):
        return {"$date": round((value - EPOCH) / MILLISECOND)}
    return [encoded(member) for member in value] if isinstance(value, list) else value


def answer(request):
    client = CLIENTS[request["service"]]
    try:
        output = getattr(client, xform_name(request["operation"]))(**decoded(request["input"]))
    except ClientError as error:
        kind = type(error)
        details = error.response["Error"]
        return {
            "error": kind.__name__,
            "class": f"{kind.__module__}.{kind.__name__}",
            "message": details["Message"],
        }
    return {"output": encoded(output)}


def main():
    print(json.dumps({"sdk": f"boto3 {boto3.__version__}"}), flush=True)
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as failure:
            reply = {"failure": f"{type(failure).__name__}: {failure}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
