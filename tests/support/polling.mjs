// Waiting without sleeping: look until it is so, or until a deadline says that it never will be.
import { setTimeout as pause } from "node:timers/promises";

const kDeadlineMs = 20_000;
const kPauseMs = 5;

// The first true value of `probe`, which may be asynchronous. Fails with `what`, or what that returns
// then, after the deadline.
export async function eventually(probe, what) {
  const deadline = Date.now() + kDeadlineMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) {
      const expected = typeof what === "function" ? what() : what;
      throw new Error(`after ${kDeadlineMs} ms still not: ${expected}`);
    }
    await pause(kPauseMs);
  }
}
