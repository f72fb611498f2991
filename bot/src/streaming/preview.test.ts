import { expect, test } from "vitest";
import { EMPTY_VIEW, applyEvent } from "@starai/protocol/run-view";
import type { RunEvent, RunSnapshot, Step } from "@starai/protocol/runs";
import { translator } from "@starai/protocol/texts";
import { draftMarkdown, previewText } from "./preview.ts";

const t = translator("en");
const after = (...events: RunEvent[]) => events.reduce(applyEvent, EMPTY_VIEW);
const line = (...events: RunEvent[]) => previewText(after(...events), t, 4_096);
const step: Step = {
  index: 0,
  thought: "So.",
  action: { kind: "tool", tool: "calculator", args: {} },
  observation: null,
  job: null,
  model: "m",
  worker: null,
  attempts: 1,
  promptTokens: 1,
  completionTokens: 1,
  elapsedMs: 1,
};

test("before the answer a person sees one line: their place in the queue, the thought, the tool", () => {
  expect(line()).toBe("Reading…");
  expect(line({ type: "phase", phase: { kind: "queued", position: 3, etaMs: null } })).toBe("In the queue: place 3");
  expect(line({ type: "phase", phase: { kind: "queued", position: 2, etaMs: 11_200 } })).toBe(
    "In the queue: place 2, about 12 s",
  );
  expect(line({ type: "phase", phase: { kind: "no_machine", model: "Qwen" } })).toBe(
    "No machine with Qwen is online. Waiting 2 min at most for one; /stop ends it.",
  );
  expect(line({ type: "phase", phase: { kind: "thinking" } })).toBe("Thinking…");
  expect(line({ type: "thought", delta: "First\nthis, " }, { type: "thought", delta: "then that." })).toBe(
    "First this, then that.",
  );
  expect(line({ type: "tool", tool: "calculator", args: {} })).toBe("Using calculator…");
  expect(line({ type: "answer", delta: "Hel" }, { type: "answer", delta: "lo" })).toBe("Hello");
});

test("of a long thought the end is shown, which is the newest part", () => {
  const shown = previewText(after({ type: "thought", delta: `${"old ".repeat(100)}new` }), t, 4_096);
  expect(shown).toHaveLength(160);
  expect(shown).toMatch(/^….*new$/);
});

test("a lost machine is shown until another continues, and the text so far stays", () => {
  const half: RunEvent[] = [
    { type: "answer", delta: "Half" },
    { type: "moved", attempt: 2 },
  ];
  expect(draftMarkdown(after(...half), t)).toBe(
    "Half\n\n<tg-thinking>The machine was lost; another goes on from the same word.</tg-thinking>",
  );
  expect(draftMarkdown(after(...half, { type: "answer", delta: " done" }), t)).toBe("Half done");
});

test("a step that called a tool removes the text that looked like an answer, and a snapshot replaces the view", () => {
  expect(after({ type: "answer", delta: "No" }, { type: "step", step }).answer).toBe("");
  const run: RunSnapshot = {
    id: crypto.randomUUID(),
    thread: crypto.randomUUID(),
    status: "running",
    phase: { kind: "answering" },
    steps: [step],
    thought: "",
    answer: "All of it",
    outcome: null,
  };
  const view = after({ type: "answer", delta: "old" }, { type: "snapshot", run });
  expect(view).toMatchObject({ answer: "All of it", steps: [step], outcome: null });
});

test("code that is still being written is shown closed, and its tail when it is long", () => {
  expect(draftMarkdown(after({ type: "answer", delta: "```js\nlet a" }), t)).toBe("```js\nlet a\n```");
  const long = `\`\`\`js\n${"let a = 1;\n".repeat(4_000)}`;
  const shown = draftMarkdown(after({ type: "answer", delta: long }), t);
  expect(shown.length).toBeLessThanOrEqual(32_768);
  expect(shown).toMatch(/^```js\n[\s\S]*\n```$/);
});
