import { expect, test } from "vitest";
import { Signal } from "./signal.ts";

test("everybody who waits is woken, also by an event between taking the promise and awaiting it", async () => {
  const signal = new Signal();
  const woken: string[] = [];
  const early = signal.next;
  const waiting = signal.next.then(() => woken.push("one"));
  signal.happen();
  await Promise.all([waiting, early.then(() => woken.push("two"))]);
  expect(woken.toSorted()).toEqual(["one", "two"]);
});

test("an earlier event cannot wake those who wait afterwards", async () => {
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
