"""The few operations that the crash tests need, as raw requests."""

import http.client
import urllib.parse

from server_process import REQUEST_TIMEOUT_S, exchange

REGION = "us-east-1"
ACCOUNT = "000000000000"


def segment(text):
    return urllib.parse.quote(text, safe="")


class Unanswered(Exception):
    """The server died before it answered: what was asked may or may not have happened."""


class Connection:
    """One connection to the server, opened again after it broke. For one thread."""

    def __init__(self, carillon):
        self.carillon = carillon
        self.open = None

    def close(self):
        if self.open is not None:
            self.open.close()
            self.open = None

    def request(self, method, target, body=None, bearer=None):
        """(status, document), or Unanswered."""
        headers = {"x-amz-chime-bearer": bearer} if bearer else {}
        try:
            if self.open is None:
                self.open = http.client.HTTPConnection(
                    "127.0.0.1", self.carillon.port, timeout=REQUEST_TIMEOUT_S
                )
            status, _, document = exchange(self.open, method, target, body, headers)
        except (ConnectionError, http.client.HTTPException) as error:
            self.close()
            raise Unanswered from error
        return status, document

    def expect(self, expected, *arguments, **members):
        status, document = self.request(*arguments, **members)
        assert status == expected, (arguments, status, document)
        return document

    def send(self, channel, bearer, content, token):
        body = {
            "Content": content,
            "Type": "STANDARD",
            "Persistence": "PERSISTENT",
            "ClientRequestToken": token,
        }
        return self.expect(201, "POST", f"/channels/{segment(channel)}/messages", body, bearer)

    def update(self, channel, bearer, message_id, content):
        target = f"/channels/{segment(channel)}/messages/{message_id}"
        return self.expect(200, "PUT", target, {"Content": content}, bearer)

    def call_back(self, channel, callback_id, message):
        """Not expected to succeed: two may have asked."""
        target = f"/channels/{segment(channel)}?operation=channel-flow-callback"
        return self.request("POST", target, {"CallbackId": callback_id, "ChannelMessage": message})

    def get(self, channel, bearer, message_id):
        target = f"/channels/{segment(channel)}/messages/{message_id}"
        return self.expect(200, "GET", target, bearer=bearer)["ChannelMessage"]

    def admin_rows(self, path, member, **parameters):
        """Every row of an admin list, page by page."""
        rows, token = [], None
        while True:
            query = {**parameters, "max-results": 1000}
            if token:
                query["next-token"] = token
            page = self.expect(200, "GET", f"/_carillon/{path}?{urllib.parse.urlencode(query)}")
            rows += page[member]
            token = page.get("NextToken")
            if token is None:
                return rows

    def messages(self, channel):
        """The channel's messages by id: (content, status, content of a pending update)."""
        rows = self.admin_rows("messages", "Messages", **{"channel-arn": channel})
        found = {
            row["ChannelMessage"]["MessageId"]: (
                row["ChannelMessage"]["Content"],
                row["ChannelMessage"]["Status"]["Value"],
                row.get("PendingUpdate", {}).get("Content"),
            )
            for row in rows
        }
        assert len(found) == len(rows), "a message is there twice"
        return found


class World:
    """An app instance with one user and three channels: without a flow, with one whose invocations
    are held, and with one whose processor is invoked."""

    def __init__(self, connection):
        def create(path, arn, body, bearer=None):
            return connection.expect(201, "POST", path, body, bearer)[arn]

        app = create("/app-instances", "AppInstanceArn", {"Name": "a", "ClientRequestToken": "t1"})
        self.alice = create(
            "/app-instance-users",
            "AppInstanceUserArn",
            {
                "AppInstanceArn": app,
                "AppInstanceUserId": "alice",
                "Name": "Alice",
                "ClientRequestToken": "t2",
            },
        )

        def channel(name, function=None):
            arn = create(
                "/channels",
                "ChannelArn",
                {"AppInstanceArn": app, "Name": name, "ClientRequestToken": "c-" + name},
                self.alice,
            )
            if function is None:
                return arn
            lambda_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"
            processor = {
                "Name": function,
                "Configuration": {
                    "Lambda": {"ResourceArn": lambda_arn, "InvocationType": "ASYNC"}
                },
                "ExecutionOrder": 1,
                "FallbackAction": "ABORT",
            }
            flow = create(
                "/channel-flows",
                "ChannelFlowArn",
                {
                    "AppInstanceArn": app,
                    "Name": name,
                    "Processors": [processor],
                    "ClientRequestToken": "f-" + name,
                },
            )
            target = f"/channels/{segment(arn)}/channel-flow"
            connection.expect(200, "PUT", target, {"ChannelFlowArn": flow}, self.alice)
            return arn

        self.plain = channel("plain")
        self.held = channel("held", "held")
        self.processed = channel("processed", "upper")
