/** The official `openai` client, unchanged, against the gateway with a real model on a real worker. */
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { serve } from "@hono/node-server";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { createApp } from "@starai/server/app";
import { createApiKey } from "@starai/server/gateway/api-keys";
import { openPoolStack, testVocabularies } from "@starai/server/testing/pool-stack";
import type { PoolStack } from "@starai/server/testing/pool-stack";
import { startWorker } from "@starai/worker/daemon";
import type { Worker } from "@starai/worker/daemon";
import OpenAI, { AuthenticationError, BadRequestError, InternalServerError, NotFoundError } from "openai";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";

const MODEL = "qwen2.5-coder-0.5b";
const vocabularies = testVocabularies();
let stack: PoolStack;
let worker: Worker;
let http: Server;
let openai: OpenAI;
let home: string;

beforeAll(async () => {
  stack = await openPoolStack(vocabularies);
  home = await mkdtemp(path.join(os.tmpdir(), "starai-worker-"));
  worker = await startWorker(
    {
      poolUrl: `${stack.url.replace("http", "ws")}/pool`,
      home,
      modelsFolder: modelsFolder(process.env, os.homedir()),
      name: "here",
      engines: [{ kind: "llama", model: MODEL }],
      threads: 1,
      logLevel: "silent",
    },
    { logger: pino({ level: "silent" }) },
  );
  await worker.ready;
  const app = createApp(stack.ctx);
  http = await new Promise<Server>((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(server as Server));
  });
  const { key } = await createApiKey(stack.ctx, "test");
  const { port } = http.address() as AddressInfo;
  openai = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: key, maxRetries: 0 });
}, 300_000);

afterAll(async () => {
  http.closeAllConnections();
  http.close();
  await worker.stop();
  await stack[Symbol.asyncDispose]();
  await vocabularies[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

const capital: OpenAI.ChatCompletionMessageParam[] = [
  { role: "user", content: "What is the capital of France? One word." },
];

const weather: OpenAI.ChatCompletionFunctionTool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather in a city now",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, unit: { type: "string", enum: ["celsius", "fahrenheit"] } },
      required: ["city"],
      additionalProperties: false,
    },
  },
};

const time: OpenAI.ChatCompletionFunctionTool = {
  type: "function",
  function: {
    name: "get_time",
    description: "The time in a time zone",
    parameters: { type: "object", properties: { zone: { type: "string" } }, required: ["zone"] },
  },
};

function ask(body: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>) {
  return openai.chat.completions.create({ model: MODEL, messages: capital, temperature: 0, max_tokens: 120, ...body });
}

test("a plain text answer has usage counted by the server itself", async () => {
  const completion = await ask({});
  const [choice] = completion.choices;
  expect(choice?.message.content).toContain("Paris");
  expect(choice?.finish_reason).toBe("stop");
  expect(completion.id).toMatch(/^chatcmpl-/);
  expect(completion.usage?.prompt_tokens).toBeGreaterThan(10);
  expect(completion.usage?.completion_tokens).toBeGreaterThan(0);
  expect(completion.usage).not.toHaveProperty("estimated");
});

test("a stream has the same text in pieces, and the usage at the end", async () => {
  const whole = await ask({ seed: 1 });
  const stream = await openai.chat.completions.create({
    model: MODEL,
    messages: capital,
    temperature: 0,
    seed: 1,
    max_tokens: 120,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks[0]?.choices[0]?.delta.role).toBe("assistant");
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(whole.choices[0]?.message.content);
  expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
  expect(chunks.at(-1)?.usage).toEqual(whole.usage);
  expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
});

test("an answer cut off by max_tokens has that finish_reason", async () => {
  const completion = await ask({ messages: [{ role: "user", content: "Count from 1 to 100." }], max_tokens: 5 });
  expect(completion.choices[0]?.finish_reason).toBe("length");
  expect(completion.usage?.completion_tokens).toBe(5);
});

test("an answer ends before a stop text", async () => {
  const completion = await ask({
    messages: [{ role: "user", content: "Count: 1, 2, 3, and so on to 10." }],
    stop: ["4"],
  });
  const text = completion.choices[0]?.message.content ?? "";
  expect(text).toContain("3");
  expect(text).not.toContain("4");
  expect(completion.choices[0]?.finish_reason).toBe("stop");
});

test("the same seed gives the same answer at a temperature", async () => {
  const body = {
    messages: [{ role: "user" as const, content: "Name three animals." }],
    temperature: 1,
    seed: 42,
    max_tokens: 30,
  };
  const [one, other] = [await ask(body), await ask(body)];
  expect(one.choices[0]?.message.content).toBe(other.choices[0]?.message.content);
});

test("JSON Schema output fits the schema, also through the client's own parser", async () => {
  const schema = {
    type: "object",
    properties: {
      city: { type: "string", maxLength: 40 },
      population_millions: { type: "number", minimum: 0, maximum: 50 },
    },
    required: ["city", "population_millions"],
    additionalProperties: false,
  };
  const completion = await openai.chat.completions.parse({
    model: MODEL,
    messages: capital,
    temperature: 0,
    response_format: { type: "json_schema", json_schema: { name: "city", schema, strict: true } },
  });
  expect(completion.choices[0]?.message.parsed).toMatchObject({ city: "Paris" });
});

test("json_object returns an object", async () => {
  const completion = await ask({
    messages: [{ role: "user", content: 'Give me {"a": 1} as JSON.' }],
    response_format: { type: "json_object" },
  });
  expect(typeof JSON.parse(completion.choices[0]?.message.content ?? "")).toBe("object");
});

test("a question for a tool is answered with a tool call, and the tool's result with a message", async () => {
  const question: OpenAI.ChatCompletionMessageParam = {
    role: "user",
    content: "What is the weather in Paris?",
  };
  const first = await ask({ messages: [question], tools: [weather, time] });
  const [choice] = first.choices;
  const [call] = choice?.message.tool_calls ?? [];
  expect(choice?.finish_reason).toBe("tool_calls");
  expect(call?.type === "function" && call.function.name).toBe("get_weather");
  expect(JSON.parse(call?.type === "function" ? call.function.arguments : "")).toMatchObject({ city: "Paris" });
  const result: OpenAI.ChatCompletionMessageParam = {
    role: "tool",
    tool_call_id: call?.id ?? "",
    content: "18 degrees celsius, rain",
  };
  const second = await ask({ messages: [question, choice!.message, result], tools: [weather, time] });
  expect(second.choices[0]?.finish_reason).toBe("stop");
  expect(second.choices[0]?.message.content).toContain("18");
});

test("a greeting needs no tool", async () => {
  const completion = await ask({ messages: [{ role: "user", content: "Hello!" }], tools: [weather, time] });
  expect(completion.choices[0]?.message.tool_calls).toBeUndefined();
  expect(completion.choices[0]?.message.content).not.toBe("");
});

test("tool_choice required forces a call, and a named tool forces that tool", async () => {
  const greeting: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "Hello!" }];
  const required = await ask({ messages: greeting, tools: [weather, time], tool_choice: "required" });
  expect(required.choices[0]?.message.tool_calls).toHaveLength(1);
  const named = await ask({
    messages: greeting,
    tools: [weather, time],
    tool_choice: { type: "function", function: { name: "get_time" } },
  });
  const [call] = named.choices[0]?.message.tool_calls ?? [];
  expect(call?.type === "function" && call.function.name).toBe("get_time");
});

test("the client's streaming helper assembles a streamed call", async () => {
  const stream = openai.chat.completions.stream({
    model: MODEL,
    messages: [{ role: "user", content: "What is the weather in Rome?" }],
    tools: [weather],
    tool_choice: "required",
    temperature: 0,
  });
  const message = await stream.finalMessage();
  const [call] = message.tool_calls ?? [];
  expect(call?.type === "function" && call.function.name).toBe("get_weather");
  expect(JSON.parse(call?.type === "function" ? call.function.arguments : "")).toHaveProperty("city");
});

test("the client's tool runner gets from question through call to answer by itself", async () => {
  const asked: string[] = [];
  const runner = openai.chat.completions.runTools({
    model: MODEL,
    messages: [{ role: "user", content: "What is the weather in Paris?" }],
    temperature: 0,
    tools: [
      {
        type: "function",
        function: {
          name: weather.function.name,
          description: weather.function.description ?? "",
          parameters: weather.function.parameters ?? {},
          parse: (text: string) => JSON.parse(text) as { city: string },
          function: ({ city }: { city: string }) => {
            asked.push(city);
            return "18 degrees, rain";
          },
        },
      },
    ],
  });
  expect(await runner.finalContent()).toContain("18");
  expect(asked[0]).toContain("Paris");
});

test("an aborted request frees the worker for the next one", async () => {
  const controller = new AbortController();
  const stream = await openai.chat.completions.create(
    {
      model: MODEL,
      messages: [{ role: "user", content: "Write a very long story." }],
      max_tokens: 2_000,
      stream: true,
    },
    { signal: controller.signal },
  );
  let words = 0;
  for await (const chunk of stream) {
    if ((chunk.choices[0]?.delta.content ?? "") !== "" && ++words === 3) controller.abort();
  }
  const { rows } = await waitForState("cancelled");
  expect(rows).toHaveLength(1);
  expect((await ask({})).choices[0]?.message.content).toContain("Paris");
});

async function waitForState(state: string) {
  for (;;) {
    const found = await stack.ctx.pg.query("select id from jobs where state = $1", [state]);
    if (found.rows.length > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("models are listed with the pool's current offers", async () => {
  const listed: OpenAI.Model[] = [];
  for await (const model of openai.models.list()) listed.push(model);
  expect(listed[0]).toMatchObject({ id: MODEL, object: "model", starai: { online: true, workers: 1 } });
  expect(await openai.models.retrieve(MODEL)).toEqual(listed[0]);
});

test.each([
  ["an unknown model", { model: "gpt-4o" }, NotFoundError, "model"],
  ["a model nobody serves", { model: "smollm2-135m" }, InternalServerError, "model"],
  ["a token bound over the context", { max_tokens: 1_000_000_000 }, BadRequestError, "max_tokens"],
] as const)("%s throws the client's own error class", async (_name, body, kind, param) => {
  const error = await ask(body).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(kind);
  expect(error).toMatchObject({ param });
});

test("a wrong key is an authentication error", async () => {
  const stranger = openai.withOptions({ apiKey: `sk-starai-${"A".repeat(43)}` });
  await expect(stranger.models.list()).rejects.toBeInstanceOf(AuthenticationError);
});
