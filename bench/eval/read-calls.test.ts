import { expect, test } from "vitest";
import { readCalls } from "./read-calls.ts";

const CALL = '{"name": "calculator", "arguments": {"expression": "1 + 1"}}';
const READ = [{ name: "calculator", args: { expression: "1 + 1" } }];

test("a call in its tags is read by both readers", () => {
  for (const lenient of [false, true])
    expect(readCalls(`<tool_call>\n${CALL}\n</tool_call>`, lenient)).toEqual({ calls: READ, malformed: false });
});

test.each([
  ["a code fence", `Sure!\n\`\`\`json\n${CALL}\n\`\`\``],
  ["bare text", CALL],
  ["an open tag", `<tool_call>\n${CALL}`],
])("a call in %s is read only by the lenient reader; the strict one counts it as malformed", (_where, text) => {
  expect(readCalls(text, true)).toEqual({ calls: READ, malformed: false });
  expect(readCalls(text, false)).toEqual({ calls: [], malformed: true });
});

test("an answer is not taken for a call", () => {
  for (const lenient of [false, true])
    expect(readCalls("It is 2. {x}", lenient)).toEqual({ calls: [], malformed: false });
});
