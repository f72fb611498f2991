/**
 * Coins in the Mini App, in a real browser: unmodified TON Connect, the dev wallet, the real server, and the contracts on the
 * embedded chain.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { toNano } from "@ton/core";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { expectHouseRight } from "@starai/server/testing/books";
import { createTestDatabase } from "@starai/server/testing/database";
import { openBrowser } from "../src/open-browser.ts";
import { openStagedStack } from "../src/staged-stack.ts";
import type { StagedStack } from "../src/staged-stack.ts";
import { expectCalm, visit } from "./app-visit.ts";
import type { Visit, VisitOptions } from "./app-visit.ts";
import { approve, bindWallet, connectWallet, goTo, newAccount, newPerson, playFault, refuse } from "./dev-wallet.ts";

let stack: StagedStack;
let browser: Browser;
let home: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let lastUser = 8_000;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-coins-"));
  await chmod(home, 0o755);
  database = await createTestDatabase();
  [stack, browser] = await Promise.all([
    openStagedStack({ home, database, ton: { topUpInTelegram: true } }),
    openBrowser(),
  ]);
  await vi.waitUntil(() => stack.ctx.ton.chain !== null, { timeout: 30_000 });
});
afterEach(() => expectHouseRight(stack.ctx));
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
}

/** A new person with an account of their own that has five coins, in the app at this address. */
async function arrive(address: string, options: VisitOptions & { language?: string } = {}): Promise<Holder> {
  const user = ++lastUser;
  await newPerson(stack, user, options.language);
  const account = await newAccount(stack);
  const it = await visit({ stack, browser }, user, options);
  await it.open();
  await goTo(it, address);
  return { ...it, user, account };
}

/** Asks the wallet for this many coins. */
async function pay({ app }: Holder, coins: string): Promise<void> {
  await app.getByRole("textbox", { name: /^Amount/ }).fill(coins);
  await app.getByRole("button", { name: "Pay in my wallet" }).click();
}

/** A person whose wallet is connected and bound. */
async function connected(options: VisitOptions = {}): Promise<Holder & { wallet: Page }> {
  const it = await arrive("/wallet/coins", options);
  const wallet = await bindWallet(it, it.account);
  return { ...it, wallet };
}

async function toTopUp(it: Holder): Promise<void> {
  await goTo(it, "/wallet/coins/top-up");
  await it.app.getByRole("heading", { name: /^Top up/ }).waitFor();
}

const row = ({ app }: Holder, name: RegExp): Locator => app.getByRole("button", { name });

/** What arrived at the vault from this account, nano units. */
async function paidBy(account: string): Promise<bigint[]> {
  const { rows } = await stack.ctx.pg.query<{ amount: string }>(
    "select amount from deposits where sender = $1 order by lt",
    [account],
  );
  return rows.map(({ amount }) => BigInt(amount));
}

/** The wallets that are this person's, raw. */
async function boundTo(user: number): Promise<string[]> {
  const { rows } = await stack.ctx.pg.query<{ address: string }>(
    "select address from wallets join people on people.id = person where telegram_id = $1 and state = 'bound'",
    [user],
  );
  return rows.map(({ address }) => address);
}

test("a person connects a wallet, pays with it, sees the credit, and asks for a withdrawal that they take back", async () => {
  await using it = await arrive("/wallet");
  const { app } = it;
  await app.getByRole("link", { name: /^Prepaid/ }).click();
  await app.getByText("Nothing on it yet").waitFor();
  await expectCalm(it);
  // The wallet's page names the app alone: whose it will be is said before.
  await app.getByText(/will belong to the Telegram account “.+” here.*never confirm a connection/).waitFor();
  await app.getByRole("button", { name: /^Connect a wallet/ }).click();
  const wallet = await connectWallet(it, it.account);
  await app.getByText(/^Withdrawals to it from/).waitFor();

  await app.getByRole("link", { name: "Top up" }).click();
  await expectCalm(it);
  await pay(it, "2");
  await wallet.getByRole("heading", { name: /^Send 2 / }).waitFor();
  await approve(wallet);
  await app.getByText("Credited", { exact: true }).first().waitFor();
  await expectCalm(it);
  await app.getByRole("button", { name: "Done" }).click();
  expect(await paidBy(it.account)).toEqual([toNano("2")]);

  await goTo(it, "/wallet/coins/withdraw");
  await app.getByRole("textbox", { name: /^Amount/ }).fill("1.5");
  await app.getByText("1.51 GRAM").waitFor();
  await expectCalm(it);
  await app.getByRole("button", { name: "Withdraw", exact: true }).click();
  await row(it, /^Waits for its date/).click();
  await expectCalm(it);
  await app.getByRole("button", { name: "Take it back" }).click();
  await row(it, /^Taken back/).waitFor();
  await app.getByRole("button", { name: /^2 GRAM/ }).waitFor();
  await expectCalm(it);
  expect(it.complaints).toEqual([]);
});

test("a payment that the wallet refused is not paid, and the next one is another", async () => {
  await using it = await connected();
  const { app, wallet } = it;
  await toTopUp(it);
  await pay(it, "1");
  await refuse(wallet);
  await app.getByText("Your wallet signed nothing. Nothing was paid.").waitFor();
  await expectCalm(it);
  await pay(it, "1");
  await approve(wallet);
  await app.getByText("It is on your balance and pays for answers.").waitFor();
  expect(await paidBy(it.account)).toEqual([toNano("1")]);
});

test("a page that was closed while the wallet was asked does not ask again by itself, and does when it is told to", async () => {
  await using it = await connected();
  const { app, wallet } = it;
  await toTopUp(it);
  await pay(it, "1");
  await wallet.getByRole("heading", { name: /^Send 1 / }).waitFor();
  await (await it.frame()).evaluate("location.reload()");
  await app.getByText("Look into your wallet").waitFor();
  await expectCalm(it);
  expect(await app.getByRole("button", { name: "Pay in my wallet" }).count()).toBe(0);
  await app.getByRole("button", { name: "Start another one" }).click();
  await expectCalm(it);
  await app.getByRole("button", { name: "I looked: another one" }).click();
  await pay(it, "3");
  await refuse(wallet);
  await wallet.getByRole("heading", { name: /^Send 3 / }).waitFor();
  await approve(wallet);
  await app.getByText("It is on your balance and pays for answers.").waitFor();
  expect(await paidBy(it.account)).toEqual([toNano("3")]);
});

test("a payment whose answer was lost is credited all the same, although the app was closed", async () => {
  await using it = await connected();
  const { app, wallet } = it;
  await toTopUp(it);
  await pay(it, "1");
  await playFault(wallet, "lost");
  await approve(wallet);
  await (await it.frame()).evaluate("location.reload()");
  await app.getByText("It is on your balance and pays for answers.").waitFor();
  await goTo(it, "/wallet/coins");
  await row(it, /^Credited/).waitFor();
  expect(await paidBy(it.account)).toEqual([toNano("1")]);
});

test("a wallet that is somebody else's, or whose proof is too old, is not connected, and the app says why", async () => {
  await using first = await connected();
  await using second = { ...(await arrive("/wallet/coins")), account: first.account };
  await row(second, /^Connect a wallet/).click();
  const wallet = await connectWallet(second, second.account);
  await second.app.getByText(/somebody else|another person/i).waitFor();
  await row(second, /^Connect a wallet/).click();
  await wallet.close();
  await connectWallet(second, await newAccount(stack), "expired");
  await second.app.getByText(/Connect the wallet again|too old|expired/i).waitFor();
  await row(second, /^Connect a wallet/).waitFor();
  expect(await boundTo(first.user)).toEqual([first.account]);
  expect(await boundTo(second.user)).toEqual([]);
});

test("a change of wallet waits three days, and until then the wallet of before can come back", async () => {
  await using it = await connected();
  const { app } = it;
  const address = (of: RegExp) => row(it, of).locator(".cell-title").innerText();
  const before = await address(/Details$/);
  await row(it, /Details$/).click();
  await expectCalm(it);
  await app.getByRole("button", { name: "Change the wallet" }).click();
  const wallet = await connectWallet(it, await newAccount(stack));
  await row(it, /^It was not me/).waitFor();
  expect(await address(/Details$/)).not.toBe(before);
  await expectCalm(it);
  await row(it, /^It was not me/).click();
  await app.getByRole("button", { name: "Bring the wallet of before back" }).click();
  await row(it, /^It was not me/).waitFor({ state: "detached" });
  expect(await address(/Details$/)).toBe(before);
  await row(it, /Details$/).click();
  await app.getByRole("button", { name: "Remove the wallet" }).click();
  await app.getByRole("dialog").getByRole("button", { name: "Remove the wallet" }).click();
  await row(it, /^Connect a wallet/).waitFor();
  await wallet.close();
});

test("who leaves with coins is shown the way to take them out first", async () => {
  await using it = await connected();
  const { app, wallet } = it;
  await toTopUp(it);
  await pay(it, "1");
  await approve(wallet);
  await app.getByText("It is on your balance and pays for answers.").waitFor();
  await goTo(it, "/settings");
  await app.getByRole("button", { name: "Delete my data" }).click();
  await app.getByRole("checkbox").check();
  await app.getByRole("button", { name: /^Delete everything/ }).click();
  await app.getByRole("dialog", { name: "What about your money?" }).waitFor();
  await expectCalm(it);
  await app.getByRole("link", { name: "Withdraw GRAM first" }).click();
  await app.getByRole("heading", { name: "GRAM on TON" }).waitFor();
  expect(it.complaints.filter((text) => !text.includes("409"))).toEqual([]);
});

test("in Russian, in the dark and on a narrow phone everything is readable", async () => {
  await using it = await arrive("/wallet/coins", { colorScheme: "dark", width: 360, language: "ru" });
  const { app } = it;
  await app.getByRole("heading", { name: "GRAM в сети TON" }).waitFor();
  await expectCalm(it);
  await goTo(it, "/wallet/coins/top-up");
  await app.getByRole("textbox", { name: /^Сумма/ }).fill("0,01");
  await app.getByText("Не меньше 0,1 GRAM").waitFor();
  await expectCalm(it);
  await goTo(it, "/wallet/coins/withdraw");
  await app.getByRole("heading", { name: "Сейчас вывести нельзя" }).waitFor();
  await expectCalm(it);
  expect(it.complaints).toEqual([]);
});

test("a deposit that is missing is told to the operator", async () => {
  await using it = await arrive("/wallet/coins");
  const { app } = it;
  await app.getByRole("button", { name: /^A payment is missing/ }).click();
  await expectCalm(it);
  await app.getByRole("textbox").fill("2 coins on Sunday, transaction 0f0f");
  await app.getByRole("button", { name: "Send", exact: true }).click();
  await app.getByText(/^Sent\. A person looks at it/).waitFor();
  const { rows } = await stack.ctx.pg.query<{ words: string }>("select words from deposit_claims");
  expect(rows).toEqual([{ words: "2 coins on Sunday, transaction 0f0f" }]);
});

test("where the operator has not allowed it, Telegram shows no way to pay coins in", async () => {
  const chain = stack.ctx.ton.get();
  stack.ctx.ton.open({ ...chain, topUpInTelegram: false });
  try {
    await using it = await arrive("/wallet/coins");
    await it.app.getByText(/cannot be added inside Telegram/).waitFor();
    expect(await it.app.getByRole("link", { name: "Top up" }).count()).toBe(0);
    await goTo(it, "/wallet/coins/top-up");
    await it.app.getByRole("heading", { name: "Not inside Telegram" }).waitFor();
    expect(await it.app.getByRole("button", { name: "Pay in my wallet" }).count()).toBe(0);
    await expectCalm(it);
  } finally {
    stack.ctx.ton.open(chain);
  }
});

test("TON Connect is loaded when somebody asks for a wallet, and not before", async () => {
  await using it = await arrive("/wallet/coins");
  const loaded: string[] = [];
  it.context.on("request", (request) => /ton-connect/.test(request.url()) && loaded.push(request.url()));
  await goTo(it, "/wallet/coins/withdraw");
  await goTo(it, "/wallet/coins");
  await it.app.getByRole("button", { name: /^Connect a wallet/ }).waitFor();
  expect(loaded).toEqual([]);
  await it.app.getByRole("button", { name: /^Connect a wallet/ }).click();
  await it.app
    .getByRole("button", { name: /Dev wallet/ })
    .first()
    .waitFor();
  expect(loaded.length).toBeGreaterThan(0);
});
