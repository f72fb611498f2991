/** A worker's step holds text that no row can store: the run still ends, and the conversation goes on. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answers, calls, followed, openTestAgent, rowsOf } from "../testing/agent.ts";

const step = (action: string) => `{"thought":"So \ud800\\u0000","action":${action}}`;

let agent: Awaited<ReturnType<typeof openTestAgent>>;
let written: (key: string) => string;
beforeAll(async () => {
  agent = await openTestAgent(({ key }) => ({ pieces: Array.from(written(key)) }));
});
afterAll(() => agent[Symbol.asyncDispose]());

describe.each([
  ["half a pair", "\ud800"],
  ["half a pair as an escape", "\\ud800"],
  ["the other half as an escape", "\\uDFFF"],
  ["NUL as an escape", "\\u0000"],
])("%s", (_name, odd) => {
  test.each([
    ["a final answer", step(`{"final_answer":"hi ${odd} there"}`), "answered", "hi \uFFFD there"],
    ["a question", step(`{"ask_user":"which ${odd}?"}`), "asked", "which \uFFFD?"],
  ])("in %s is answered as a replacement character, as it was told", async (_where, text, status, said) => {
    written = () => text;
    const { run, thread } = await agent.ask("hello");
    agent.runs().launch(run);
    const events = await followed(agent.runs(), run);
    expect(events.at(-1)).toMatchObject({ type: "end", outcome: { kind: status }, answer: said });
    expect(JSON.stringify(events).includes("\\ud800") || JSON.stringify(events).includes("\\u0000")).toBe(false);
    expect((await rowsOf(agent.ctx, run)).row).toMatchObject({ status, answer: said });
    const next = await agent.ask("and now?", { thread });
    agent.runs().launch(next.run);
    await followed(agent.runs(), next.run);
    expect((await rowsOf(agent.ctx, next.run)).row?.status).toBe(status);
  });

  test("in a tool's argument is a step like any other", async () => {
    const called = calls("calculator", { expression: "1 + 1 ODD" }).replace("ODD", odd);
    written = (key) => (key.endsWith(":0") ? called : answers("Two."));
    const { run } = await agent.ask("1 + 1");
    agent.runs().launch(run);
    await followed(agent.runs(), run);
    const { row, steps } = await rowsOf(agent.ctx, run);
    expect(row?.status).toBe("answered");
    expect(steps[0]?.action).toMatchObject({ args: { expression: "1 + 1 \uFFFD" } });
  });
});
