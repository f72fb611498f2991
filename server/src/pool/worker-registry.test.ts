import { expect, test } from "vitest";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { plumbingModel } from "../testing/pool-stack.ts";
import { NO_HISTORY } from "./worker-record.ts";
import { WorkerRegistry } from "./worker-registry.ts";
import { ConnectedWorker } from "./connected-worker.ts";

const sender = { send: () => true, close: () => undefined, hold: () => undefined };
const FACTS = { id: "a", name: "a", version: "1", devices: [], askPercent: 100, notes: null, split: null };

test("a pool that takes long to count is counted for an eleventh of the time at most, however many ask", () => {
  // Each look at the clock takes 20 ms, as counting a thousand workers does.
  let now = 0;
  const registry = new WorkerRegistry({ catalogue: loadCatalogue(), monotonic: () => (now += 20) });
  const facts = { ...FACTS, models: [plumbingModel()] };
  const connected = new ConnectedWorker({ ...facts, record: registry.recordOf("a", NO_HISTORY) }, sender, 0);
  let counted = 0;
  const view = connected.view.bind(connected);
  connected.view = (...asked) => (counted++, view(...asked));
  registry.join(connected);
  for (let asked = 0; asked < 110; asked++) expect(registry.status().workersOnline).toBe(1);
  expect(counted).toBeGreaterThan(1);
  expect(counted).toBeLessThanOrEqual(11);
  registry.leave(connected);
  expect(registry.status().workersOnline).toBe(0);
});

test("a model's context is its workers'; while nobody serves it, the model's own or what the caller assumes", () => {
  const catalogue = loadCatalogue();
  const registry = new WorkerRegistry({ catalogue, monotonic: () => performance.now() });
  const model = catalogue.get(plumbingModel().id)!;
  expect(registry.contextOf(model)).toBe(model.contextTokens);
  expect(registry.contextOf(model, 500)).toBe(500);
  expect(registry.contextOf(model, model.contextTokens + 1)).toBe(model.contextTokens);
  const facts = { ...FACTS, models: [plumbingModel({ contextTokens: 1_000 })] };
  registry.join(new ConnectedWorker({ ...facts, record: registry.recordOf("a", NO_HISTORY) }, sender, 0));
  expect(registry.contextOf(model)).toBe(1_000);
  expect(registry.contextOf(model, 500)).toBe(1_000);
});
