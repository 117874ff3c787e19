// A server for each test, SDK clients for it, and a processor behind a Lambda Invoke endpoint.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";

import { ChimeSDKIdentityClient } from "@aws-sdk/client-chime-sdk-identity";
import { ChimeSDKMessagingClient } from "@aws-sdk/client-chime-sdk-messaging";

import { CarillonProcess } from "../../support/carillon_process.mjs";

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
  const carillon = await new CarillonProcess(flags).start();
  t.after(() => carillon.end());
  return carillon.endpoint;
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
