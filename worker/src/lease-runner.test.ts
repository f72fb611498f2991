import { expect, test } from "vitest";
import { TOKENS_PER_FRAME_MAX, WorkerFrame } from "@starai/protocol/worker-frames";
import { createHash } from "node:crypto";
import type { EngineEvent } from "./engines/engine.ts";
import { LeaseRunner } from "./lease-runner.ts";
import type { LeaseEngine } from "./lease-runner.ts";
import { leaseOf } from "./testing/pool.ts";

const SHA256 = "5a".repeat(32);
const withIds = { sha256: SHA256, tokenIds: true };
const LEASE = leaseOf("Hello", { fence: 2 });

/** Frames that a lease sends when its engine emits these events `everyMs`, with a pause before the last. */
async function framesOf(
  events: readonly EngineEvent[],
  everyMs = 0,
  { served = withIds, takesCommitments = true } = {},
): Promise<WorkerFrame[]> {
  const frames: WorkerFrame[] = [];
  const engine: LeaseEngine = {
    served,
    async *generate() {
      for (const event of events) {
        yield event;
        if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
      // Longer than the coalescing time, so that the timer sends them.
      await new Promise((resolve) => setTimeout(resolve, 100));
      yield { kind: "done", reason: "stop" };
    },
  };
  const link = {
    takesCommitments,
    send: (text: string) => void frames.push(WorkerFrame.parse(JSON.parse(text))),
    drained: async () => {},
  };
  await new LeaseRunner(LEASE, engine, link).ended;
  return frames;
}

/** How many frames carry six pieces that an engine gives 10 ms apart. */
async function framesOfSixPieces(tokens: number[] | null): Promise<number> {
  const frames = await framesOf(
    Array.from({ length: 6 }, (): EngineEvent => ({ kind: "tokens", tokens, text: "x" })),
    10,
  );
  return frames.filter(({ type }) => type === "tokens").length;
}

const tokensOf = (count: number): EngineEvent => ({ kind: "tokens", tokens: Array(count).fill(7), text: "x" });

test("characters of many tokens each are split into frames the pool accepts, and none is lost", async () => {
  const frames = await framesOf(Array.from({ length: 15 }, () => tokensOf(9)));
  const tokens = frames.flatMap((frame) => (frame.type === "tokens" ? [frame.tokens?.length ?? 0] : []));
  expect(Math.max(...tokens)).toBeLessThanOrEqual(TOKENS_PER_FRAME_MAX);
  expect(tokens.reduce((sum, count) => sum + count, 0)).toBe(15 * 9);
  expect(frames.at(-1)?.type).toBe("done");
});

test("a lease resumes over a new connection from any frame it still has, and from no other", async () => {
  const engine: LeaseEngine = {
    served: withIds,
    async *generate() {
      for (let index = 0; index < 3; index++) yield tokensOf(TOKENS_PER_FRAME_MAX);
      yield { kind: "done", reason: "stop" };
    },
  };
  const quiet = { takesCommitments: true, send: () => undefined, drained: async () => {} };
  const runner = new LeaseRunner(leaseOf("Hello"), engine, quiet);
  await runner.ended;
  runner.stored(1);
  const resent = (fromSeq: number) => {
    const seqs: unknown[] = [];
    const link = { ...quiet, send: (text: string) => void seqs.push((JSON.parse(text) as { seq: number }).seq) };
    return [runner.attach(link, fromSeq), seqs];
  };
  expect(runner.nextSeq).toBe(4);
  expect(resent(0)).toEqual([false, []]);
  expect(resent(5)).toEqual([false, []]);
  expect(resent(1)).toEqual([true, [1, 2, 3]]);
  expect(resent(3)).toEqual([true, [3]]);
  // Acknowledged frames are gone.
  expect(resent(1)).toEqual([false, []]);
  expect(resent(4)).toEqual([true, []]);
});

test("an engine that emits more tokens at once than fit a frame fails its lease, not the worker", async () => {
  const frames = await framesOf([tokensOf(TOKENS_PER_FRAME_MAX + 1)]);
  expect(frames).toMatchObject([{ type: "fail", code: "engine_crashed" }]);
});

test("pieces of an engine without ids are frames of their own, since the pool counts them; tokens with ids share frames", async () => {
  expect(await framesOfSixPieces(null)).toBe(6);
  expect(await framesOfSixPieces([7])).toBeLessThan(6);
});

const committedBy = (frames: readonly WorkerFrame[]) =>
  frames.flatMap((frame) => (frame.type === "done" ? [frame.commitment] : []));

test("the end commits to the lease, the model's file and every id that was sent, in whatever frames", async () => {
  const ids = [7, 70_000, 8];
  const events = ids.map((id): EngineEvent => ({ kind: "tokens", tokens: [id], text: "x" }));
  const bytes = Buffer.from(ids.flatMap((id) => [0, id >> 16, (id >> 8) & 255, id & 255]));
  const text = `starai/commitment/v1\n${LEASE.job}\n2\n${SHA256}\n`;
  const commitment = createHash("sha256").update(text).update(bytes).digest("hex");
  expect(committedBy(await framesOf(events))).toEqual([commitment]);
  expect(committedBy(await framesOf(events, 30))).toEqual([commitment]);
  expect(committedBy(await framesOf(events.slice(1)))).not.toEqual([commitment]);
});

test("an engine without ids commits to nothing, and neither does a worker in a pool that knows no commitments", async () => {
  const words: EngineEvent[] = [{ kind: "tokens", tokens: null, text: "x" }];
  expect(committedBy(await framesOf(words, 0, { served: { ...withIds, tokenIds: false } }))).toEqual([undefined]);
  expect(committedBy(await framesOf([tokensOf(2)], 0, { takesCommitments: false }))).toEqual([undefined]);
});
