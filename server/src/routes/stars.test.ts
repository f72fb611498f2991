/** The bot's routes for payments: who may, and what cannot be sent. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { expectBooksRight } from "../testing/books.ts";
import { BOT_KEY } from "../testing/threads.ts";

let stack: TestApp;
beforeAll(async () => {
  stack = await openTestApp();
});
afterEach(() => expectBooksRight(stack.ctx.pg));
afterAll(() => stack[Symbol.asyncDispose]());

async function post(path: string, body: object, key = BOT_KEY) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  const answer = await stack.app.request(path, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json().catch(() => null)) as Record<string, never> };
}

const payer = { telegramId: 42, name: "Ann", language: "en" };
const single = { recurring: false, firstRecurring: false, until: null };
const payment = { charge: "c1", payer, payload: "x", stars: 50, at: 1_795_000_000, ...single };
const refund = { charge: "c1", telegramId: 42, stars: 50, at: 1_795_000_000 };

test("a payment goes from the bot to the books, and back again", async () => {
  const order = await post("/api/people/42/stars/orders", {
    name: "Ann",
    language: "en",
    order: { kind: "pack", stars: 50 },
  });
  expect(order).toMatchObject({ status: 201, body: { kind: "pack", stars: 50 } });
  const checkout = { payload: order.body["id"], telegramId: 42, currency: "XTR", amount: 50 };
  expect(await post("/api/stars/checkouts", checkout)).toEqual({ status: 200, body: { ok: true } });
  expect(await post("/api/stars/payments", payment)).toMatchObject({ status: 200, body: { fresh: true } });
  expect(await post("/api/stars/refunds", refund)).toMatchObject({ status: 200, body: { fresh: true, balance: "0" } });
  const change = { telegramId: 42, payload: "x", state: "failed" };
  expect((await post("/api/stars/subscriptions", change)).status).toBe(204);
});

describe("cannot be sent", () => {
  const order = { name: "Ann", language: "en", order: { kind: "pack", stars: 50 } };
  test.each([
    ["a payment of nothing", "/api/stars/payments", { ...payment, stars: 0 }],
    ["a payment of less than nothing", "/api/stars/payments", { ...payment, stars: -50 }],
    ["a part of a Star", "/api/stars/payments", { ...payment, stars: 0.5 }],
    ["a payment without its charge", "/api/stars/payments", { ...payment, charge: "" }],
    ["a payment of a group", "/api/stars/payments", { ...payment, payer: { ...payer, telegramId: -100 } }],
    ["a payment of anything else", "/api/stars/payments", { ...payment, coin: 5 }],
    ["a refund of a group", "/api/stars/refunds", { ...refund, telegramId: -100 }],
    ["a pack that is not on sale", "/api/people/42/stars/orders", { ...order, order: { kind: "pack", stars: 51 } }],
    ["a price of one's own", "/api/people/42/stars/orders", { ...order, order: { kind: "subscription", stars: 1 } }],
    ["an unheard state", "/api/stars/subscriptions", { telegramId: 42, payload: "x", state: "doubled" }],
  ])("%s", async (_what, path, body) => {
    expect((await post(path, body)).status).toBe(400);
  });

  test("anything without the bot's key", async () => {
    for (const [path, body] of [
      ["/api/stars/payments", payment],
      ["/api/stars/refunds", refund],
      ["/api/people/42/stars/orders", order],
    ] as const)
      expect((await post(path, body, "wrong")).status).toBe(401);
  });
});
