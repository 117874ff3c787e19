"""Events of channels and their memberships, to exactly those who are to see them."""

import pytest
from stage import as_json


@pytest.fixture
def people(stage, world):
    return [stage.connect(user) for user in (world.admin, world.alice, world.bob)]


@pytest.fixture
def mallory(stage, world):
    return stage.connect(world.mallory)


def add_member(world, user, **members):
    world.messaging.create_channel_membership(
        **{
            "ChannelArn": world.channel,
            "MemberArn": user,
            "Type": "DEFAULT",
            "ChimeBearer": world.admin,
            **members,
        }
    )


def remove_member(world, user, by=None):
    world.messaging.delete_channel_membership(
        ChannelArn=world.channel, MemberArn=user, ChimeBearer=by or world.admin
    )


def all_the_same(seen):
    """The one event that all have seen."""
    for events in seen:
        assert events == seen[0]
    (event,) = seen[0]
    return event


def test_a_channel_is_changed_and_deleted(stage, world, people, mallory):
    laptop = stage.connect(world.alice)
    world.messaging.update_channel(
        ChannelArn=world.channel, Name="renamed", Metadata="m", ChimeBearer=world.admin
    )
    event = all_the_same(stage.seen(*people, laptop))
    assert (event.type, event.message_type) == ("UPDATE_CHANNEL", "SYSTEM")
    channel = as_json(
        world.messaging.describe_channel(ChannelArn=world.channel, ChimeBearer=world.alice)
    )["Channel"]
    assert event.payload == channel
    assert event.payload["Name"] == "renamed"

    world.messaging.delete_channel(ChannelArn=world.channel, ChimeBearer=world.admin)
    event = all_the_same(stage.seen(*people, laptop))
    assert (event.type, event.message_type) == ("DELETE_CHANNEL", "SYSTEM")
    assert event.payload["ChannelArn"] == world.channel
    assert event.payload["Name"] == "renamed"
    assert stage.seen(mallory) == [[]]


def test_a_member_comes_and_goes(stage, world, people, mallory):
    add_member(world, world.mallory)
    event = all_the_same(stage.seen(*people, mallory))
    assert (event.type, event.message_type) == ("CREATE_CHANNEL_MEMBERSHIP", "SYSTEM")
    membership = as_json(
        world.messaging.describe_channel_membership(
            ChannelArn=world.channel, MemberArn=world.mallory, ChimeBearer=world.admin
        )
    )["ChannelMembership"]
    assert event.payload == membership
    assert set(event.payload) == {
        "ChannelArn", "Type", "Member", "InvitedBy", "CreatedTimestamp", "LastUpdatedTimestamp",
    }  # fmt: skip
    assert event.payload["Member"] == {"Arn": world.mallory, "Name": "Mallory"}
    assert event.payload["InvitedBy"] == {"Arn": world.admin, "Name": "Admin"}

    # From now on it is told what the others are told.
    message_id = world.send("welcome")["MessageId"]
    event = all_the_same(stage.seen(*people, mallory))
    assert event.payload["MessageId"] == message_id

    remove_member(world, world.mallory)
    event = all_the_same(stage.seen(*people, mallory))
    assert (event.type, event.message_type) == ("DELETE_CHANNEL_MEMBERSHIP", "SYSTEM")
    assert event.payload["Member"]["Arn"] == world.mallory
    assert event.payload["ChannelArn"] == world.channel

    world.send("are we alone?")
    assert stage.types(*people, mallory) == [["CREATE_CHANNEL_MESSAGE"]] * 3 + [[]]


def test_a_member_leaves(stage, world, people):
    remove_member(world, world.bob, by=world.bob)
    event = all_the_same(stage.seen(*people))
    assert event.type == "DELETE_CHANNEL_MEMBERSHIP"
    assert event.payload["Member"] == {"Arn": world.bob, "Name": "Bob"}
    world.send("gone?")
    assert stage.types(*people) == [["CREATE_CHANNEL_MESSAGE"]] * 2 + [[]]


def test_many_members_come_in_one_event(stage, world, people, mallory):
    carol, dave = world.add_user("carol"), world.add_user("dave")
    late = stage.connect(carol)
    answer = world.messaging.batch_create_channel_membership(
        ChannelArn=world.channel,
        MemberArns=[world.mallory, carol, dave],
        Type="DEFAULT",
        ChimeBearer=world.admin,
    )
    event = all_the_same(stage.seen(*people, mallory, late))
    assert (event.type, event.message_type) == ("BATCH_CREATE_CHANNEL_MEMBERSHIP", "SYSTEM")
    assert event.payload == as_json(answer["BatchChannelMemberships"])
    assert [member["Arn"] for member in event.payload["Members"]] == [world.mallory, carol, dave]
    world.send("welcome")
    assert stage.types(*people, mallory, late) == [["CREATE_CHANNEL_MESSAGE"]] * 5


def test_a_channel_made_with_members_is_followed_by_them(stage, world, people, mallory):
    channel = world.add_channel("second")
    made, *others = stage.seen(*people)
    assert made == others[0] == others[1]
    # One event for each member, its creator among them; there is none for the channel itself.
    assert {(event.type, event.message_type) for event in made} == {
        ("CREATE_CHANNEL_MEMBERSHIP", "SYSTEM")
    }
    members = [event.payload["Member"]["Arn"] for event in made]
    assert sorted(members) == sorted([world.admin, world.alice, world.bob])
    message_id = world.send("first", ChannelArn=channel)["MessageId"]
    event = all_the_same(stage.seen(*people))
    assert event.payload["MessageId"] == message_id
    assert event.payload["ChannelArn"] == channel
    assert stage.seen(mallory) == [[]]


def test_of_a_hidden_member_those_are_told_who_may_see_it(stage, world, people, mallory):
    admin, alice, bob = people
    add_member(world, world.mallory, Type="HIDDEN")
    event = all_the_same(stage.seen(admin, mallory))
    assert event.type == "CREATE_CHANNEL_MEMBERSHIP"
    assert event.payload["Type"] == "HIDDEN"
    remove_member(world, world.mallory)
    assert all_the_same(stage.seen(admin, mallory)).type == "DELETE_CHANNEL_MEMBERSHIP"
    assert stage.seen(alice, bob) == [[], []]


def test_members_of_one_channel_are_told_nothing_of_another(stage, world, people, mallory):
    world.add_channel("theirs", MemberArns=[world.alice])
    admin, alice, bob = people
    stage.seen(*people, mallory)
    theirs = world.add_channel("ours", MemberArns=[world.mallory])
    stage.seen(*people, mallory)
    world.send("x", by=world.mallory, ChannelArn=theirs)
    assert stage.types(admin, mallory, alice, bob) == [["CREATE_CHANNEL_MESSAGE"]] * 2 + [[], []]


def test_moderators_and_bans_are_not_told(stage, world, people, mallory):
    world.messaging.create_channel_moderator(
        ChannelArn=world.channel, ChannelModeratorArn=world.alice, ChimeBearer=world.admin
    )
    world.messaging.create_channel_ban(
        ChannelArn=world.channel, MemberArn=world.mallory, ChimeBearer=world.admin
    )
    world.messaging.update_channel_read_marker(ChannelArn=world.channel, ChimeBearer=world.bob)
    assert stage.types(*people, mallory) == [[]] * 4


def test_a_banned_member_hears_no_more(stage, world, people):
    world.messaging.create_channel_ban(
        ChannelArn=world.channel, MemberArn=world.bob, ChimeBearer=world.admin
    )
    stage.seen(*people)
    world.send("quiet")
    assert stage.types(*people) == [["CREATE_CHANNEL_MESSAGE"]] * 2 + [[]]


def test_a_sender_is_shown_by_the_name_that_it_has_now(stage, world, people):
    world.identity.update_app_instance_user(
        AppInstanceUserArn=world.alice, Name="Alice Again", Metadata=""
    )
    world.send("it is me")
    event = all_the_same(stage.seen(*people))
    assert event.payload["Sender"] == {"Arn": world.alice, "Name": "Alice Again"}
