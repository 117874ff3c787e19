// When DefaultMessagingSession comes back by itself, and when it gives up.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ChimeSDKMessaging } from "@aws-sdk/client-chime-sdk-messaging";

import { startInterloper } from "./interloper.mjs";
import { Stage, clientOptions, kAccount, kEstablished, kSecret } from "./stage.mjs";

const kStart = ["connecting", "started", kEstablished];
const kAgain = ["connecting again", "started", kEstablished];

// Every session of the stage is back, and gets what is sent now.
async function areBack(stage, sessions) {
  for (const session of sessions) await session.until(() => session.runs === 2);
  const MessageId = await stage.send("welcome back");
  for (const session of sessions) {
    const [[type, message]] = await session.take(1);
    assert.deepEqual([type, message.MessageId], ["CREATE_CHANNEL_MESSAGE", MessageId]);
    // However often it had to try: one start, one return, nothing stopped.
    const tries = session.log.filter((line) => line === "connecting again").length;
    assert.deepEqual(
      session.log.filter((line, index) => index < 3 || line !== "connecting again"),
      [...kStart, "started", kEstablished, "CREATE_CHANNEL_MESSAGE"],
    );
    assert.ok(tries >= 1);
  }
}

test("sessions come back when the server is restarted", async (t) => {
  const stage = await Stage.make(t);
  const users = [stage.alice, stage.alice, stage.bob];
  const sessions = await Promise.all(users.map((user) => stage.connect(user)));
  await stage.carillon.end();
  await stage.carillon.start();
  await areBack(stage, sessions);
});

test("sessions come back after kill -9", async (t) => {
  const stage = await Stage.make(t);
  const users = [stage.alice, stage.bob, stage.bob];
  const sessions = await Promise.all(users.map((user) => stage.connect(user)));
  await stage.carillon.kill();
  await stage.carillon.start();
  await areBack(stage, sessions);
});

test("a session whose user is deleted ends for good", async (t) => {
  const stage = await Stage.make(t);
  const bob = await stage.connect(stage.bob);
  await stage.identity.deleteAppInstanceUser({ AppInstanceUserArn: stage.bob });
  await bob.until((log) => log.at(-1).startsWith("stopped"));
  assert.equal(bob.log.at(-1), "stopped 4003");
  assert.ok(!bob.log.includes("connecting again"));
  await assert.rejects(bob.session.start(), { code: 4003 });
});

test("a session that may not be is refused at once", async (t) => {
  const enforced = ["--sigv4", "enforce", "--credential", `${kAccount}=${kSecret}`];
  const stage = await Stage.make(t, ...enforced);
  const liar = new ChimeSDKMessaging(clientOptions(stage.endpoint, "a wrong secret"));
  t.after(() => liar.destroy());
  const endpointUrl = `127.0.0.1:${stage.carillon.port}`;
  const badlySigned = stage.session(stage.alice, { client: liar, endpointUrl });
  await assert.rejects(badlySigned.session.start(), { code: 4401 });
  const nobody = stage.session(stage.alice.replace("/user/alice", "/user/nobody"));
  await assert.rejects(nobody.session.start(), { code: 4003 });
  for (const { log } of [badlySigned, nobody]) assert.deepEqual(log, ["connecting"]);
});

test("an eleventh session is refused, and the ten go on", async (t) => {
  const stage = await Stage.make(t);
  const sessions = [];
  for (let number = 0; number < 10; ++number) sessions.push(await stage.connect(stage.alice));
  await assert.rejects(stage.session(stage.alice).session.start(), { code: 4003 });
  await stage.send("all here?");
  for (const session of sessions) await session.take(1);
});

test("each close code has the consequence that the SDK gives it", async (t) => {
  const interloper = await startInterloper(t);
  const stage = await Stage.make(t, "--advertise", interloper.host);
  interloper.target = `127.0.0.1:${stage.carillon.port}`;
  const back = ["drop", ...[1001, 1011, 1012, 1013, 1014, 4001, 4404, 4500].map(closing)];
  const over = ["close", ...[1000, 1008, 4000, 4002, 4003, 4401].map(closing)];
  // A user has ten sessions at most.
  const start = (user) => (sessionId) =>
    stage.connect(user, { sessionId, reconnectShortBackoffMs: 100 });
  const returning = await Promise.all(back.map(start(stage.alice)));
  const ending = await Promise.all(over.map(start(stage.bob)));

  for (const session of returning) await session.until(() => session.runs === 2);
  for (const session of ending) await session.until((log) => log.at(-1).startsWith("stopped"));
  for (const session of returning) assert.deepEqual(session.log, [...kStart, ...kAgain]);
  for (const [index, session] of ending.entries()) {
    const code = over[index].split(" ")[1] ?? "1005";
    assert.deepEqual(session.log, [...kStart, `stopped ${code}`]);
    assert.equal(interloper.connections.get(over[index]), 1);
  }
  await stage.send("for those who are here");
  for (const session of returning) await session.take(1);
});

function closing(code) {
  return `close ${code}`;
}
