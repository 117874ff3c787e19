// A page of another origin, in Chromium, talks to Carillon over https and wss.
import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../../support/polling.mjs";
import { Stage, clientOptions } from "../stage.mjs";
import { openChromium, servePage } from "./chromium.mjs";

async function openApplication(t) {
  const page = await openChromium(t);
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => line.type() === "error" && complaints.push(line.text()));
  await page.goto(await servePage(t));
  const call = (name, argument) =>
    page.evaluate(([called, given]) => application[called](given), [name, argument]);
  const seen = () => page.evaluate(() => application.seen);
  const sees = async (count) => {
    await eventually(async () => (await seen()).length >= count, `the page sees ${count} events`);
    return seen();
  };
  return { call, seen, sees, complaints };
}

test("a page sends and is told, over https and wss", async (t) => {
  const stage = await Stage.make(t);
  const { call, sees, complaints } = await openApplication(t);
  const request = {
    ChannelArn: stage.channel,
    Content: "from the page 👋🏽",
    Type: "STANDARD",
    Persistence: "PERSISTENT",
    ChimeBearer: stage.alice,
  };
  await call("start", { options: clientOptions(stage.endpoint), userArn: stage.alice });
  const MessageId = await call("send", request);
  const events = await sees(4);
  assert.deepEqual(
    events.map(([type]) => type),
    ["started", "SESSION_ESTABLISHED", "CHANNEL_DETAILS", "CREATE_CHANNEL_MESSAGE"],
  );
  assert.equal(events[1][1], null);
  assert.equal(events[2][1].Channel.ChannelArn, stage.channel);
  assert.equal(events[3][1].MessageId, MessageId);
  assert.equal(events[3][1].Content, request.Content);
  assert.deepEqual(complaints, []);

  // An error of the service is an error of the SDK in the page too, and none of the browser.
  const nobody = stage.alice.replace("/user/alice", "/user/nobody");
  assert.equal(await call("send", { ...request, ChimeBearer: nobody }), "ForbiddenException");

  await stage.carillon.end();
  await stage.carillon.start();
  await eventually(
    async () => (await sees(1)).filter(([type]) => type === "SESSION_ESTABLISHED").length === 2,
    "the session came back",
  );
  await call("stop");
  const last = async () => (await sees(1)).at(-1)[0] === "stopped";
  await eventually(last, "the session is over");
});
