import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compileConstraint } from "../grammar/compile-constraint.ts";
import { gbnfAccepts } from "../grammar/gbnf-sampler.ts";
import { readDecision, stepSchema, writeDecision } from "./step-format.ts";
import type { Decision, OfferedTool } from "./step-format.ts";
import { stepReader } from "./step-stream.ts";

const TOOLS: OfferedTool[] = ["calculator", "dates"].map((name) => ({
  name,
  description: "",
  args: {
    type: "object",
    additionalProperties: false,
    required: ["query"],
    properties: { query: { type: "string", minLength: 1, maxLength: 40 } },
  },
}));
const FORM = compileConstraint(stepSchema(TOOLS, { thoughtCharsMax: 40, answerCharsMax: 60 }));

const text = (maxLength: number, minLength = 0) =>
  fc
    .string({ unit: "grapheme", minLength, maxLength })
    .filter((s) => Array.from(s).length <= maxLength && s.length >= minLength && s.isWellFormed());
const decisions: fc.Arbitrary<Decision> = fc.record({
  thought: text(20),
  action: fc.oneof(
    text(30, 1).map((answer) => ({ kind: "final_answer" as const, text: answer })),
    text(30, 1).map((question) => ({ kind: "ask_user" as const, question })),
    fc.record({
      kind: fc.constant("tool" as const),
      tool: fc.constantFrom("calculator", "dates"),
      args: fc.record({ query: text(20, 1) }),
    }),
  ),
});

test("a step written as text is read back unchanged", () => {
  fc.assert(
    fc.property(decisions, (decision) => {
      const value: unknown = JSON.parse(writeDecision(decision));
      expect(FORM.validate(value)).toBeNull();
      expect(readDecision(value)).toEqual(decision);
    }),
  );
});

test("however a step is cut into pieces, its thought and answer are emitted whole, once and in order", () => {
  fc.assert(
    fc.property(
      decisions,
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 30 }),
      (decision, sizes) => {
        const heard = { thought: "", answer: "", tools: [] as string[], answering: 0 };
        const reader = stepReader(TOOLS, {
          thought: (delta) => (heard.thought += delta),
          answer: (delta) => (heard.answer += delta),
          tool: (name) => heard.tools.push(name),
          answering: () => heard.answering++,
        });
        const json = writeDecision(decision);
        for (let at = 0, n = 0; at < json.length; n++) {
          const size = sizes[n % sizes.length] ?? 1;
          reader.push(json.slice(at, at + size));
          at += size;
        }
        reader.end();
        const { action } = decision;
        expect(heard).toEqual({
          thought: decision.thought,
          answer: action.kind === "tool" ? "" : action.kind === "ask_user" ? action.question : action.text,
          tools: action.kind === "tool" ? [action.tool] : [],
          answering: action.kind === "tool" ? 0 : 1,
        });
      },
    ),
  );
});

test("the grammar accepts a step and rejects it with a tool not offered, two actions, or trailing text", () => {
  const { gbnf } = FORM.constraint;
  const step = '{"thought":"","action":{"final_answer":"Hi"}}';
  expect(gbnfAccepts(gbnf, step)).toBe(true);
  for (const wrong of [
    step.replace("final_answer", "send_money"),
    step.replace('"Hi"', '"Hi","ask_user":"?"'),
    `${step} and more`,
    step.replace('"thought":"",', ""),
    '{"action":{"final_answer":"Hi"},"thought":""}',
    '{"thought":"","action":{"final_answer":""}}',
  ])
    expect({ wrong, accepted: gbnfAccepts(gbnf, wrong) }).toEqual({ wrong, accepted: false });
});

test("without tools only an answer or a question can be written", () => {
  const { constraint } = compileConstraint(stepSchema([], { thoughtCharsMax: 40, answerCharsMax: 60 }));
  expect(gbnfAccepts(constraint.gbnf, '{"thought":"","action":{"ask_user":"Which?"}}')).toBe(true);
  expect(gbnfAccepts(constraint.gbnf, '{"thought":"","action":{"dates":{"query":"today"}}}')).toBe(false);
});
