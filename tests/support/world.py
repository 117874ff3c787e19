"""Who talks, where, and through which clients."""

import threading

import boto3
import botocore.session
from botocore.config import Config
from polling import eventually

ACCOUNT = "111122223333"
REGION = "us-east-1"
CREDENTIALS = {
    "region_name": REGION,
    "aws_access_key_id": ACCOUNT,
    "aws_secret_access_key": "a-secret-that-nobody-checks",
}
FORBIDDEN_TEXT = "You do not have sufficient access to perform this action."
NOT_FOUND_TEXT = "One or more of the resources in the request does not exist in the system."

# One session: what it loads of botocore's data is then loaded once.
SESSION = boto3.session.Session(botocore_session=botocore.session.Session())


def make_client(service, endpoint, **config):
    # One attempt: an error is to be seen, not repaired by a retry.
    settings = Config(retries={"max_attempts": 0}, read_timeout=20, **config)
    return SESSION.client(service, endpoint_url=endpoint, config=settings, **CREDENTIALS)


class Clients:
    """boto3 clients for a server that may come back at another port."""

    def __init__(self, carillon):
        self.carillon = carillon
        self.made = {}
        self.lock = threading.Lock()

    def of(self, service):
        # One that is starting may invoke processors before we read where it listens.
        eventually(lambda: self.carillon.port, "the server is ready")
        key = (service, self.carillon.endpoint)
        with self.lock:
            if key not in self.made:
                self.made[key] = make_client(*key)
            return self.made[key]

    @property
    def messaging(self):
        return self.of("chime-sdk-messaging")

    @property
    def identity(self):
        return self.of("chime-sdk-identity")


def function_arn(function):
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"


def processor_entry(function, order=1, fallback="ABORT"):
    """One entry of a channel flow's Processors."""
    return {
        "Name": f"processor {function}",
        "Configuration": {
            "Lambda": {"ResourceArn": function_arn(function), "InvocationType": "ASYNC"}
        },
        "ExecutionOrder": order,
        "FallbackAction": fallback,
    }


class World:
    """An app instance with an administrator, three users, and a private channel, which the
    administrator made, with alice and bob in it. mallory is outside."""

    def __init__(self, carillon):
        self.carillon = carillon
        self.clients = Clients(carillon)
        self.app_instance = self.identity.create_app_instance(Name="world")["AppInstanceArn"]
        self.admin = self.add_user("admin")
        self.identity.create_app_instance_admin(
            AppInstanceArn=self.app_instance, AppInstanceAdminArn=self.admin
        )
        self.alice = self.add_user("alice")
        self.bob = self.add_user("bob")
        self.mallory = self.add_user("mallory")
        self.channel = self.add_channel("general")

    @property
    def messaging(self):
        return self.clients.messaging

    @property
    def identity(self):
        return self.clients.identity

    def add_user(self, user_id):
        return self.identity.create_app_instance_user(
            AppInstanceArn=self.app_instance, AppInstanceUserId=user_id, Name=user_id.capitalize()
        )["AppInstanceUserArn"]

    def add_channel(self, name, **members):
        request = {
            "Privacy": "PRIVATE",
            "MemberArns": [self.alice, self.bob],
            "ChimeBearer": self.admin,
            **members,
        }
        return self.messaging.create_channel(
            AppInstanceArn=self.app_instance, Name=name, **request
        )["ChannelArn"]

    def add_flow(self, *processors, name="flow", channel=None):
        """A channel flow, associated with the channel."""
        flow = self.messaging.create_channel_flow(
            AppInstanceArn=self.app_instance, Name=name, Processors=list(processors)
        )["ChannelFlowArn"]
        self.messaging.associate_channel_flow(
            ChannelArn=channel or self.channel, ChannelFlowArn=flow, ChimeBearer=self.admin
        )
        return flow

    def send(self, content="hello", by=None, **members):
        request = {"Type": "STANDARD", "Persistence": "PERSISTENT", **members}
        return self.messaging.send_channel_message(
            **{"ChannelArn": self.channel, "ChimeBearer": by or self.alice, **request},
            Content=content,
        )

    def update(self, message_id, content, by=None, **members):
        return self.messaging.update_channel_message(
            ChannelArn=self.channel,
            MessageId=message_id,
            Content=content,
            ChimeBearer=by or self.alice,
            **members,
        )

    def get(self, message_id, by=None):
        return self.messaging.get_channel_message(
            ChannelArn=self.channel, MessageId=message_id, ChimeBearer=by or self.alice
        )["ChannelMessage"]

    def status(self, message_id, by=None):
        return self.messaging.get_channel_message_status(
            ChannelArn=self.channel, MessageId=message_id, ChimeBearer=by or self.alice
        )["Status"]

    def list(self, by=None, **members):
        return self.messaging.list_channel_messages(
            ChannelArn=self.channel, ChimeBearer=by or self.alice, **members
        )["ChannelMessages"]

    def wait_for_status(self, message_id, value):
        def reached():
            return self.status(message_id)["Value"] == value

        eventually(reached, f"message {message_id} is {value}")
        return self.get(message_id)

    def wait_until_gone(self, message_id):
        gone = self.messaging.exceptions.NotFoundException

        def probe():
            try:
                self.get(message_id)
            except gone:
                return True
            return False

        eventually(probe, f"message {message_id} is gone")

    def callbacks(self, **filters):
        return self.carillon.admin("callbacks", **filters)["Callbacks"]

    def held(self, message_id):
        """The one callback that this message waits for."""
        pending = self.callbacks(message_id=message_id, status="PENDING")
        assert len(pending) == 1, pending
        return pending[0]

    def call_back(self, callback, message=None, **members):
        """Answers what the admin endpoint shows as a callback."""
        request = {
            "ChannelArn": callback["ChannelArn"],
            "CallbackId": callback["CallbackId"],
            "ChannelMessage": {"MessageId": callback["MessageId"], **(message or {})},
        }
        return self.messaging.channel_flow_callback(**{**request, **members})

    def status_is(self, message_id, value):
        return self.status(message_id)["Value"] == value
