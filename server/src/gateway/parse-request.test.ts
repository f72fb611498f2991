import { expect, test } from "vitest";
import { Refusal } from "../errors.ts";
import { parseRequest } from "./parse-request.ts";

const user = { role: "user", content: "Hello" };
const tool = { type: "function", function: { name: "look", parameters: { type: "object", properties: {} } } };
const call = {
  role: "assistant",
  tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: "{}" } }],
};
const callOf = (args: unknown, id = "c1") => ({
  role: "assistant",
  tool_calls: [{ id, type: "function", function: { name: "look", arguments: args } }],
});
const exchange = (id: string) => [callOf("{}", id), { role: "tool", content: "seen", tool_call_id: id }];
const base = { model: "m", messages: [user] };

function argumentsOf(args: unknown) {
  const [message] = parseRequest({ ...base, messages: [callOf(args)] }).messages;
  return message?.role === "assistant" && message.tool_calls?.[0]?.function.arguments;
}

function refusalOf(body: unknown): Refusal {
  try {
    parseRequest(body);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("the request was not refused");
}

test.each<[param: string | undefined, says: string, body: unknown]>([
  [undefined, "must be an object, not a list", []],
  [undefined, "must be an object, not a text", "text"],
  ["model", "is missing; send a text", { messages: [user] }],
  ["model", "must be a text, not ", { ...base, model: 7 }],
  ["messages", "is missing; send a list", { model: "m" }],
  ["messages", "at least one message", { ...base, messages: [] }],
  ["messages", "more than 256 messages", { ...base, messages: Array.from({ length: 500 }, () => user) }],
  [
    "messages[0].role",
    "must be system, developer, user, assistant or tool",
    { ...base, messages: [{ role: "robot", content: "x" }] },
  ],
  ["messages[0].content", "must be a text", { ...base, messages: [{ role: "user" }] }],
  ["messages[0].content", "must be a text", { ...base, messages: [{ role: "user", content: 5 }] }],
  [
    "messages[0].content[1]",
    "images",
    {
      ...base,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "x" },
            { type: "image_url", image_url: { url: "x" } },
          ],
        },
      ],
    },
  ],
  ["messages[0].content[0]", "type", { ...base, messages: [{ role: "user", content: [{ text: "x" }] }] }],
  ["messages[0].images", "cannot read images", { ...base, messages: [{ ...user, images: ["aGk="] }] }],
  [
    "messages[0].content[0]",
    '"video", which is not read',
    { ...base, messages: [{ role: "user", content: [{ type: "video" }] }] },
  ],
  [
    "messages[0].content[0]",
    "`text` must be a text",
    { ...base, messages: [{ role: "user", content: [{ type: "text", text: null }] }] },
  ],
  [
    "messages[0].function_call",
    "send `tool_calls` instead",
    { ...base, messages: [{ role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } }] },
  ],
  [
    "messages[0].role",
    "role tool with its tool_call_id",
    { ...base, messages: [{ role: "function", name: "f", content: "x" }] },
  ],
  ["messages[0].tool_calls[0].function.arguments", "as JSON text", { ...base, messages: [callOf([1])] }],
  [
    "messages[1].tool_call_id",
    "no tool call before",
    { ...base, messages: [call, { role: "tool", content: "x", tool_call_id: "c2" }] },
  ],
  ["messages[0].tool_call_id", "is missing", { ...base, messages: [{ role: "tool", content: "x" }] }],
  ["functions", "send `tools` instead", { ...base, functions: [{ name: "f" }], function_call: "auto" }],
  ["function_call", "send `tools` and `tool_choice` instead", { ...base, function_call: { name: "f" } }],
  ["guided_json", "send `response_format`", { ...base, guided_json: { type: "object" } }],
  ["prompt", "send `messages` instead", { ...base, prompt: "Hi" }],
  ["logit_bias", "token biases", { ...base, logit_bias: { 50256: -100 } }],
  ["temperature", "must be at most 2", { ...base, temperature: 2.1 }],
  ["temperature", "must be a number, not a text", { ...base, temperature: "hot" }],
  ["top_p", "must be at least 0", { ...base, top_p: -0.1 }],
  ["seed", "must be a whole number, not a fraction", { ...base, seed: 1.5 }],
  ["max_tokens", "must be at least 1", { ...base, max_tokens: 0 }],
  ["max_tokens", "must be at most 9007199254740991", { ...base, max_tokens: 1e300 }],
  ["max_tokens", "contradicts", { ...base, max_tokens: 1, max_completion_tokens: 2 }],
  ["n", "only one answer", { ...base, n: 2 }],
  ["logprobs", "not supported", { ...base, logprobs: true }],
  ["stop", "at most 4", { ...base, stop: ["a", "b", "c", "d", "e"] }],
  ["stop", "at most 200", { ...base, stop: ["x".repeat(201)] }],
  ["stop", "must be a text", { ...base, stop: 7 }],
  ["stream", "must be true or false, not a text", { ...base, stream: "yes" }],
  ["response_format.type", "must be text, json_object or json_schema", { ...base, response_format: { type: "xml" } }],
  ["response_format.json_schema.schema", "send the schema", { ...base, response_format: { type: "json_schema" } }],
  [
    "response_format.json_schema.schema",
    "send the schema",
    { ...base, response_format: { type: "json_schema", json_schema: { name: "x" } } },
  ],
  [
    "tools",
    "more than 128 tools, which is the most one request may have; send only those",
    {
      ...base,
      tools: Array.from({ length: 129 }, (_, index) => ({ type: "function", function: { name: `f${index}` } })),
    },
  ],
  ["tools[0].type", "only tools of the type", { ...base, tools: [{ type: "web_search" }] }],
  ["tools[0].function.name", "letters", { ...base, tools: [{ type: "function", function: { name: "no spaces" } }] }],
  ["tools[1].function.name", "another tool", { ...base, tools: [tool, tool] }],
  ["tool_choice", "needs tools", { ...base, tool_choice: "required" }],
  ["tool_choice", "needs tools", { ...base, tools: [], tool_choice: { type: "function", function: { name: "look" } } }],
  ["tool_choice", "no tool", { ...base, tools: [tool], tool_choice: { type: "function", function: { name: "fly" } } }],
  ["tool_choice", "must be none", { ...base, tools: [tool], tool_choice: "maybe" }],
])("%s is named, with %j, in what refuses %j", (param, says, body) => {
  const refusal = refusalOf(body);
  expect(refusal.code).toBe("invalid_request");
  expect(refusal.param).toBe(param);
  expect(refusal.message).toContain(says);
});

test("optional members that the official client sends are accepted", () => {
  const body = {
    ...base,
    user: "u",
    metadata: { a: "b" },
    store: false,
    service_tier: "auto",
    parallel_tool_calls: false,
    n: 1,
    frequency_penalty: 0,
    presence_penalty: 0,
    prediction: { type: "content", content: "x" },
    logprobs: false,
    logit_bias: {},
    modalities: ["text"],
    temperature: null,
    stop: null,
    response_format: null,
    tools: null,
  };
  expect(parseRequest(body)).toMatchObject({
    temperature: null,
    stop: [],
    tools: [],
    toolChoice: "none",
    format: { kind: "text" },
    ignored: [],
  });
});

test("unserved members are ignored, and those that might have mattered are listed", () => {
  const body = {
    ...base,
    presence_penalty: 1.5,
    top_k: 40,
    reasoning_effort: "low",
    "x\ny": 1,
    min_p: null,
    functions: [],
  };
  expect(parseRequest(body).ignored).toEqual(["presence_penalty", "top_k", "reasoning_effort"]);
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`m${index}`, 1]));
  expect(parseRequest({ ...base, ...many }).ignored).toHaveLength(20);
});

test("stop is listed as ignored if the answer has a form, and not if it has an effect", () => {
  const json = { response_format: { type: "json_object" } };
  expect(parseRequest({ ...base, stop: "a", ...json }).ignored).toEqual(["stop"]);
  expect(parseRequest({ ...base, stop: "a", tools: [tool], tool_choice: "required" }).ignored).toEqual(["stop"]);
  expect(parseRequest({ ...base, stop: "a", tools: [tool] }).ignored).toEqual([]);
  expect(parseRequest({ ...base, stop: ["a", ""] })).toMatchObject({ ignored: [], stop: ["a"] });
});

test("text parts are joined to one text, and a single stop text becomes a list", () => {
  const content = [
    { type: "text", text: "Hel" },
    { type: "text", text: "lo" },
  ];
  const request = parseRequest({ ...base, messages: [{ role: "user", content }], stop: "END" });
  expect(request.messages[0]).toMatchObject({ content: "Hello" });
  expect(request.stop).toEqual(["END"]);
});

test("a whole exchange with a tool is accepted, and tools without tool_choice mean auto", () => {
  const messages = [
    { role: "developer", content: "Be kind." },
    user,
    call,
    { role: "tool", content: "seen", tool_call_id: "c1" },
  ];
  expect(parseRequest({ ...base, messages, tools: [tool] }).toolChoice).toBe("auto");
});

test("call ids of up to 64 KB are accepted, and longer ones are refused", () => {
  for (const id of ["", "x", `call_${"s".repeat(9_000)}`])
    expect(parseRequest({ ...base, messages: exchange(id) }).messages).toHaveLength(2);
  expect(refusalOf({ ...base, messages: exchange("x".repeat(65_537)) }).param).toBe("messages[0].tool_calls[0].id");
});

test("the arguments of a past call may be an object, or absent if there are none", () => {
  expect(argumentsOf({ at: "sea" })).toBe('{"at":"sea"}');
  expect(argumentsOf('{"at":"sea"}')).toBe('{"at":"sea"}');
  for (const none of [null, "", undefined]) expect(argumentsOf(none)).toBe("{}");
});
