// The JavaScript SDK v3 against a running server.
import assert from "node:assert/strict";
import test from "node:test";

import {
  CreateAppInstanceCommand,
  CreateAppInstanceUserCommand,
  ListAppInstancesCommand,
} from "@aws-sdk/client-chime-sdk-identity";
import {
  AssociateChannelFlowCommand,
  BadRequestException,
  ChannelFlowCallbackCommand,
  ChimeSDKMessaging,
  ChimeSDKMessagingServiceException,
  ConflictException,
  CreateChannelCommand,
  CreateChannelFlowCommand,
  DeleteChannelCommand,
  DescribeChannelCommand,
  ForbiddenException,
  GetChannelMessageCommand,
  GetChannelMessageStatusCommand,
  ListChannelMessagesCommand,
  NotFoundException,
  SendChannelMessageCommand,
  UpdateChannelCommand,
  UpdateChannelMessageCommand,
} from "@aws-sdk/client-chime-sdk-messaging";

import {
  admin,
  clientsOf,
  kAccount,
  kClientOptions,
  kRegion,
  startCarillon,
  startProcessor,
} from "./carillon.mjs";
import { eventually } from "../../support/polling.mjs";

const kForbiddenText = "You do not have sufficient access to perform this action.";
const kTexts = [
  "Grüße 👋🏽 from 🇩🇪 👩‍👩‍👧‍👦",
  "你好,世界 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \u{10fffd}",
  "one\r\ntwo\tthree\u2028four\u2029five",
  String.fromCharCode(...Array.from({ length: 31 }, (_, index) => index + 1)),
  "\"quoted\" \\ 'single' \\u0041 </script> %2F +",
  "\ufeffmarked, e\u0301 is not é",
];

async function makeWorld(t, endpoint) {
  const { messaging, identity } = clientsOf(t, endpoint);
  const { AppInstanceArn } = await identity.send(new CreateAppInstanceCommand({ Name: "demo" }));
  const user = async (id) =>
    (
      await identity.send(
        new CreateAppInstanceUserCommand({ AppInstanceArn, AppInstanceUserId: id, Name: id }),
      )
    ).AppInstanceUserArn;
  const [alice, bob, mallory] = [await user("alice"), await user("bob"), await user("mallory")];
  const { ChannelArn } = await messaging.send(
    new CreateChannelCommand({
      AppInstanceArn,
      Name: "general",
      Privacy: "PRIVATE",
      MemberArns: [bob],
      ChimeBearer: alice,
    }),
  );
  const world = { endpoint, messaging, identity, AppInstanceArn, ChannelArn, alice, bob, mallory };
  world.send = (Content, members = {}) =>
    messaging.send(
      new SendChannelMessageCommand({
        ChannelArn,
        Content,
        Type: "STANDARD",
        Persistence: "PERSISTENT",
        ChimeBearer: alice,
        ...members,
      }),
    );
  world.get = async (MessageId, ChimeBearer = alice) =>
    (await messaging.send(new GetChannelMessageCommand({ ChannelArn, MessageId, ChimeBearer })))
      .ChannelMessage;
  world.statusIs = async (MessageId, value) =>
    (
      await messaging.send(
        new GetChannelMessageStatusCommand({ ChannelArn, MessageId, ChimeBearer: alice }),
      )
    ).Status.Value === value;
  return world;
}

async function addFlow(world) {
  const { ChannelFlowArn } = await world.messaging.send(
    new CreateChannelFlowCommand({
      AppInstanceArn: world.AppInstanceArn,
      Name: "moderation",
      Processors: [
        {
          Name: "mask",
          ExecutionOrder: 1,
          FallbackAction: "ABORT",
          Configuration: {
            Lambda: {
              ResourceArn: `arn:aws:lambda:${kRegion}:${kAccount}:function:mask`,
              InvocationType: "ASYNC",
            },
          },
        },
      ],
    }),
  );
  await world.messaging.send(
    new AssociateChannelFlowCommand({
      ChannelArn: world.ChannelArn,
      ChannelFlowArn,
      ChimeBearer: world.alice,
    }),
  );
}

// A world whose channel has a flow with a real processor; `verdict` returns the callback's members.
async function makeFlowWorld(t, verdict) {
  let messaging;
  const processor = await startProcessor(t, (event) =>
    messaging.send(
      new ChannelFlowCallbackCommand({
        ChannelArn: event.ChannelMessage.ChannelArn,
        CallbackId: event.CallbackId,
        ...verdict(event.ChannelMessage),
      }),
    ),
  );
  const endpoint = await startCarillon(t, "--lambda-endpoint", processor.url);
  const world = await makeWorld(t, endpoint);
  messaging = world.messaging;
  await addFlow(world);
  return { world, processor };
}

test("a message is changed by its processor", async (t) => {
  const { world, processor } = await makeFlowWorld(t, ({ MessageId, Content }) => ({
    ChannelMessage: { MessageId, Content: Content.replace("secret", "******") },
  }));
  const sent = await world.send("the secret is 42", { Metadata: '{"id":1}' });
  assert.equal(sent.ChannelArn, world.ChannelArn);
  assert.deepEqual(sent.Status, { Value: "PENDING" });
  assert.equal(sent.$metadata.httpStatusCode, 201);
  assert.ok(sent.$metadata.requestId);

  await eventually(() => world.statusIs(sent.MessageId, "SENT"), "the message is sent");
  const message = await world.get(sent.MessageId, world.bob);
  assert.equal(message.Content, "the ****** is 42");
  assert.equal(message.Metadata, '{"id":1}');
  assert.deepEqual(message.Status, { Value: "SENT" });
  assert.deepEqual(message.Sender, { Arn: world.alice, Name: "alice" });

  assert.deepEqual(processor.failures, []);
  assert.equal(processor.events.length, 1);
  const [{ path, type, event }] = processor.events;
  assert.equal(path, "/2015-03-31/functions/mask/invocations");
  assert.equal(type, "Event");
  const { CallbackId, ...rest } = event;
  assert.ok(CallbackId.length >= 32);
  assert.deepEqual(rest, {
    EventType: "CHANNEL_MESSAGE_EVENT",
    ChannelMessage: {
      MessageId: sent.MessageId,
      ChannelArn: world.ChannelArn,
      Content: "the secret is 42",
      Metadata: '{"id":1}',
      Sender: { Arn: world.alice, Name: "alice" },
      Persistence: "PERSISTENT",
      Type: "STANDARD",
      CreatedTimestamp: message.CreatedTimestamp.toISOString(),
    },
  });
});

test("a denied message is gone", async (t) => {
  const { world } = await makeFlowWorld(t, ({ MessageId }) => ({
    DeleteResource: true,
    ChannelMessage: { MessageId },
  }));
  const { MessageId } = await world.send("spam");
  const isGone = () =>
    world.get(MessageId).then(
      () => false,
      (error) => error instanceof NotFoundException,
    );
  await eventually(isGone, "the message is gone");
  await assert.rejects(world.statusIs(MessageId, "SENT"), ForbiddenException);
});

test("an update goes through the flow", async (t) => {
  const world = await makeWorld(t, await startCarillon(t));
  const { ChannelArn, messaging, alice, bob } = world;
  const { MessageId } = await world.send("old");
  await addFlow(world);
  const update = { ChannelArn, MessageId, ChimeBearer: alice };
  const updated = await messaging.send(
    new UpdateChannelMessageCommand({ ...update, Content: "new" }),
  );
  assert.deepEqual(updated.Status, { Value: "PENDING" });
  assert.equal((await world.get(MessageId, bob)).Content, "old");
  const { Callbacks } = await admin(world.endpoint, `callbacks?message-id=${MessageId}`);
  assert.equal(Callbacks.length, 1);
  const callback = new ChannelFlowCallbackCommand({
    ChannelArn,
    CallbackId: Callbacks[0].CallbackId,
    ChannelMessage: { MessageId },
  });
  const answer = await messaging.send(callback);
  assert.equal(answer.CallbackId, Callbacks[0].CallbackId);
  const message = await world.get(MessageId, bob);
  assert.equal(message.Content, "new");
  assert.ok(message.LastEditedTimestamp instanceof Date);

  await assert.rejects(messaging.send(callback), (error) => {
    assert.ok(error instanceof BadRequestException);
    assert.equal(
      error.message,
      "Unable to complete processing of non-pending message for callback id: " +
        `${Callbacks[0].CallbackId}, message id: ${MessageId}`,
    );
    return true;
  });
});

test("errors are the SDK's own classes", async (t) => {
  const world = await makeWorld(t, await startCarillon(t));
  const { ChannelArn, messaging } = world;
  await world.send("x", { ClientRequestToken: "token-1" });
  const cases = [
    [() => world.send("x", { Type: "LOUD" }), BadRequestException, "BadRequest", 400],
    [() => world.send("x", { ChimeBearer: world.mallory }), ForbiddenException, "Forbidden", 403],
    [() => world.get("unknown"), NotFoundException, "NotFound", 404],
    [
      () => world.send("y", { ClientRequestToken: "token-1" }),
      ConflictException,
      "Conflict",
      409,
    ],
  ];
  for (const [request, Exception, code, status] of cases) {
    await assert.rejects(request(), (error) => {
      assert.ok(error instanceof Exception, `${error} is no ${Exception.name}`);
      assert.equal(error.name, Exception.name);
      assert.equal(error.Code, code);
      assert.equal(error.$fault, "client");
      assert.equal(error.$metadata.httpStatusCode, status);
      assert.equal(error.$metadata.attempts, 1);
      assert.ok(error.$metadata.requestId);
      return true;
    });
  }
  await assert.rejects(
    messaging.send(new DescribeChannelCommand({ ChannelArn, ChimeBearer: world.mallory })),
    { name: "ForbiddenException", message: kForbiddenText },
  );
  // The SDK sends whatever it gets: every constraint is the server's to check.
  await assert.rejects(
    messaging.send(
      new ChannelFlowCallbackCommand({
        ChannelArn,
        CallbackId: "short",
        ChannelMessage: { MessageId: "no good id" },
      }),
    ),
    {
      name: "BadRequestException",
      message:
        "2 validation errors detected: Value 'short' at 'callbackId' failed to satisfy " +
        "constraint: Member must have length greater than or equal to 32; " +
        "Value 'no good id' at 'channelMessage.messageId' failed to satisfy constraint: " +
        "Member must satisfy regular expression pattern: [-_a-zA-Z0-9]*",
    },
  );
});

test("an error that no operation lists is the SDK's service exception", async (t) => {
  const world = await makeWorld(t, await startCarillon(t));
  const { ChannelArn, alice: ChimeBearer } = world;
  await assert.rejects(
    world.messaging.send(new UpdateChannelCommand({ ChannelArn, ChimeBearer, Name: 7 })),
    (error) => {
      assert.ok(error instanceof ChimeSDKMessagingServiceException);
      assert.equal(error.name, "SerializationException");
      assert.equal(error.$metadata.httpStatusCode, 400);
      return true;
    },
  );
});

test("the SDK's own retries do no harm", async (t) => {
  const endpoint = await startCarillon(t);
  const world = await makeWorld(t, endpoint);
  // With attempts to spare: errors of the client's own making are not tried again.
  const patient = new ChimeSDKMessaging({ ...kClientOptions, endpoint, maxAttempts: 3 });
  t.after(() => patient.destroy());
  const request = { ChannelArn: world.ChannelArn, MessageId: "unknown", ChimeBearer: world.alice };
  await assert.rejects(patient.getChannelMessage(request), (error) => {
    assert.ok(error instanceof NotFoundException);
    assert.equal(error.$metadata.attempts, 1);
    return true;
  });
});

test("timestamps are dates", async (t) => {
  const world = await makeWorld(t, await startCarillon(t));
  // The service keeps milliseconds, and so does Date.
  const before = Date.now();
  const { MessageId } = await world.send("now");
  const after = Date.now();
  const message = await world.get(MessageId);
  for (const name of ["CreatedTimestamp", "LastUpdatedTimestamp"]) {
    assert.ok(message[name] instanceof Date);
    assert.ok(before <= message[name].getTime() && message[name].getTime() <= after);
  }
  const { ChannelMessages } = await world.messaging.send(
    new ListChannelMessagesCommand({
      ChannelArn: world.ChannelArn,
      ChimeBearer: world.bob,
      NotBefore: message.CreatedTimestamp,
      NotAfter: message.CreatedTimestamp,
    }),
  );
  assert.deepEqual(
    ChannelMessages.map((entry) => entry.MessageId),
    [MessageId],
  );
});

test("content comes back as it was written", async (t) => {
  const { world, processor } = await makeFlowWorld(t, ({ MessageId, Content }) => ({
    ChannelMessage: { MessageId, Content },
  }));
  for (const text of kTexts) {
    const { MessageId } = await world.send(text);
    await eventually(() => world.statusIs(MessageId, "SENT"), "the message is sent");
    assert.equal((await world.get(MessageId, world.bob)).Content, text);
  }
  assert.deepEqual(
    processor.events.map(({ event }) => event.ChannelMessage.Content),
    kTexts,
  );
});

test("lists come in pages", async (t) => {
  const world = await makeWorld(t, await startCarillon(t));
  const contents = ["0", "1", "2", "3", "4"];
  for (const content of contents) await world.send(content);
  const pages = [];
  let NextToken;
  do {
    const page = await world.messaging.send(
      new ListChannelMessagesCommand({
        ChannelArn: world.ChannelArn,
        ChimeBearer: world.bob,
        SortOrder: "ASCENDING",
        MaxResults: 2,
        NextToken,
      }),
    );
    pages.push(page.ChannelMessages.map((message) => message.Content));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  assert.deepEqual(pages, [["0", "1"], ["2", "3"], ["4"]]);
});

test("an answer without a body", async (t) => {
  const world = await makeWorld(t, await startCarillon(t));
  const { ChannelArn, alice } = world;
  const deleted = await world.messaging.send(
    new DeleteChannelCommand({ ChannelArn, ChimeBearer: alice }),
  );
  assert.equal(deleted.$metadata.httpStatusCode, 204);
});

test("a forgotten CallbackId is filled in by the SDK and refused by the service", async (t) => {
  const world = await makeWorld(t, await startCarillon(t));
  await addFlow(world);
  const { MessageId } = await world.send("x");
  await assert.rejects(
    world.messaging.send(
      new ChannelFlowCallbackCommand({
        ChannelArn: world.ChannelArn,
        ChannelMessage: { MessageId },
      }),
    ),
    { name: "ForbiddenException", message: kForbiddenText },
  );
  assert.ok(await world.statusIs(MessageId, "PENDING"));
});

test("the endpoint comes from the environment", async (t) => {
  process.env.AWS_ENDPOINT_URL = await startCarillon(t);
  t.after(() => delete process.env.AWS_ENDPOINT_URL);
  const { identity } = clientsOf(t, undefined);
  const { AppInstances } = await identity.send(new ListAppInstancesCommand({}));
  assert.deepEqual(AppInstances, []);
});
