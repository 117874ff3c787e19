"""What people write comes back as they wrote it, whichever way it went."""

import datetime

import pytest
from processor import PASS
from world import processor_entry

TEXTS = {
    "emoji": "Grüße 👋🏽 from 🇩🇪 👩‍👩‍👧‍👦",
    "chinese, japanese, korean": "你好,世界。こんにちは世界。안녕하세요 세계",
    "right to left": "שלום עולם \u202eمرحبا بالعالم",
    "combining": "e\u0301 is not é, and Å is not A\u030a",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f",
    "line ends": "one\r\ntwo\nthree\rfour\u2028five\u2029six",
    "quotes and backslashes": "\"quoted\" \\ 'single' \\u0041 </script> %2F %00 &amp;",
    "outside the basic plane": "\U00010000 \U0010fffd 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "byte order mark": "\ufeffmarked",
    "blanks": "  \t before and after \t  ",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_content_comes_back_unchanged(world, text):
    message_id = world.send(text)["MessageId"]
    assert world.get(message_id, by=world.bob)["Content"] == text
    assert world.list()[0]["Content"] == text
    world.update(message_id, text + text)
    assert world.get(message_id)["Content"] == text + text
    (shown,) = world.carillon.admin("messages", channel_arn=world.channel)["Messages"]
    assert shown["ChannelMessage"]["Content"] == text + text


def test_content_survives_a_channel_flow(world, processor):
    processor.on("echo", lambda event: {"Content": event["ChannelMessage"]["Content"]})
    world.add_flow(processor_entry("echo"))
    for text in TEXTS.values():
        message_id = world.send(text)["MessageId"]
        assert world.wait_for_status(message_id, "SENT")["Content"] == text
        (callback,) = world.callbacks(message_id=message_id)
        assert callback["Event"]["ChannelMessage"]["Content"] == text
    assert [event["ChannelMessage"]["Content"] for event in processor.events()] == list(
        TEXTS.values()
    )


def test_names_and_metadata(world):
    name, metadata = "Zoë 🎵 李", '{"note": "naïve 日本 🎉"}'
    user = world.identity.create_app_instance_user(
        AppInstanceArn=world.app_instance,
        AppInstanceUserId="zoe:1.a_b@example-host",
        Name=name,
        Metadata=metadata,
    )["AppInstanceUserArn"]
    assert user == world.app_instance + "/user/zoe:1.a_b@example-host"
    described = world.identity.describe_app_instance_user(AppInstanceUserArn=user)
    assert described["AppInstanceUser"]["Name"] == name
    assert described["AppInstanceUser"]["Metadata"] == metadata
    world.messaging.create_channel_membership(
        ChannelArn=world.channel, MemberArn=user, Type="DEFAULT", ChimeBearer=world.admin
    )
    message = world.get(world.send("x", by=user, Metadata=metadata)["MessageId"])
    assert message["Sender"] == {"Arn": user, "Name": name}
    assert message["Metadata"] == metadata


def test_attributes(world, processor):
    processor.on("pass", lambda event: PASS)
    world.add_flow(processor_entry("pass"))
    attributes = {
        "colour": {"StringValues": ["rød", "青"]},
        "size": {"StringValues": ["1"]},
    }
    message_id = world.send("x", MessageAttributes=attributes)["MessageId"]
    assert world.wait_for_status(message_id, "SENT")["MessageAttributes"] == attributes
    (event,) = processor.events()
    assert event["ChannelMessage"]["MessageAttributes"] == attributes


def test_timestamps(world):
    def now():
        return datetime.datetime.now(datetime.timezone.utc)

    # The service keeps milliseconds.
    before = now() - datetime.timedelta(milliseconds=1)
    message_id = world.send()["MessageId"]
    created = world.get(message_id)["CreatedTimestamp"]
    assert isinstance(created, datetime.datetime)
    assert before <= created <= now()
    assert world.get(message_id)["LastUpdatedTimestamp"] == created
    world.update(message_id, "edited")
    edited = world.get(message_id)
    assert edited["CreatedTimestamp"] == created
    assert created <= edited["LastEditedTimestamp"] <= now()
    assert edited["LastUpdatedTimestamp"] == edited["LastEditedTimestamp"]
    (listed,) = world.list()
    for name in ("CreatedTimestamp", "LastUpdatedTimestamp", "LastEditedTimestamp"):
        assert listed[name] == edited[name]
    channel = world.messaging.describe_channel(ChannelArn=world.channel, ChimeBearer=world.bob)
    assert channel["Channel"]["LastMessageTimestamp"] == created
