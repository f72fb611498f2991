/** The operator's view of a server in use: its log and metrics, without any text of people. */
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { logOptions } from "@starai/protocol/log-options";
import { answerOf, createServerClient } from "@starai/server/client";
import { whyPaused } from "@starai/server/billing/why-paused";
import { readConfig } from "@starai/server/config";
import { createTestDatabase } from "@starai/server/testing/database";
import type { TestDatabase } from "@starai/server/testing/database";
import { createApiKey } from "@starai/server/gateway/api-keys";
import { operatorOver } from "@starai/server/testing/operator";
import { ScriptedWorker } from "@starai/server/testing/scripted-worker";
import { startServer } from "@starai/server/start";
import type { RunningServer } from "@starai/server/start";
import { answers } from "@starai/server/testing/scripted-thinking";
import { STAGED_MODEL } from "../src/staged-stack.ts";

const CANARY = "canary5f1d";
const BOT_KEY = "the-bot-key-of-an-operator-0123456789abcdef";

let database: TestDatabase;
let server: RunningServer;
let worker: ScriptedWorker;
let log = "";

beforeAll(async () => {
  database = await createTestDatabase();
  const key = { STARAI_RECEIPT_KEY: Buffer.alloc(32, 7).toString("base64url") };
  const env = { PORT: "0", STARAI_METRICS_PORT: "0", STARAI_HOME: "/nowhere", STARAI_MODELS: "/nowhere", ...key };
  const model = {
    STARAI_DEFAULT_MODEL: STAGED_MODEL,
    STARAI_TITLES: "off",
    STARAI_BOT_KEY: BOT_KEY,
    STARAI_RATES: "sandbox",
  };
  const lines = pino(logOptions("trace"), { write: (line: string) => void (log += line) });
  server = await startServer(readConfig({ ...env, ...model }), { log: lines, database });
  worker = new ScriptedWorker("played", [servedModel()]);
  await worker.join(server.url);
});

afterAll(async () => {
  await server.close(0);
  await database.close();
});

test("a chat's ids are in the log, from the run to the attempt, and it is counted in the metrics", async () => {
  const { api } = createServerClient({ baseUrl: server.url, botKey: BOT_KEY });
  const { run } = await answerOf(() => api.messages.$post({ json: messageOf("1", `What is ${CANARY}?`) }));
  const lost = await worker.lease();
  const quoting = `it choked on ${CANARY}`;
  worker.send({ type: "fail", job: lost.job, fence: lost.fence, code: "engine_crashed", message: quoting });
  const lease = await worker.lease();
  for await (const text of answers(`${CANARY} is a bird.`, `Thinking of ${CANARY}.`)) worker.tokens(lease, null, text);
  worker.done(lease);
  await expect.poll(() => of({ run, msg: "a run ended" })).toMatchObject([{ outcome: "answered" }]);

  const { job } = lease;
  expect(of({ run, msg: "a run started" })).toMatchObject([{ model: STAGED_MODEL }]);
  expect(of({ run, job }).map(({ msg, attempt }) => [msg, attempt])).toEqual([
    ["a job was queued", undefined],
    ["a lease was granted", 1],
    ["a lease was lost", 1],
    ["a lease was granted", 2],
    ["a job's first token came", 2],
    ["a lease ended", 2],
    ["a job ended", undefined],
  ]);
  expect(of({ msg: "a lease was lost" })).toMatchObject([
    { reason: "engine_crashed", blame: "fault", worker: "played" },
  ]);
  const text = await metrics();
  for (const line of [
    'starai_runs_ended_total{outcome="answered"} 1',
    'starai_leases_ended_total{reason="engine_crashed"} 1',
    'starai_leases_ended_total{reason="done"} 1',
    'starai_jobs_ended_total{end="done"} 1',
    `starai_job_first_token_seconds_count{model="${STAGED_MODEL}"} 1`,
    `starai_job_wait_seconds_count{model="${STAGED_MODEL}"} 1`,
    "starai_jobs_waiting 0",
    "starai_workers 1",
    "starai_database_up 1",
  ])
    expect(text.split("\n")).toContain(line);
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
});

test("books that were found right and the coin's rate are in the health and in the metrics", async () => {
  await expect.poll(health).toMatchObject({ ok: true, money: { books: "ok", rateAgeS: expect.any(Number) } });
  expect(await server.ctx.rates.current()).toMatchObject({ usable: true, rate: { microUsdPerCoin: 1_700_000n } });
  const text = (await metrics()).split("\n");
  expect(text).toContain("starai_books_halted 0");
  expect(text.find((line) => line.startsWith("starai_rate_age_seconds "))).toMatch(/ \d+(\.\d+)?$/);
  server.ctx.ledger.halted = true;
  expect(await health()).toMatchObject({ ok: true, money: { books: "halted" } });
  expect(await metrics()).toContain("starai_books_halted 1");
  server.ctx.ledger.halted = false;
});

test("a running server follows an operator within five seconds", async () => {
  const operator = operatorOver(database);
  expect(await paused()).toBeNull();
  await operator("halt", "--why", "the bank is closed");
  await expect.poll(paused, { timeout: 5_000 }).toBe("operator");
  await operator("resume", "--why", "it is open again");
  await expect.poll(paused, { timeout: 5_000 }).toBeNull();
});

test("a request has an id in its response and in one log line, with its route's pattern and not its address", async () => {
  const shared = await fetch(`${server.url}/api/shared/${CANARY}?x=${CANARY}`);
  const id = shared.headers.get("x-request-id") ?? "";
  expect(of({ request: id })).toMatchObject([{ method: "GET", route: "/api/shared/:id", status: shared.status }]);
  const none = await fetch(`${server.url}/${CANARY}/${CANARY}`);
  expect(of({ request: none.headers.get("x-request-id") })).toMatchObject([{ route: "none", status: 404 }]);
  expect(await metrics()).toContain('starai_http_requests_total{method="GET",route="none",status="404"} 1');
});

test("a completion's request id is its job's", async () => {
  const { key } = await createApiKey(server.ctx, "a key");
  const asked = complete(key, JSON.stringify({ model: STAGED_MODEL, messages: [{ role: "user", content: CANARY }] }));
  const lease = await worker.lease();
  worker.tokens(lease, null, `${CANARY}!`);
  worker.done(lease);
  expect((await asked).headers.get("x-request-id")).toBe(lease.job);
  expect(of({ request: lease.job })).toMatchObject([{ route: "/v1/chat/completions", status: 200 }]);
  expect((await complete(key, `{"messages": ${CANARY}`)).status).toBe(400);
});

test("an internal error is in the log with its request's id and without people's text", async () => {
  await database.pg.query("alter table messages rename column text to hidden");
  const { api } = createServerClient({ baseUrl: server.url, botKey: BOT_KEY });
  const answer = await api.messages.$post({ json: messageOf("2", CANARY) });
  await database.pg.query("alter table messages rename column hidden to text");
  expect(answer.status).toBe(500);
  const request = answer.headers.get("x-request-id") ?? "";
  expect(of({ request, msg: "a request failed" })).toMatchObject([{ err: { type: expect.any(String) } }]);
});

test("no text of people is in the log or in the metrics", async () => {
  const said = await database.pg.query("select 1 from messages where text like $1", [`%${CANARY}%`]);
  expect(said.rowCount).toBeGreaterThan(1);
  expect(log.length).toBeGreaterThan(1_000);
  expect(log).not.toContain(CANARY);
  expect(await metrics()).not.toContain(CANARY);
});

test("the metrics' port answers GET /metrics and nothing else", async () => {
  const { metricsUrl } = server;
  expect((await fetch(metricsUrl ?? "", { method: "POST" })).status).toBe(404);
  expect((await fetch(new URL("/v1/models", metricsUrl ?? ""))).status).toBe(404);
  expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
});

function paused() {
  return whyPaused(server.ctx, { paidIn: "stars" });
}

async function health(): Promise<unknown> {
  return (await fetch(`${server.url}/healthz`)).json();
}

function servedModel() {
  const sha256 = loadCatalogue().get(STAGED_MODEL)?.sha256 ?? "";
  const facts = { engine: "scripted", kvType: "f16", constraint: "gbnf", tokenIds: false } as const;
  const speed = { prefillTokensPerS: 1_000, decodeTokensPerS: 100 };
  return { id: STAGED_MODEL, sha256, contextTokens: 16_384, slots: 2, ...facts, ...speed };
}

function messageOf(id: string, text: string) {
  const person = { telegramId: 7, name: CANARY, language: "en" };
  return { person, chat: "telegram:7", externalId: `telegram:7:${id}`, text };
}

function complete(key: string, body: string): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  return fetch(`${server.url}/v1/chat/completions`, { method: "POST", headers, body });
}

async function metrics(): Promise<string> {
  return (await fetch(server.metricsUrl ?? "")).text();
}

type Line = Record<string, unknown>;

/** The log's lines with all of these fields. */
function of(facts: Line): Line[] {
  const lines = log
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
  return lines.filter((line) => Object.entries(facts).every(([name, value]) => line[name] === value));
}
