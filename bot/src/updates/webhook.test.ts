import type { Update } from "grammy/types";
import { expect, test } from "vitest";
import { createServerClient } from "@starai/server/client";
import { Inbox } from "./inbox.ts";
import { webhookApp } from "./webhook.ts";

const SECRET = "the secret of this webhook";

/** The bot's webhook before a server that stores everything: what was stored, and what is to be handled. */
function webhook({ isFull = (): boolean => false } = {}) {
  const stored: number[] = [];
  const handled: number[] = [];
  const fetch = async (_input: string, init?: RequestInit): Promise<Response> => {
    const { updates } = JSON.parse(typeof init?.body === "string" ? init.body : "{}") as { updates: Update[] };
    const ids = updates.map(({ update_id }) => update_id);
    stored.push(...ids);
    return Response.json({ open: ids });
  };
  const inbox = new Inbox(createServerClient({ baseUrl: "http://server", botKey: "k", fetch }), 1);
  const accept = (updates: Update[]) => void handled.push(...updates.map(({ update_id }) => update_id));
  const app = webhookApp({ path: "/telegram", secret: SECRET, inbox, isFull, accept });
  const send = async (body: string, secret = SECRET) => {
    const headers = { "content-type": "application/json", "x-telegram-bot-api-secret-token": secret };
    return (await app.request("/telegram", { method: "POST", headers, body })).status;
  };
  return { send, stored, handled };
}

test("an update, also a very long one, is stored, handled and answered with 200; sent twice it is handled once", async () => {
  const { send, stored, handled } = webhook();
  expect(await send(JSON.stringify({ update_id: 5 }))).toBe(200);
  expect(await send(JSON.stringify({ update_id: 5 }))).toBe(200);
  expect(await send(JSON.stringify({ update_id: 6, message: { text: "я".repeat(100_000) } }))).toBe(200);
  expect(stored).toEqual([5, 5, 6]);
  expect(handled).toEqual([5, 6]);
});

test("a request with a wrong secret, without an update or longer than any update is refused, and nothing is stored or handled", async () => {
  const { send, stored, handled } = webhook();
  expect(await send(JSON.stringify({ update_id: 5 }), "another secret")).toBe(401);
  for (const body of ["", "no JSON", "null", "[]", '{"message":{}}', '{"update_id":-1}', '{"update_id":"5"}'])
    expect({ body, status: await send(body) }).toEqual({ body, status: 400 });
  expect(await send(JSON.stringify({ update_id: 5, message: { text: "a".repeat(1024 * 1024) } }))).toBe(413);
  expect([stored, handled]).toEqual([[], []]);
});

test("a bot that can take no more updates lets Telegram send the update again", async () => {
  let isFull = true;
  const { send, stored } = webhook({ isFull: () => isFull });
  expect(await send(JSON.stringify({ update_id: 5 }))).toBe(503);
  expect(stored).toEqual([]);
  isFull = false;
  expect(await send(JSON.stringify({ update_id: 5 }))).toBe(200);
});
