import * as fc from "fast-check";
import { expect, test } from "vitest";
import { EMPTY_VIEW, applyEvent, snapshotOf } from "./run-view.ts";
import type { RunEvent, Step, StepAction } from "./runs.ts";

const CALL: StepAction = { kind: "tool", tool: "calculate", args: { expression: "1+1" } };
const RUN = { id: "0198f0c0-7b3a-7cc2-b1d0-a5f4e3c2b1a0", thread: "0198f0c0-7b3a-7cc2-b1d0-a5f4e3c2b1a1" };

const step = (index: number, action: StepAction = CALL): Step => ({
  index,
  thought: `thought ${index}`,
  action,
  observation: action.kind === "tool" ? { ok: true, text: "2" } : null,
  job: null,
  model: "m",
  worker: "w",
  attempts: 1,
  promptTokens: 1,
  completionTokens: 1,
  elapsedMs: 1,
});

const after = (...events: RunEvent[]) => events.reduce(applyEvent, EMPTY_VIEW);
const answer = (delta: string): RunEvent => ({ type: "answer", delta });
const thought = (delta: string): RunEvent => ({ type: "thought", delta });
const MOVED: RunEvent = { type: "moved", attempt: 2 };
const TOOL: RunEvent = { type: "tool", tool: "calculate", args: {} };

const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.string().map(thought),
  fc.string().map(answer),
  fc.nat(3).map((index): RunEvent => ({ type: "step", step: step(index) })),
  fc.constant(MOVED),
  fc.constant(TOOL),
  fc.nat(9).map((position): RunEvent => ({ type: "phase", phase: { kind: "queued", position, etaMs: null } })),
);

test("a reader that begins with a snapshot sees the same as one that read from the start", () => {
  fc.assert(
    fc.property(fc.array(anyEvent), fc.array(anyEvent), fc.array(anyEvent), (told, before, later) => {
      const run = snapshotOf(RUN, after(...told));
      const late = after(...before, { type: "snapshot", run }, ...later);
      expect({ ...late, moved: false }).toEqual({ ...after(...told, ...later), moved: false });
      // The loss of a machine is news to a reader who saw it, and in no snapshot.
      expect(late.moved).toBe(after(...later).moved);
    }),
  );
});

test("the end event has the whole answer, whatever deltas were missed, and a later snapshot has the outcome", () => {
  fc.assert(
    fc.property(fc.array(anyEvent), fc.string(), (events, whole) => {
      const view = after(...events, { type: "end", outcome: { kind: "answered" }, answer: whole });
      expect(view).toMatchObject({ answer: whole, outcome: { kind: "answered" }, moved: false });
      expect(snapshotOf(RUN, view)).toMatchObject({ ...RUN, status: "answered", outcome: { kind: "answered" } });
    }),
  );
});

test("a run without an end is running, and holds nothing before its first event", () => {
  const { status, outcome, answer, thought, steps, phase } = snapshotOf(RUN, EMPTY_VIEW);
  expect([status, outcome, answer, thought, steps, phase]).toEqual(["running", null, "", "", [], { kind: "reading" }]);
});

test("a step sent twice is one step, with its newest content, in its order", () => {
  const again = { ...step(0), attempts: 2 };
  const told = [step(0), step(1), again].map((step): RunEvent => ({ type: "step", step }));
  expect(after(...told)).toEqual({ ...EMPTY_VIEW, steps: [again, step(1)] });
});

test("text and calls set the phase, even without a phase event", () => {
  const queued: RunEvent = { type: "phase", phase: { kind: "queued", position: 2, etaMs: null } };
  expect(after(queued, thought("So")).phase).toEqual({ kind: "thinking" });
  expect(after(queued, TOOL).phase).toEqual({ kind: "tool", tool: "calculate" });
  expect(after(queued, answer("42")).phase).toEqual({ kind: "answering" });
  expect(after(queued, MOVED).phase).toEqual({ kind: "queued", position: 2, etaMs: null });
});

test("a machine is lost until another goes on, which removes no text", () => {
  expect(after(answer("Half"), MOVED)).toMatchObject({ moved: true, answer: "Half" });
  expect(after(MOVED, { type: "phase", phase: { kind: "reading" } }).moved).toBe(true);
  for (const next of [thought("so"), answer(" done"), TOOL, { type: "step", step: step(0) } satisfies RunEvent])
    expect(after(answer("Half"), MOVED, next).moved).toBe(false);
  expect(after(answer("Half"), MOVED, answer(" done")).answer).toBe("Half done");
});

test("a finished step's thought is over; one that called a tool takes back what looked like an answer, another does not", () => {
  const said = [thought("I add"), answer("42")];
  expect(after(...said, { type: "step", step: step(0) })).toMatchObject({ thought: "", answer: "" });
  const last = step(0, { kind: "final_answer", text: "42" });
  expect(after(...said, { type: "step", step: last })).toMatchObject({ thought: "", answer: "42" });
  const asked = step(0, { kind: "ask_user", question: "42" });
  expect(after(...said, { type: "step", step: asked })).toMatchObject({ thought: "", answer: "42" });
});

test("a view is never changed by later events", () => {
  const before = after(thought("a"), { type: "step", step: step(0) });
  const kept = structuredClone(before);
  fc.assert(
    fc.property(fc.array(anyEvent), (events) => {
      events.reduce(applyEvent, before);
      expect(before).toEqual(kept);
    }),
  );
});
