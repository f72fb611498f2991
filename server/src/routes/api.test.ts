/** The API of conversations as the bot calls it: through the real app and the typed client, in process. */
import { PoolPrices } from "@starai/protocol/pool-prices";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "@starai/protocol/runs";
import { createApp } from "../app.ts";
import type { App } from "../app.ts";
import { ServerRefused, answerOf, createServerClient } from "../client.ts";
import { answers } from "../testing/scripted-thinking.ts";
import { BOT_KEY, openTestThreads } from "../testing/threads.ts";

let stack: Awaited<ReturnType<typeof openTestThreads>>;
let app: App;
let client: ReturnType<typeof createServerClient>;
let number = 0;

beforeAll(async () => {
  stack = await openTestThreads();
  app = createApp(stack.ctx);
  client = createServerClient({
    baseUrl: "http://127.0.0.1",
    botKey: BOT_KEY,
    fetch: (url, init) => app.request(url, init),
  });
});
afterAll(() => stack[Symbol.asyncDispose]());

const RUN = "00000000-0000-4000-8000-000000000000";
const ROUTES = [
  ["POST", "/api/messages"],
  ["POST", "/api/messages/revised"],
  ["POST", "/api/chats/telegram:1/new"],
  ["POST", "/api/chats/telegram:1/moved"],
  ["GET", "/api/chats/telegram:1/running"],
  ["POST", "/api/chats/telegram:1/current"],
  ["GET", "/api/chats/telegram:1/persona"],
  ["PUT", "/api/chats/telegram:1/persona"],
  ["GET", "/api/mirrors"],
  ["POST", `/api/mirrors/${RUN}/shown`],
  ["GET", "/api/bot/feed"],
  ["GET", `/api/runs/${RUN}`],
  ["GET", `/api/runs/${RUN}/events`],
  ["POST", `/api/runs/${RUN}/cancel`],
  ["POST", `/api/runs/${RUN}/continue`],
  ["GET", "/api/people/1/model"],
  ["PUT", "/api/people/1/model"],
  ["DELETE", "/api/people/1/data"],
  ["GET", "/api/people/1/money"],
  ["PUT", "/api/people/1/caps"],
  ["GET", "/api/people/1/keys"],
  ["POST", "/api/people/1/keys"],
  ["DELETE", `/api/people/1/keys/${RUN}`],
  ["POST", "/api/people/1/stars/orders"],
  ["DELETE", "/api/people/1/stars/subscription"],
  ["POST", "/api/stars/checkouts"],
  ["POST", "/api/stars/payments"],
  ["POST", "/api/stars/refunds"],
  ["POST", "/api/stars/subscriptions"],
  ["GET", "/api/notices"],
  ["POST", `/api/notices/${RUN}/told`],
  ["POST", `/api/people/1/wallets/${RUN}/cancel`],
  ["POST", `/api/people/1/payouts/${RUN}/cancel`],
  ["GET", "/api/models"],
  ["POST", "/api/updates"],
  ["GET", "/api/updates"],
  ["POST", "/api/updates/1/handled"],
] as const;

const person = { telegramId: 42, name: "Ann", language: "en" };
const message = (text: string, chat = "telegram:42") => ({ person, chat, externalId: `${chat}:${number++}`, text });
const send = (json: ReturnType<typeof message>) => answerOf(() => client.api.messages.$post({ json }));

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await app.request(path, {
    method: "POST",
    headers: { authorization: `Bearer ${BOT_KEY}`, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    error: (JSON.parse(text === "" ? "{}" : text) as { error?: Record<string, unknown> }).error,
  };
}

describe("the bot's key", () => {
  test.each(ROUTES)("is needed for %s %s", async (method, path) => {
    for (const authorization of [
      undefined,
      "",
      BOT_KEY,
      `Bearer ${BOT_KEY}x`,
      `Bearer ${BOT_KEY.slice(1)}`,
      "Bearer ",
    ]) {
      const response = await app.request(path, {
        method,
        headers: authorization === undefined ? {} : { authorization },
      });
      expect(response.status).toBe(401);
      expect(await response.text()).not.toContain(BOT_KEY.slice(0, 8));
    }
  });

  test("is required by every route except public ones, those of a session and those of the page for payments", () => {
    const paths = new Set(
      app.routes.filter(({ path, method }) => path.startsWith("/api/") && method !== "ALL").map(({ path }) => path),
    );
    const tested = new Set(
      ROUTES.map(([, path]) =>
        path
          .replace(`mirrors/${RUN}`, "mirrors/:run")
          .replace(RUN, ":id")
          .replace("telegram:1", ":chat")
          .replace("people/1", "people/:telegramId")
          .replace("updates/1", "updates/:id"),
      ),
    );
    const others = [...paths].filter((path) => !tested.has(path) && !path.startsWith("/api/my/"));
    const receipts = ["/api/receipt-keys", "/api/receipts/:id"];
    const pay = others.filter((path) => path.startsWith("/api/pay"));
    expect(pay.length).toBeGreaterThan(0);
    const pool = ["/api/pool", "/api/pool/history", "/api/pool/pay", "/api/pool/prices"];
    const open = ["/api/about", ...pool, ...receipts, "/api/session", "/api/shared/:id"];
    expect(others.filter((path) => !pay.includes(path)).sort()).toEqual(open);
  });

  test("is not needed to read the pool's status", async () => {
    const response = await app.request("/api/pool");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ workersOnline: 0, models: [] });
  });

  test("is not needed to read what the pool pays: list prices in dollars, and the fee", async () => {
    const response = await app.request("/api/pool/prices");
    expect(response.status).toBe(200);
    const prices = PoolPrices.parse(await response.json());
    expect(prices).toMatchObject({ feeBasisPoints: 1_000, lent: [] });
    expect(prices.models).toContainEqual({
      id: "qwen2.5-coder-1.5b",
      prompt: "15000",
      cached: "4000",
      answer: "60000",
      load: null,
    });
  });

  test("sees every chat's runs: keeping people apart is the bot's part", async () => {
    const { run } = await send(message("of one chat"));
    expect(await answerOf(() => client.api.runs[":id"].$get({ param: { id: run } }))).toMatchObject({
      chat: "telegram:42",
    });
  });
});

describe("what does not fit", () => {
  test.each([
    ["no JSON", "{", "invalid_request"],
    ["an unknown field", { ...message("x"), extra: 1 }, "invalid_request"],
    ["no text", message("   "), "invalid_request"],
    ["a chat without a surface", message("x", "42"), "invalid_request"],
    ["text without end", message("x".repeat(40_000)), "invalid_request"],
    ["a body over the limit", message("x".repeat(1_200_000)), "too_large"],
    ["a telegram id that is text", { ...message("x"), person: { ...person, telegramId: "42" } }, "invalid_request"],
  ])("is refused and leaves nothing: %s", async (_what, body, code) => {
    const before = await stack.ctx.pg.query("select count(*) from messages where role = 'user'");
    const { status, error } = await post("/api/messages", body);
    expect(error?.code).toBe(code);
    expect(status).toBe(code === "too_large" ? 413 : 400);
    expect((await stack.ctx.pg.query("select count(*) from messages where role = 'user'")).rows).toEqual(before.rows);
  });

  test("names the field", async () => {
    const { error } = await post("/api/messages", { ...message("x"), person: { ...person, name: "" } });
    expect(error).toMatchObject({ param: "person.name", message: expect.stringContaining("person.name") });
  });

  test("is refused in URLs too: invalid run ids, more than a hundred updates, unknown models", async () => {
    expect((await post("/api/runs/nonsense/cancel", {})).status).toBe(400);
    expect((await post(`/api/runs/${RUN}/cancel`, {})).status).toBe(404);
    expect((await post(`/api/runs/${RUN}/continue`, {})).status).toBe(404);
    const updates = Array.from({ length: 101 }, (_, update_id) => ({ update_id }));
    expect((await post("/api/updates", { bot: 1, updates })).status).toBe(400);
    const choice = client.api.people[":telegramId"].model.$put({
      param: { telegramId: "42" },
      json: { name: "Ann", language: "en", model: "none" },
    });
    await expect(answerOf(() => choice)).rejects.toMatchObject({ status: 404, code: "model_not_found" });
  });
});

const collect = async (run: string) => {
  const events: RunEvent[] = [];
  for await (const event of client.runEvents(run)) events.push(event);
  return events;
};

const running = (chat: string) => answerOf(() => client.api.chats[":chat"].running.$get({ param: { chat } }));

describe("a run's events", () => {
  test("reach a reader whole, also one that comes after the end", async () => {
    const { run } = await send(message("hello"));
    const events = await collect(run);
    expect(events[0]?.type).toBe("snapshot");
    expect(events.at(-1)).toMatchObject({ type: "end", outcome: { kind: "answered" }, answer: "You said: hello" });
    expect((await collect(run)).at(-1)).toMatchObject({ type: "end", answer: "You said: hello" });
  });

  test("of a chat name the run it waits for, and Stop ends that run", async () => {
    stack.thinking.script = () => answers(partly());
    const { run } = await send(message("long", "telegram:77"));
    expect(await running("telegram:77")).toEqual({ run });
    for await (const event of client.runEvents(run))
      if (event.type === "answer" || (event.type === "snapshot" && event.run.answer !== "")) break;
    await answerOf(() => client.api.runs[":id"].cancel.$post({ param: { id: run } }));
    expect((await collect(run)).at(-1)).toMatchObject({ type: "end", outcome: { kind: "stopped" }, answer: "partly" });
    expect(await running("telegram:77")).toEqual({ run: null });
  });

  test("resume after a reader's connection was cut, without one lost or doubled", async () => {
    stack.thinking.script = () => answers(count());
    let cuts = 0;
    const flaky = createServerClient({
      baseUrl: "http://127.0.0.1",
      botKey: BOT_KEY,
      fetch: async (url, init) => {
        const response = await app.request(url, init);
        return cuts++ < 3 && response.body ? new Response(cutAfter(response.body, 900), response) : response;
      },
    });
    const { run } = await send(message("count", "telegram:78"));
    let read = "";
    for await (const event of flaky.runEvents(run)) {
      if (event.type === "answer") read += event.delta;
      if (event.type === "snapshot") read = event.run.answer;
    }
    expect(cuts).toBe(4);
    expect(read).toBe(Array.from({ length: 60 }, (_, word) => `${word} `).join(""));
  });

  test("of an unknown run are refused at once", async () => {
    await expect(collect(RUN)).rejects.toBeInstanceOf(ServerRefused);
  });

  test("stop being read when the reader is aborted", async () => {
    stack.thinking.script = () => answers(partly());
    const { run } = await send(message("long", "telegram:79"));
    const reader = new AbortController();
    const seen: string[] = [];
    for await (const event of client.runEvents(run, reader.signal)) {
      seen.push(event.type);
      reader.abort();
    }
    expect(seen).toEqual(["snapshot"]);
    await stack.ctx.runs.cancel(run);
  });
});

/** A beginning, and then nothing more. */
async function* partly(): AsyncGenerator<string> {
  yield "partly";
  await new Promise(() => undefined);
}

async function* count(): AsyncGenerator<string> {
  for (let word = 0; word < 60; word++) {
    yield `${word} `;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The bytes of a body up to a point, then a broken connection. */
function cutAfter(body: ReadableStream<Uint8Array>, bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk.slice(0, left));
        left -= chunk.length;
        if (left <= 0) controller.error(new Error("the connection broke"));
      },
    }),
  );
}
