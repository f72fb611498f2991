import { getEventListeners } from "node:events";
import { HumanMessage } from "@langchain/core/messages";
import { expect, test } from "vitest";
import type { JobHandle, JobResult } from "../jobs/job.ts";
import { ReActStepModel } from "./react-step-model.ts";

const nothing = () => {};

test("a step removes its listener from its signal, so the signal does not keep the whole run in memory", async () => {
  const text = JSON.stringify({ thought: "They greet.", action: { final_answer: "Hello!" } });
  const usage = { promptTokens: 9, completionTokens: 9, estimated: false };
  const result: JobResult = {
    text,
    finishReason: "stop",
    usage,
    worker: "w",
    attempts: 1,
    firstTokenMs: 1,
    elapsedMs: 2,
  };
  const job: JobHandle = {
    id: "job",
    bill: null,
    async *events() {
      yield { kind: "text", text };
      yield { kind: "done", result };
    },
    result: () => Promise.resolve(result),
    cancel: () => Promise.resolve(),
  };
  const heard = { queued: nothing, reading: nothing, moved: nothing, restarted: nothing, decided: nothing };
  const listener = { ...heard, thought: nothing, tool: nothing, answering: nothing, answer: nothing };
  const bounds = { thoughtCharsMax: 100, answerCharsMax: 400 };
  const ask = () => Promise.resolve(job);
  const payments = { plan: () => Promise.resolve({ kind: "fits" as const }), discard: () => Promise.resolve() };
  const model = new ReActStepModel({ runId: "run", prefix: [], tools: [], bounds, ask, listener, ...payments });
  const { signal } = new AbortController();
  const said = await model.invoke([new HumanMessage("Hi")], { signal });
  expect(said.text).toContain("Hello!");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
