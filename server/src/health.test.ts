import { pino } from "pino";
import { expect, test } from "vitest";
import { Refusal } from "./errors.ts";
import { Events } from "./events/events.ts";
import { Health } from "./health.ts";
import { openTestApp } from "./testing/app.ts";

const BOT = { authorization: "Bearer the-bot-key-of-a-test-0123456789abcdef", "content-type": "application/json" };

function listening() {
  const said: string[] = [];
  const write = (line: string) => void said.push((JSON.parse(line) as { msg: string }).msg);
  return { health: new Health(new Events(pino({ level: "info" }, { write }))), said };
}

const away = () => Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
const full = () => Object.assign(new Error("no room"), { code: "53100" });

test("an outage is two log lines, however many statements fail in it", () => {
  const { health, said } = listening();
  let doubts = 0;
  health.onDoubt = () => doubts++;
  expect(health.noticed(away())).toBe(true);
  expect([health.database, doubts]).toEqual(["ok", 1]);
  health.databaseIs("away");
  for (let statement = 0; statement < 100; statement++) health.noticed(away());
  health.databaseIs("away");
  health.databaseIs("ok");
  expect(doubts).toBe(1);
  expect(said).toEqual(["the database is away; asking for it until it is back", "the database is back"]);
});

test("a fault that is not the database's is left to its caller to log", () => {
  const { health, said } = listening();
  expect(health.noticed(new Error("a bug"))).toBe(false);
  expect([health.status, said]).toEqual(["ok", []]);
  expect(() => health.admit()).not.toThrow();
});

test("a full disk refuses new work with a time to retry, until there is room", () => {
  const { health } = listening();
  health.noticed(full());
  expect(health).toMatchObject({ status: "degraded", storage: "full", database: "ok" });
  expect(() => health.admit()).toThrow(Refusal);
  health.storageIs("ok");
  expect(() => health.admit()).not.toThrow();
});

test("while the disk is full reading, stopping and deleting go on, and starting new work does not", async () => {
  await using stack = await openTestApp();
  stack.ctx.health.storageIs("full");
  const status = async (method: string, path: string, body?: object) =>
    (await stack.app.request(path, { method, headers: BOT, ...(body ? { body: JSON.stringify(body) } : {}) })).status;
  const run = "00000000-0000-4000-8000-000000000001";
  expect(await status("GET", "/api/updates?bot=1")).toBe(200);
  expect(await status("POST", `/api/runs/${run}/cancel`)).toBe(404);
  expect(await status("DELETE", "/api/people/1/data")).not.toBe(503);
  expect(await status("POST", "/api/messages", {})).toBe(503);
  expect(await status("POST", "/api/updates", { bot: 1, updates: [] })).toBe(503);
  expect(await status("POST", `/api/runs/${run}/continue`)).toBe(503);
  expect(await status("POST", "/v1/chat/completions", {})).toBe(503);
  stack.ctx.health.storageIs("ok");
  expect(await status("POST", "/api/updates", { bot: 1, updates: [] })).toBe(200);
});

test("a stopping server reports it, so that no new traffic is sent to it", async () => {
  await using stack = await openTestApp();
  stack.ctx.health.stopping = true;
  const response = await stack.app.request("/healthz");
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ ok: false, status: "stopping" });
});
