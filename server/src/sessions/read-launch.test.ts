/** Launches as odd as they come, all signed by the bot: a session or a refusal in words, never a fault of ours. */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { people } from "../db/schema.ts";
import { newDevice, openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { BOT_TOKEN } from "../testing/threads.ts";

interface Stranger {
  id: string;
  input: string;
}

function stranger(id: string): Stranger {
  const file = new URL("../gateway/strangers-requests.json", import.meta.url);
  const found = (JSON.parse(readFileSync(file, "utf8")) as Stranger[]).find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no ${id} among the strangers' requests`);
  return found;
}

let stack: TestApp;

beforeAll(async () => {
  stack = await openTestApp();
});
afterAll(() => stack[Symbol.asyncDispose]());

type Field = [name: string, value: string];

/** Signs whatever fields there are as Telegram does, in the order and number given. */
function signed(fields: readonly Field[]): string {
  const key = createHmac("sha256", "WebAppData").update(BOT_TOKEN).digest();
  const pairs = fields.map(([name, value]) => `${name}=${value}`).sort();
  const hash = createHmac("sha256", key).update(pairs.join("\n")).digest("hex");
  return new URLSearchParams([...fields, ["hash", hash]]).toString();
}

async function open(fields: readonly Field[], initData = signed(fields)) {
  const response = await stack.app.request("/api/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ initData, device: newDevice() }),
  });
  const body = (await response.json()) as { person?: { name: string }; error?: { message: string } };
  return { status: response.status, name: body.person?.name, message: body.error?.message };
}

let telegramId = 5_000;
const UNSIGNED = "Telegram did not sign this: open the app again from the chat.";
const NOBODY = "This launch does not say who you are or when: open the app again from the chat.";

const now = () => String(Math.floor(Date.now() / 1_000));
const userOf = (more: object = {}) => JSON.stringify({ id: ++telegramId, first_name: "Ann", ...more });
const launch = (user = userOf(), at = now()): Field[] => [
  ["auth_date", at],
  ["query_id", `AA${++telegramId}`],
  ["user", user],
];

test("a client older than Bot API 8.0 gets in without a signature, a newer one with it", async () => {
  expect(await open(launch())).toMatchObject({ status: 200, name: "Ann" });
  expect(await open([...launch(), ["signature", "AbC-_"]])).toMatchObject({ status: 200, name: "Ann" });
});

test("the launch of an older client that was seen to fail opens a session", async () => {
  const { input } = stranger("app-launch-without-signature");
  const fields = [...new URLSearchParams(input.replace("<now>", now()))].filter(([name]) => name !== "hash");
  expect(await open(fields)).toMatchObject({ status: 200, name: "x" });
});

test.each(["", "hash", "&&&", "x".repeat(9_000), `${signed(launch())}&pad=${"x".repeat(9_000)}`])(
  "what is no launch, such as %.20s, is refused in words",
  async (initData) => {
    expect(await open([], initData)).toMatchObject({ status: 401, message: UNSIGNED });
  },
);

test.each([
  ["a last name that is null", { last_name: null }, "Ann"],
  ["a name with NUL in it", { first_name: "A\0nn" }, "A\uFFFDnn"],
  ["a name that ends in half a character", { first_name: "Ann\ud83d" }, "Ann\uFFFD"],
  ["a name cut within a character", { first_name: `${"x".repeat(199)}😀` }, `${"x".repeat(199)}\uFFFD`],
  ["a name of nothing at all", { id: 4_999, first_name: " " }, "4999"],
  ["a last name", { last_name: "Lee" }, "Ann Lee"],
  ["a language that is none", { language_code: 7 }, "Ann"],
  ["fields nobody knows", { constructor: {}, extra: [[[]]] }, "Ann"],
])("a person gets in with %s", async (_what, more, name) => {
  const opened = await open(launch(userOf(more)));
  expect(opened).toMatchObject({ status: 200, name });
});

test.each([
  ["that is from the year 3168808806029", NOBODY, launch("", "1e20")],
  ["of a time before 1970", NOBODY, launch(undefined, "-1")],
  ["of no number's time", UNSIGNED, launch(undefined, "soon")],
  ["of a time with words after it", NOBODY, launch(undefined, `${now()}\nuser={}`)],
  ["of no time", UNSIGNED, launch().slice(1)],
  ["of nobody", NOBODY, launch().slice(0, 2)],
  ["of a user that is no JSON", NOBODY, launch("{")],
  ["of a user that is null", NOBODY, launch("null")],
  ["of a user that is a list", NOBODY, launch("[1]")],
  ["of a user that is text", NOBODY, launch('"Ann"')],
  ["of a user without a number", NOBODY, launch('{"first_name":"Ann"}')],
  ["of a user whose number is none", NOBODY, launch(userOf({ id: "1" }))],
  ["of a user whose number is no whole one", NOBODY, launch(userOf({ id: 1.5 }))],
  ["of a user with a huge number", NOBODY, launch(userOf({ id: 1e20 }))],
  ["of a user below zero", NOBODY, launch(userOf({ id: -1 }))],
  ["of a user whose name is a list", NOBODY, launch(userOf({ first_name: ["Ann"] }))],
  ["with a field twice", UNSIGNED, [...launch(), ["user", userOf()] as Field]],
  ["with an empty field twice", UNSIGNED, [...launch(), ["", ""] as Field, ["", ""] as Field]],
])("a signed launch %s is refused: %s", async (_what, why, fields) => {
  expect(await open(fields)).toMatchObject({ status: 401, message: why });
});

const oddText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "1e20",
    "-1",
    "NaN",
    "Infinity",
    "0x10",
    "\0",
    "\ud800",
    "null",
    "[]",
    "9".repeat(400),
    "x".repeat(3_000),
  ),
);
const oddValue = fc.oneof(oddText, fc.double(), fc.integer(), fc.constant(null), fc.array(fc.nat(), { maxLength: 2 }));
const oddUser = fc.oneof(
  oddText,
  fc.json(),
  fc
    .record(
      { id: oddValue, first_name: oddValue, last_name: oddValue, language_code: oddValue, __proto__: oddValue },
      { requiredKeys: [] },
    )
    .map((odd) => userOf(odd)),
);
const field = fc.tuple(fc.oneof(oddText, fc.constantFrom("user", "auth_date", "hash", "signature", "chat")), oddText);
const change = fc.record({
  at: fc.nat(),
  by: fc.constantFrom("", "&", "=", "%", "%00", "%ED%A0%80", "+", "hash=", "\0"),
});

/** The end of the message a person gets, by status. */
const SAID: Record<number, string> = { 200: "", 401: "open the app again from the chat" };

test("whatever the bot signed, and however it was changed on its way, no answer is an internal error", async () => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      fc.option(oddUser, { nil: undefined, freq: 1 }),
      fc.option(oddText, { nil: undefined, freq: 1 }),
      fc.array(field, { maxLength: 3 }),
      fc.option(change, { nil: undefined, freq: 1 }),
      async (user, at, more, changed) => {
        const before = await stack.ctx.db.$count(people);
        const initData = signed([...launch(user, at), ...more]);
        const place = (changed?.at ?? 0) % initData.length;
        const sent = changed ? initData.slice(0, place) + changed.by + initData.slice(place + 1) : initData;
        const { status, message } = await open([], sent);
        seen.add(status);
        expect(Object.keys(SAID)).toContain(String(status));
        expect(message ?? "").toContain(SAID[status]);
        expect(await stack.ctx.db.$count(people)).toBeLessThanOrEqual(before + (status === 200 ? 1 : 0));
      },
    ),
    { numRuns: 200 },
  );
  expect(seen).toContain(200);
  expect(seen).toContain(401);
});
