/** Bodies of clients we do not control: what cannot change the answer is ignored, and every refusal is a sentence. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Refusal } from "../errors.ts";
import { chatTurns } from "./chat-turns.ts";
import { parseRequest } from "./parse-request.ts";

const Text = fc.string({ maxLength: 12 });
const CallId = fc.string({ unit: "binary", minLength: 1, maxLength: 3_000 });

/** A valid exchange: every call is answered, and every text is a string. */
const Exchange = fc.oneof(
  Text.map((content) => [{ role: "user", content }]),
  Text.map((content) => [{ role: "system", content }]),
  fc.option(Text, { nil: null }).map((content) => [{ role: "assistant", content }]),
  fc.tuple(CallId, Text).map(([id, content]) => [
    { role: "assistant", tool_calls: [{ id, type: "function", function: { name: "look", arguments: "{}" } }] },
    { role: "tool", tool_call_id: id, content },
  ]),
);
const Body = fc.record({
  model: fc.constant("m"),
  messages: fc.array(Exchange, { minLength: 1, maxLength: 6 }).map((exchanges) => exchanges.flat()),
});

/** Members of real histories and requests, and random ones; the server ignores them all. */
const Extra = fc.dictionary(
  fc.oneof(
    fc.constantFrom("id", "opts", "name", "cache_control", "annotations", "reasoning_content", "parsed", "timestamp"),
    fc.string({ maxLength: 8 }).map((name) => `x_${name}`),
  ),
  fc.oneof(fc.constant(null), fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>),
  { maxKeys: 3 },
);
const Nulls = fc.subarray(["refusal", "audio", "function_call", "images", "tool_calls"]);
const BodyNulls = fc.subarray([
  "tools",
  "tool_choice",
  "stop",
  "n",
  "top_p",
  "seed",
  "response_format",
  "stream_options",
]);

type Members = Record<string, unknown>;
const missing = (message: Members, names: readonly string[]) =>
  Object.fromEntries(names.filter((name) => !(name in message)).map((name) => [name, null]));
const shuffled = (members: Members, backwards: boolean) =>
  backwards ? Object.fromEntries(Object.entries(members).toReversed()) : members;

test("unserved members, nulls and the order of members do not change the parsed request", () => {
  fc.assert(
    fc.property(Body, Extra, Nulls, BodyNulls, fc.boolean(), (body, extra, nulls, bodyNulls, backwards) => {
      const messages = body.messages.map((message) => {
        const plain: Members = message;
        return shuffled({ ...extra, ...missing(plain, nulls), ...plain }, backwards);
      });
      const decorated = shuffled(
        { ...missing(body, bodyNulls), ...body, messages, user: extra, metadata: extra },
        backwards,
      );
      const [plain, odd] = [parseRequest(body), parseRequest(decorated)];
      const told = { instructions: null, asSteps: false };
      expect(chatTurns(odd.messages, told)).toEqual(chatTurns(plain.messages, told));
      expect({ ...odd, messages: [] }).toEqual({ ...plain, messages: [] });
    }),
    { numRuns: 300 },
  );
});

const RAW = /Invalid |Too (big|small)|expected|received|Unrecognized|nonoptional|discriminator|undefined|\[object/;
const FIELDS = [
  "model",
  "messages",
  "max_tokens",
  "max_completion_tokens",
  "temperature",
  "top_p",
  "seed",
  "stop",
  "stream",
  "stream_options",
  "response_format",
  "tools",
  "tool_choice",
  "n",
  "modalities",
  "functions",
  "presence_penalty",
  "zzz",
];
const Shapes = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
  fc.constantFrom(-1, 0, 1e300, 0.5, "", "auto", [], {}, null, true, [null], ["text"], [{}], [[]]),
  fc.record({ type: fc.constantFrom("text", "json_object", "json_schema", "function", 7), schema: fc.anything() }),
  fc.array(
    fc.record(
      {
        role: fc.constantFrom("user", "system", "assistant", "tool", "function", null, 3),
        content: fc.oneof(
          Text,
          fc.constantFrom(null, 5, [], [{}], [null], [{ type: "text" }], [{ type: "__proto__" }]),
        ),
        tool_calls: fc.constantFrom(
          null,
          [],
          [{}],
          {},
          [{ id: 1 }],
          [{ id: "a", function: { name: "", arguments: 1 } }],
        ),
        tool_call_id: fc.constantFrom("a", null, 1),
        type: fc.constantFrom("function", "web_search"),
        function: fc.constantFrom({}, { name: "a b" }, { name: "f", description: 1 }, null, {
          name: "f",
          parameters: 3,
        }),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 3 },
  ),
);

function refusalOf(body: unknown): Refusal | null {
  try {
    parseRequest(body);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function isSentence(text: string): boolean {
  return !RAW.test(text) && /^[a-z_]+[\w.[\]]*: .{8,}\.$/s.test(text);
}

test("any value in any field is accepted, or refused in a sentence about that field", () => {
  const refused = new Set<string>();
  fc.assert(
    fc.property(fc.constantFrom(...FIELDS), Shapes, (field, value) => {
      const refusal = refusalOf({ model: "m", messages: [{ role: "user", content: "x" }], [field]: value });
      if (refusal === null) return;
      refused.add(field);
      return isSentence(refusal.message) && refusal.param?.startsWith(field) === true;
    }),
    { numRuns: 1_500 },
  );
  expect(refused.size).toBeGreaterThan(12);
});

test("up to 128 tools are accepted whatever their names, and more are refused with the limit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (count) => {
      const tools = Array.from({ length: count }, (_, index) => ({
        type: "function",
        function: { name: `t_${index}` },
      }));
      const body = { model: "m", messages: [{ role: "user", content: "x" }], tools };
      const said = refusalOf(body)?.message ?? "";
      expect(said.includes("more than 128 tools, which is the most one request may have")).toBe(count > 128);
    }),
    { numRuns: 40 },
  );
});
