import { expect, test } from "vitest";
import type { ThreadMessage } from "../../lib/api.ts";
import type { Entry, Sending } from "../../lib/outbox.ts";
import { runToFollow, shownMessages } from "./shown-messages.ts";

const said = (id: string, role: "user" | "assistant", status?: "running" | "answered"): ThreadMessage => ({
  id,
  parent: null,
  role,
  text: id,
  createdAt: "2026-01-01T00:00:00.000Z",
  siblings: [id],
  run: status === undefined ? null : { ...RUN, id: `run-${id}`, status },
});
const RUN: Omit<NonNullable<ThreadMessage["run"]>, "id" | "status"> = {
  outcome: null,
  resumable: false,
  model: "m",
  modelName: "M",
  steps: 0,
  tells: false,
  elapsedMs: null,
  promptTokens: 0,
  completionTokens: 0,
  tokensPerS: null,
  attempts: 0,
  bill: null,
  feedback: null,
};
const entry = (sending: Sending, refusal: Entry["refusal"] = null): Entry => ({
  externalId: "e",
  thread: "t",
  sending,
  refusal,
});

const talk = [
  said("q1", "user"),
  said("a1", "assistant", "answered"),
  said("q2", "user"),
  said("a2", "assistant", "answered"),
];
const shown = (entries: Entry[]) => shownMessages(talk, entries).messages.map(({ id }) => id);

test("a new message is shown after everything", () => {
  expect(shown([entry({ kind: "message", text: "q3" })])).toEqual(["q1", "a1", "q2", "a2"]);
});

test("an edit is shown in place of the old message, another answer after its question", () => {
  expect(shown([entry({ kind: "message", text: "other", edits: "q2" })])).toEqual(["q1", "a1"]);
  expect(shown([entry({ kind: "again", message: "a2" })])).toEqual(["q1", "a1", "q2"]);
  expect(shown([entry({ kind: "again", message: "q1" })])).toEqual(["q1"]);
});

test("a refused edit hides nothing, and neither does an edit of an unknown message", () => {
  const refusal = { code: "queue_full", message: "Wait." };
  expect(shown([entry({ kind: "again", message: "a1" }, refusal)])).toHaveLength(4);
  expect(shown([entry({ kind: "message", text: "x", edits: "gone" })])).toHaveLength(4);
});

test("the run of the first of several unanswered questions is followed", () => {
  expect(runToFollow(talk)).toBeNull();
  expect(runToFollow([...talk, said("a3", "assistant", "running"), said("a4", "assistant", "running")])).toBe("run-a3");
});
