// Carillon as its users run it: the binary in CARILLON_BINARY as a process of its own, on the
// loopback address and a free port; and a processor behind a Lambda Invoke endpoint.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { ChimeSDKIdentityClient } from "@aws-sdk/client-chime-sdk-identity";
import { ChimeSDKMessagingClient } from "@aws-sdk/client-chime-sdk-messaging";

import { eventually } from "./polling.mjs";

const kRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const kBinary = process.env.CARILLON_BINARY ?? path.join(kRoot, "build/release/carillon");

export const kAccount = "111122223333";
export const kRegion = "us-east-1";
// One attempt: an error is to be seen, not repaired by a retry.
export const kClientOptions = {
  region: kRegion,
  credentials: { accessKeyId: kAccount, secretAccessKey: "a-secret-that-nobody-checks" },
  maxAttempts: 1,
};

// Ends with the test `t`, and has to end cleanly.
export async function startCarillon(t, ...flags) {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("CARILLON_")),
  );
  const child = spawn(kBinary, ["--port", "0", ...flags], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text) => (log += text));
  }
  const exited = once(child, "exit");
  t.after(async () => {
    child.kill("SIGTERM");
    const [code] = await exited;
    assert.equal(code, 0, log);
  });
  const ready = await eventually(() => {
    assert.equal(child.exitCode, null, `Carillon ended before it was ready:\n${log}`);
    return /Listening on (http:\/\/127\.0\.0\.1:\d+)\. Ready\.$/m.exec(log);
  }, "Carillon is ready");
  return ready[1];
}

export function clientsOf(t, endpoint) {
  const options = { ...kClientOptions, endpoint };
  const messaging = new ChimeSDKMessagingClient(options);
  const identity = new ChimeSDKIdentityClient(options);
  t.after(() => {
    messaging.destroy();
    identity.destroy();
  });
  return { messaging, identity };
}

// An Invoke endpoint for one function: answers 202 as Lambda does, then runs handler(event).
export async function startProcessor(t, handler) {
  const events = [];
  const failures = [];
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const event = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    events.push({ path: request.url, type: request.headers["x-amz-invocation-type"], event });
    response.writeHead(202).end();
    try {
      await handler(event);
    } catch (failure) {
      failures.push(failure);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, events, failures };
}

export async function admin(endpoint, path) {
  const response = await fetch(`${endpoint}/_carillon/${path}`);
  assert.equal(response.status, 200);
  return response.json();
}
