"""The AWS CLI as a driver of the scenario: one JSON request per line in, one JSON answer per line
out.

Each call is a run of `aws` with --cli-input-json: a process of its own, forked from this one, which
has loaded the CLI already. To load it anew for each call takes ten times as long as the call.
"""

import datetime
import json
import os
import re
import sys
import tempfile

import awscli
import awscli.clidriver
from botocore import xform_name

ERROR = re.compile(
    r"An error occurred \((\w+)\) when calling the \w+ operation(?: \([^)]*\))?: (.*)", re.DOTALL
)
# Times as the CLI understood them; without this it passes on the number that it got.
CONFIGURATION = "[default]\ncli_timestamp_format = iso8601\n"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MILLISECOND = datetime.timedelta(milliseconds=1)


def decoded(value):
    """What the scenario says, as the CLI takes it."""
    if isinstance(value, dict):
        if "$date" in value:
            return (EPOCH + value["$date"] * MILLISECOND).isoformat()
        return {name: decoded(member) for name, member in value.items()}
    return [decoded(member) for member in value] if isinstance(value, list) else value


def encoded(value, name=""):
    if isinstance(value, dict):
        return {name: encoded(member, name) for name, member in value.items()}
    if isinstance(value, list):
        return [encoded(member) for member in value]
    if name.endswith("Timestamp") and isinstance(value, str):
        return {"$date": round((datetime.datetime.fromisoformat(value) - EPOCH) / MILLISECOND)}
    return value


def run_aws(*arguments):
    """(exit code, what it printed, what it complained about)."""
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complained:
        child = os.fork()
        if child == 0:
            exit_code = 1
            try:
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                os.dup2(printed.fileno(), 1)
                os.dup2(complained.fileno(), 2)
                sys.argv = ["aws", *arguments]
                exit_code = awscli.clidriver.main()
            except SystemExit as ending:
                exit_code = ending.code
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(exit_code if isinstance(exit_code, int) else 1)
        _, status = os.waitpid(child, 0)
        texts = []
        for file in (printed, complained):
            file.seek(0)
            texts.append(file.read().decode())
        return os.waitstatus_to_exitcode(status), *texts


def answer(request):
    exit_code, text, complaint = run_aws(
        "--no-paginate", "--output", "json",
        f"chime-sdk-{request['service']}", xform_name(request["operation"], "-"),
        "--cli-input-json", json.dumps(decoded(request["input"])),
    )
    complaint = complaint.strip()
    if exit_code == 0:
        return {"output": encoded(json.loads(text)) if text.strip() else {}}
    error = ERROR.search(complaint)
    if not error:
        return {"failure": f"exit code {exit_code}: {complaint}"}
    # A command line has no classes: the code in its text is all that a script can tell by.
    return {"error": error[1], "class": error[1], "message": error[2]}


def main():
    with tempfile.TemporaryDirectory() as folder:
        configuration = os.path.join(folder, "config")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION)
        os.environ["AWS_CONFIG_FILE"] = configuration
        print(json.dumps({"sdk": f"aws-cli {awscli.__version__}"}), flush=True)
        for line in sys.stdin:
            try:
                reply = answer(json.loads(line))
            except Exception as failure:
                reply = {"failure": f"{type(failure).__name__}: {failure}"}
            print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
