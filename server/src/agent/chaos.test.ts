/** A model that knows nothing and obeys the grammar drives whole runs: whatever it may write, every run ends well. */
import { expect, test } from "vitest";
import { RunSnapshot, Step } from "@starai/protocol/runs";
import { sampleGbnf, seededRandom } from "../grammar/gbnf-sampler.ts";
import { STEPS_MAX } from "./loop-guard.ts";
import type { Engine } from "../testing/scripted-jobs.ts";
import { followed, openTestAgent, rowsOf } from "../testing/agent.ts";

const RUNS = 60;

/** Random text of the request's own grammar, in random pieces. */
function chaos(seed: number): { engine: Engine; written: string[] } {
  const random = seededRandom(seed);
  const written: string[] = [];
  const engine: Engine = ({ constraint }) => {
    const text = sampleGbnf(constraint?.gbnf ?? "", { charsMax: 120, random });
    written.push(text);
    const pieces: string[] = [];
    for (let at = 0; at < text.length;) {
      const length = 1 + Math.floor(random() * 9);
      pieces.push(text.slice(at, at + length));
      at += length;
    }
    return { pieces };
  };
  return { engine, written };
}

test(`${RUNS} runs of a random model under the grammar: no malformed step, each ends in an answer or a question`, async () => {
  const { engine, written } = chaos(20_261_123);
  await using agent = await openTestAgent(engine);
  const ends = new Map<string, number>();
  let toolCalls = 0;
  for (let at = 0; at < RUNS; at++) {
    const { run } = await agent.ask(`question ${at}`);
    agent.runs().launch(run);
    const events = await followed(agent.runs(), run);
    const end = events.at(-1);
    if (end?.type !== "end") throw new Error("the run's events stopped without an end event");
    ends.set(end.outcome.kind, (ends.get(end.outcome.kind) ?? 0) + 1);
    expect(end.answer).not.toBe("");
    const { row, steps } = await rowsOf(agent.ctx, run);
    expect(row?.status).toBe(end.outcome.kind);
    expect(steps.length).toBeLessThanOrEqual(STEPS_MAX);
    for (const event of events) if (event.type === "step") Step.parse(event.step);
    toolCalls += steps.filter(({ action }) => action.kind === "tool").length;
  }
  // Every text the model wrote became exactly one step: none was retried.
  expect(agent.jobs.computed.filter(({ key }) => key.endsWith(":again"))).toEqual([]);
  expect([...ends.keys()].sort()).toEqual(["answered", "asked"]);
  expect(written.length).toBeGreaterThan(RUNS);
  expect(toolCalls).toBeGreaterThan(RUNS / 2);
}, 120_000);

test("a random model whose texts are cut off or garbled: none is shown, and its run fails with a code", async () => {
  const random = seededRandom(7);
  const { engine } = chaos(8);
  await using agent = await openTestAgent((input) => {
    const whole = engine(input);
    const dice = random();
    if (dice < 0.3)
      return { pieces: whole.pieces.slice(0, Math.ceil(whole.pieces.length / 2)), finishReason: "length" };
    if (dice < 0.6) return { pieces: [...whole.pieces.slice(1), "}"] };
    return whole;
  });
  const failures: { code: string; message: string }[] = [];
  for (let at = 0; at < 25; at++) {
    const { run } = await agent.ask(`question ${at}`);
    agent.runs().launch(run);
    const events = await followed(agent.runs(), run);
    const end = events.at(-1);
    if (end?.type !== "end") throw new Error("the run's events stopped without an end event");
    if (end.outcome.kind === "failed") failures.push(end.outcome);
    for (const event of events) if (event.type === "snapshot") RunSnapshot.parse(event.run);
  }
  expect(failures.length).toBeGreaterThan(0);
  for (const { code, message } of failures) {
    expect(["output_invalid", "output_truncated"]).toContain(code);
    expect(message).toMatch(/\w{3}/u);
  }
}, 120_000);
