/** Logs written with the options of all programs, by the real pino and with errors of real libraries. */
import { GrammyError } from "grammy";
import { pino } from "pino";
import { afterAll, expect, test } from "vitest";
import { logOptions } from "@starai/protocol/log-options";
import { updates } from "@starai/server/db/schema";
import { createTestDatabase } from "@starai/server/testing/database";

const CANARY = "canary5f1d";

const database = await createTestDatabase();
afterAll(() => database[Symbol.asyncDispose]());

function written(facts: object): string {
  let line = "";
  pino(logOptions("info"), { write: (text: string) => void (line += text) }).info(facts, "something happened");
  return line;
}

test("secrets are redacted by their name, at the top of a line and one level below", () => {
  const line = written({ token: CANARY, key: CANARY, headers: { authorization: CANARY, cookie: CANARY }, job: "j1" });
  expect(line).not.toContain(CANARY);
  expect(line).toContain("[Redacted]");
  expect(line).toContain("j1");
});

test("an error keeps its type, code, message, stack and cause, and no other fields", () => {
  const cause = Object.assign(new Error("socket hang up"), { code: "ECONNRESET", body: CANARY });
  const { err } = JSON.parse(written({ err: new TypeError("no answer", { cause }) })) as { err: unknown };
  expect(err).toMatchObject({
    type: "TypeError",
    message: "no answer",
    stack: expect.stringContaining("log-options.test"),
    cause: { type: "Error", message: "socket hang up", code: "ECONNRESET" },
  });
  expect(JSON.stringify(err)).not.toContain(CANARY);
});

test("an API key is hidden wherever it stands: in any field, in an error's words, its stack and its causes", () => {
  const key = `sk-starai-${"K3y_-".repeat(8)}abc`;
  const err = new Error(`no model "${key}"`, { cause: new Error(`asked with ${key}`) });
  const line = written({ err, model: key, [key]: 1, deep: { deeper: [{ deepest: `?key=${key}&x` }] } });
  expect(line).not.toContain("K3y_");
  expect(line.match(/sk-starai-\[hidden\]/g)?.length).toBeGreaterThanOrEqual(7);
  expect(JSON.parse(line)).toMatchObject({ model: "sk-starai-[hidden]", msg: "something happened" });
});

/** Errors with a person's text in each. */
const FAULTS: [string, () => unknown][] = [
  ["a call that Telegram refused", () => Promise.reject(refusedByTelegram())],
  [
    "a statement that failed",
    () => twice(() => database.db.insert(updates).values({ bot: 1, updateId: 1, body: CANARY })),
  ],
  ["a value that PostgreSQL could not read", () => database.pg.query("select $1::uuid", [CANARY])],
  ["JSON that could not be read", async () => JSON.parse(`{"text": ${CANARY}}`)],
];

test.each(FAULTS)("%s is logged without what people wrote", async (_what, work) => {
  const err = await caught(work);
  const line = written({ err });
  expect(line).not.toContain(CANARY);
  expect(line).toContain('"stack":');
});

test("a thrown value that is not an Error is logged, and endless causes are cut", () => {
  expect(written({ err: "away" })).toContain("away");
  const endless: { message: string; cause?: unknown } = { message: "round" };
  endless.cause = endless;
  expect(written({ err: endless })).toContain("round");
});

function refusedByTelegram(): GrammyError {
  const answer = { ok: false as const, error_code: 400, description: "Bad Request: message is too long" };
  return new GrammyError("Call to 'sendMessage' failed!", answer, "sendMessage", { chat_id: 1, text: CANARY });
}

async function twice(work: () => PromiseLike<unknown>): Promise<void> {
  await work();
  await work();
}

async function caught(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
