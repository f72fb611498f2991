/** A contributor's pay from a closed epoch to their wallet, in a real browser: the server closes and publishes, unmodified TON Connect asks the dev wallet, the embedded chain pays. */
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Address, toNano } from "@ton/core";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { creditTotals, workerBindings } from "@starai/server/db/schema";
import { expectBooksRight } from "@starai/server/testing/books";
import { createTestDatabase } from "@starai/server/testing/database";
import { noteByHand } from "@starai/server/testing/credit-notes";
import { DONE, moveOf } from "@starai/server/testing/ledger";
import { openBrowser } from "../src/open-browser.ts";
import { openStagedStack } from "../src/staged-stack.ts";
import type { StagedStack } from "../src/staged-stack.ts";
import { expectCalm, visit } from "./app-visit.ts";
import type { Visit } from "./app-visit.ts";

const DAY_MS = 86_400_000;
const USER = 8_900;
/** Enough for a claim, and so little that its fee is told. */
const PAY = toNano("0.3");
/** Closing, file, proposal and opening are looked at every quarter of a minute. */
const EPOCH_WAIT = { timeout: 120_000, interval: 500 };

let stack: StagedStack;
let browser: Browser;
let home: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-claim-"));
  await chmod(home, 0o755);
  database = await createTestDatabase();
  [stack, browser] = await Promise.all([
    openStagedStack({ home, database, ton: { topUpInTelegram: true } }),
    openBrowser(),
  ]);
  await vi.waitUntil(() => stack.ctx.ton.chain !== null, { timeout: 60_000 });
});
afterEach(() => expectBooksRight(stack.ctx.pg));
afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** A new account of the dev wallet, with coins for the network's fees. */
async function newAccount(): Promise<string> {
  await fetch(`${stack.url}wallet/api/accounts`, { method: "POST" });
  const { accounts } = (await (await fetch(`${stack.url}wallet/api/state`)).json()) as { accounts: { raw: string }[] };
  const { raw } = accounts.at(-1)!;
  const { faucet } = await stack.ton!.open();
  await faucet.give(Address.parseRaw(raw), toNano("3"));
  return raw;
}

const approve = (wallet: Page) => wallet.getByRole("button", { name: "Approve" }).click();
const balanceOf = (raw: string) => stack.ctx.ton.get().client.getBalance(Address.parseRaw(raw));
const goTo = async (it: Visit, where: string) => (await it.frame()).evaluate(`location.hash = "#${where}"`);

async function connect(it: Visit, account: string): Promise<Page> {
  await goTo(it, "/wallet/coins");
  await it.app.getByRole("button", { name: /^Connect a wallet/ }).click();
  const [wallet] = await Promise.all([
    it.context.waitForEvent("page"),
    it.app
      .getByRole("button", { name: /Dev wallet/ })
      .first()
      .click(),
  ]);
  await wallet.locator(`input[value="${account}"]`).check();
  await approve(wallet);
  await it.app.getByText(/^Withdrawals to it from/).waitFor();
  return wallet;
}

/** The pool has coins of the house, out of which a worker of this person is paid. */
async function pay(): Promise<void> {
  const { db, ledger, pg, ton } = stack.ctx;
  const { faucet } = await stack.ton!.open();
  await faucet.give(ton.get().distributor, toNano("10"));
  const own = { asset: "coin", kind: "own", owner: "pool" } as const;
  const from = await ledger.openAccount(own);
  await vi.waitUntil(async () => {
    const { rows } = await pg.query<{ balance: string }>("select balance from ledger_accounts where id = $1", [from]);
    return BigInt(rows[0]!.balance) > PAY;
  }, EPOCH_WAIT);
  const worker = randomBytes(32).toString("hex");
  const { rows } = await pg.query<{ id: string }>("select id from people where telegram_id = $1", [USER]);
  await db.insert(workerBindings).values({ worker, person: rows[0]!.id });
  // It earned long ago: its pay does not wait.
  await db.insert(creditTotals).values({ worker, asset: "coin", firstEpoch: -1 });
  const to = await ledger.openAccount({ asset: "coin", kind: "earner", owner: `worker:${worker}` });
  const move = moveOf({ from, to, amount: PAY, kind: "earned" });
  expect(await ledger.do(move)).toEqual(DONE);
  await noteByHand(pg, [move.key]);
}

async function untilEpochIs(state: string): Promise<void> {
  await vi.waitUntil(async () => {
    const { rows } = await stack.ctx.pg.query<{ state: string }>("select state from epochs where number = 1");
    return rows[0]?.state === state;
  }, EPOCH_WAIT);
}

test(
  "pay of a closed epoch can be claimed once its root is open, and it arrives in the wallet",
  { timeout: 600_000 },
  async () => {
    await stack.say(USER, "/start");
    const account = await newAccount();
    await using it = await visit({ stack, browser }, USER);
    await it.open();
    const wallet = await connect(it, account);
    await pay();
    const { clock } = await stack.ton!.open();
    clock.advance(DAY_MS + 60_000);
    await untilEpochIs("proposed");
    await goTo(it, "/machines");
    await it.app.getByText("Nothing yet. What you claim is listed here with its transaction.").waitFor();
    await it.app.getByText(/^Can be claimed from/).waitFor();
    expect(await it.app.getByRole("button", { name: /^Claim \d/ }).count()).toBe(0);
    clock.advance(DAY_MS + 60_000);
    await untilEpochIs("active");
    const claim = it.app.getByRole("button", { name: "Claim 0.3 GRAM" });
    await claim.waitFor();
    await it.app.getByText(/a claim is worth it from 0\.35 GRAM on/).waitFor();
    await expectCalm(it);
    const before = await balanceOf(account);
    await claim.click();
    await it.app.getByText("Look at your wallet").waitFor();
    await approve(wallet);
    await it.app.getByText("Paid to your wallet").waitFor({ timeout: 120_000 });
    expect((await balanceOf(account)) - before).toBeGreaterThan(PAY / 2n);
    await it.app.getByRole("button", { name: "Done" }).click();
    const listed = it.app.getByRole("region", { name: "Claims" }).getByRole("button", { name: /^Claimed .*\+0\.3$/ });
    await listed.waitFor({ timeout: 60_000 });
    const [opened] = await Promise.all([it.context.waitForEvent("page"), listed.click()]);
    await opened.getByText("0.3", { exact: false }).first().waitFor();
    await opened.close();
    await expectCalm(it);
    expect(await it.app.getByRole("button", { name: /^Claim \d/ }).count()).toBe(0);
  },
);
