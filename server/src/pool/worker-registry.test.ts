import { expect, test } from "vitest";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { plumbingModel } from "./test-pool-house.ts";
import { NO_HISTORY } from "./worker-record.ts";
import { WorkerRegistry } from "./worker-registry.ts";
import { WorkerSession } from "./worker-session.ts";

const line = { send: () => true, close: () => undefined, hold: () => undefined };

test("a pool that takes long to count is counted for an eleventh of the time at most, however many ask", () => {
  let now = 0;
  let reads = 0;
  // Each look at the clock takes 20 ms, as counting a thousand workers does.
  const registry = new WorkerRegistry({ catalogue: loadCatalogue(), monotonic: () => (reads++, (now += 20)) });
  const facts = { id: "a", name: "a", version: "1", devices: [], models: [plumbingModel()] };
  const first = registry.status();
  registry.join(new WorkerSession({ ...facts, record: registry.recordOf("a", NO_HISTORY) }, line, 0));
  const told = Array.from({ length: 20 }, () => registry.status().workersOnline);
  expect(first.workersOnline).toBe(0);
  expect([told[0], told.at(-1)]).toEqual([0, 1]);
  expect(reads).toBeGreaterThan(20);
});
