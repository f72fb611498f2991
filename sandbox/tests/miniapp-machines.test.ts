/** A contributor's machines in the Mini App, in a real browser over the real server; what the pool and the chain did is written into the tables. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { openBrowser } from "../src/open-browser.ts";
import { openStagedStack } from "../src/staged-stack.ts";
import type { StagedStack } from "../src/staged-stack.ts";
import type { ContributorOverview } from "@starai/protocol/contributor";
import { epochLines, epochs } from "@starai/server/db/schema";
import { expectBooksRight } from "@starai/server/testing/books";
import { createTestDatabase } from "@starai/server/testing/database";
import { expectCalm, visit } from "./app-visit.ts";
import type { Visit, VisitOptions } from "./app-visit.ts";
import { contributor } from "./contributor-rows.ts";

const COIN = 1_000_000_000n;

let stack: StagedStack;
let browser: Browser;
let home: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let lastUser = 8_700;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-machines-"));
  await chmod(home, 0o755);
  database = await createTestDatabase();
  [stack, browser] = await Promise.all([
    openStagedStack({ home, database, ton: { topUpInTelegram: true } }),
    openBrowser(),
  ]);
  await vi.waitUntil(() => stack.ctx.ton.chain !== null, { timeout: 30_000 });
});
afterEach(() => expectBooksRight(stack.ctx.pg));
afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

async function newUser(locale = "en-US"): Promise<number> {
  const user = ++lastUser;
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ user, name: "Ann", language: locale.slice(0, 2) });
  await fetch(`${stack.url}sim/user`, { method: "POST", headers, body });
  await stack.say(user, "/start");
  return user;
}

async function atMachines(user: number, options: VisitOptions = {}): Promise<Visit> {
  const it = await visit({ stack, browser }, user, options);
  await it.open();
  await (await it.frame()).evaluate('location.hash = "#/machines"');
  return it;
}

const LOOKS: VisitOptions[] = [
  { width: 390, colorScheme: "light", locale: "en-US" },
  { width: 360, colorScheme: "dark", locale: "ru-RU" },
  { width: 860, colorScheme: "dark", locale: "en-US" },
];

test.each(LOOKS)("somebody without a machine finds the command, and where to type the code: %o", async (look) => {
  await using it = await atMachines(await newUser(look.locale), look);
  await it.app.getByText(/^curl -fsS http:\/\/127\.0\.0\.1:\d+\/join \| sh$/).waitFor();
  await it.app.getByRole("link", { name: /^(I have a code|У меня есть код)$/ }).waitFor();
  await expectCalm(it);
  expect(it.complaints).toEqual([]);
});

test.each(LOOKS)("a contributor sees machines, pay, what is held back and why: %o", async (look) => {
  const user = await newUser(look.locale);
  await contributor(stack, user);
  await using it = await atMachines(user, look);
  const isEnglish = look.locale === "en-US";
  await it.app.getByText(isEnglish ? "Held back" : "Ждёт", { exact: true }).waitFor();
  await it.app.getByRole("button", { name: /Basement rack/ }).waitFor();
  await it.app.getByText(/two answers of ten/).waitFor();
  await it.app.locator("canvas").first().waitFor();
  await expectCalm(it);
  expect(it.complaints).toEqual([]);
});

test("what the open root holds can be claimed, and what a rejected one was to hold cannot", async () => {
  const user = await newUser();
  const { wallet } = await contributor(stack, user);
  const { db, clock } = stack.ctx;
  const moment = new Date(clock());
  const sums = { leaves: 2, total: 1n, upto: 0, root: Buffer.alloc(32, 4), dataHash: Buffer.alloc(32, 4) };
  await db.insert(epochs).values({
    number: 4,
    chainEpoch: 4,
    state: "dropped",
    closedAt: moment,
    recordedAt: moment,
    ...sums,
  });
  const line = { epoch: 4, worker: "a".repeat(64), wallet, earned: COIN, released: COIN, held: 0n };
  await db.insert(epochLines).values(line);
  await using it = await atMachines(user);
  await it.app.getByRole("button", { name: "Claim 3.1 GRAM" }).waitFor();
  expect(await it.app.getByText(/a claim is worth it from/).count()).toBe(0);
  await it.app.getByText(/rejected; it comes with the next epoch/).waitFor();
  await expectCalm(it);
  expect(it.complaints).toEqual([]);
});

test("a machine tells why it gets no work, and its owner writes to the operator", async () => {
  const user = await newUser();
  await contributor(stack, user);
  await using it = await atMachines(user);
  await it.app.getByRole("button", { name: /Old laptop/ }).click();
  const sheet = it.app.getByRole("dialog", { name: "Old laptop" });
  await sheet.getByText(/It is not connected/).waitFor();
  await expectCalm(it);
  await sheet.getByRole("button", { name: "Write to the operator" }).click();
  const send = sheet.getByRole("button", { name: "Send" });
  expect(await send.isDisabled()).toBe(true);
  await sheet.getByRole("textbox").fill("It was in repair since Monday.");
  await send.click();
  await it.app.getByText("Sent. The operator reads it, and the bot brings you the reply.").waitFor();
  const { rows } = await stack.ctx.pg.query("select words from appeals where words like 'It was in repair%'");
  expect(rows).toHaveLength(1);
});

test("pay in Stars, claims with their transactions and the evidence of a slash are there, and are reached by keyboard", async () => {
  const user = await newUser();
  await contributor(stack, user);
  await using it = await atMachines(user);
  await it.app.getByText("Stars: 2.4").waitFor();
  await it.app.getByText(/turns them into GRAM at that day's rate/).waitFor();
  await it.app.getByText("Evidence", { exact: true }).focus();
  await it.page.keyboard.press("Enter");
  const evidence = it.app.getByRole("group", { name: "Evidence" });
  await evidence.filter({ hasText: '"tokens": 312' }).waitFor();
  await it.app.getByRole("button", { name: "Copy the exact text" }).click();
  const { rows } = await stack.ctx.pg.query<{ evidence: string }>("select evidence from slash_proposals");
  const copied = await (await it.frame()).evaluate(() => navigator.clipboard.readText());
  expect(rows.map((row) => row.evidence)).toContain(copied);
  const claims = it.app.getByRole("region", { name: "Claims" });
  await claims.getByText("+12", { exact: true }).waitFor();
  // One was booked before transactions of claims were noted: it opens nothing.
  const known = claims.getByRole("button");
  expect(await known.count()).toBe(1);
  const [opened] = await Promise.all([it.context.waitForEvent("page"), known.click()]);
  expect(opened.url()).toContain("/ton/#/tx/");
  await expectCalm(it);
});

test("a proposed slash says until when it can be answered, and once that is over that it can be taken", async () => {
  const user = await newUser();
  await contributor(stack, user);
  await using it = await atMachines(user);
  // As the chain shows it: this contributor's contract is not there, and so no date is.
  const answerUntil = (disputedUntil: string) =>
    it.context.route("**/api/my/machines", async (route) => {
      const response = await route.fetch();
      const overview = (await response.json()) as ContributorOverview;
      const slashes = overview.slashes.map((slash) => ({ ...slash, disputedUntil }));
      await route.fulfill({ response, json: { ...overview, slashes } });
    });
  await answerUntil("2100-01-01T12:00:00.000Z");
  await it.app.getByText(/^Nothing is taken before .*2100/).waitFor();
  await answerUntil("2020-01-01T12:00:00.000Z");
  await it.app.getByText(/^The time for an answer was over .*2020/).waitFor();
  expect(await it.app.getByText(/^Nothing is taken before/).count()).toBe(0);
});

test.each(LOOKS)("a machine tells of its day, why others got answers, and what lowered its score: %o", async (look) => {
  const user = await newUser(look.locale);
  await contributor(stack, user);
  await using it = await atMachines(user, look);
  const isEnglish = look.locale === "en-US";
  await it.app.getByRole("button", { name: /Basement rack/ }).click();
  const sheet = it.app.getByRole("dialog", { name: "Basement rack" });
  const valueOf = (name: string) => sheet.locator("dl > div", { hasText: name }).locator("dd").textContent();
  await sheet.getByText(isEnglish ? "Others were faster" : "Другие были быстрее").waitFor();
  await sheet.getByText(isEnglish ? "Pay withheld for slowness" : "Удержано из платы").waitFor();
  expect(await valueOf(isEnglish ? "The connection broke off" : "Связь оборвалась")).toBe("3");
  expect(await valueOf(isEnglish ? "another model's" : "от другой модели")).toBe("1");
  expect(await valueOf(isEnglish ? "Finished" : "Закончено")).toBe(isEnglish ? "40 of 46" : "40 из 46");
  await expectCalm(it);
  expect(it.complaints).toEqual([]);
});

test("a score that cannot be loaded says so, and is asked for again by a tap; one without attempts has none", async () => {
  const user = await newUser();
  await contributor(stack, user);
  await using it = await atMachines(user);
  await it.context.route("**/api/my/machines/*/record", (route) => route.fulfill({ status: 503, body: "{}" }));
  await it.app.getByRole("button", { name: /Old laptop/ }).click();
  const sheet = it.app.getByRole("dialog", { name: "Old laptop" });
  await sheet.getByText("It was not connected, so nothing was counted.").waitFor();
  await sheet.getByText("The score could not be loaded. Nothing of it changed.").waitFor();
  await it.context.unroute("**/api/my/machines/*/record");
  await sheet.getByRole("button", { name: "Try again" }).click();
  await sheet.getByText("It was given no answer to write.").waitFor();
  expect(await sheet.getByText("The score could not be loaded", { exact: false }).count()).toBe(0);
});

test("what comes while the screen is open is seen without a tap", async () => {
  const user = await newUser();
  const { person } = await contributor(stack, user);
  await using it = await atMachines(user);
  await it.app.getByRole("button", { name: /^Basement rack/ }).waitFor();
  await stack.ctx.pg.query("update workers set name = 'Attic rack' where name = 'Basement rack'");
  await it.app.getByRole("button", { name: /^Attic rack/ }).waitFor();
  await stack.ctx.pg.query("delete from worker_bindings where person = $1", [person]);
  await it.app.getByRole("button", { name: /^Attic rack/ }).waitFor({ state: "detached" });
  expect(it.complaints).toEqual([]);
});

test("offline it says so, keeps the last figures, and says that the pay is safe", async () => {
  const user = await newUser();
  await contributor(stack, user);
  await using it = await atMachines(user);
  await it.app.getByRole("button", { name: /Old laptop/ }).waitFor();
  await it.context.setOffline(true);
  await it.app.getByText(/pay is safe/).waitFor();
  expect(await it.app.getByRole("button", { name: /Old laptop/ }).count()).toBe(1);
});
