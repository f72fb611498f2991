import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

const TERMS = {
  fence: 1,
  members: null,
  predictedPrefillMs: 0,
  promptTokens: 1,
  readTokens: 100,
  level: { firstToken: 1_000, readToken: 10, writtenToken: 200 },
  slowdown: 1,
  now: 0,
};

async function leaseOf(name: string): Promise<LiveLease> {
  const worker = stack.ctx.registry.get((await stack.worker(name)).keys.key)!;
  return new LiveLease({ ...TERMS, worker, running: { job: "j", model: "m", owner: "o", endsAt: 0 } });
}

describe("the time an attempt took", () => {
  test("is from when its worker had it to the last token, without waiting in the queue or for the end's writing", async () => {
    const lease = await leaseOf("tim");
    expect(lease.timed()).toBeNull();
    lease.begin(5_000);
    lease.tokens = 3;
    lease.tokensCame(3, 6_200);
    lease.forgiveSilence(60_000);
    expect(lease.timed()).toEqual({ tookMs: 1_200, levelMs: 1_000 + 100 * 10 + 3 * 200 });
  });

  test("has the silence of a worker that is to blame in it, and not that of this process", async () => {
    const lease = await leaseOf("tom");
    lease.begin(5_000);
    lease.tokensCame(1, 6_000);
    lease.forgivePace(500, 6_500);
    expect(lease.timed()).toMatchObject({ tookMs: 500 });
    lease.wasKeptUntil(20_000);
    expect(lease.timed()).toMatchObject({ tookMs: 14_500 });
  });
});

test("the gap a stream is judged by is the middle of its gaps, in whatever order they came", async () => {
  const ann = await stack.worker("ann");
  const worker = stack.ctx.registry.get(ann.keys.key)!;
  const running = { job: "j", model: "m", owner: "o", endsAt: 0 };
  const terms = { ...TERMS, running, worker };
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
