"""Many members and many channels: the same requests to a small and a large crowd. What is answered
is equally long in both, so that whatever is slower pays for rows that it does not return."""

import json
import random
import shutil
from dataclasses import dataclass
from urllib.parse import quote

import loads
from filled import filled_directory
from processes import BenchError
from report import Comparison

PAGE_ROWS = 50


@dataclass(frozen=True)
class Size:
    members: int  # of the one channel
    channels: int  # of the first of them; each has ten members

    @property
    def name(self):
        return f"crowd-{self.members}-{self.channels}"


# More than a page of either, and what the service's quotas allow.
FEW = Size(members=60, channels=60)
MANY = Size(members=10_000, channels=10_000)


class Crowd:
    """Carillon on a copy of a filled directory, for as long as it runs."""

    def __init__(self, programs, data, size, stack):
        source = filled_directory(programs, data, size.name, 0, size.members, size.channels)
        self.facts = json.loads((source / "filled.json").read_text())
        directory = programs.run_directory / size.name
        shutil.copytree(source, directory)
        self.server = programs.start_carillon(size.name, "--data", str(directory))
        stack.enter_context(self.server)
        self.server.first_answer()
        self.client = loads.Client(self.server, self.facts["bearer_arn"])

    def member(self, number):
        return f"{self.facts['app_instance_arn']}/user/member-{number}"


@dataclass
class Request:
    """One of the requests, and where its answer has its page of rows."""

    name: str
    method: str
    target: object  # (crowd) -> text
    rows: str
    body: object = None  # (crowd) -> document

    def arguments(self, crowd):
        body = "" if self.body is None else json.dumps(self.body(crowd))
        return {"method": self.method, "target": self.target(crowd), "body": body,
                "bearer": crowd.facts["bearer_arn"]}

    def check(self, crowd):
        body = None if self.body is None else self.body(crowd)
        answer = json.loads(crowd.client.call(self.method, self.target(crowd), body)[1])
        found = len(answer[self.rows])
        if found != PAGE_ROWS:
            raise BenchError(f"{self.name} answered {found} rows")


def memberships_path(crowd):
    channel = quote(crowd.facts["channel_arn"], safe="")
    return f"/channels/{channel}/memberships?max-results={PAGE_ROWS}"


def channels_of_user_path(crowd):
    user = quote(crowd.facts["bearer_arn"], safe="")
    return ("/channels?scope=app-instance-user-memberships"
            f"&app-instance-user-arn={user}&max-results={PAGE_ROWS}")


def search_body(operator, members):
    def body(crowd):
        values = [crowd.member(number) for number in members]
        return {"Fields": [{"Key": "MEMBERS", "Operator": operator, "Values": values}]}

    return body


def search_path(_):
    return f"/channels?operation=search&max-results={PAGE_ROWS}"


REQUESTS = (
    Request("ListChannelMemberships (50)", "GET", memberships_path, "ChannelMemberships"),
    Request("ListChannelMembershipsForAppInstanceUser (50)", "GET", channels_of_user_path,
            "ChannelMemberships"),
    Request("SearchChannels, INCLUDES two members (50)", "POST", search_path, "Channels",
            search_body("INCLUDES", (1, 2))),
    Request("SearchChannels, EQUALS ten members (50)", "POST", search_path, "Channels",
            search_body("EQUALS", range(10))),
)


def compare(effort, name, script, crowds, arguments, connections, bar):
    """One request in paired rounds, the order turning."""
    text = f"{connections} connection{'s' if connections > 1 else ''}"
    row = Comparison(name, text, bar=bar, slower=True)
    try:
        for number in range(effort.rounds + 1):
            order = list(crowds) if number % 2 else list(reversed(crowds))
            seconds = effort.seconds if number else 1
            rates = {crowd: loads.run_wrk(crowd.server, script, connections, seconds,
                                          dict(arguments(crowd), seed=random.getrandbits(31)))
                     for crowd in order}
            if number:  # the first warms caches and allocators
                row.add(*(rates[crowd] for crowd in crowds))
    except BenchError as failure:
        row.failure = str(failure)
    return row


def compare_all(programs, data, effort, connections, bar, stack, say):
    crowds = [Crowd(programs, data, size, stack) for size in (FEW, MANY)]
    rows = []
    for request in REQUESTS:
        for count in connections:
            say(f"{request.name}, {count}")
            try:
                for crowd in crowds:
                    request.check(crowd)
            except BenchError as failure:
                rows.append(Comparison(request.name, "", failure=str(failure)))
                break
            rows.append(compare(effort, request.name, "request.lua", crowds, request.arguments,
                                count, bar))
    for count in connections:
        name = "SendChannelMessage to the channel's members"
        say(f"{name}, {count}")
        rows.append(compare(effort, name, "send.lua", crowds,
                            lambda crowd: {"channel": crowd.facts["channel_arn"],
                                           "bearer": crowd.facts["bearer_arn"]}, count, bar))
    return rows
