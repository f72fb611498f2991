import { expect, test } from "vitest";
import { watchReach } from "./reach.ts";

function lost(): Response {
  throw new TypeError("failed to fetch");
}

test("a server counts as unreachable after two failed calls in a row, and as reachable after its next answer", async () => {
  let now = lost;
  const reach = watchReach(() => now());
  let changes = 0;
  reach.subscribe(() => changes++);
  const call = (init?: RequestInit) => Promise.resolve(reach.fetch("/x", init)).catch(() => undefined);
  await call();
  expect(reach.reached()).toBe(true);
  now = () => new Response("", { status: 502 });
  await call();
  expect(reach.reached()).toBe(false);
  now = () => new Response("", { status: 500 });
  await call();
  expect(reach.reached()).toBe(true);
  expect(changes).toBe(2);
});

test("aborted calls do not count", async () => {
  const reach = watchReach(() => {
    throw new DOMException("aborted", "AbortError");
  });
  for (let at = 0; at < 3; at++)
    await Promise.resolve(reach.fetch("/x", { signal: AbortSignal.abort() })).catch(() => undefined);
  expect(reach.reached()).toBe(true);
});
