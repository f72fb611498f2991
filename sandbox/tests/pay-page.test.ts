/**
 * Paying in outside Telegram, in a real browser: a wallet that its person bound signs in with an unmodified TON Connect, pays
 * by hand and by the wallet, and both are credited from the embedded chain.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Address, comment, toNano } from "@ton/core";
import type { Browser, Page } from "playwright-core";
import { decodeQR } from "qr/decode.js";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { people, wallets } from "@starai/server/db/schema";
import { expectHouseRight } from "@starai/server/testing/books";
import { createTestDatabase } from "@starai/server/testing/database";
import { openBrowser } from "../src/open-browser.ts";
import { openStagedStack } from "../src/staged-stack.ts";
import type { StagedStack } from "../src/staged-stack.ts";
import { Accounts } from "../src/wallet/accounts.ts";
import { Signer } from "../src/wallet/signer.ts";
import { axeFindings } from "./app-visit.ts";
import { faintTexts } from "./faint-texts.ts";
import { signIn, visitPay } from "./pay-visit.ts";
import type { PayLook } from "./pay-visit.ts";

let stack: StagedStack;
let browser: Browser;
let home: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
/** Raw addresses of the dev wallet's two accounts: the first is bound to somebody, the second to nobody. */
let bound: string;
let strange: string;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-pay-"));
  await chmod(home, 0o755);
  database = await createTestDatabase();
  [stack, browser] = await Promise.all([
    openStagedStack({ home, database, ton: { topUpInTelegram: false } }),
    openBrowser(),
  ]);
  await vi.waitUntil(() => stack.ctx.ton.chain !== null, { timeout: 30_000 });
  [bound, strange] = await accounts();
  const [ann] = await stack.ctx.db.insert(people).values({ telegramId: 9_001, name: "Ann" }).returning();
  await stack.ctx.db.insert(wallets).values({ person: ann!.id, address: bound, payoutsFrom: new Date() });
  const { faucet } = await stack.ton!.open();
  await faucet.give(Address.parseRaw(bound), toNano("20"));
}, 120_000);
afterEach(() => expectHouseRight(stack.ctx));
afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

async function accounts(): Promise<[string, string]> {
  const state = (await (await fetch(`${stack.url}wallet/api/state`)).json()) as { accounts: { raw: string }[] };
  return [state.accounts[0]!.raw, state.accounts[1]!.raw];
}

const visit = (look: PayLook = {}) => visitPay({ stack, browser }, look);

async function expectCalm(page: Page): Promise<void> {
  expect(await axeFindings(page)).toEqual([]);
  expect((await page.evaluate(faintTexts)).found).toEqual([]);
  const sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
  expect(await page.evaluate(sideways)).toBe(0);
}

/** What a phone's camera reads from the page. */
async function scanned(page: Page): Promise<string> {
  const picture = page.getByRole("img", { name: /QR code/ });
  const box = (await picture.getAttribute("viewBox"))!.split(" ").map(Number);
  const dark = (await picture.locator("path").getAttribute("d"))!;
  const [scale, side] = [4, box[2]! * 4];
  const data = new Uint8Array(side * side * 4).fill(255);
  for (const [, x, y] of dark.matchAll(/M(\d+) (\d+)/g))
    for (let dy = 0; dy < scale; dy++)
      for (let dx = 0; dx < scale; dx++)
        data.fill(
          0,
          ((Number(y) * scale + dy) * side + Number(x) * scale + dx) * 4,
          ((Number(y) * scale + dy) * side + Number(x) * scale + dx) * 4 + 3,
        );
  return decodeQR({ width: side, height: side, data });
}

/** Sends what a `ton://` link asks for from the bound account, as a wallet does that knows nothing of us. */
async function payByHand(link: string, amount: bigint): Promise<void> {
  const { host, pathname, searchParams } = new URL(link);
  expect(host).toBe("transfer");
  const { address, isBounceable: bounce } = Address.parseFriendly(pathname.slice(1));
  const account = new Accounts(path.join(home, "wallet", "accounts.json")).find(bound)!;
  const message = { to: address, bounce, value: amount, body: comment(searchParams.get("text")!), init: null };
  const signer = new Signer(await stack.ton!.open());
  const request = { valid_until: undefined, messages: [message] } as unknown as Parameters<Signer["send"]>[2];
  await signer.send(account, account.secretKey, request);
}

test("a bound wallet signs in, pays by hand with the memo and by TON Connect, and sees both credited", async () => {
  await using it = await visit();
  const { page, question } = it;
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(request.url()));
  await page.getByRole("heading", { name: "Whose balance is it?" }).waitFor();
  await expectCalm(page);
  expect(loaded.filter((url) => /ton-connect|QrCode|PayDesk/.test(url))).toEqual([]);

  await signIn(it, bound);
  await page.getByText("Nothing yet", { exact: true }).waitFor();
  await page.getByText("This is a test network: its coins are worth nothing.").waitFor();
  await expectCalm(page);

  const link = (await page.getByRole("link", { name: /^Open in a wallet/ }).getAttribute("href"))!;
  expect(await scanned(page)).toBe(link);
  await page.getByRole("button", { name: "Copy the comment" }).click();
  expect(link).toContain(`text=${await page.evaluate(() => navigator.clipboard.readText())}`);
  await payByHand(link, toNano("1.5"));
  await page.getByText("1.5 GRAM arrived").waitFor();
  await expectCalm(page);

  await page.getByRole("textbox", { name: /^Amount/ }).fill("2");
  await page.getByRole("button", { name: "Pay in my wallet" }).click();
  await question.getByRole("heading", { name: /^Send 2 / }).waitFor();
  await question.getByRole("button", { name: "Approve" }).click();
  await page.getByRole("heading", { name: "Payment of 2 GRAM" }).waitFor();
  await page.getByText("Credited", { exact: true }).first().waitFor();
  await page.getByRole("button", { name: "3.5 GRAM" }).waitFor();
  const paid = page.getByRole("button", { name: /^Credited/ });
  await expect.poll(() => paid.count()).toBe(2);
  const [opened] = await Promise.all([it.context.waitForEvent("page"), paid.first().click()]);
  expect(opened.url()).toContain("/ton/#/tx/");
  await opened.close();

  // The right to pay is this tab's, and lasts over a reload.
  await page.reload();
  await page.getByRole("button", { name: "3.5 GRAM" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in with a wallet" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Sign in with a wallet" }).waitFor();
  expect(it.complaints).toEqual([]);
});

test("a wallet that nobody bound is sent to the Mini App, and shown no address to pay to", async () => {
  await using it = await visit({ width: 360 });
  const { page } = it;
  await signIn(it, strange);
  await page.getByRole("heading", { name: "This wallet is not connected to anybody" }).waitFor();
  const bind = page.getByRole("link", { name: "Connect it in Telegram" });
  expect(await bind.getAttribute("href")).toBe("https://t.me/starai_bot?startapp=wallet");
  expect(await page.getByText("Comment", { exact: true }).count()).toBe(0);
  await expectCalm(page);
});

test("the page speaks Russian, is dark, fits a narrow phone, and is used by keyboard", async () => {
  await using it = await visit({ width: 360, colorScheme: "dark", locale: "ru-RU" });
  const { page } = it;
  await page.getByRole("heading", { name: "Чей баланс пополняем?" }).waitFor();
  await expectCalm(page);
  await page.keyboard.press("Tab");
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Войти кошельком");
  await signIn(it, bound, "Войти кошельком");
  await page.getByRole("img", { name: /QR-кодом/ }).waitFor();
  await expectCalm(page);
  // Signing out elsewhere ends it here: the page asks for the wallet again.
  await stack.ctx.pg.query("update sessions set revoked_at = now()");
  await page.getByRole("heading", { name: "Чей баланс пополняем?" }).waitFor();
});

test("without a network, and while the server is away, the page says so", async () => {
  await using it = await visit();
  const { page } = it;
  await page.getByRole("button", { name: "Sign in with a wallet" }).waitFor();
  let answer: { status: number; body: string } = { status: 503, body: "{}" };
  await page.route("**/api/pay", (route) => route.fulfill({ ...answer, contentType: "application/json" }));
  await page.reload();
  await page.getByRole("button", { name: "Try again" }).waitFor();
  await expectCalm(page);
  answer = { status: 200, body: "null" };
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("This service takes Stars only.", { exact: false }).waitFor();
  expect(await page.getByRole("button", { name: "Sign in with a wallet" }).count()).toBe(0);
  await expectCalm(page);
});

test("nobody may put the page into a frame of theirs", async () => {
  const answer = await fetch(`${stack.url}app/pay.html`);
  expect(answer.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
});
