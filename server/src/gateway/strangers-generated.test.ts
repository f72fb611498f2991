/** Generated requests of strangers' clients: long texts in every place, ids of any form, histories with tools. */
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sampleGbnf, seededRandom } from "../grammar/gbnf-sampler.ts";
import { testVocabularies } from "../testing/pool-stack.ts";
import type { ScriptedWorker } from "../testing/scripted-worker.ts";
import { bodyOf } from "../testing/completions.ts";
import { chatTurns } from "./chat-turns.ts";
import { parseRequest } from "./parse-request.ts";
import { openGateway, readEvents } from "../testing/gateway.ts";
import type { TestGateway } from "../testing/gateway.ts";
import { toolInstructions } from "./tool-step.ts";

const CONTEXT_TOKENS = 2_048;
const vocabularies = testVocabularies();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway(vocabularies);
  // It ends with its socket.
  void work(await gateway.worker({ contextTokens: CONTEXT_TOKENS })).catch(() => undefined);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await vocabularies[Symbol.asyncDispose]();
});

/** Answers every lease, in its form if it has one. */
async function work(worker: ScriptedWorker): Promise<void> {
  for (;;) {
    const lease = await worker.lease();
    const whole = lease.constraint ? sampleGbnf(lease.constraint.gbnf, { random: seededRandom(7) }) : "Hi";
    worker.tokens(lease, null, whole.slice(lease.committed.text.length));
    worker.done(lease);
  }
}

/** Words of several languages; each has at least one token. */
const Words = fc.constantFrom("lorem ", "привет ", "猫が ", "🦊 ", "a\n", "{} ", "<|im_end|> ", "שלום ");
const user = (content: string) => ({ role: "user", content });
const tool = (name: string, more: object) => ({ type: "function", function: { name, ...more } });
/** Longer than the context in any of these words, but within a schema's byte limit. */
const SCHEMA_CHARS = 26_000;
const described = (text: string) => ({
  type: "object",
  properties: { a: { type: "string", description: text.slice(0, SCHEMA_CHARS) } },
});

/** Bodies with the text in each place where a client's context grows. */
const PLACES: Record<string, (text: string) => Record<string, unknown>> = {
  "a question": (text) => ({ messages: [user(text)] }),
  "a system text": (text) => ({ messages: [{ role: "system", content: text }, user("Hi")] }),
  "a history": (text) => ({
    messages: [
      ...pieces(text, 60).flatMap((piece) => [user(piece), { role: "assistant", content: piece }]),
      user("Go on"),
    ],
  }),
  "text parts": (text) => ({
    messages: [{ role: "user", content: pieces(text, 9).map((piece) => ({ type: "text", text: piece })) }],
  }),
  "a tool's result": (text) => ({
    messages: [
      user("Look"),
      { role: "assistant", tool_calls: [{ id: "1", type: "function", function: { name: "look", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "1", content: text },
    ],
  }),
  "a past call's arguments": (text) => ({
    messages: [
      {
        role: "assistant",
        tool_calls: [
          { id: "1", type: "function", function: { name: "look", arguments: JSON.stringify({ at: text }) } },
        ],
      },
      { role: "tool", tool_call_id: "1", content: "seen" },
    ],
  }),
  "the tools' descriptions": (text) => ({
    tools: pieces(text, 40).map((piece, index) => tool(`f${index}`, { description: piece })),
  }),
  "a tool's parameters": (text) => ({ tools: [tool("f", { parameters: described(text) })] }),
  "a schema": (text) => ({
    response_format: { type: "json_schema", json_schema: { name: "out", schema: described(text) } },
  }),
};

function pieces(text: string, count: number): string[] {
  const size = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, index) => text.slice(index * size, (index + 1) * size)).filter(Boolean);
}

const Asked = fc.record({ stream: fc.boolean(), max_tokens: fc.constantFrom(1, 24, 500) }, { requiredKeys: [] });

test.each(Object.entries(PLACES))(
  "%s too long for the context is refused in the words that agents look for",
  async (_, place) => {
    await fc.assert(
      fc.asyncProperty(
        Words,
        fc.integer({ min: CONTEXT_TOKENS, max: 3 * CONTEXT_TOKENS }),
        Asked,
        async (words, count, asked) => {
          const response = await gateway.ask({ ...place(words.repeat(count)), ...asked });
          const { error } = (await response.json()) as { error: Record<string, string> };
          expect([response.status, error.code, error.type, error.param]).toEqual([
            400,
            "context_length_exceeded",
            "invalid_request_error",
            "messages",
          ]);
          expect(error.message).toContain(`maximum context length is ${CONTEXT_TOKENS} tokens`);
        },
      ),
      { numRuns: 6 },
    );
  },
);

test("the same bodies with short texts are answered, streamed or whole", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.values(PLACES)), Words, fc.boolean(), async (place, words, stream) => {
      const response = await gateway.ask({ ...place(words.repeat(3)), stream });
      expect(response.status).toBe(200);
      const end = stream ? (await readEvents(response)).at(-1) : (await bodyOf(response)).choices.length;
      expect(end).toBe(stream ? "[DONE]" : 1);
    }),
    { numRuns: 25 },
  );
});

/** Unique ids as other providers write them: long, with separators, spaces and punctuation, in any script. */
const CallIds = fc.uniqueArray(
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom(
      "call_1",
      "toolu_01A|fc_9",
      "functions.look:0",
      "a b\n",
      "__proto__",
      "constructor",
      "0",
      "é",
      "e\u0301",
    ),
    fc.integer({ min: 1, max: 60_000 }).map((length) => `call_${"x".repeat(length)}`),
  ),
  { minLength: 1, maxLength: 5 },
);

test("whatever the ids of past calls, each result goes to its call, and the model never sees an id", () => {
  fc.assert(
    fc.property(CallIds, fc.boolean(), (ids, backwards) => {
      const turnsWith = (idOf: (nth: number) => string) => {
        const nths = ids.map((_, nth) => nth);
        const call = (nth: number) => ({
          id: idOf(nth),
          type: "function",
          function: { name: `f${nth}`, arguments: "{}" },
        });
        const result = (nth: number) => ({ role: "tool", tool_call_id: idOf(nth), content: `result ${nth}` });
        const messages = [
          user("Look"),
          { role: "assistant", content: null, tool_calls: nths.map(call) },
          ...(backwards ? nths.toReversed() : nths).map(result),
        ];
        return chatTurns(parseRequest({ model: "m", messages }).messages, { instructions: null, asSteps: false });
      };
      const turns = turnsWith((nth) => ids[nth] ?? "");
      expect(turns).toEqual(turnsWith((nth) => `call_${nth}`));
      for (const nth of ids.keys())
        expect(turns.at(-1)?.content).toContain(`<result of="f${nth}">result ${nth}</result>`);
    }),
    { numRuns: 200 },
  );
});

const Said = fc.string({ unit: "grapheme", maxLength: 20 });
const History = fc.array(fc.record({ role: fc.constantFrom("user", "assistant", "system"), content: Said }), {
  minLength: 1,
  maxLength: 8,
});
const Tools = fc.uniqueArray(fc.stringMatching(/^[a-z_]{1,12}$/), { minLength: 1, maxLength: 6 });

const FORM = { constraint: { gbnf: "", jsonSchema: {} }, argumentsExample: "{}", contentExample: null };

test("with any tools the turns are exactly the caller's, after the text that explains the tools", () => {
  fc.assert(
    fc.property(History, Tools, fc.constantFrom("auto", "required"), (messages, names, choice) => {
      const tools = names.map((name) => tool(name, { description: `does ${name}` }));
      const request = parseRequest({ model: "m", messages, tools, tool_choice: choice });
      const instructions = toolInstructions(request, FORM);
      const told = chatTurns(request.messages, { instructions, asSteps: true });
      const plain = chatTurns(request.messages, { instructions: null, asSteps: false });
      const spoken = plain.filter((turn, at) => at > 0 || turn.role !== "system");
      const [system, ...turns] = told;
      expect(system?.role).toBe("system");
      expect(system?.content).toContain(instructions);
      expect(turns).toEqual(
        spoken.map(({ role, content }) => ({
          role,
          content: role === "assistant" ? JSON.stringify({ action: "message", content }) : content,
        })),
      );
    }),
    { numRuns: 200 },
  );
});
