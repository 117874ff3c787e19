"""Those who watch the events of messages, and the checks of what they see."""

ALWAYS = {
    "MessageId", "ChannelArn", "Content", "CreatedTimestamp", "LastUpdatedTimestamp", "Persistence",
    "Redacted", "Type", "Sender", "Status",
}  # fmt: skip


class People:
    """alice twice, bob, a hidden member, and those who are not members: another administrator and
    mallory."""

    def __init__(self, stage):
        world = stage.world
        self.stage = stage
        hidden = world.add_user("hidden")
        world.messaging.create_channel_membership(
            ChannelArn=world.channel, MemberArn=hidden, Type="HIDDEN", ChimeBearer=world.admin
        )
        root = world.add_user("root")
        world.identity.create_app_instance_admin(
            AppInstanceArn=world.app_instance, AppInstanceAdminArn=root
        )
        self.phone = stage.connect(world.alice)
        self.laptop = stage.connect(world.alice)
        self.bob = stage.connect(world.bob)
        self.hidden = stage.connect(hidden)
        self.outside = [stage.connect(root), stage.connect(world.mallory)]

    def all_see(self, *types):
        """Every member has seen these events, each session the same; the others nothing."""
        return self.first_see(4, types)

    def two_see(self, *types):
        """alice's sessions and bob's have seen these events; nobody else has seen anything."""
        return self.first_see(3, types)

    def sender_sees(self, *types):
        """Both sessions of alice have seen these events; nobody else has seen anything."""
        return self.first_see(2, types)

    def first_see(self, count, types):
        seen = self.stage.seen(self.phone, self.laptop, self.bob, self.hidden, *self.outside)
        assert all(events == seen[0] for events in seen[:count])
        assert seen[count:] == [[]] * (len(seen) - count)
        return of_types(seen[0], types)


def of_types(events, types):
    assert [event.type for event in events] == list(types)
    return events


def message_of(event):
    """What stays the same from a message's first event to its last."""
    names = ("MessageId", "ChannelArn", "Metadata", "Sender", "CreatedTimestamp", "Type")
    return {name: event.payload.get(name) for name in names}
