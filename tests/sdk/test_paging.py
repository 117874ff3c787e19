"""Every list comes in pages, and the pages together are the list."""

import pytest
from world import processor_entry

COUNT = 5


def fill_users(world):
    return {"AppInstanceArn": world.app_instance}


def fill_app_instances(world):
    for number in range(COUNT - 1):
        world.identity.create_app_instance(Name=f"app instance {number}")
    return {}


def fill_admins(world):
    for user in (world.alice, world.bob, world.mallory, world.add_user("carol")):
        world.identity.create_app_instance_admin(
            AppInstanceArn=world.app_instance, AppInstanceAdminArn=user
        )
    return {"AppInstanceArn": world.app_instance}


def fill_channels(world):
    for number in range(COUNT - 1):
        world.add_channel(f"channel {number}")
    return {"AppInstanceArn": world.app_instance, "ChimeBearer": world.admin}


def fill_memberships(world):
    for user in (world.mallory, world.add_user("carol")):
        world.messaging.create_channel_membership(
            ChannelArn=world.channel, MemberArn=user, Type="DEFAULT", ChimeBearer=world.admin
        )
    return {"ChannelArn": world.channel, "ChimeBearer": world.alice}


def fill_messages(world):
    for number in range(COUNT):
        world.send(f"message {number}")
    return {"ChannelArn": world.channel, "ChimeBearer": world.bob}


def fill_messages_ascending(world):
    return {**fill_messages(world), "SortOrder": "ASCENDING"}


def fill_flows(world):
    for number in range(COUNT):
        world.add_flow(processor_entry("one"), name=f"flow {number}")
    return {"AppInstanceArn": world.app_instance}


def fill_associations(world):
    flow = world.add_flow(processor_entry("one"))
    for number in range(COUNT - 1):
        channel = world.add_channel(f"channel {number}")
        world.messaging.associate_channel_flow(
            ChannelArn=channel, ChannelFlowArn=flow, ChimeBearer=world.admin
        )
    return {"ChannelFlowArn": flow}


def add_fifth_user(world):
    world.add_user("carol")
    return fill_users(world)


LISTS = [
    # service, operation, member of the answer, what fills it and returns the request
    ("identity", "list_app_instances", "AppInstances", fill_app_instances),
    ("identity", "list_app_instance_users", "AppInstanceUsers", add_fifth_user),
    ("identity", "list_app_instance_admins", "AppInstanceAdmins", fill_admins),
    ("messaging", "list_channels", "Channels", fill_channels),
    ("messaging", "list_channel_memberships", "ChannelMemberships", fill_memberships),
    ("messaging", "list_channel_messages", "ChannelMessages", fill_messages),
    ("messaging", "list_channel_messages", "ChannelMessages", fill_messages_ascending),
    ("messaging", "list_channel_flows", "ChannelFlows", fill_flows),
    ("messaging", "list_channels_associated_with_channel_flow", "Channels", fill_associations),
]


def pages_of(operation, request, size):
    """The answers up to the one without a NextToken."""
    pages = [operation(**request, MaxResults=size)]
    while "NextToken" in pages[-1]:
        assert len(pages) <= COUNT
        pages.append(operation(**request, MaxResults=size, NextToken=pages[-1]["NextToken"]))
    return pages


@pytest.mark.parametrize("service, name, member, fill", LISTS)
def test_pages(world, service, name, member, fill):
    operation = getattr(getattr(world, service), name)
    request = fill(world)
    whole = operation(**request)
    assert "NextToken" not in whole
    assert len(whole[member]) == COUNT
    for size, lengths in [(2, [2, 2, 1]), (COUNT, [COUNT]), (1, [1] * COUNT)]:
        pages = pages_of(operation, request, size)
        assert [len(page[member]) for page in pages] == lengths
        assert [row for page in pages for row in page[member]] == whole[member]

    token = operation(**request, MaxResults=1)["NextToken"]
    # A changed token, one that is none, and one of another list.
    foreign = world.messaging.list_channel_memberships(
        ChannelArn=world.add_channel("another"), ChimeBearer=world.admin, MaxResults=1
    )["NextToken"]
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), "nonsense", foreign):
        with pytest.raises(operation.__self__.exceptions.BadRequestException):
            operation(**request, NextToken=wrong)


def test_messages_come_newest_first(world):
    request = fill_messages(world)
    newest = [f"message {number}" for number in reversed(range(COUNT))]
    assert [message["Content"] for message in world.list()] == newest
    oldest = world.messaging.list_channel_messages(**request, SortOrder="ASCENDING")
    assert [message["Content"] for message in oldest["ChannelMessages"]] == newest[::-1]
    assert oldest["ChannelArn"] == world.channel


def test_what_comes_meanwhile_disturbs_no_page(world):
    request = fill_messages(world)
    first = world.messaging.list_channel_messages(**request, MaxResults=3)
    world.send("meanwhile")
    rest = world.messaging.list_channel_messages(**request, NextToken=first["NextToken"])
    contents = [
        message["Content"] for message in first["ChannelMessages"] + rest["ChannelMessages"]
    ]
    assert contents == [f"message {number}" for number in reversed(range(COUNT))]


def test_messages_of_a_time(world):
    request = fill_messages(world)
    times = [message["CreatedTimestamp"] for message in world.list()][::-1]
    for not_before, not_after in [(times[1], times[3]), (times[4], times[4])]:
        listed = world.messaging.list_channel_messages(
            **request, NotBefore=not_before, NotAfter=not_after
        )["ChannelMessages"]
        expected = [time for time in times[::-1] if not_before <= time <= not_after]
        assert [message["CreatedTimestamp"] for message in listed] == expected


@pytest.mark.parametrize(
    "path, member, fill",
    [
        ("channels", "Channels", fill_channels),
        ("channel-flows", "ChannelFlows", fill_flows),
    ],
)
def test_pages_of_the_admin_endpoint(world, path, member, fill):
    fill(world)
    check_admin_pages(world, path, member)


def test_pages_of_callbacks_and_messages_at_the_admin_endpoint(world):
    world.add_flow(processor_entry("held"))
    fill_messages(world)
    check_admin_pages(world, "callbacks", "Callbacks")
    check_admin_pages(world, "messages", "Messages", channel_arn=world.channel)


def check_admin_pages(world, path, member, **filters):
    whole = world.carillon.admin(path, **filters)
    assert "NextToken" not in whole
    assert len(whole[member]) == COUNT
    rows, token = [], {}
    for length in (2, 2, 1):
        page = world.carillon.admin(path, max_results=2, **filters, **token)
        assert len(page[member]) == length
        rows += page[member]
        token = {"next_token": page.get("NextToken")}
    assert token == {"next_token": None}
    assert rows == whole[member]
