// DefaultMessagingSession over wss: it starts, and gets every event.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ChimeSDKMessagingClient } from "@aws-sdk/client-chime-sdk-messaging";
import chime from "amazon-chime-sdk-js";

import { eventually } from "../support/polling.mjs";
import { Stage, clientOptions, kAccount, kEstablished, kSecret } from "./stage.mjs";

const typesOf = (events) => events.map(([type]) => type);

test("a session starts, gets what it sent, and stops", async (t) => {
  const stage = await Stage.make(t);
  const alice = await stage.connect(stage.alice);
  assert.deepEqual(alice.log, ["connecting", "started", kEstablished]);
  const MessageId = await stage.send("hello", { Metadata: '{"mine":1}' });
  const [[type, message]] = await alice.take(1);
  assert.equal(type, "CREATE_CHANNEL_MESSAGE");
  assert.equal(message.MessageId, MessageId);
  assert.equal(message.ChannelArn, stage.channel);
  assert.equal(message.Content, "hello");
  assert.equal(message.Metadata, '{"mine":1}');
  assert.equal(message.Redacted, false);
  assert.deepEqual(message.Sender, { Arn: stage.alice, Name: "alice" });
  assert.deepEqual(message.Status, { Value: "SENT" });

  alice.session.stop();
  await alice.until((log) => log.at(-1).startsWith("stopped"));
  // The SDK closes without a code; the answer to that has one.
  assert.deepEqual(alice.log.slice(3), ["CREATE_CHANNEL_MESSAGE", "stopped 1000"]);
  const none = async () => (await stage.look("health")).Sessions === 0;
  await eventually(none, "the server forgot the session");
  // The same object once more.
  await alice.session.start();
  await alice.until(() => alice.runs === 2);
});

test("signed sessions are let in where signatures count", async (t) => {
  const enforced = ["--sigv4", "enforce", "--credential", `${kAccount}=${kSecret}`];
  const stage = await Stage.make(t, ...enforced);
  await stage.connect(stage.alice, { prefetchOn: chime.PrefetchOn.Connect });
  const plain = new ChimeSDKMessagingClient(clientOptions(stage.endpoint));
  t.after(() => plain.destroy());
  await stage.connect(stage.bob, { client: plain });
});

test("two users with two sessions each", async (t) => {
  const stage = await Stage.make(t);
  const sessions = [];
  for (const user of [stage.alice, stage.alice, stage.bob, stage.bob]) {
    sessions.push(await stage.connect(user));
  }
  const ids = [];
  for (const [text, ChimeBearer] of [["hi", stage.alice], ["hello", stage.bob]]) {
    ids.push(await stage.send(text, { ChimeBearer }));
  }
  for (const session of sessions) {
    const events = await session.take(2);
    assert.deepEqual(typesOf(events), ["CREATE_CHANNEL_MESSAGE", "CREATE_CHANNEL_MESSAGE"]);
    assert.deepEqual(events.map(([, message]) => message.MessageId), ids);
  }
});

test("channel flows: pending, then created or denied", async (t) => {
  const stage = await Stage.make(t);
  await stage.addFlow();
  const [alice, bob] = [await stage.connect(stage.alice), await stage.connect(stage.bob)];
  const created = await stage.send("the secret", { Metadata: "1" });
  await stage.callBack(created, { Content: "the ******" });
  const denied = await stage.send("spam", { Metadata: "2" });
  await stage.callBack(denied, {}, { DeleteResource: true });

  const events = await alice.take(4);
  assert.deepEqual(
    events.map(([type, { MessageId, Metadata, Status }]) => [
      type,
      MessageId,
      Metadata,
      Status.Value,
    ]),
    [
      ["PENDING_CREATE_CHANNEL_MESSAGE", created, "1", "PENDING"],
      ["CREATE_CHANNEL_MESSAGE", created, "1", "SENT"],
      ["PENDING_CREATE_CHANNEL_MESSAGE", denied, "2", "PENDING"],
      ["DENIED_CREATE_CHANNEL_MESSAGE", denied, "2", "DENIED"],
    ],
  );
  const contents = events.slice(0, 2).map(([, { Content }]) => Content);
  assert.deepEqual(contents, ["the secret", "the ******"]);
  // bob sees the outcome only.
  const last = await stage.send("last", { ChimeBearer: stage.bob });
  await stage.callBack(last);
  const seen = await bob.take(3);
  assert.deepEqual(typesOf(seen), [
    "CREATE_CHANNEL_MESSAGE",
    "PENDING_CREATE_CHANNEL_MESSAGE",
    "CREATE_CHANNEL_MESSAGE",
  ]);
});

test("channel flows: pending, then failed", async (t) => {
  const stage = await Stage.make(
    t,
    ...["--callback-timeout", "100ms", "--callback-expiry", "apply-fallback"],
  );
  const old = await stage.send("old");
  await stage.addFlow();
  const alice = await stage.connect(stage.alice);
  const MessageId = await stage.send("x", { Metadata: "m" });
  const ChannelMessage = { ChannelArn: stage.channel, MessageId: old, ChimeBearer: stage.alice };
  const created = await alice.take(2);
  assert.deepEqual(
    created.map(([type, message]) => [type, message.MessageId, message.Metadata]),
    [
      ["PENDING_CREATE_CHANNEL_MESSAGE", MessageId, "m"],
      ["FAILED_CREATE_CHANNEL_MESSAGE", MessageId, "m"],
    ],
  );
  await stage.messaging.updateChannelMessage({ ...ChannelMessage, Content: "new" });
  const updated = await alice.take(2);
  assert.deepEqual(
    updated.map(([type, message]) => [type, message.MessageId]),
    [
      ["PENDING_UPDATE_CHANNEL_MESSAGE", old],
      ["FAILED_UPDATE_CHANNEL_MESSAGE", old],
    ],
  );
});

test("messages, memberships and channels change", async (t) => {
  const stage = await Stage.make(t);
  const carol = await stage.addUser("carol");
  const { messaging, channel: ChannelArn, alice: ChimeBearer } = stage;
  const bob = await stage.connect(stage.bob);
  const message = { ChannelArn, MessageId: await stage.send("1"), ChimeBearer };
  await messaging.updateChannelMessage({ ...message, Content: "2" });
  await messaging.redactChannelMessage(message);
  await messaging.deleteChannelMessage({ ...message, ChimeBearer: stage.admin });
  const member = { ChannelArn, MemberArn: carol, ChimeBearer };
  await messaging.createChannelMembership({ ...member, Type: "DEFAULT" });
  await messaging.deleteChannelMembership(member);
  await messaging.batchCreateChannelMembership({ ChannelArn, MemberArns: [carol], ChimeBearer });
  await messaging.updateChannel({ ChannelArn, Name: "renamed", ChimeBearer });
  await messaging.deleteChannel({ ChannelArn, ChimeBearer });
  const events = await bob.take(9);
  assert.deepEqual(typesOf(events), [
    "CREATE_CHANNEL_MESSAGE",
    "UPDATE_CHANNEL_MESSAGE",
    "REDACT_CHANNEL_MESSAGE",
    "DELETE_CHANNEL_MESSAGE",
    "CREATE_CHANNEL_MEMBERSHIP",
    "DELETE_CHANNEL_MEMBERSHIP",
    "BATCH_CREATE_CHANNEL_MEMBERSHIP",
    "UPDATE_CHANNEL",
    "DELETE_CHANNEL",
  ]);
  // How applications find the channel that an event is about.
  for (const [type, payload] of events) assert.equal(payload.ChannelArn, ChannelArn, type);
});

test("channels are prefetched", async (t) => {
  const stage = await Stage.make(t);
  const other = await stage.addChannel("other");
  await stage.send("first");
  await stage.send("second");
  for (const prefetchSortBy of [undefined, ...Object.values(chime.PrefetchSortBy)]) {
    const settings = { prefetchOn: chime.PrefetchOn.Connect, prefetchSortBy };
    const bob = await stage.connect(stage.bob, settings);
    const events = await bob.take(2);
    assert.deepEqual(typesOf(events), ["CHANNEL_DETAILS", "CHANNEL_DETAILS"]);
    const told = new Map(events.map(([, details]) => [details.Channel.ChannelArn, details]));
    assert.deepEqual([...told.keys()].sort(), [stage.channel, other].sort());
    const { ChannelMessages, ChannelMemberships, ChannelMessagesHasMore } = told.get(stage.channel);
    assert.deepEqual(
      ChannelMessages.map(({ Content }) => Content),
      ["second", "first"],
    );
    assert.equal(ChannelMessagesHasMore, false);
    assert.deepEqual(
      ChannelMemberships.map(({ Member }) => Member.Arn).sort(),
      [stage.alice, stage.bob].sort(),
    );
    const MessageId = await stage.send("live");
    assert.deepEqual(typesOf(await bob.take(1)), ["CREATE_CHANNEL_MESSAGE"]);
    await stage.messaging.deleteChannelMessage({
      ChannelArn: stage.channel,
      MessageId,
      ChimeBearer: stage.admin,
    });
    assert.deepEqual(typesOf(await bob.take(1)), ["DELETE_CHANNEL_MESSAGE"]);
  }
});
