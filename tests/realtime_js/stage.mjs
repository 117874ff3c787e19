// A server that the tests trust, an app instance with users and a channel on it, and messaging
// sessions of amazon-chime-sdk-js, which are as the package has them.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";

import { ChimeSDKIdentity } from "@aws-sdk/client-chime-sdk-identity";
import { ChimeSDKMessaging } from "@aws-sdk/client-chime-sdk-messaging";
import chime from "amazon-chime-sdk-js";
import { WebSocket } from "ws";

import { CarillonProcess } from "../support/carillon_process.mjs";
import { eventually } from "../support/polling.mjs";

// What a browser has and Node has not.
globalThis.WebSocket = WebSocket;
globalThis.CloseEvent ??= class CloseEvent extends Event {
  constructor(type, { code, reason, wasClean }) {
    super(type);
    Object.assign(this, { code, reason, wasClean });
  }
};

export const kAccount = "111122223333";
export const kSecret = "a-secret-that-nobody-checks";
const kRegion = "us-east-1";
export const kTestFolder = process.env.CARILLON_TEST_FOLDER;
assert.ok(kTestFolder, "these tests are started by run.mjs");
let dataFolders = 0;

export function clientOptions(endpoint, secretAccessKey = kSecret) {
  return {
    region: kRegion,
    endpoint,
    credentials: { accessKeyId: kAccount, secretAccessKey },
    // One attempt: an error is to be seen, not repaired by a retry.
    maxAttempts: 1,
  };
}

export class Stage {
  // A server of the test's own, which has to end cleanly.
  static async make(t, ...flags) {
    const data = path.join(kTestFolder, `data-${process.pid}-${++dataFolders}`);
    fs.cpSync(path.join(kTestFolder, "data"), data, { recursive: true });
    const stage = new Stage();
    stage.t = t;
    stage.carillon = await new CarillonProcess(["--data", data, ...flags]).start();
    stage.sessions = [];
    t.after(async () => {
      for (const { session } of stage.sessions) session.stop();
      stage.messaging.destroy();
      stage.identity.destroy();
      await stage.carillon.end();
    });
    await stage.fill();
    return stage;
  }

  get endpoint() {
    return `https://127.0.0.1:${this.carillon.port}`;
  }

  async fill() {
    this.messaging = new ChimeSDKMessaging(clientOptions(this.endpoint));
    this.identity = new ChimeSDKIdentity(clientOptions(this.endpoint));
    const made = await this.identity.createAppInstance({ Name: "stage" });
    this.appInstance = made.AppInstanceArn;
    this.admin = await this.addUser("admin");
    await this.identity.createAppInstanceAdmin({
      AppInstanceArn: this.appInstance,
      AppInstanceAdminArn: this.admin,
    });
    this.alice = await this.addUser("alice");
    this.bob = await this.addUser("bob");
    this.channel = await this.addChannel("general");
  }

  async addUser(AppInstanceUserId) {
    const request = { AppInstanceArn: this.appInstance, AppInstanceUserId, Name: AppInstanceUserId };
    return (await this.identity.createAppInstanceUser(request)).AppInstanceUserArn;
  }

  async addChannel(Name) {
    const { ChannelArn } = await this.messaging.createChannel({
      AppInstanceArn: this.appInstance,
      Name,
      MemberArns: [this.bob],
      ChimeBearer: this.alice,
    });
    return ChannelArn;
  }

  // Its processor has no endpoint: invocations are held until the test calls back.
  async addFlow(FallbackAction = "ABORT") {
    const ResourceArn = `arn:aws:lambda:${kRegion}:${kAccount}:function:held`;
    const { ChannelFlowArn } = await this.messaging.createChannelFlow({
      AppInstanceArn: this.appInstance,
      Name: "moderation",
      Processors: [
        {
          Name: "held",
          ExecutionOrder: 1,
          FallbackAction,
          Configuration: { Lambda: { ResourceArn, InvocationType: "ASYNC" } },
        },
      ],
    });
    await this.messaging.associateChannelFlow({
      ChannelArn: this.channel,
      ChannelFlowArn,
      ChimeBearer: this.alice,
    });
  }

  async send(Content, members = {}) {
    const { MessageId } = await this.messaging.sendChannelMessage({
      ChannelArn: this.channel,
      Content,
      Type: "STANDARD",
      Persistence: "PERSISTENT",
      ChimeBearer: this.alice,
      ...members,
    });
    return MessageId;
  }

  async look(target) {
    const response = await fetch(`${this.endpoint}/_carillon/${target}`);
    assert.equal(response.status, 200);
    return response.json();
  }

  // Answers the one callback that this message waits for.
  async callBack(MessageId, message = {}, members = {}) {
    const { Callbacks } = await this.look(`callbacks?message-id=${MessageId}&status=PENDING`);
    assert.equal(Callbacks.length, 1);
    await this.messaging.channelFlowCallback({
      ChannelArn: this.channel,
      CallbackId: Callbacks[0].CallbackId,
      ChannelMessage: { MessageId, ...message },
      ...members,
    });
  }

  // A session that is about to start: start() is its caller's.
  session(userArn, { client = this.messaging, sessionId = null, endpointUrl, ...settings } = {}) {
    const configuration = new chime.MessagingSessionConfiguration(
      userArn,
      sessionId,
      endpointUrl,
      client,
    );
    Object.assign(configuration, settings);
    const session = new chime.DefaultMessagingSession(configuration, new chime.NoOpLogger());
    const watched = new Watched(session);
    this.sessions.push(watched);
    return watched;
  }

  async connect(userArn, options) {
    const watched = this.session(userArn, options);
    await watched.session.start();
    await watched.until((log) => log.includes(kEstablished));
    return watched;
  }
}

export const kEstablished = "SESSION_ESTABLISHED";

// A session and, in one line each, what its observer was called with.
class Watched {
  constructor(session) {
    this.session = session;
    this.log = [];
    this.messages = []; // without SESSION_ESTABLISHED
    session.addObserver({
      messagingSessionDidStartConnecting: (again) =>
        this.log.push(again ? "connecting again" : "connecting"),
      messagingSessionDidStart: () => this.log.push("started"),
      messagingSessionDidStop: ({ code }) => this.log.push(`stopped ${code}`),
      messagingSessionDidReceiveMessage: (message) => {
        this.log.push(message.type);
        if (message.type !== kEstablished) this.messages.push(message);
      },
    });
  }

  // How often the session was established so far.
  get runs() {
    return this.log.filter((line) => line === kEstablished).length;
  }

  until(isSo) {
    return eventually(() => isSo(this.log), () => `the session goes on; it saw ${this.log}`);
  }

  // The next `count` messages, as [type, payload]; they are then gone from `messages`.
  async take(count) {
    await eventually(
      () => this.messages.length >= count,
      () => `${count} messages more; it saw ${this.log}`,
    );
    return this.messages.splice(0, count).map((message) => {
      assert.equal(typeof message.payload, "string");
      assert.equal(message.headers["x-amz-chime-event-type"], message.type);
      return [message.type, JSON.parse(message.payload)];
    });
  }
}
