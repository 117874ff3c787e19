// The sample of docs/sessions.md for Node.js does what it says when it is pasted.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { eventually } from "../support/polling.mjs";
import { Stage, kAccount, kTestFolder } from "./stage.mjs";

const kDocument = path.resolve(import.meta.dirname, "../../docs/sessions.md");
const kDocumentedAddress = "127.0.0.1:7464";
const kRefused = /^ended: 4003 [A-Z].+\.$/; // with the sentence of the close frame

// Its packages are those of these tests, at their versions: what is not among them fails.
const kNpm = `#!/bin/sh
set -eu
modules=${path.resolve(import.meta.dirname, "node_modules")}
[ "$1" = install ]
shift
for package; do [ -f "$modules/$package/package.json" ]; done
ln -sfn "$modules" node_modules
`;

function theBlock(language, holding) {
  const text = fs.readFileSync(kDocument, "utf8");
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const found = blocks.filter(([, its, block]) => its === language && block.includes(holding));
  assert.equal(found.length, 1, `${found.length} blocks in ${language} with ${holding}`);
  return found[0][2];
}

// The only change to what is pasted.
function atServer(stage, block) {
  const around = block.split(kDocumentedAddress);
  assert.equal(around.length, 2, block);
  return around.join(`127.0.0.1:${stage.carillon.port}`);
}

// A line of the documentation has ... for what it leaves out.
function shows(abridged, line) {
  const parts = abridged.split("...").map((part) => part.replace(/[^\w\s]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}$`).test(line);
}

function makeFolder() {
  const folder = fs.mkdtempSync(path.join(kTestFolder, "pasted-"));
  const tools = path.join(folder, "bin");
  fs.mkdirSync(tools);
  const executable = { mode: 0o755 };
  fs.writeFileSync(path.join(tools, "npm"), kNpm, executable);
  fs.symlinkSync(process.execPath, path.join(tools, "node"));
  return { folder, tools };
}

// The sample, run by the shell lines around it.
function watch(t, stage, alice) {
  const { folder, tools } = makeFolder();
  const sample = atServer(stage, theBlock("js", "DefaultMessagingSession"));
  fs.writeFileSync(path.join(folder, "watch.mjs"), sample);
  const { NODE_EXTRA_CA_CERTS, ...environment } = process.env;
  const shell = `set -eu\n${atServer(stage, theBlock("sh", "watch.mjs"))}`;
  const child = spawn("bash", ["-c", shell], {
    cwd: folder,
    detached: true, // so that the shell's children end with it
    env: { ...environment, alice, PATH: `${tools}:${environment.PATH}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const watcher = { out: "", err: "" };
  const over = once(child, "close").then(([code]) => (watcher.code = code));
  child.stdout.setEncoding("utf8").on("data", (text) => (watcher.out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (watcher.err += text));
  watcher.lines = () => watcher.out.split("\n").slice(0, -1);
  watcher.sees = (count) =>
    eventually(
      () => watcher.lines().length >= count,
      () => `${count} lines are printed:\n${watcher.out}${watcher.err}`,
    );
  watcher.ended = () =>
    eventually(
      () => watcher.code !== undefined,
      () => `it ends:\n${watcher.out}${watcher.err}`,
    );
  t.after(async () => {
    if (watcher.code === undefined) process.kill(-child.pid, "SIGKILL");
    await over;
  });
  return watcher;
}

test("the sample prints what its user is told, and why it ends", async (t) => {
  const stage = await Stage.make(t, "--account", kAccount);
  const expected = theBlock("text", "CHANNEL_DETAILS").split("\n").slice(0, -1);
  await stage.send("what was said before");
  const watcher = watch(t, stage, stage.bob);
  await watcher.sees(expected.length - 1);
  await stage.send("hello");
  await watcher.sees(expected.length);
  const seen = watcher.lines();
  assert.equal(seen.length, expected.length, watcher.out);
  for (const [index, abridged] of expected.entries()) {
    assert.ok(shows(abridged, seen[index]), `${abridged}\n${seen[index]}`);
  }
  await stage.identity.deleteAppInstanceUser({ AppInstanceUserArn: stage.bob });
  await watcher.ended();
  assert.equal(watcher.code, 0, watcher.err);
  assert.match(watcher.lines().at(-1), kRefused);
});

test("the sample comes back to a server that was away", async (t) => {
  const stage = await Stage.make(t, "--account", kAccount);
  const watcher = watch(t, stage, stage.bob);
  const established = (times) => () =>
    watcher.lines().filter((line) => line === "SESSION_ESTABLISHED null").length === times;
  await eventually(established(1), () => `the session begins:\n${watcher.out}${watcher.err}`);
  await stage.carillon.end();
  await eventually(
    () => watcher.err.includes("ECONNREFUSED"),
    () => `the sample finds no server:\n${watcher.out}${watcher.err}`,
  );
  await stage.carillon.start();
  await eventually(established(2), () => `the session is back:\n${watcher.out}${watcher.err}`);
});

test("the sample says that it was not let in", async (t) => {
  const stage = await Stage.make(t, "--account", kAccount);
  const watcher = watch(t, stage, stage.alice.replace("/user/alice", "/user/nobody"));
  await watcher.ended();
  assert.equal(watcher.code, 0, watcher.err);
  assert.equal(watcher.lines().length, 1, watcher.out);
  assert.match(watcher.lines()[0], kRefused);
});
