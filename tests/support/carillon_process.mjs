// Carillon as its users run it: the binary in CARILLON_BINARY as a process of its own, on the
// loopback address.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { eventually } from "./polling.mjs";

const kRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const kBinary = process.env.CARILLON_BINARY ?? path.join(kRoot, "build/release/carillon");

// One run of the server at a time; start() again after kill() or end() is a restart, at the same
// port unless the flags say otherwise.
export class CarillonProcess {
  constructor(flags) {
    this.flags = flags;
    this.port = 0;
    this.log = "";
    this.child = undefined;
  }

  async start() {
    assert.equal(this.child, undefined, "it runs already");
    const environment = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith("CARILLON_")),
    );
    const child = spawn(kBinary, ["--port", String(this.port), ...this.flags], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    this.exited = once(child, "exit");
    const logStart = this.log.length;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => (this.log += text));
    }
    const ready = await eventually(() => {
      assert.equal(child.exitCode, null, `Carillon ended before it was ready:\n${this.log}`);
      const run = this.log.slice(logStart);
      return /Listening on http:\/\/127\.0\.0\.1:(\d+)\. Ready\.$/m.exec(run);
    }, "Carillon is ready");
    this.port = Number(ready[1]);
    return this;
  }

  get endpoint() {
    return `http://127.0.0.1:${this.port}`;
  }

  // kill -9: no goodbye, nothing flushed.
  async kill() {
    await this.signal("SIGKILL");
  }

  // Asks it to end as a container engine does, and insists that it does so cleanly.
  async end() {
    if (this.child === undefined) return;
    const [code] = await this.signal("SIGTERM");
    assert.equal(code, 0, this.log);
  }

  async signal(name) {
    const { child, exited } = this;
    this.child = undefined;
    child.kill(name);
    return exited;
  }
}
