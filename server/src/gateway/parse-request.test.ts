import { expect, test } from "vitest";
import { Refusal } from "../errors.ts";
import { parseRequest } from "./parse-request.ts";

const user = { role: "user", content: "Hello" };
const tool = { type: "function", function: { name: "look", parameters: { type: "object", properties: {} } } };
const call = {
  role: "assistant",
  tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: "{}" } }],
};
const base = { model: "m", messages: [user] };

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
  [undefined, "expected object", []],
  [undefined, "expected object", "text"],
  ["model", "required", { messages: [user] }],
  ["model", "expected string", { ...base, model: 7 }],
  ["messages", "required", { model: "m" }],
  ["messages", ">=1 items", { ...base, messages: [] }],
  ["messages", "<=256 items", { ...base, messages: Array.from({ length: 500 }, () => user) }],
  ["messages[0].role", "", { ...base, messages: [{ role: "robot", content: "x" }] }],
  ["messages[0].content", "string", { ...base, messages: [{ role: "user" }] }],
  ["messages[0].content", "string", { ...base, messages: [{ role: "user", content: 5 }] }],
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
  ["messages[0].colour", "not supported", { ...base, messages: [{ ...user, colour: "red" }] }],
  ["messages[0].content", "tool_calls", { ...base, messages: [{ role: "assistant", content: null }] }],
  [
    "messages[1].tool_call_id",
    "no tool call before",
    { ...base, messages: [call, { role: "tool", content: "x", tool_call_id: "c2" }] },
  ],
  ["messages[0].tool_call_id", "required", { ...base, messages: [{ role: "tool", content: "x" }] }],
  ["modle", "not supported", { ...base, modle: "m" }],
  ["functions", "not supported", { ...base, functions: [] }],
  ["temperature", "<=2", { ...base, temperature: 2.1 }],
  ["temperature", "expected number", { ...base, temperature: "hot" }],
  ["top_p", ">0", { ...base, top_p: 0 }],
  ["seed", "int", { ...base, seed: 1.5 }],
  ["max_tokens", ">=1", { ...base, max_tokens: 0 }],
  ["max_tokens", "int", { ...base, max_tokens: 1e300 }],
  ["max_tokens", "contradicts", { ...base, max_tokens: 1, max_completion_tokens: 2 }],
  ["n", "only one answer", { ...base, n: 2 }],
  ["logprobs", "not supported", { ...base, logprobs: true }],
  ["frequency_penalty", "only 0", { ...base, frequency_penalty: 1 }],
  ["stop", "at most 4", { ...base, stop: ["a", "b", "c", "d", "e"] }],
  ["stop", "1 to 200", { ...base, stop: "" }],
  ["stop", "1 to 200", { ...base, stop: ["x".repeat(201)] }],
  ["stop", "JSON response format", { ...base, stop: "a", response_format: { type: "json_object" } }],
  ["stream", "expected boolean", { ...base, stream: "yes" }],
  ["stream_options", "stream: true", { ...base, stream_options: { include_usage: true } }],
  ["response_format.type", "", { ...base, response_format: { type: "xml" } }],
  ["response_format.json_schema", "required", { ...base, response_format: { type: "json_schema" } }],
  [
    "response_format.json_schema.schema",
    "required",
    { ...base, response_format: { type: "json_schema", json_schema: { name: "x" } } },
  ],
  [
    "tools",
    "<=64 items",
    {
      ...base,
      tools: Array.from({ length: 65 }, (_, index) => ({ type: "function", function: { name: `f${index}` } })),
    },
  ],
  ["tools[0].type", "function tools", { ...base, tools: [{ type: "web_search" }] }],
  ["tools[0].function.name", "letters", { ...base, tools: [{ type: "function", function: { name: "no spaces" } }] }],
  ["tools[1].function.name", "another tool", { ...base, tools: [tool, tool] }],
  ["tool_choice", "needs tools", { ...base, tool_choice: "auto" }],
  ["tool_choice", "no tool", { ...base, tools: [tool], tool_choice: { type: "function", function: { name: "fly" } } }],
  ["tool_choice", "must be none", { ...base, tools: [tool], tool_choice: "maybe" }],
])("%s is named, with %j, in what refuses %j", (param, says, body) => {
  const refusal = refusalOf(body);
  expect(refusal.code).toBe("invalid_request");
  expect(refusal.param).toBe(param);
  expect(refusal.message).toContain(says);
});

test("what the official client may send beside the essentials is accepted", () => {
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
    format: { type: "text" },
  });
});

test("text parts are one text, and one stop text is a list of one", () => {
  const content = [
    { type: "text", text: "Hel" },
    { type: "text", text: "lo" },
  ];
  const request = parseRequest({ ...base, messages: [{ role: "user", content }], stop: "END" });
  expect(request.messages[0]).toMatchObject({ content: "Hello" });
  expect(request.stop).toEqual(["END"]);
});

test("a whole exchange with a tool is accepted, and tools without a choice mean auto", () => {
  const messages = [
    { role: "developer", content: "Be kind." },
    user,
    call,
    { role: "tool", content: "seen", tool_call_id: "c1" },
  ];
  expect(parseRequest({ ...base, messages, tools: [tool] }).toolChoice).toBe("auto");
});
