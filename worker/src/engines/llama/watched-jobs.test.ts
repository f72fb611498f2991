/** When an engine that says nothing is given up: with a played child, and a clock that the test moves. */
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { catalogued } from "../../open-engines.ts";
import type { EngineFailure } from "../engine.ts";
import { jobOf } from "../../testing/engine-laws.ts";
import { silent } from "../../testing/worker-home.ts";
import type { FromChild, ToChild } from "./child-messages.ts";
import type { EngineChildEvents } from "./engine-process.ts";
import { startLlamaEngine } from "./llama-engine.ts";
import type { LlamaEngine } from "./llama-engine.ts";

const model = catalogued(PLUMBING_MODEL);
const QUIET_MS = 10_000;

let engine: LlamaEngine;
let say: (message: FromChild) => void;
/** Ids of the jobs that it was given, in their order. */
let given: number[];

beforeEach(async () => {
  vi.useFakeTimers();
  given = [];
  const start = (events: EngineChildEvents) => {
    say = (message) => events.message(message);
    const send = (message: ToChild) => {
      if (message.type === "load") say({ type: "loaded", contextTokens: 512, devices: [] });
      if (message.type === "generate") given.push(message.id);
    };
    return { pid: undefined, send, kill: () => events.exit("it was killed") };
  };
  const speeds = { threads: 1, prefillTokensPerS: 40, decodeTokensPerS: 10, busy: false };
  const load = {
    path: "m.gguf",
    sha256: model.sha256,
    template: model.template,
    contextTokens: 512,
    slots: 2,
  } as const;
  engine = await startLlamaEngine({
    driver: { name: "played", start: (events) => start(events) },
    model,
    load: { ...load, kvType: "f16", threads: 1, gpu: false, speeds, prefixFolder: null },
    threadChoices: [1],
    quietBeforeFirstTokenMs: QUIET_MS,
    logger: silent,
  });
});
afterEach(async () => {
  await engine.close();
  vi.useRealTimers();
});

/** How a job ended; null while it runs. */
function ask(): { end: string | null } {
  const job: { end: string | null } = { end: null };
  void readAll().then((end) => (job.end = end));
  return job;
}

async function readAll(): Promise<string> {
  try {
    for await (const event of engine.generate(jobOf("Hello"), new AbortController().signal)) void event;
    return "done";
  } catch (error) {
    return (error as EngineFailure).code;
  }
}

describe("a job whose prompt waits", () => {
  test("is not given up while the engine reads or writes for another, for however long", async () => {
    const [first, second] = [ask(), ask()];
    await vi.advanceTimersByTimeAsync(0);
    for (let at = 1; at <= 5; at++) {
      say({ type: "progress", id: given[0]!, done: at / 5 });
      await vi.advanceTimersByTimeAsync(QUIET_MS - 1_000);
    }
    for (let at = 0; at < 5; at++) {
      say({ type: "tokens", id: given[0]!, tokens: [1], text: "a" });
      await vi.advanceTimersByTimeAsync(4_000);
    }
    expect([first.end, second.end]).toEqual([null, null]);
  });

  test("is given up with all others when none of them hears anything", async () => {
    const jobs = [ask(), ask()];
    await vi.advanceTimersByTimeAsync(0);
    say({ type: "progress", id: given[0]!, done: 0.5 });
    await vi.advanceTimersByTimeAsync(QUIET_MS - 1_000);
    expect(jobs.map(({ end }) => end)).toEqual([null, null]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(jobs.map(({ end }) => end)).toEqual(["engine_stalled", "engine_stalled"]);
  });

  test("does not keep an engine alive that does nothing for those it works for", async () => {
    const jobs = [ask(), ask(), ask()];
    await vi.advanceTimersByTimeAsync(0);
    for (let at = 0; at <= QUIET_MS; at += 1_000) {
      // It has no slot yet.
      say({ type: "progress", id: given[2]!, done: 0 });
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(jobs.map(({ end }) => end)).toEqual(["engine_stalled", "engine_stalled", "engine_stalled"]);
  });
});

test("an answer that has begun and stops is given up, whatever is written for others", async () => {
  const jobs = [ask(), ask()];
  await vi.advanceTimersByTimeAsync(0);
  for (const id of given) say({ type: "tokens", id, tokens: [1], text: "a" });
  for (let at = 0; at < 4; at++) {
    await vi.advanceTimersByTimeAsync(1_500);
    say({ type: "tokens", id: given[0]!, tokens: [1], text: "a" });
  }
  expect(jobs.map(({ end }) => end)).toEqual(["engine_stalled", "engine_stalled"]);
});
