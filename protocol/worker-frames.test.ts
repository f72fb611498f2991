import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Lease,
  MODELS_PER_WORKER_MAX,
  PoolFrame,
  TOKENS_PER_FRAME_MAX,
  WorkerFrame,
  closeReason,
  proofTranscript,
} from "./worker-frames.ts";

const JOB = "0198f0c0-7b3a-7cc2-b1d0-a5f4e3c2b1a0";
const KEY = "ab".repeat(32);
const at = { job: JOB, fence: 1 };
const served = {
  id: "m",
  sha256: "cd".repeat(32),
  engine: "llama.cpp",
  contextTokens: 4_096,
  kvType: "f16",
  constraint: "gbnf",
  tokenIds: true,
  slots: 1,
  prefillTokensPerS: 100,
  decodeTokensPerS: 10,
};
const ready = { type: "ready", name: "a machine", version: "1", devices: [], models: [served], holding: [] };
const tokens = { type: "tokens", ...at, seq: 0, tokens: [1, 2], text: "Hi" };
const lease = {
  type: "lease",
  ...at,
  model: "m",
  turns: [{ role: "user", content: "Hi" }],
  committed: { text: "", tokens: [] },
  constraint: null,
  sampling: { temperature: 0, topP: 1, seed: 1 },
  maxTokens: 10,
  cacheKey: "run",
};

describe("a frame", () => {
  test.each([
    { type: "hello", protocol: { major: 1, minor: 0 }, key: KEY },
    { type: "proof", signature: "ef".repeat(64) },
    ready,
    { type: "heartbeat", running: 0, freeMemoryBytes: 0 },
    { type: "progress", ...at, done: 0.5 },
    tokens,
    { ...tokens, tokens: null },
    { type: "done", ...at, seq: 3, reason: "length" },
    { type: "fail", ...at, code: "busy", message: "full" },
  ])("of a worker is read as it was written: $type", (frame) => {
    expect(WorkerFrame.parse(JSON.parse(JSON.stringify(frame)))).toEqual(frame);
  });

  test.each([
    { type: "challenge", nonce: KEY, serverId: "pool", expiresAt: "2026-11-23T12:00:00Z" },
    { type: "welcome", heartbeatMs: 2_000, resume: [{ ...at, fromSeq: 0 }] },
    lease,
    { type: "cancel", ...at },
    { type: "stored", ...at, seq: 1 },
    { type: "warm", model: "m", turns: lease.turns },
    { type: "dropped", job: null, fence: null, reason: "a gap" },
    { type: "drain", reason: "an update" },
  ])("of the pool is read as it was written: $type", (frame) => {
    expect(PoolFrame.parse(JSON.parse(JSON.stringify(frame)))).toEqual(frame);
  });

  test("of one side is refused by the other", () => {
    expect(PoolFrame.safeParse(tokens).error?.issues[0]?.path).toEqual(["type"]);
    expect(WorkerFrame.safeParse(lease).error?.issues[0]?.path).toEqual(["type"]);
  });
});

/** Each frame with the place in it that must be named. */
const FAULTS: readonly [string, string, object][] = [
  ["a type nobody knows", "type", { type: "gift" }],
  ["a field nobody knows", "", { ...tokens, extra: 1 }],
  ["a key in capitals", "key", { type: "hello", protocol: { major: 1, minor: 0 }, key: KEY.toUpperCase() }],
  ["a key too short", "key", { type: "hello", protocol: { major: 1, minor: 0 }, key: "ab" }],
  ["a version that is no number", "protocol.major", { type: "hello", protocol: { major: "1", minor: 0 }, key: KEY }],
  ["a signature of another length", "signature", { type: "proof", signature: KEY }],
  ["a name without end", "name", { ...ready, name: "x".repeat(61) }],
  ["too many models", "models", { ...ready, models: Array.from({ length: MODELS_PER_WORKER_MAX + 1 }, () => served) }],
  ["a model of no slots", "models.0.slots", { ...ready, models: [{ ...served, slots: 0 }] }],
  ["a speed of zero", "models.0.decodeTokensPerS", { ...ready, models: [{ ...served, decodeTokensPerS: 0 }] }],
  ["a price below its bounds", "askPercent", { ...ready, askPercent: 45 }],
  ["a price above its bounds", "askPercent", { ...ready, askPercent: 305 }],
  ["a price between two steps", "askPercent", { ...ready, askPercent: 101 }],
  ["a job that is none", "job", { ...tokens, job: "1" }],
  ["a fence of zero", "fence", { ...tokens, fence: 0 }],
  ["a number below zero", "seq", { ...tokens, seq: -1 }],
  ["a token below zero", "tokens.0", { ...tokens, tokens: [-1] }],
  ["half a token", "tokens.0", { ...tokens, tokens: [0.5] }],
  ["too many tokens", "tokens", { ...tokens, tokens: Array(TOKENS_PER_FRAME_MAX + 1).fill(1) }],
  ["too much text", "text", { ...tokens, text: "x".repeat(16_385) }],
  ["progress beyond all", "done", { type: "progress", ...at, done: 1.01 }],
  ["an end nobody knows", "reason", { type: "done", ...at, seq: 0, reason: "bored" }],
  ["a failure nobody knows", "code", { type: "fail", ...at, code: "bored", message: "" }],
  ["a reason without end", "message", { type: "fail", ...at, code: "busy", message: "x".repeat(501) }],
];

test.each(FAULTS)("a worker's frame with %s is refused for its %j", (_what, path, frame) => {
  expect(pathsOf(WorkerFrame.safeParse(frame))).toEqual([path]);
});

test.each<[string, string, object]>([
  ["no turns", "turns", { turns: [] }],
  ["a turn of nobody", "turns.0.role", { turns: [{ role: "tool", content: "x" }] }],
  ["no tokens to write", "maxTokens", { maxTokens: 0 }],
  ["more heat than there is", "sampling.temperature", { sampling: { ...lease.sampling, temperature: 2.1 } }],
  ["nothing to choose from", "sampling.topP", { sampling: { ...lease.sampling, topP: 0 } }],
  ["a seed of more than 32 bits", "sampling.seed", { sampling: { ...lease.sampling, seed: 2 ** 32 } }],
  ["a grammar without end", "constraint.gbnf", { constraint: { gbnf: "x".repeat(512 * 1024 + 1), jsonSchema: {} } }],
])("a lease with %s is refused for its %j", (_what, path, change) => {
  expect(pathsOf(Lease.safeParse({ ...lease, ...change }))).toEqual([path]);
});

function pathsOf({ error }: { error?: { issues: readonly { path: PropertyKey[] }[] } | undefined }): string[] {
  return (error?.issues ?? []).map(({ path }) => path.join("."));
}

describe("what a worker signs", () => {
  const input = { serverId: "pool", nonce: "ab".repeat(32), key: KEY };

  test("names its purpose, the server, the challenge and the key", () => {
    expect(proofTranscript(input)).toBe(`starai/worker-proof/v1\npool\n${input.nonce}\n${KEY}`);
  });

  test("is another text for another server, challenge or key", () => {
    const others = [{ serverId: "other" }, { nonce: "cd".repeat(32) }, { key: "cd".repeat(32) }];
    const all = [input, ...others.map((change) => ({ ...input, ...change }))].map(proofTranscript);
    expect(new Set(all).size).toBe(4);
  });
});

const bytes = (part: string) => new TextEncoder().encode(part).length;

test("a reason for closing is the longest beginning that fits, and never ends within a character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
      const reason = closeReason(text);
      expect(text.startsWith(reason)).toBe(true);
      expect(bytes(reason)).toBeLessThanOrEqual(123);
      expect(reason.isWellFormed()).toBe(true);
      const next = text.codePointAt(reason.length);
      expect(next === undefined || bytes(reason + String.fromCodePoint(next)) > 123).toBe(true);
    }),
  );
});
