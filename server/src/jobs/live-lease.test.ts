import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";
import { LiveLease } from "./live-lease.ts";

const vocabularies = testVocabularies();
let stack: PoolStack;
beforeAll(async () => {
  stack = await openPoolStack(vocabularies);
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await vocabularies[Symbol.asyncDispose]();
});

test("the gap a stream is judged by is the middle of its gaps, in whatever order they came", async () => {
  const ann = await stack.worker("ann");
  const worker = stack.ctx.registry.get(ann.keys.key)!;
  const running = { job: "j", model: "m", owner: "o", endsAt: 0 };
  const terms = { running, fence: 1, worker, predictedPrefillMs: 0, promptTokens: 1, slowdown: 1, now: 0 };
  // Odd in number, so that the middle is one of them; no more than a lease remembers.
  const gaps = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 31 }).filter(({ length }) => length % 2 === 1);
  fc.assert(
    fc.property(gaps, (gapsMs) => {
      const lease = new LiveLease(terms);
      let now = 1_000;
      lease.tokensCame(1, now);
      for (const gapMs of gapsMs) lease.tokensCame(1, (now += gapMs));
      const middle = lease.stream().medianGapMs!;
      const half = (gapsMs.length - 1) / 2;
      expect(gapsMs).toContain(middle);
      expect(gapsMs.filter((gapMs) => gapMs < middle).length).toBeLessThanOrEqual(half);
      expect(gapsMs.filter((gapMs) => gapMs > middle).length).toBeLessThanOrEqual(half);
    }),
  );
});
