"""Create, describe, list, update and delete of everything that a conversation needs, by boto3."""

import datetime

import pytest
from world import FORBIDDEN_TEXT, function_arn, processor_entry


def near_now(moment):
    now = datetime.datetime.now(datetime.timezone.utc)
    return moment.tzinfo is not None and abs(now - moment) < datetime.timedelta(seconds=30)


def test_app_instance(identity):
    arn = identity.create_app_instance(Name="demo", Metadata="m")["AppInstanceArn"]
    assert arn.startswith("arn:aws:chime:us-east-1:111122223333:app-instance/")
    described = identity.describe_app_instance(AppInstanceArn=arn)["AppInstance"]
    assert near_now(described.pop("CreatedTimestamp"))
    assert near_now(described.pop("LastUpdatedTimestamp"))
    assert described == {"AppInstanceArn": arn, "Name": "demo", "Metadata": "m"}
    assert identity.list_app_instances()["AppInstances"] == [described]

    updated = identity.update_app_instance(AppInstanceArn=arn, Name="other", Metadata="n")
    assert updated["AppInstanceArn"] == arn
    described = identity.describe_app_instance(AppInstanceArn=arn)["AppInstance"]
    assert (described["Name"], described["Metadata"]) == ("other", "n")

    identity.delete_app_instance(AppInstanceArn=arn)
    assert identity.list_app_instances()["AppInstances"] == []
    with pytest.raises(identity.exceptions.ForbiddenException):
        identity.describe_app_instance(AppInstanceArn=arn)


def test_app_instance_user(identity):
    app_instance = identity.create_app_instance(Name="demo")["AppInstanceArn"]
    arn = identity.create_app_instance_user(
        AppInstanceArn=app_instance, AppInstanceUserId="alice", Name="Alice", Metadata="m"
    )["AppInstanceUserArn"]
    assert arn == app_instance + "/user/alice"
    described = identity.describe_app_instance_user(AppInstanceUserArn=arn)["AppInstanceUser"]
    assert near_now(described.pop("CreatedTimestamp"))
    assert near_now(described.pop("LastUpdatedTimestamp"))
    assert described == {"AppInstanceUserArn": arn, "Name": "Alice", "Metadata": "m"}
    listed = identity.list_app_instance_users(AppInstanceArn=app_instance)
    assert listed["AppInstanceArn"] == app_instance
    assert listed["AppInstanceUsers"] == [described]

    identity.update_app_instance_user(AppInstanceUserArn=arn, Name="Alicia", Metadata="n")
    described = identity.describe_app_instance_user(AppInstanceUserArn=arn)["AppInstanceUser"]
    assert (described["Name"], described["Metadata"]) == ("Alicia", "n")

    identity.delete_app_instance_user(AppInstanceUserArn=arn)
    assert identity.list_app_instance_users(AppInstanceArn=app_instance)["AppInstanceUsers"] == []
    with pytest.raises(identity.exceptions.ForbiddenException):
        identity.describe_app_instance_user(AppInstanceUserArn=arn)


def test_app_instance_admin(world):
    named = {"AppInstanceArn": world.app_instance, "AppInstanceAdminArn": world.alice}
    created = world.identity.create_app_instance_admin(**named)
    assert created["AppInstanceAdmin"] == {"Arn": world.alice, "Name": "Alice"}
    assert created["AppInstanceArn"] == world.app_instance
    described = world.identity.describe_app_instance_admin(**named)["AppInstanceAdmin"]
    assert near_now(described.pop("CreatedTimestamp"))
    assert described == {"Admin": created["AppInstanceAdmin"], "AppInstanceArn": world.app_instance}
    listed = world.identity.list_app_instance_admins(AppInstanceArn=world.app_instance)
    assert [entry["Admin"]["Arn"] for entry in listed["AppInstanceAdmins"]] == [
        world.admin,
        world.alice,
    ]
    world.identity.delete_app_instance_admin(**named)
    with pytest.raises(world.identity.exceptions.ForbiddenException):
        world.identity.describe_app_instance_admin(**named)


def test_channel(world):
    arn = world.messaging.create_channel(
        AppInstanceArn=world.app_instance,
        Name="plans",
        ChannelId="plans-1",
        Mode="UNRESTRICTED",
        Privacy="PUBLIC",
        Metadata="m",
        MemberArns=[world.bob],
        ModeratorArns=[world.bob],
        ChimeBearer=world.alice,
    )["ChannelArn"]
    assert arn == world.app_instance + "/channel/plans-1"
    named = {"ChannelArn": arn, "ChimeBearer": world.alice}
    described = world.messaging.describe_channel(**named)["Channel"]
    assert near_now(described.pop("CreatedTimestamp"))
    assert near_now(described.pop("LastUpdatedTimestamp"))
    assert described == {
        "ChannelArn": arn,
        "Name": "plans",
        "Mode": "UNRESTRICTED",
        "Privacy": "PUBLIC",
        "Metadata": "m",
        "CreatedBy": {"Arn": world.alice, "Name": "Alice"},
    }
    # Only an administrator is shown the private channel of the world.
    listed = {"AppInstanceArn": world.app_instance}
    public = world.messaging.list_channels(**listed, ChimeBearer=world.alice)["Channels"]
    assert [channel["ChannelArn"] for channel in public] == [arn]
    every = world.messaging.list_channels(**listed, ChimeBearer=world.admin)["Channels"]
    assert [channel["ChannelArn"] for channel in every] == [world.channel, arn]

    world.messaging.update_channel(**named, Name="dreams", Mode="RESTRICTED", Metadata="n")
    described = world.messaging.describe_channel(**named)["Channel"]
    assert (described["Name"], described["Mode"]) == ("dreams", "RESTRICTED")
    assert (described["Metadata"], described["Privacy"]) == ("n", "PUBLIC")

    world.messaging.delete_channel(**named)
    with pytest.raises(world.messaging.exceptions.ForbiddenException):
        world.messaging.describe_channel(**named)


def test_channel_membership(world):
    named = {"ChannelArn": world.channel, "MemberArn": world.mallory, "ChimeBearer": world.admin}
    created = world.messaging.create_channel_membership(**named, Type="DEFAULT")
    assert created["ChannelArn"] == world.channel
    assert created["Member"] == {"Arn": world.mallory, "Name": "Mallory"}
    described = world.messaging.describe_channel_membership(**named)["ChannelMembership"]
    assert near_now(described.pop("CreatedTimestamp"))
    assert near_now(described.pop("LastUpdatedTimestamp"))
    assert described == {
        "ChannelArn": world.channel,
        "InvitedBy": {"Arn": world.admin, "Name": "Admin"},
        "Member": created["Member"],
        "Type": "DEFAULT",
    }
    listed = {"ChannelArn": world.channel, "ChimeBearer": world.bob}
    members = world.messaging.list_channel_memberships(**listed)["ChannelMemberships"]
    assert {entry["Member"]["Arn"] for entry in members} == {
        world.admin,
        world.alice,
        world.bob,
        world.mallory,
    }
    world.messaging.delete_channel_membership(**named)
    with pytest.raises(world.messaging.exceptions.NotFoundException):
        world.messaging.describe_channel_membership(**named)


def test_channel_flow(world):
    processors = [processor_entry("one", 1), processor_entry("two", 2, "CONTINUE")]
    arn = world.messaging.create_channel_flow(
        AppInstanceArn=world.app_instance, Name="moderation", Processors=processors
    )["ChannelFlowArn"]
    assert arn.startswith(world.app_instance + "/channel-flow/")
    described = world.messaging.describe_channel_flow(ChannelFlowArn=arn)["ChannelFlow"]
    assert near_now(described.pop("CreatedTimestamp"))
    assert near_now(described.pop("LastUpdatedTimestamp"))
    assert described == {"ChannelFlowArn": arn, "Name": "moderation", "Processors": processors}
    listed = world.messaging.list_channel_flows(AppInstanceArn=world.app_instance)
    assert listed["ChannelFlows"] == [described]

    updated = world.messaging.update_channel_flow(
        ChannelFlowArn=arn, Name="other", Processors=processors[:1]
    )
    assert updated["ChannelFlowArn"] == arn
    described = world.messaging.describe_channel_flow(ChannelFlowArn=arn)["ChannelFlow"]
    assert (described["Name"], described["Processors"]) == ("other", processors[:1])

    world.messaging.delete_channel_flow(ChannelFlowArn=arn)
    with pytest.raises(world.messaging.exceptions.ForbiddenException):
        world.messaging.describe_channel_flow(ChannelFlowArn=arn)


def test_channel_flow_association(world):
    flow = world.add_flow(processor_entry("one"))
    by_admin = {"ChannelArn": world.channel, "ChimeBearer": world.admin}

    def attached():
        return world.messaging.describe_channel(**by_admin)["Channel"].get("ChannelFlowArn")

    assert attached() == flow
    associated = world.messaging.list_channels_associated_with_channel_flow(ChannelFlowArn=flow)
    assert associated["Channels"] == [
        {
            "ChannelArn": world.channel,
            "Name": "general",
            "Mode": "RESTRICTED",
            "Privacy": "PRIVATE",
        }
    ]
    with pytest.raises(world.messaging.exceptions.ConflictException):
        world.messaging.delete_channel_flow(ChannelFlowArn=flow)
    with pytest.raises(world.messaging.exceptions.ForbiddenException) as refused:
        world.messaging.associate_channel_flow(
            ChannelArn=world.channel, ChannelFlowArn=flow, ChimeBearer=world.alice
        )
    assert refused.value.response["Error"]["Message"] == FORBIDDEN_TEXT

    # Associating another one replaces the first, which then is not the channel's any more.
    other = world.add_flow(processor_entry("two"))
    assert attached() == other
    with pytest.raises(world.messaging.exceptions.NotFoundException):
        world.messaging.disassociate_channel_flow(**by_admin, ChannelFlowArn=flow)
    world.messaging.disassociate_channel_flow(**by_admin, ChannelFlowArn=other)
    assert attached() is None
    assert world.send()["Status"]["Value"] == "SENT"
    world.messaging.delete_channel_flow(ChannelFlowArn=other)
    assert function_arn("two") not in str(world.carillon.admin("channel-flows"))


def test_messages_without_a_flow(world):
    sent = world.send("first", Metadata="m")
    assert sent["ChannelArn"] == world.channel
    assert sent["Status"] == {"Value": "SENT"}
    message = world.get(sent["MessageId"], by=world.bob)
    assert near_now(message.pop("CreatedTimestamp"))
    assert near_now(message.pop("LastUpdatedTimestamp"))
    assert message == {
        "ChannelArn": world.channel,
        "MessageId": sent["MessageId"],
        "Content": "first",
        "Metadata": "m",
        "Type": "STANDARD",
        "Persistence": "PERSISTENT",
        "Sender": {"Arn": world.alice, "Name": "Alice"},
        "Redacted": False,
        "Status": {"Value": "SENT"},
    }
    assert world.status(sent["MessageId"]) == {"Value": "SENT"}

    updated = world.update(sent["MessageId"], "second", Metadata="n")
    assert updated["Status"] == {"Value": "SENT"}
    message = world.get(sent["MessageId"])
    assert (message["Content"], message["Metadata"]) == ("second", "n")
    assert near_now(message["LastEditedTimestamp"])

    named = {"ChannelArn": world.channel, "MessageId": sent["MessageId"]}
    world.messaging.redact_channel_message(**named, ChimeBearer=world.alice)
    message = world.get(sent["MessageId"])
    assert message["Redacted"] is True
    assert message["Content"] == ""
    assert "Metadata" not in message

    with pytest.raises(world.messaging.exceptions.ForbiddenException):
        world.messaging.delete_channel_message(**named, ChimeBearer=world.alice)
    world.messaging.delete_channel_message(**named, ChimeBearer=world.admin)
    with pytest.raises(world.messaging.exceptions.NotFoundException):
        world.get(sent["MessageId"])
    assert world.list() == []
