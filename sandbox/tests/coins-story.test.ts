/**
 * Coins from end to end, as their owner does it in a browser: a wallet is bound, pays in on the page, pays for an answer, is
 * paid, and moves to self-custody; then every server stops, and links alone bring everything home. After each step one
 * command says that the books and the chain agree.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Address, toNano } from "@ton/core";
import { Escrow } from "@starai/contracts/Escrow";
import { EscrowTerms } from "@starai/contracts/escrow-codes";
import { exactAmount } from "@starai/protocol/amounts";
import { historyPage } from "@starai/server/account/history";
import { DEFAULT_SETTINGS } from "@starai/server/billing/money-settings";
import { expectBooksRight } from "@starai/server/testing/books";
import { createTestDatabase } from "@starai/server/testing/database";
import { operatorOver } from "@starai/server/testing/operator";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openBrowser } from "../src/open-browser.ts";
import { openStagedStack } from "../src/staged-stack.ts";
import type { StagedStack } from "../src/staged-stack.ts";
import { Accounts } from "../src/wallet/accounts.ts";
import { visit } from "./app-visit.ts";
import type { Visit } from "./app-visit.ts";
import { approve, bindWallet, goTo, newAccount, newPerson } from "./dev-wallet.ts";
import { LoneChain } from "./lone-chain.ts";
import { signIn, visitPay } from "./pay-visit.ts";

const ANN = 8_600;
/** More than all messages of the story cost. */
const COSTS = toNano("0.1");
const FEE = toNano("0.01");
const WAIT = { timeout: 60_000, interval: 300 };
/** Nothing is free, so that coins pay. */
const MONEY = { ...DEFAULT_SETTINGS, free: { ...DEFAULT_SETTINGS.free, answersPerDay: 0 } };

let stack: StagedStack;
let browser: Browser;
let home: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
/** Of the dev wallet, raw: Ann's. */
let account: string;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-story-"));
  await chmod(home, 0o755);
  database = await createTestDatabase();
  [stack, browser] = await Promise.all([open(), openBrowser()]);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

async function open(port = 0): Promise<StagedStack> {
  const opened = await openStagedStack({ home, database, port, ton: { topUpInTelegram: true }, money: MONEY });
  await vi.waitUntil(() => opened.ctx.ton.chain !== null, WAIT);
  return opened;
}

/** The sums of the books hold, and `npm run operator -- chain` says that each account on the chain has what they say. */
async function expectAllAdded(): Promise<void> {
  const { db, pg, ton } = stack.ctx;
  const operator = operatorOver({ db, pg, tonClient: () => ton.get().client });
  const said = await vi.waitUntil(async () => {
    const report = await operator("chain");
    return !report.includes("not in the books yet") && report;
  }, WAIT);
  expect(said).toContain("People's and workers' coins are there");
  expect(said.match(/difference 0, at/g)).toHaveLength(4);
  await expectBooksRight(pg);
}

const inWallet = () => stack.ctx.ton.get().client.getBalance(Address.parseRaw(account));

/** What is hers in the books, nano units. */
async function prepaid(): Promise<bigint> {
  const { rows } = await stack.ctx.pg.query<{ sum: string }>(
    `select coalesce(sum(balance), 0) as sum from ledger_accounts
     where asset = 'coin' and kind = 'person' and owner = (select 'person:' || id from people where telegram_id = $1)`,
    [ANN],
  );
  return BigInt(rows[0]!.sum);
}

/** Each change of hers, by what it was; what her wallet paid for out of the escrow changed no balance of ours. */
async function history(): Promise<Record<string, bigint[]>> {
  const { rows } = await stack.ctx.pg.query<{ id: string }>("select id from people where telegram_id = $1", [ANN]);
  const { entries } = await historyPage(stack.ctx, rows[0]!, null);
  const told: Record<string, bigint[]> = {};
  for (const { kind, paidWith, amount } of entries) (told[`${kind} ${paidWith}`] ??= []).push(BigInt(amount));
  return told;
}

const escrowOf = async (): Promise<Address> => {
  const { rows } = await stack.ctx.pg.query<{ address: string }>("select address from escrows where owner = $1", [
    account,
  ]);
  return Address.parseRaw(rows[0]!.address);
};

/** The bot's chat on the simulator's page, which is under the app. */
const heard = ({ page }: Visit, words: string | RegExp) => page.getByText(words).last().waitFor();

/** On the page outside Telegram, with the wallet that was bound in it. */
async function payIn(coins: string): Promise<void> {
  await using it = await visitPay({ stack, browser });
  await signIn(it, account);
  await it.page.getByRole("textbox", { name: /^Amount/ }).fill(coins);
  await it.page.getByRole("button", { name: "Pay in my wallet" }).click();
  await it.question.getByRole("button", { name: "Approve" }).click();
  await it.page.getByRole("button", { name: `${coins} GRAM` }).waitFor();
  expect(it.complaints).toEqual([]);
}

/** A question in a new chat; its receipt says what paid. Returns what the answer cost, nano units. */
async function askAndRead(it: Visit, question: string, from: "prepaid" | "escrow"): Promise<bigint> {
  await goTo(it, "/");
  await it.app.getByRole("button", { name: "New chat" }).first().click();
  await it.app.getByRole("textbox", { name: "Message" }).waitFor();
  await it.ask(question);
  await it.app.getByRole("list", { name: "Messages" }).getByText(`You said: ${question}`).waitFor();
  await it.app.getByRole("button", { name: /^Receipt/ }).click();
  const receipt = it.app.getByRole("dialog", { name: "Receipt" });
  await receipt.getByText("Adds up to what you paid.").waitFor();
  await receipt.getByText("Verified on this device").waitFor();
  expect(await receipt.getByText(/^Paid from your escrow/).count()).toBe(from === "escrow" ? 1 : 0);
  const amount = await lastAmount();
  await it.page.keyboard.press("Escape");
  return amount;
}

/** A question in the bot's chat; the button under the answer opens its receipt in the app. Returns what it cost. */
async function askInChat(question: string): Promise<bigint> {
  await using it = await visit({ stack, browser }, ANN);
  await stack.say(ANN, question);
  await heard(it, `You said: ${question}`);
  const button = it.page.getByRole("button", { name: /^Receipt · 0\.\d+ GRAM$/ }).last();
  await button.waitFor();
  await button.click();
  const receipt = it.app.getByRole("dialog", { name: "Receipt" });
  await receipt.getByText("Verified on this device").waitFor();
  const amount = await lastAmount();
  expect(await button.textContent()).toBe(`Receipt · ${exactAmount(amount)} GRAM`);
  expect(it.complaints).toEqual([]);
  return amount;
}

/** Of the newest answer, nano units of the coin. */
async function lastAmount(): Promise<bigint> {
  const { rows } = await stack.ctx.pg.query<{ amount: string; paid_with: string }>(
    "select amount, paid_with from bills order by opened_at desc limit 1",
  );
  expect(rows[0]!.paid_with).toBe("coin");
  return BigInt(rows[0]!.amount);
}

/** Everything, once the wallet's cool-down of a day is over; it is hers when the chain shows it. */
async function withdrawAll(it: Visit): Promise<void> {
  await stack.ctx.pg.query("update wallets set payouts_from = now()");
  await vi.waitUntil(() => !stack.ctx.ton.drifted, WAIT);
  const before = await inWallet();
  const amount = (await prepaid()) - FEE;
  await goTo(it, "/wallet/coins/withdraw");
  await it.app.getByRole("textbox", { name: /^Amount/ }).fill(exactAmount(amount));
  await it.app.getByRole("button", { name: "Withdraw", exact: true }).click();
  await it.app.getByRole("button", { name: /^Paid/ }).waitFor({ timeout: 60_000 });
  await heard(it, /was paid to your wallet/);
  const transaction = await it.page.getByRole("link", { name: "See the transaction" }).getAttribute("href");
  expect(transaction).toContain(`${stack.url}ton/#/tx/`);
  expect(await prepaid()).toBe(0n);
  // Her wallet pays for taking it in.
  expect(before + amount - (await inWallet())).toBeLessThan(1_000_000n);
}

/** Two coins, of which one may be spent in a day. */
async function openEscrow(it: Visit, approved: () => Promise<void>): Promise<void> {
  await goTo(it, "/wallet/coins/custody");
  await it.app.getByRole("group", { name: "How much?" }).getByRole("textbox").fill("2");
  await it.app.getByRole("group", { name: "Daily cap" }).getByRole("textbox").fill("1");
  await it.app.getByRole("button", { name: "Open in my wallet" }).click();
  await approved();
  await it.app.getByText("It is open.").waitFor();
  await it.app.getByText(/^It pays for answers: 0.1 GRAM/).waitFor();
}

/** With nothing of ours running but the chain: what `npm run ton` prints, opened in her wallet. */
async function leaveByLinks(address: Address): Promise<void> {
  await using chain = await LoneChain.over(home);
  const ann = new Accounts(path.join(home, "wallet", "accounts.json")).find(account)!;
  const escrow = chain.client().open(new Escrow(address));
  const at = ["--escrow", address.toString()];
  await chain.byLink(ann, ["escrow-close", ...at], async () => (await escrow.getState()).ripeAt !== null);
  await expect(chain.linkOf(ann, "escrow-withdraw", ...at)).rejects.toThrow(/Nothing can be taken home yet/);
  await chain.advance(EscrowTerms.CLOSE_DELAY);
  await chain.byLink(ann, ["escrow-withdraw", ...at], async () => (await escrow.getSpendable()) === 0n);
}

test("coins come in, pay, go out, move to self-custody, and are brought home with every server stopped", async () => {
  await newPerson(stack, ANN);
  account = await newAccount(stack);
  let spent = 0n;
  let escrow: Address;
  {
    await using it = await visit({ stack, browser }, ANN);
    await it.open();
    const wallet = await bindWallet(it, account);
    await heard(it, "Your wallet is connected");
    await expectAllAdded();

    await payIn("3");
    await heard(it, "3 GRAM arrived and is in your balance.");
    await stack.say(ANN, "/balance");
    await heard(it, /Prepaid: 3 GRAM/);
    expect(await prepaid()).toBe(toNano("3"));
    await expectAllAdded();

    const first = await askAndRead(it, "out of my balance", "prepaid");
    expect(first).toBeGreaterThan(0n);
    spent = first + (await askInChat("and in the chat"));
    expect(await prepaid()).toBe(toNano("3") - spent);
    await expectAllAdded();

    await withdrawAll(it);
    await expectAllAdded();

    await openEscrow(it, () => approve(wallet));
    escrow = await escrowOf();
    await expectAllAdded();

    expect(await askAndRead(it, "out of my escrow", "escrow")).toBeGreaterThan(0n);
    expect(await prepaid()).toBe(0n);
    await expectAllAdded();
    expect(it.complaints).toEqual([]);
  }
  const { port } = new URL(stack.url);
  await stack[Symbol.asyncDispose]();
  await leaveByLinks(escrow);
  stack = await open(Number(port));

  await vi.waitUntil(async () => {
    const { rows } = await stack.ctx.pg.query("select 1 from escrows where booked_round = 1");
    return rows.length === 1;
  }, WAIT);
  // What the escrow owed was not redeemed while the server was away: the house bears it, and the sums hold.
  await expectAllAdded();
  expect(await prepaid()).toBe(0n);
  const told = await history();
  const out = {
    "deposit coin": [toNano("3")],
    "fee coin": [-FEE],
    "withdrawal coin": [spent + FEE - toNano("3")],
  };
  expect(told).toMatchObject(out);
  expect(told["answer coin"]!.reduce((sum, amount) => sum + amount, 0n)).toBe(-spent);
  expect(told["answer self_custody"]).toHaveLength(1);
  const costs = toNano("5") - spent - FEE - (await inWallet());
  expect(costs).toBeGreaterThan(0n);
  expect(costs).toBeLessThan(COSTS);
  await using it = await visit({ stack, browser }, ANN);
  await it.open();
  await goTo(it, "/wallet/coins/custody");
  await it.app.getByText(/^It is closed and empty/).waitFor();
  expect(it.complaints).toEqual([]);
}, 300_000);
