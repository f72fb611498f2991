import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunEvent, Step } from "@starai/protocol/runs";
import { UNSEEN, fold } from "./run-view.ts";

const step = (index: number): Step => ({
  index,
  thought: `thought ${index}`,
  action: { kind: "tool", tool: "calculate", args: { expression: "1+1" } },
  observation: { ok: true, text: "2" },
  job: null,
  model: "m",
  worker: "w",
  attempts: 1,
  promptTokens: 1,
  completionTokens: 1,
  elapsedMs: 1,
});

const deltas: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.record({ type: fc.constant("thought" as const), delta: fc.string() }),
  fc.record({ type: fc.constant("answer" as const), delta: fc.string() }),
  fc.nat(3).map((index) => ({ type: "step" as const, step: step(index) })),
  fc.constant({ type: "moved" as const, attempt: 2 }),
  fc.constant({ type: "phase" as const, phase: { kind: "answering" as const } }),
);

describe("a run's view", () => {
  test("after a snapshot is the same whatever was seen before it, but for how often it moved", () => {
    const snapshot: RunEvent = {
      type: "snapshot",
      run: {
        id: "0198f0c0-7b3a-7cc2-b1d0-a5f4e3c2b1a0",
        thread: "0198f0c0-7b3a-7cc2-b1d0-a5f4e3c2b1a1",
        status: "running",
        phase: { kind: "thinking" },
        steps: [step(0)],
        thought: "so",
        answer: "",
        outcome: null,
      },
    };
    fc.assert(
      fc.property(fc.array(deltas), fc.array(deltas), (before, after) => {
        const missed = [...before, snapshot, ...after].reduce(fold, UNSEEN);
        const fresh = [snapshot, ...after].reduce(fold, UNSEEN);
        expect({ ...missed, moved: 0 }).toEqual({ ...fresh, moved: 0 });
      }),
    );
  });

  test("ends with the whole answer, whatever of it was missed", () => {
    fc.assert(
      fc.property(fc.array(deltas), fc.string(), (events, answer) => {
        const end: RunEvent = { type: "end", outcome: { kind: "answered" }, answer };
        const view = [...events, end].reduce(fold, UNSEEN);
        expect([view.answer, view.outcome]).toEqual([answer, { kind: "answered" }]);
      }),
    );
  });

  test("holds each step once, and a finished step's thought is no longer the current one", () => {
    const view = [
      { type: "thought" as const, delta: "I add" },
      { type: "tool" as const, tool: "calculate", args: {} },
      { type: "step" as const, step: step(0) },
      { type: "step" as const, step: step(0) },
    ].reduce(fold, UNSEEN);
    expect(view.steps).toHaveLength(1);
    expect([view.thought, view.tool]).toEqual(["", null]);
  });
});
