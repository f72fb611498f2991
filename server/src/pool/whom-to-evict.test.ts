import * as fc from "fast-check";
import { expect, test } from "vitest";
import { whomToEvict } from "./whom-to-evict.ts";
import type { Candidate } from "./whom-to-evict.ts";

const NOW = 1_000_000;
const NEW = { completed: 0, failed: 0 };
const KNOWN = { completed: 5, failed: 1 };

const worker = (over: Partial<Candidate> = {}): Candidate => ({
  completed: 0,
  failed: 0,
  leaving: false,
  leases: 0,
  idleSince: NOW - 120_000,
  ...over,
});

test("a newcomer takes the place of the worker that has been idle longest", () => {
  const [long, short] = [worker({ idleSince: 1 }), worker()];
  expect(whomToEvict([short, long], NEW, NOW)).toBe(long);
});

test("a newcomer cannot take the place of one that works, has a record, or has just come", () => {
  const others = [worker({ leases: 1 }), worker(KNOWN), worker({ idleSince: NOW - 1_000 })];
  expect(whomToEvict(others, NEW, NOW)).toBeNull();
});

test("a machine that fails more than it finishes counts as having no record", () => {
  const failing = worker({ completed: 1, failed: 4 });
  expect(whomToEvict([worker(KNOWN), failing], NEW, NOW)).toBe(failing);
});

const anyWorker = fc.record({
  completed: fc.nat(5),
  failed: fc.nat(5),
  leaving: fc.boolean(),
  leases: fc.nat(3),
  idleSince: fc.integer({ min: 0, max: NOW }),
});

test("law: a worker that finishes more than it fails is never evicted, nor is one that is leaving", () => {
  fc.assert(
    fc.property(fc.array(anyWorker), fc.boolean(), (workers, known) => {
      const victim = whomToEvict(workers, known ? KNOWN : NEW, NOW);
      expect(victim === null || (victim.completed <= victim.failed && !victim.leaving)).toBe(true);
    }),
  );
});

test("law: a machine with a record is admitted whenever a staying worker has none", () => {
  fc.assert(
    fc.property(fc.array(anyWorker), (workers) => {
      const somebody = workers.some((one) => !one.leaving && one.completed <= one.failed);
      expect(whomToEvict(workers, KNOWN, NOW) !== null).toBe(somebody);
    }),
  );
});
