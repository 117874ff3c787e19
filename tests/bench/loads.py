"""What loads a server, and what it saw: wrk with one of the scripts of wrk/, or bench_flow_cycle.
An answer that is no success, or none at all, is a BenchError: a rate of errors is no result."""

import json
import subprocess
from pathlib import Path
from urllib.parse import quote

from processes import BenchError

WRK_SCRIPTS = Path(__file__).resolve().parent / "wrk"
# A load that was given its time may take this much longer to end.
GRACE_S = 30


def parse_wrk(output, what):
    """The RESULT line of wrk/common.lua, with the rate."""
    lines = [line for line in output.splitlines() if line.startswith("RESULT ")]
    if len(lines) != 1:
        raise BenchError(f"{what}: wrk said nothing that can be read:\n{output}")
    result = json.loads(lines[0].removeprefix("RESULT "))
    if result["refused"] or "Non-2xx" in output:
        raise BenchError(f"{what}: {result['refused']} answers were errors:\n{output}")
    if result["broken"] or not result["requests"]:
        raise BenchError(f"{what}: {result['broken']} requests got no answer:\n{output}")
    result["rate"] = result["requests"] / (result["microseconds"] / 1e6)
    return result


def run_wrk(server, script, connections, seconds, arguments):
    what = f"{script} on {server.name} at {connections} connections"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script,
               f"http://127.0.0.1:{server.port}", "--"]
    command += [f"{name}={value}" for name, value in arguments.items()]
    server.check_alive()
    cpu_us = server.cpu_us()
    try:
        done = subprocess.run(command, cwd=WRK_SCRIPTS, capture_output=True, text=True,
                              timeout=seconds + GRACE_S, check=False)
    except subprocess.TimeoutExpired:
        raise BenchError(f"{what}: wrk did not end") from None
    if done.returncode:
        raise BenchError(f"{what}: wrk failed:\n{done.stdout}{done.stderr}")
    server.check_alive()
    result = parse_wrk(done.stdout, what)
    result["cpu_us"] = (server.cpu_us() - cpu_us) / result["requests"]
    return result


def run_flow_cycle(programs, server, processor_port, in_flight, seconds, run, channel, session):
    what = f"the full cycle on {server.name} with {in_flight} in flight"
    command = [str(programs.tools / "bench_flow_cycle"), "--target-port", str(server.port),
               "--listen-port", str(processor_port), "--in-flight", str(in_flight),
               "--seconds", str(seconds), "--run", run,
               "--channel-arn", channel["channel_arn"], "--bearer", channel["bearer_arn"],
               "--session", str(int(session))]
    cpu_us = server.cpu_us()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + GRACE_S,
                              check=False)
    except subprocess.TimeoutExpired:
        raise BenchError(f"{what}: it did not end") from None
    if done.returncode:
        raise BenchError(f"{what}: {done.stderr.strip()}")
    result = json.loads(done.stdout)
    result["rate"] = result["cycles"] / result["seconds"]
    result["cpu_us"] = (server.cpu_us() - cpu_us) / result["cycles"]
    return result


class Client:
    """Requests of the service, one at a time: to prepare a server, and to see that it is right."""

    def __init__(self, server, bearer=None):
        self.server, self.bearer = server, bearer

    def call(self, method, path, body=None, bearer=None):
        headers = {
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/chime/"
            "aws4_request, SignedHeaders=host;x-amz-chime-bearer;x-amz-date, Signature=00",
        }
        if bearer or self.bearer:
            headers["x-amz-chime-bearer"] = bearer or self.bearer
        if body is not None:
            headers["Content-Type"] = "application/json"
        text = None if body is None else json.dumps(body)
        status, answer = self.server.ask(method, path, text, headers)
        if status // 100 != 2:
            raise BenchError(f"{self.server.name} answered {status} to {method} {path}: {answer!r}")
        return status, answer

    def messages_path(self, channel_arn):
        return f"/channels/{quote(channel_arn, safe='')}/messages"


def make_flow_channel(server, processor_arn):
    """A channel whose messages go through a flow with one processor."""
    client = Client(server)

    def create(path, member, **body):
        body["ClientRequestToken"] = "bench-" + path.strip("/")
        return json.loads(client.call("POST", path, body)[1])[member]

    app_instance = create("/app-instances", "AppInstanceArn", Name="bench")
    user = create("/app-instance-users", "AppInstanceUserArn", AppInstanceArn=app_instance,
                  AppInstanceUserId="sender", Name="Sender")
    client.bearer = user
    channel = create("/channels", "ChannelArn", AppInstanceArn=app_instance, Name="bench")
    processor = {
        "Name": "bench",
        "Configuration": {"Lambda": {"ResourceArn": processor_arn, "InvocationType": "ASYNC"}},
        "ExecutionOrder": 1,
        "FallbackAction": "ABORT",
    }
    flow = create("/channel-flows", "ChannelFlowArn", AppInstanceArn=app_instance, Name="bench",
                  Processors=[processor])
    path = f"/channels/{quote(channel, safe='')}/channel-flow"
    client.call("PUT", path, {"ChannelFlowArn": flow})
    return {"channel_arn": channel, "bearer_arn": user}
