// Stands between sessions and Carillon and closes the first connection of each session in the way
// that its id asks for ("close 1001", "drop"), right after SESSION_ESTABLISHED. Later connections
// are handed through.
import { once } from "node:events";
import fs from "node:fs";
import https from "node:https";
import path from "node:path";

import { WebSocket, WebSocketServer } from "ws";

import { kTestFolder } from "./stage.mjs";

export async function startInterloper(t) {
  const inside = (name) => fs.readFileSync(path.join(kTestFolder, name));
  const server = https.createServer({
    key: inside("interloper.key"),
    cert: inside("interloper.pem"),
  });
  const interloper = { host: undefined, target: undefined, connections: new Map() };
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, request) => handThrough(interloper, socket, request));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  interloper.host = `127.0.0.1:${server.address().port}`;
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    server.close();
  });
  return interloper;
}

function handThrough(interloper, socket, request) {
  const id = new URL(request.url, "https://localhost").searchParams.get("sessionId");
  const count = (interloper.connections.get(id) ?? 0) + 1;
  interloper.connections.set(id, count);
  const upstream = new WebSocket(`ws://${interloper.target}${request.url}`);
  upstream.on("message", (data) => {
    socket.send(data.toString());
    if (count === 1) end(socket, id);
  });
  upstream.on("close", () => socket.close());
  socket.on("close", () => upstream.terminate());
}

function end(socket, how) {
  const [verb, code] = how.split(" ");
  if (verb === "drop") socket.terminate();
  else if (code === undefined) socket.close();
  else socket.close(Number(code), "as asked for");
}
