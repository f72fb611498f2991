/** Money in the Mini App, in a real browser inside the simulator: real server, ledger, bot and Telegram's payments as it plays them. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { expectHouseRight } from "@starai/server/testing/books";
import { createTestDatabase } from "@starai/server/testing/database";
import { openBrowser } from "../src/open-browser.ts";
import { openStagedStack } from "../src/staged-stack.ts";
import type { StagedStack } from "../src/staged-stack.ts";
import { expectCalm, visit } from "./app-visit.ts";
import type { Visit } from "./app-visit.ts";

let stack: StagedStack;
let browser: Browser;
let home: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let lastUser = 6_000;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-money-"));
  await chmod(home, 0o755);
  database = await createTestDatabase();
  [stack, browser] = await Promise.all([openStagedStack({ home, database }), openBrowser()]);
});
afterEach(() => expectHouseRight(stack.ctx));
afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** A new person of the bot with the app open at this address. */
async function arrive(address: string): Promise<Visit & { user: number }> {
  const user = ++lastUser;
  await stack.say(user, "/start");
  const it = await visit({ stack, browser }, user);
  await it.open();
  await goTo(it, address);
  return { ...it, user };
}

async function goTo(one: Visit, address: string): Promise<void> {
  await (await one.frame()).evaluate(`location.hash = "#${address}"`);
}

/** Pays, or cancels, in the simulator's own payment dialog. */
async function inPaymentSheet(page: Page, button: RegExp): Promise<void> {
  const sheet = page.locator("dialog.checkout");
  await sheet.getByRole("button", { name: button }).click();
}

/** Leaves the person this many of today's free answers. */
async function leaveFree({ user }: { user: number }, left: number): Promise<void> {
  await stack.ctx.pg.query(
    `insert into free_answers (person, day, used, allowed)
     select id, (now() at time zone 'utc')::date, 20 - $2::int, 20 from people where telegram_id = $1
     on conflict (person, day) do update set used = excluded.used`,
    [user, left],
  );
}

async function topUp({ app, page }: Visit): Promise<void> {
  await app.getByRole("button", { name: /^50 Stars/ }).click();
  await inPaymentSheet(page, /^Pay/);
  await app.getByText("Credited").waitFor();
  await app.getByRole("button", { name: "Done" }).click();
}

/** Begins a chat from the list of chats. */
async function begin(it: Visit): Promise<void> {
  await goTo(it, "/");
  await it.app.getByRole("button", { name: "New chat" }).first().click();
  await it.app.getByRole("textbox", { name: "Message" }).waitFor();
}

async function answered({ app }: Visit, question: string): Promise<void> {
  await app.getByRole("list", { name: "Messages" }).getByText(`You said: ${question}`).waitFor();
}

test("a person tops up in Telegram's sheet and sees the credit come; the same sheet can be left without paying", async () => {
  await using it = await arrive("/wallet");
  const { app, page } = it;
  await app.getByText("20 of 20 left").waitFor();
  await expectCalm(it);
  await app.getByRole("button", { name: "Top up" }).click();
  await app.getByRole("button", { name: /^50 Stars/ }).click();
  await inPaymentSheet(page, /^Cancel/);
  await app.getByText("The payment was cancelled. Nothing was charged.").waitFor();
  await expectCalm(it);
  await topUp(it);
  await app
    .getByText(/^≈ [\d,]+ answers of/)
    .first()
    .waitFor();
  await app.getByText("+50").waitFor();
  await app.getByText("Show all").click();
  await app.getByRole("heading", { name: "Today" }).waitFor();
  await expectCalm(it);
  expect(it.complaints).toEqual([]);
});

test("the last free answer ends with one line, and the question after it keeps its words until it is paid", async () => {
  await using it = await arrive("/");
  const { app } = it;
  await leaveFree(it, 1);
  await begin(it);
  await it.ask("first");
  await answered(it, "first");
  await app.getByText("That was today's last free answer.").waitFor();
  await app.getByText("free · 0 left").waitFor();
  await expectCalm(it);
  await app.getByRole("button", { name: /^Again tomorrow/ }).click();
  await it.ask("second");
  await app.getByText(/^Your balance does not cover this answer/).waitFor();
  await expectCalm(it);
  await app.getByRole("button", { name: "Top up" }).click();
  await topUp(it);
  await app.getByRole("button", { name: "Try again" }).click();
  await answered(it, "second");
  await app.getByRole("button", { name: /^Receipt: Stars/ }).click();
  const receipt = app.getByRole("dialog", { name: "Receipt" });
  await receipt.getByText("Verified on this device").waitFor();
  await receipt.getByText("Adds up to what you paid.").waitFor();
  await expectCalm(it);
  expect(it.complaints).toEqual([]);
});

test("limits are kept, and one that is out of bounds is not", async () => {
  await using it = await arrive("/wallet/limits");
  const { app } = it;
  const field = app.getByRole("textbox").first();
  await field.fill("12");
  await app.getByText("The most is $10").waitFor();
  expect(await app.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
  await field.fill("0.5");
  await expectCalm(it);
  await app.getByRole("button", { name: "Save" }).click();
  await app.getByText("Saved: from the next answer on.").waitFor();
  await app
    .getByRole("button", { name: /^One answer/ })
    .getByText("$0.5")
    .waitFor();
});

test("a key is shown once, renamed and revoked", async () => {
  await using it = await arrive("/wallet/keys");
  const { app } = it;
  await app.getByRole("button", { name: "New key" }).click();
  await app.getByRole("textbox", { name: "Name" }).fill("my script");
  await app.getByRole("button", { name: "Make the key" }).click();
  const secret = await app.locator(".keys-secret").innerText();
  expect(secret.length).toBeGreaterThan(30);
  await expectCalm(it);
  await app.getByRole("button", { name: "Done" }).click();
  await app.getByRole("button", { name: /^my script/ }).click();
  expect(await app.getByText(secret).count()).toBe(0);
  await app.getByRole("textbox", { name: "Name" }).fill("CI");
  await app.getByRole("button", { name: "Save" }).click();
  await app.getByRole("button", { name: /^CI/ }).click();
  await app.getByRole("button", { name: "Revoke the key" }).click();
  await app.getByRole("dialog").getByRole("button", { name: "Revoke the key" }).click();
  await app.getByText("No keys yet").waitFor();
  expect(it.complaints).toEqual([]);
});

test("deleting one's data asks about credits first, and deletes them only when they are given up", async () => {
  await using it = await arrive("/wallet/top-up");
  const { app } = it;
  await topUp(it);
  await goTo(it, "/settings");
  await app.getByRole("button", { name: "Delete my data" }).click();
  await app.getByRole("checkbox").check();
  await app.getByRole("button", { name: "Delete everything" }).click();
  const question = app.getByRole("dialog", { name: "What about your money?" });
  await question.waitFor();
  await expectCalm(it);
  await question.getByRole("checkbox").check();
  await question.getByRole("button", { name: "Give it up and delete" }).click();
  await app.getByText("Your data is deleted").waitFor();
  const { rows } = await stack.ctx.pg.query<{ given: string }>(
    "select balance as given from ledger_accounts where kind = 'refunds' and asset = 'stars'",
  );
  expect(BigInt(rows[0]?.given ?? "0")).toBeGreaterThan(0n);
});
