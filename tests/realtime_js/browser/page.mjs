// What runs in the page: an application with the JavaScript SDK v3 and a messaging session. The test
// calls these functions, and reads `seen`.
import { ChimeSDKMessagingClient, SendChannelMessageCommand } from "@aws-sdk/client-chime-sdk-messaging";
import {
  DefaultMessagingSession,
  MessagingSessionConfiguration,
  NoOpLogger,
  PrefetchOn,
} from "amazon-chime-sdk-js";

let client;
let session;

export const seen = [];

export async function start({ options, userArn }) {
  client = new ChimeSDKMessagingClient(options);
  const configuration = new MessagingSessionConfiguration(userArn, null, undefined, client);
  configuration.prefetchOn = PrefetchOn.Connect;
  session = new DefaultMessagingSession(configuration, new NoOpLogger());
  session.addObserver({
    messagingSessionDidStart: () => seen.push(["started"]),
    messagingSessionDidStop: ({ code }) => seen.push(["stopped", code]),
    messagingSessionDidReceiveMessage: ({ type, payload }) =>
      seen.push([type, payload === null ? null : JSON.parse(payload)]),
  });
  await session.start();
}

// The message's id, or the name of the error.
export async function send(request) {
  try {
    return (await client.send(new SendChannelMessageCommand(request))).MessageId;
  } catch (error) {
    return error.name;
  }
}

export function stop() {
  session.stop();
}
