/** An API key sent in any wrong place comes back in no answer. No worker is here, so that every request is refused. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { logOptions } from "@starai/protocol/log-options";
import { pino } from "pino";
import { createApp } from "../app.ts";
import { Events } from "../events/events.ts";
import { openGateway } from "../testing/gateway.ts";
import type { TestGateway } from "../testing/gateway.ts";
import { testVocabularies } from "../testing/pool-stack.ts";

const vocabularies = testVocabularies();
let gateway: TestGateway;
let app: TestGateway["app"];
let log = "";
beforeAll(async () => {
  gateway = await openGateway(vocabularies);
  const lines = pino(logOptions("trace"), { write: (line: string) => void (log += line) });
  app = createApp({ ...gateway.stack.ctx, log: lines, events: new Events(lines) });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await vocabularies[Symbol.asyncDispose]();
});

/** Long enough that no text of ours holds it by chance. */
const TELLING = 8;

async function refuse(request: { method?: string; path?: string; headers?: Record<string, string>; body?: string }) {
  const { method = "POST", path = "/v1/chat/completions", headers = {}, body } = request;
  const response = await app.request(path, {
    method,
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const said = `${await response.text()} ${JSON.stringify([...response.headers])}`;
  expect(response.status).toBeGreaterThanOrEqual(400);
  const secret = gateway.key.slice("sk-starai-".length);
  for (let at = 0; at + TELLING <= secret.length; at++)
    for (const text of [said, log]) expect(text).not.toContain(secret.slice(at, at + TELLING));
  return said;
}

const schema = { type: "object", properties: { a: { type: "string", pattern: "a" } }, required: ["a"] };
const FULL = {
  model: "smollm2-135m",
  messages: [
    { role: "system", content: [{ type: "text", text: "Be kind." }] },
    { role: "user", content: "Hello", name: "ann" },
    { role: "assistant", tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }] },
    { role: "tool", tool_call_id: "c1", content: "done" },
  ],
  max_tokens: 8,
  temperature: 1,
  top_p: 1,
  seed: 1,
  stop: ["x"],
  stream: true,
  stream_options: { include_usage: true },
  response_format: { type: "json_schema", json_schema: { name: "n", schema } },
  tools: [{ type: "function", function: { name: "f", description: "d", parameters: schema } }],
  tool_choice: { type: "function", function: { name: "f" } },
  n: 1,
  modalities: ["text"],
  user: "u",
  logit_bias: { 1: 1 },
};

/** Every copy of the value in which one leaf is the key, one member is named by it, or it is one member more. */
function* withKeyInEach(value: unknown, key: string): Generator {
  yield key;
  if (Array.isArray(value)) {
    for (const [at, one] of value.entries())
      for (const changed of withKeyInEach(one, key))
        yield value.map((other, place) => (place === at ? changed : other));
    return;
  }
  if (typeof value !== "object" || value === null) return;
  yield { ...value, [key]: 1 };
  for (const [name, one] of Object.entries(value)) {
    const { [name]: _, ...others } = value as Record<string, unknown>;
    yield { ...others, [key]: one };
    for (const changed of withKeyInEach(one, key)) yield { ...value, [name]: changed };
  }
}

test("a key in any member of a body, as its value or its name, comes back nowhere", async () => {
  const { logit_bias: _, ...plain } = FULL;
  let tried = 0;
  for (const whole of [FULL, plain, { ...plain, tools: undefined, tool_choice: undefined, stream: false }])
    for (const body of withKeyInEach(JSON.parse(JSON.stringify(whole)), gateway.key)) {
      await refuse({ body: JSON.stringify(body) });
      tried++;
    }
  expect(tried).toBeGreaterThan(150);
}, 60_000);

test("a key in the model's name is hidden in the sentence that names it", async () => {
  const said = await refuse({
    body: JSON.stringify({ model: gateway.key, messages: [{ role: "user", content: "x" }] }),
  });
  expect(said).toContain('no model \\"sk-starai-[hidden]\\"');
});

test("a key in a body that is no JSON comes back nowhere", async () => {
  const { key } = gateway;
  const bodies = [
    key,
    `{${key}}`,
    `{"model":${key}`,
    `{"model":"${key}`,
    `["${key}"x`,
    `{"a":"${key}\\q"}`,
    `"\u0001${key}`,
  ];
  for (const body of bodies) {
    expect(await refuse({ body })).toContain('"code":"invalid_request"');
    expect(await refuse({ body, path: "/api/session" })).toContain('"code":"invalid_request"');
  }
});

test("a key in an address, a query, a method or a header comes back nowhere", async () => {
  const { key } = gateway;
  const escaped = key.replaceAll("-", "%2D");
  const paths = ["/v1/models/", "/v1/", "/", "/v1/chat/completions?key=", "/api/receipts/", "/api/people/", "/app/"];
  for (const path of paths)
    for (const text of [key, escaped])
      for (const method of ["POST", "PUT"]) expect(await refuse({ path: path + text, method })).toContain('"error":');
  for (const name of ["idempotency-key", "content-type", "x-request-id", "origin", "accept", "last-event-id"])
    expect(await refuse({ headers: { [name]: key }, body: "{}" })).toContain('"error":');
  for (const scheme of ["Basic", "Bearer x", "Token"])
    expect(await refuse({ headers: { authorization: `${scheme} ${key}` } })).toContain('"code":"unauthorised"');
  const twice = await refuse({ headers: { "idempotency-key": `${key} ${key}` }, body: JSON.stringify(FULL) });
  expect(twice).toContain('"error":');
});
