/** Whether steps explain an answer is asked of steps in memory and of rows: both must say the same. */
import { expect, test } from "vitest";
import { tellsHow } from "@starai/protocol/runs";

const answered = (thought: string) => ({ thought, action: { kind: "final_answer", text: "x" } as const });
const called = { thought: "", action: { kind: "tool", tool: "calculator", args: {} } as const };

test("labels and empty thoughts explain nothing; a reason or a tool does", () => {
  for (const thought of ["", "  ", "A fact I know.", "Code to write, no tool."])
    expect(tellsHow([answered(thought)])).toBe(false);
  expect(tellsHow([])).toBe(false);
  expect(tellsHow([answered("They ask for a share, so I calculate it.")])).toBe(true);
  expect(tellsHow([called, answered("")])).toBe(true);
});
