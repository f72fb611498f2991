/** Whether steps explain an answer: the results for steps in memory and for rows must be equal. */
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { tellsHow } from "@starai/protocol/runs";
import { threads } from "../db/schema.ts";
import { getRun } from "./get-run.ts";
import { branch } from "./read-thread.ts";
import { receiveMessage } from "./receive-message.ts";
import { answers, calls } from "../testing/scripted-thinking.ts";
import { openTestThreads } from "../testing/threads.ts";

const LABELS = ["", "  ", "A fact I know.", " Code to write,\nno tool. "];
const REASON = "They ask for a share, so I calculate it.";

const answered = (thought: string) => ({ thought, action: { kind: "final_answer", text: "x" } as const });

test("labels and empty thoughts explain nothing; a reason or a tool does", () => {
  for (const thought of LABELS) expect(tellsHow([answered(thought)])).toBe(false);
  expect(tellsHow([])).toBe(false);
  expect(tellsHow([answered(REASON)])).toBe(true);
  const called = { thought: "", action: { kind: "tool", tool: "calculator", args: {} } as const };
  expect(tellsHow([called, answered("")])).toBe(true);
});

test("stored steps are judged alike, and only the first message's answer is the first", async () => {
  await using stack = await openTestThreads();
  const thoughts = [...LABELS, REASON, "tool"];
  stack.thinking.script = ({ question, step }) => {
    const thought = thoughts[Number(question)] ?? "";
    return thought === "tool" && step === 0
      ? calls("calculator", { expression: "17*23" }, "")
      : answers("x", thought === "tool" ? "" : thought);
  };
  for (const [index] of thoughts.entries()) {
    const { run, thread } = await receiveMessage(stack.ctx, {
      person: { telegramId: 42, name: "Ann", language: "en" },
      chat: "telegram:42",
      externalId: `tells:${index}`,
      text: String(index),
    });
    await stack.ended(run);
    const record = await getRun(stack.ctx, run);
    const [row] = await stack.ctx.db.select().from(threads).where(eq(threads.id, thread));
    const [last] = await branch(stack.ctx, row?.headId ?? null, 1);
    expect(last?.tells).toBe(tellsHow(record.steps));
    expect(last?.tells).toBe(index >= LABELS.length);
    expect(record.first).toBe(index === 0);
  }
});
