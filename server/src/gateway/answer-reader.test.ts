import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Refusal } from "../errors.ts";
import { sampleGbnf, seededRandom } from "../grammar/gbnf-sampler.ts";
import { jsonReader, plainReader, stepReader } from "./answer-reader.ts";
import type { AnswerDelta, AnswerReader } from "./answer-reader.ts";
import { parseRequest } from "./parse-request.ts";
import { readForm } from "./answer-form.ts";
import type { FormRequest } from "./answer-form.ts";
import { stepOf } from "./tool-step.ts";

const lookParameters = {
  type: "object",
  properties: { what: { type: "string" }, deep: { type: "boolean" }, again: { $ref: "#/$defs/times" } },
  required: ["what"],
  $defs: { times: { type: "integer", minimum: 1, maximum: 9 } },
};
const tools = [
  { type: "function", function: { name: "look", parameters: lookParameters } },
  { type: "function", function: { name: "wait" } },
];

/** Returns the form as the schema thread would. */
function formOf(request: FormRequest) {
  const { facts, check } = readForm(request);
  return { ...facts, check: (text: string) => Promise.resolve(check(text)) };
}
const valueForm = (schema: unknown) => formOf({ content: { field: "schema", schema }, step: null });

function stepForm(toolChoice: unknown, content: unknown = null) {
  const request = parseRequest({
    model: "m",
    messages: [{ role: "user", content: "x" }],
    tools,
    tool_choice: toolChoice,
  });
  return formOf({ content: content === null ? null : { field: "schema", schema: content }, step: stepOf(request) });
}

/** Reads a text, cut into pieces of these sizes. */
async function read(reader: AnswerReader, text: string, sizes: readonly number[], reason: "stop" | "length" = "stop") {
  const deltas: AnswerDelta[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    deltas.push(...reader.push(text.slice(at, at + size)));
    at += size;
  }
  const before = deltas.length;
  const { deltas: rest, end } = await reader.finish(reason);
  return { all: [...deltas, ...rest], early: deltas.slice(0, before), end };
}

function joined(deltas: readonly AnswerDelta[], kind: "content" | "arguments"): string {
  return deltas.map((delta) => (delta.kind === kind ? delta.text : "")).join("");
}

const TEXT = { kind: "text", stop: [] } as const;
const Sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

describe("the reader of steps", () => {
  test("any text of the grammar is read as a message or one well-formed call, however it is cut", async () => {
    const form = stepForm("auto");
    const ends = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.nat(), Sizes, async (seed, sizes) => {
        const text = sampleGbnf(form.constraint.gbnf, { random: seededRandom(seed), charsMax: 200 });
        const { all, end } = await read(stepReader(form, TEXT), text, sizes);
        const call = all.find((delta) => delta.kind === "call");
        // The step rebuilt from the deltas is the one that was written.
        const rebuilt =
          call === undefined
            ? { action: "message", content: joined(all, "content") }
            : { action: "call", name: call.name, arguments: JSON.parse(joined(all, "arguments")) as unknown };
        expect(rebuilt).toEqual(JSON.parse(text));
        expect(await form.check(JSON.stringify(rebuilt))).toBeNull();
        expect(end).toBe(call === undefined ? "stop" : "tool_calls");
        ends.add(end);
      }),
      { numRuns: 500 },
    );
    expect(ends.size).toBe(2);
  });

  test("the grammar has no message if a call is required, and no other tool if one is named", () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = seededRandom(seed);
      expect(sampleGbnf(stepForm("required").constraint.gbnf, { random })).toMatch(/^\{"action":"call"/);
      const named = stepForm({ type: "function", function: { name: "wait" } });
      expect(sampleGbnf(named.constraint.gbnf, { random })).toBe('{"action":"call","name":"wait","arguments":{}}');
    }
  });

  test("a message is emitted while it is being written", () => {
    const reader = stepReader(stepForm("auto"), TEXT);
    expect(joined(reader.push('{"action":"message","content":"Good mor'), "content")).toBe("Good mor");
  });

  test("a call's name is emitted before its arguments, whose last character is held back until the end", async () => {
    const reader = stepReader(stepForm("auto"), TEXT);
    const deltas = reader.push('{"action":"call","name":"look","arguments":{"what":"sky"}}');
    expect(deltas[0]).toEqual({ kind: "call", name: "look" });
    expect(joined(deltas, "arguments")).toBe('{"what":"sky"');
    expect(joined((await reader.finish("stop")).deltas, "arguments")).toBe("}");
  });

  test.each([
    [
      "a tool that was not offered",
      "the value is none of the allowed kinds",
      '{"action":"call","name":"fly","arguments":{}}',
    ],
    [
      "arguments that do not fit",
      "arguments: /what must be string",
      '{"action":"call","name":"look","arguments":{"what":7}}',
    ],
    [
      "an argument too many",
      "arguments: the value must NOT have additional properties",
      '{"action":"call","name":"wait","arguments":{"x":1}}',
    ],
    ["no arguments", 'the value has no member "arguments"', '{"action":"call","name":"wait"}'],
    ["only prose", '"S" after 0 characters', "Sure! Here is the call you wanted."],
    ["only half of its text", "it stops in the middle", '{"action":"message","content":"Hel'],
    ["a member too many", 'the value has a member "extra"', '{"action":"message","content":"x","extra":1}'],
    [
      "another step after it",
      '"{" after 34 characters',
      '{"action":"message","content":"x"}{"action":"message","content":"x"}',
    ],
  ])("a step with %s is refused: %s", async (_what, why, text) => {
    const answer = read(stepReader(stepForm("auto"), TEXT), text, [3]);
    await expect(answer).rejects.toThrow(Refusal);
    await expect(answer).rejects.toThrow(`form that was asked for (${why}`);
  });

  test("a step cut off by the token limit is emitted as far as it was written, with finish reason length", async () => {
    const { all, end } = await read(
      stepReader(stepForm("auto"), TEXT),
      '{"action":"call","name":"look","arguments":{"wh',
      [5],
      "length",
    );
    expect(end).toBe("length");
    expect(joined(all, "arguments")).toBe('{"wh');
  });
});

describe("the reader of JSON answers", () => {
  const schema = { type: "object", properties: { n: { type: "integer", maximum: 5 } }, required: ["n"] };
  const form = valueForm(schema);

  test("the last character is emitted only after the answer was validated", async () => {
    const { early, all, end } = await read(jsonReader(form), '{"n":4}', [2]);
    expect(joined(early, "content")).toBe('{"n":4');
    expect(joined(all, "content")).toBe('{"n":4}');
    expect(end).toBe("stop");
  });

  test("the last character of an answer that does not fit its schema is never emitted", async () => {
    const reader = jsonReader(form);
    expect(joined(reader.push('{"n":6}'), "content")).toBe('{"n":6');
    await expect(reader.finish("stop")).rejects.toThrow(/does not fit the form/);
  });

  test("a bare number is held back whole, because the 1 of 12 would look like an answer", async () => {
    const { early, all } = await read(jsonReader(valueForm({ type: "integer" })), "12", [1]);
    expect(early).toEqual([]);
    expect(joined(all, "content")).toBe("12");
  });

  test("at the token limit a complete answer ends with stop, an incomplete one with length", async () => {
    expect((await read(jsonReader(form), '{"n":4}', [3], "length")).end).toBe("stop");
    expect(await read(jsonReader(form), '{"n":', [3], "length")).toMatchObject({ end: "length" });
  });

  test("a JSON value in a message beside tools is emitted as JSON text", async () => {
    const { all } = await read(
      stepReader(stepForm("auto", schema), { kind: "json" }),
      '{"action":"message","content":{"n":1}}',
      [4],
    );
    expect(joined(all, "content")).toBe('{"n":1}');
  });
});

test("plain text is emitted unchanged, even if it looks like JSON", async () => {
  const { all, end } = await read(plainReader(), '{"action":', [3], "length");
  expect(joined(all, "content")).toBe('{"action":');
  expect(end).toBe("length");
});
