import { expect, test } from "vitest";
import { Signal } from "./signal.ts";

test("everybody who waits is woken, also for what happened between asking and waiting", async () => {
  const signal = new Signal();
  const woken: string[] = [];
  const early = signal.next;
  const waiting = signal.next.then(() => woken.push("one"));
  signal.happen();
  await Promise.all([waiting, early.then(() => woken.push("two"))]);
  expect(woken.toSorted()).toEqual(["one", "two"]);
});

test("what happened before cannot wake who asks afterwards", async () => {
  const signal = new Signal();
  signal.happen();
  let woken = false;
  void signal.next.then(() => (woken = true));
  await Promise.resolve();
  expect(woken).toBe(false);
  signal.happen();
  await Promise.resolve();
  expect(woken).toBe(true);
});
