/**
 * Self-custody in the Mini App, in a real browser: unmodified TON Connect, the dev wallet, keys of WebCrypto in IndexedDB, the
 * real server, and the escrow's contract on the embedded chain.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Address, toNano } from "@ton/core";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { DEFAULT_SETTINGS } from "@starai/server/billing/money-settings";
import { compareBalances, differenceOf } from "@starai/server/chain/compare-balances";
import { watchedAccounts } from "@starai/server/chain/watched-accounts";
import { lookAtEscrows } from "@starai/server/escrow/look-at-escrows";
import { expectBooksRight } from "@starai/server/testing/books";
import { createTestDatabase } from "@starai/server/testing/database";
import { openBrowser } from "../src/open-browser.ts";
import { openStagedStack } from "../src/staged-stack.ts";
import type { StagedStack } from "../src/staged-stack.ts";
import { expectCalm, visit } from "./app-visit.ts";
import type { Visit, VisitOptions } from "./app-visit.ts";
import { approve, bindWallet, connectWallet, goTo, newAccount, newPerson, refuse } from "./dev-wallet.ts";

const PLACE = "/wallet/coins/custody";
/** More than all of a test's messages cost. */
const COSTS = toNano("0.1");
/** Nothing is free, so that the escrow pays. */
const MONEY = { ...DEFAULT_SETTINGS, free: { ...DEFAULT_SETTINGS.free, answersPerDay: 0 } };

let stack: StagedStack;
let browser: Browser;
let home: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let lastUser = 8_500;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-custody-"));
  await chmod(home, 0o755);
  database = await createTestDatabase();
  [stack, browser] = await Promise.all([
    openStagedStack({ home, database, ton: { topUpInTelegram: true }, money: MONEY }),
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

interface Holder extends Visit {
  readonly user: number;
  /** The account of the dev wallet that is theirs, raw. */
  readonly account: string;
  readonly wallet: Page;
}

/** A new person with an account of their own that has five coins. */
async function arrive(language = "en"): Promise<{ user: number; account: string }> {
  const user = ++lastUser;
  await newPerson(stack, user, language);
  return { user, account: await newAccount(stack) };
}

async function at(address: string, user: number, options: VisitOptions = {}): Promise<Visit> {
  const it = await visit({ stack, browser }, user, options);
  await it.open();
  await goTo(it, address);
  return it;
}

/** A person whose wallet is connected and bound, at the screen of self-custody. */
async function connected(options: VisitOptions = {}): Promise<Holder> {
  const { user, account } = await arrive();
  const it = await at("/wallet/coins", user, options);
  const wallet = await bindWallet(it, account);
  await it.app.getByRole("link", { name: /^Self-custody/ }).click();
  await it.app.getByText("What it is").waitFor();
  return { ...it, user, account, wallet };
}

/** Asks the wallet to open an escrow of two coins, of which one may be spent in a day. */
async function open({ app }: Visit): Promise<void> {
  await app.getByRole("group", { name: "How much?" }).getByRole("textbox").fill("2");
  await app.getByRole("group", { name: "Daily cap" }).getByRole("textbox").fill("1");
  await app.getByRole("button", { name: "Open in my wallet" }).click();
}

/** A question in a new chat, answered. */
async function ask(it: Visit, question: string): Promise<void> {
  await goTo(it, "/");
  await it.app.getByRole("button", { name: "New chat" }).first().click();
  await it.app.getByRole("textbox", { name: "Message" }).waitFor();
  await it.ask(question);
  await it.app.getByRole("list", { name: "Messages" }).getByText(`You said: ${question}`).waitFor();
}

interface Kept {
  address: string;
  keys: string[];
  round: number;
  booked_round: number;
  signed: string | null;
  bills: number;
}

/** What the server has of this wallet's escrow. */
async function escrowOf(account: string): Promise<Kept | undefined> {
  const { rows } = await stack.ctx.pg.query<Kept>(
    `select address, keys, round::int, booked_round::int,
       (select cumulative from vouchers v where v.escrow = address and v.round = escrows.round) as signed,
       (select count(*)::int from bills b where b.escrow = address) as bills
     from escrows where owner = $1`,
    [account],
  );
  return rows[0];
}

/** Moves the chain's clock. */
async function advance(advanceS: number): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${stack.url}ton/time`, { method: "POST", headers, body: JSON.stringify({ advanceS }) });
  expect(answer.status).toBe(200);
}

/** What the books say that each of our accounts has is what it had on the chain. */
async function expectMirrorsRight(): Promise<void> {
  const { db, ton } = stack.ctx;
  const chain = ton.get();
  const compared = await compareBalances(db, chain.client, watchedAccounts(chain));
  expect(compared.map((one) => [one.role, differenceOf(one)])).toEqual(compared.map(({ role }) => [role, 0n]));
}

const balanceOf = (account: string) => stack.ctx.ton.get().client.getBalance(Address.parseRaw(account));

test("a person opens an escrow, pays by vouchers from two devices, and closes it with our consent", async () => {
  await using it = await connected();
  const { app, wallet, account } = it;
  await expectCalm(it);
  await open(it);
  await approve(wallet);
  await app.getByText("It is open.").waitFor();
  await expectCalm(it);
  await app.getByText(/^It pays for answers: 0.1 GRAM/).waitFor();
  await app.getByRole("button", { name: "Done" }).click();
  expect((await escrowOf(account))?.signed).toBe("100000000");

  await ask(it, "first");
  await expect.poll(async () => BigInt((await escrowOf(account))?.signed ?? 0)).toBeGreaterThan(100_000_000n);
  await app
    .getByRole("button", { name: /^Receipt/ })
    .first()
    .click();
  await app.getByText(/^Paid from your escrow/).waitFor();
  await expectCalm(it);

  await using second = await at(PLACE, it.user);
  await second.app.getByText("This device has no key of your escrow").waitFor();
  await expectCalm(second);
  await second.app.getByRole("button", { name: /^Add this device/ }).click();
  const secondWallet = await connectWallet(second, account);
  await approve(secondWallet);
  await second.app.getByText("This device signs from now on.").waitFor();
  await expectCalm(second);
  await ask(second, "second");
  await expect.poll(async () => (await escrowOf(account))?.bills).toBe(2);
  expect((await escrowOf(account))?.keys).toHaveLength(2);

  await goTo(second, PLACE);
  await second.app.getByRole("button", { name: /^Close at once/ }).click();
  await expectCalm(second);
  await second.app.getByRole("button", { name: "Ask for the consent" }).click();
  await second.app.getByText("To us now").waitFor();
  await expectCalm(second);
  await second.app.getByRole("button", { name: "Close in my wallet" }).click();
  await approve(secondWallet);
  await second.app.getByText("What was yours is in your wallet.").first().waitFor();
  await expectCalm(second);
  expect(toNano("5") - (await balanceOf(account))).toBeLessThan(COSTS);

  const { ctx } = stack;
  await vi.waitUntil(
    async () => {
      await lookAtEscrows(ctx, ctx.ton.get(), new AbortController().signal);
      return (await escrowOf(account))?.booked_round === 1;
    },
    { timeout: 20_000, interval: 500 },
  );
  await expectMirrorsRight();
  expect(it.complaints).toEqual([]);
  expect(second.complaints).toEqual([]);
}, 180_000);

test("a request that the wallet refused does nothing, and one whose page was closed is not made again by itself", async () => {
  await using it = await connected();
  const { app, wallet, account } = it;
  await open(it);
  await refuse(wallet);
  await app.getByText("Your wallet signed nothing. Your coins are where they were.").waitFor();
  await expectCalm(it);
  await open(it);
  await wallet.getByRole("button", { name: "Approve" }).waitFor();
  await (await it.frame()).evaluate("location.reload()");
  await app.getByText("Look into your wallet").waitFor();
  expect(await app.getByRole("button", { name: "Open in my wallet" }).count()).toBe(0);
  await expectCalm(it);
  await approve(wallet);
  await app.getByText("It is open.").waitFor();
  expect((await escrowOf(account))?.keys).toHaveLength(1);
});

test("without a wallet, without a provider's key and in Russian the screen says what to do instead", async () => {
  const { user } = await arrive("ru");
  await using it = await at(PLACE, user, { width: 360, colorScheme: "dark" });
  await it.app.getByText("Сначала подключите кошелёк").waitFor();
  await expectCalm(it);
  const chain = stack.ctx.ton.get();
  await using other = await connected();
  stack.ctx.ton.open({ ...chain, providerSeed: null });
  try {
    await (await other.frame()).evaluate("location.reload()");
    await other.app.getByRole("heading", { name: "Not offered here" }).waitFor();
    await expectCalm(other);
    expect(await escrowOf(other.account)).toBeUndefined();
  } finally {
    stack.ctx.ton.open(chain);
  }
});

test("a browser that cannot make such keys offers the prepaid balance", async () => {
  const { user, account } = await arrive();
  await using it = await at("/wallet/coins", user);
  await it.app.getByRole("button", { name: /^Connect a wallet/ }).click();
  await connectWallet(it, account);
  await it.app.getByText(/^Withdrawals to it from/).waitFor();
  await (await it.frame()).evaluate("crypto.subtle.generateKey = () => Promise.reject(new Error('no Ed25519'))");
  await goTo(it, PLACE);
  await it.app.getByRole("heading", { name: "Not with this browser" }).waitFor();
  await it.app.getByRole("link", { name: "To my prepaid balance" }).waitFor();
  expect(await it.app.getByRole("button", { name: "Open in my wallet" }).count()).toBe(0);
  await expectCalm(it);
});

// Last, because it moves the chain's clock.
test("an escrow is topped up and its cap raised; who leaves alone sees the dates, can cancel, and takes everything home", async () => {
  await using it = await connected({ width: 360, colorScheme: "dark" });
  const { app, wallet, account } = it;
  await open(it);
  await approve(wallet);
  await app.getByText("It is open.").waitFor();
  for (const [act, done] of [
    ["Add coins", "The coins are in your escrow."],
    ["Raise the daily cap", "The daily cap is raised."],
  ] as const) {
    await app.getByRole("button", { name: new RegExp(`^${act}`) }).click();
    await app.getByRole("dialog").getByRole("textbox").fill("1.5");
    await expectCalm(it);
    await app.getByRole("button", { name: "Confirm in my wallet" }).click();
    await approve(wallet);
    await app.getByText(done).waitFor();
  }
  await app.getByRole("button", { name: /^Close without us/ }).click();
  await app.getByRole("button", { name: "Confirm in my wallet" }).click();
  await approve(wallet);
  await app.getByText(/^A close is requested: from/).waitFor();
  await expectCalm(it);
  await app.getByRole("button", { name: /^Cancel the close/ }).click();
  await approve(wallet);
  await app.getByText("The close is cancelled.").waitFor();
  await app.getByRole("button", { name: /^Close without us/ }).click();
  await app.getByRole("button", { name: "Confirm in my wallet" }).click();
  await approve(wallet);
  await app.getByText(/^A close is requested: from/).waitFor();
  await advance(86_400);
  await (await it.frame()).evaluate("location.reload()");
  await app.getByRole("button", { name: "Take everything home" }).click();
  await approve(wallet);
  await app.getByText("Everything that was yours is in your wallet.").waitFor();
  await expectCalm(it);
  expect(toNano("5") - (await balanceOf(account))).toBeLessThan(COSTS);
}, 180_000);
