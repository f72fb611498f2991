import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answer, openGateway } from "../testing/gateway.ts";
import type { TestGateway } from "../testing/gateway.ts";
import { testVocabularies } from "../testing/pool-stack.ts";
import { bodyOf, rows, schemaFormat, waitFor } from "../testing/completions.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

describe("a request that is refused", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await openGateway(vocabularies);
    await gateway.worker();
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  const big = "x".repeat(2 * 1024 * 1024);
  const manyProperties = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`p${index}`, {}]));
  const cases: [status: number, code: string, param: string | null, body: Record<string, unknown> | string][] = [
    [400, "invalid_request", null, "{not json"],
    [400, "invalid_request", null, ""],
    [400, "invalid_request", "functions", { functions: [{ name: "f" }] }],
    [400, "invalid_request", "temperature", { temperature: "hot" }],
    [
      400,
      "invalid_request",
      "messages",
      { messages: Array.from({ length: 500 }, () => ({ role: "user", content: "x" })) },
    ],
    [400, "invalid_request", "max_tokens", { max_tokens: 1_000_000_000 }],
    [413, "too_large", null, { messages: [{ role: "user", content: big }] }],
    [404, "model_not_found", "model", { model: "gpt-4o" }],
    [503, "no_worker", "model", { model: "qwen2.5-coder-0.5b" }],
    [400, "context_length_exceeded", "messages", { messages: [{ role: "user", content: "word ".repeat(9_000) }] }],
    [
      400,
      "unsupported_schema",
      "response_format.json_schema.schema/properties/a/pattern",
      schemaFormat({ type: "object", properties: { a: { type: "string", pattern: "(a+)+$" } } }),
    ],
    [
      400,
      "unsupported_schema",
      "response_format.json_schema.schema",
      schemaFormat({ type: "object", properties: manyProperties }),
    ],
    [
      400,
      "unsupported_schema",
      "response_format.json_schema.schema/properties/n/minimum",
      schemaFormat({ type: "object", properties: { n: { type: "integer", minimum: 2, maximum: 1 } } }),
    ],
    [
      400,
      "unsupported_schema",
      "tools[0].function.parameters/not",
      { tools: [{ type: "function", function: { name: "f", parameters: { not: {} } } }] },
    ],
  ];

  test.each(cases)("gets %d %s about %s, stores nothing and leases nothing", async (status, code, param, body) => {
    const response = typeof body === "string" ? await gateway.post(body) : await gateway.ask(body);
    expect(response.status).toBe(status);
    const { error } = await bodyOf(response);
    expect(error).toMatchObject({ code, param, type: status >= 500 ? "server_error" : "invalid_request_error" });
    expect(error?.message.length).toBeGreaterThan(20);
    expect([await rows(gateway, "jobs"), await rows(gateway, "attempts")]).toEqual([0, 0]);
  });

  test.each([
    {},
    { authorization: "Bearer x" },
    { authorization: "Basic x" },
    { authorization: `Bearer sk-starai-${"A".repeat(43)}` },
  ])("with the headers %j gets 401 and learns nothing else", async (headers) => {
    const response = await gateway.app.request("/v1/chat/completions", { method: "POST", headers, body: "{}" });
    expect(response.status).toBe(401);
    expect((await bodyOf(response)).error).toEqual({
      code: "unauthorised",
      type: "invalid_request_error",
      param: null,
      message: "The API key is missing or not valid: send `Authorization: Bearer <your key>`.",
    });
  });

  test("for its content type or its path names the right one", async () => {
    await using gateway = await openGateway(vocabularies);
    const form = await gateway.post("a=b", { "content-type": "application/x-www-form-urlencoded" });
    expect(form.status).toBe(400);
    expect((await bodyOf(form)).error?.message).toContain("application/json");
    const unknown = await gateway.app.request("/v1/embeddings", { method: "POST" });
    expect(unknown.status).toBe(404);
    expect((await bodyOf(unknown)).error).toMatchObject({ code: "not_found", type: "invalid_request_error" });
  });

  test.each([
    ["GET", "/v1/chat/completions", "POST"],
    ["DELETE", "/v1/models", "GET"],
    ["POST", "/v1/models/some", "GET"],
  ])("for its method, %s %s, hears which one would do", async (method, path, allowed) => {
    const response = await gateway.app.request(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(`${allowed}, OPTIONS`);
    expect((await bodyOf(response)).error).toMatchObject({
      code: "method_not_allowed",
      type: "invalid_request_error",
      message: `${path} has no ${method}; use ${allowed}.`,
    });
  });

  test("because the queue is full gets the time to retry after", async () => {
    await using gateway = await openGateway(vocabularies, { queueMax: 1, jobsPerOwnerMax: 8 });
    const worker = await gateway.worker();
    const first = gateway.ask({});
    const lease = await worker.lease();
    const second = gateway.ask({});
    await waitFor(async () => (await rows(gateway, "jobs")) === 2);
    const third = await gateway.ask({});
    expect(third.status).toBe(429);
    expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await bodyOf(third)).error).toMatchObject({ code: "queue_full", type: "rate_limit_error" });
    worker.done(lease);
    await answer(worker, "two");
    await Promise.all([first, second]);
  });
});
