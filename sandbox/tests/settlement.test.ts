/** The day's settlement on the embedded chain: coins move to where the books need them, and nobody's balance changes. */
import { beginCell } from "@ton/core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { vaultBody } from "@starai/contracts/Vault";
import { VaultOp } from "@starai/contracts/vault-codes";
import { pinHome } from "@starai/server/chain/home";
import { people } from "@starai/server/db/schema";
import { depositNumberOf } from "@starai/server/deposits/deposit-number";
import { openAccount } from "@starai/server/ledger/open-account";
import type { AccountName } from "@starai/server/ledger/open-account";
import { payOut } from "@starai/server/payouts/hot/pay-out";
import { settle } from "@starai/server/settlement/settle";
import { settleDay } from "@starai/server/settlement/settle-day";
import { settlementBooks } from "@starai/server/settlement/settlement-books";
import { expectBooksRight } from "@starai/server/testing/books";
import { Crash, CrashingPool } from "@starai/server/testing/crashing-pool";
import { DONE, moveOf } from "@starai/server/testing/ledger";
import { operatorOver } from "@starai/server/testing/operator";
import type { TestOperator } from "@starai/server/testing/operator";
import { personOf } from "../src/testing/chain.ts";
import { openChainHouse } from "../src/testing/chain-house.ts";
import type { ChainHouse } from "../src/testing/chain-house.ts";

const COIN = 10n ** 9n;
const DAY_MS = 86_400_000;
const PERSON: AccountName = { asset: "coin", kind: "person", owner: "" };
const EARNER: AccountName = { asset: "coin", kind: "earner", owner: "wallet:one" };
const LEAF: AccountName = { asset: "coin", kind: "earner", owner: `wallet:${"1".repeat(64)}` };
const FEES: AccountName = { asset: "coin", kind: "fees", owner: "house" };
const ESCROW: AccountName = { asset: "coin", kind: "escrow", owner: "escrow:one" };
const TILLS: AccountName = { asset: "coin", kind: "own", owner: "till" };

let house: ChainHouse;
let operator: TestOperator;
let ann: AccountName;
let days = 0;

beforeAll(async () => {
  house = await openChainHouse({ chain: { network: "sandbox" } });
  const { ctx, chain, roles, faucet } = house;
  await pinHome(ctx, chain);
  operator = operatorOver({ db: ctx.db, pg: ctx.pg, tonClient: () => chain.client });
  await faucet.give(roles.operator.wallet.address, 5n * COIN);
  const [row] = await ctx.db.insert(people).values({ telegramId: 88, name: "Ann" }).returning({ id: people.id });
  ann = { ...PERSON, owner: `person:${row!.id}` };
  const { number } = await depositNumberOf(ctx.db, row!.id);
  const payer = await house.rich("Ann");
  await house.pay(payer, { to: chain.deposits, value: 100n * COIN, body: vaultBody.deposit({ userId: number }) });
  await house.pay(payer, { to: chain.till, value: 10n * COIN });
  await house.look();
});
afterEach(() => expectRight());
afterAll(() => house[Symbol.asyncDispose]());

/** The books add up and are what the chain shows, and nothing is astray between our accounts. */
async function expectRight() {
  await house.look();
  await expectBooksRight(house.ctx.pg);
  for (const [role, booked, there] of await house.mirrors()) expect([role, booked]).toEqual([role, there]);
  expect((await house.balances())["chain_transit house"]).toBeUndefined();
}

/** As answers do it. */
async function move(from: AccountName, to: AccountName, amount: bigint, kind = "earned") {
  const { ctx } = house;
  const sides = { from: await openAccount(ctx.pg, from), to: await openAccount(ctx.pg, to) };
  expect(await ctx.ledger.do(moveOf({ ...sides, amount, kind }))).toEqual(DONE);
}

/** As answers and the closing of an epoch do it. */
async function owe(amount: bigint, from = ann) {
  await move(from, EARNER, amount);
  await move(EARNER, LEAF, amount, "epoch_leaf");
}

const never = new AbortController().signal;
const at = (day: number) => () => Date.now() + day * DAY_MS;
const settleOn = (day: number, pg = house.ctx.pg) => settle({ pg, clock: at(day) }, house.chain, never);
const settleNext = () => settleOn(++days);

/** The hot wallet sends what it was told to, and the books read what came of it. */
async function send() {
  await payOut(house.ctx, house.chain, { halted: false });
  await house.embedded.settled();
  await house.look();
}

const onChain = async (role: "deposits" | "till" | "hot" | "pool") =>
  (await house.mirrors()).find(([name]) => name === role)![2];

async function rows() {
  const { rows: found } = await house.ctx.pg.query<{ part: string; amount: string; state: string }>(
    "select part, amount::text, state from settlements order by day, asked_at, part",
  );
  return found.map(({ part, amount, state }) => [part, BigInt(amount), state]);
}
const messages = async () =>
  Number((await house.ctx.pg.query<{ n: string }>("select count(*) as n from outgoing")).rows[0]!.n);

test("where there is nothing to move, nothing is asked for, and what no epoch was closed for waits", async () => {
  expect((await house.balances())[`person ${ann.owner}`]).toBe(100n * COIN);
  expect(await settleNext()).toEqual([]);
  await move(ann, EARNER, COIN / 20n);
  expect(await settleNext()).toEqual([]);
  expect(await messages()).toBe(0);
});

test("what leaves owe goes from the deposits vault to the pool, and nobody's balance changes", async () => {
  await owe(3n * COIN);
  const before = { pool: await onChain("pool"), deposits: await onChain("deposits"), books: await house.balances() };
  expect(await settleNext()).toEqual([{ part: "pay_pool", amount: 3n * COIN }]);
  expect(await operator("chain")).toContain("0 coins of leaves wait to be moved, 3 coins are on their way");
  await send();
  expect(await rows()).toEqual([["pay_pool", 3n * COIN, "moved"]]);
  const after = await house.balances();
  for (const name of [`earner ${LEAF.owner}`, `person ${ann.owner}`]) expect(after[name]).toBe(before.books[name]);
  // The rest of what was attached for gas goes along.
  const gained = (await onChain("pool")) - before.pool;
  expect(gained).toBeGreaterThanOrEqual(3n * COIN);
  expect(gained).toBeLessThan(3n * COIN + COIN / 20n);
  // Beside it, a vault pays for its storage.
  const spent = before.deposits - (await onChain("deposits"));
  expect(spent >= 3n * COIN && spent < 3n * COIN + COIN / 100n).toBe(true);
  const said = await operator("chain");
  expect(said).toContain("in the pool    3 coins of what leaves owed, 0 coins were claimed");
  expect(said).toContain("People's and workers' coins are there");
});

test("asked for twice, on a day or at once, it moves once", async () => {
  await owe(COIN);
  const day = ++days;
  const asked = await Promise.all([settleOn(day), settleOn(day)]);
  expect(asked.flat()).toEqual([{ part: "pay_pool", amount: COIN }]);
  await owe(COIN);
  expect(await settleOn(day)).toEqual([]);
  // Under way, it is not asked for on another day either.
  expect(await settleNext()).toEqual([]);
  await send();
  expect(await settleOn(day)).toEqual([]);
  expect(await settleNext()).toEqual([{ part: "pay_pool", amount: COIN }]);
  await send();
});

test("a crash between any two statements leaves a message and its row, or neither", async () => {
  await owe(COIN);
  const day = ++days;
  let crashes = 0;
  for (;;) {
    const crashing = new CrashingPool(house.ctx.pg);
    crashing.after = crashes;
    const [before, done] = [await messages(), (await rows()).length];
    const isOver = await settleOn(day, crashing.pool).then(
      () => true,
      (error: Error) => {
        // Drizzle wraps what a connection throws.
        expect(error.cause ?? error).toBeInstanceOf(Crash);
        return false;
      },
    );
    expect((await messages()) - before).toBe((await rows()).length - done);
    if (isOver) break;
    crashes++;
  }
  expect(crashes).toBeGreaterThan(5);
  await send();
  expect((await rows()).filter(([, , state]) => state !== "moved")).toEqual([]);
});

test("the pool gets what leaves owe and no more, however much workers have earned since", async () => {
  await move(ann, EARNER, 30n * COIN);
  expect(await settleNext()).toEqual([]);
  await move(EARNER, LEAF, 25n * COIN, "epoch_leaf");
  expect(await settleNext()).toEqual([{ part: "pay_pool", amount: 25n * COIN }]);
  await send();
  expect(await settleNext()).toEqual([]);
  expect(await operator("chain")).toContain("0 coins of leaves wait to be moved");
});

test("what was earned out of escrows goes to the pool from the till", async () => {
  await move(TILLS, ESCROW, 2n * COIN, "voucher_paid");
  await owe(2n * COIN, ESCROW);
  const before = { pool: await onChain("pool"), till: await onChain("till") };
  expect(await settleNext()).toEqual([{ part: "till_pool", amount: 2n * COIN }]);
  await send();
  expect((await rows()).at(-1)).toEqual(["till_pool", 2n * COIN, "moved"]);
  expect((await onChain("pool")) - before.pool).toBeGreaterThanOrEqual(2n * COIN);
  expect(before.till - (await onChain("till"))).toBeGreaterThanOrEqual(2n * COIN);
  expect(await settleNext()).toEqual([]);
});

test("nobody moves anything while the books and the chain differ", async () => {
  const { ctx } = house;
  await move(TILLS, ESCROW, COIN, "voucher_paid");
  await move(ESCROW, ann, COIN, "escrow_over");
  ctx.ton.drifted = true;
  await settleDay({ ...ctx, clock: at(++days) }, never);
  expect((await rows()).filter(([, , state]) => state === "asked")).toEqual([]);
  ctx.ton.drifted = false;
});

test("what escrows paid beyond what was served goes from the till over the hot wallet to the deposits vault", async () => {
  const before = { till: await onChain("till"), deposits: await onChain("deposits"), books: await house.balances() };
  expect(await operator("chain")).toContain("1 coins of people's lie in the till");
  await settleDay({ ...house.ctx, clock: at(++days) }, never);
  await send();
  const spent = before.till - (await onChain("till"));
  expect(spent >= COIN && spent < COIN + COIN / 100n).toBe(true);
  expect(await settleNext()).toEqual([{ part: "give_back", amount: COIN }]);
  await send();
  expect((await rows()).slice(-2)).toEqual([
    ["draw_till", COIN, "moved"],
    ["give_back", COIN, "moved"],
  ]);
  expect(await settleNext()).toEqual([]);
  const gained = (await onChain("deposits")) - before.deposits;
  expect(gained > COIN - COIN / 100n && gained <= COIN).toBe(true);
  expect((await house.balances())[`person ${ann.owner}`]).toBe(before.books[`person ${ann.owner}`]);
});

test("what a vault refuses has failed, and comes again another day", async () => {
  const { roles, chain } = house;
  await move(TILLS, ESCROW, 2n * COIN, "voucher_paid");
  await move(ESCROW, ann, 2n * COIN, "escrow_over");
  expect(await settleNext()).toEqual([{ part: "draw_till", amount: 2n * COIN }]);
  await house.pay(roles.guardian, { to: chain.till, value: COIN / 10n, body: vaultBody.stopHot(), bounce: true });
  await send();
  expect((await rows()).at(-1)).toEqual(["draw_till", 2n * COIN, "failed"]);
  // Its hot wallet is stopped.
  expect(await settleNext()).toEqual([]);
  const limits = { kind: "setLimits", dailyLimit: 100n * COIN, poolLimit: COIN } as const;
  const keeper = (from: typeof roles.guardian, body: ReturnType<typeof vaultBody.execute>) =>
    house.pay(from, { to: chain.till, value: COIN / 10n, body, bounce: true });
  await keeper(roles.guardian, vaultBody.propose({ what: limits }));
  await keeper(roles.treasury, vaultBody.approve({ what: limits }));
  await keeper(roles.treasury, vaultBody.execute());
  expect(await settleNext()).toEqual([{ part: "draw_till", amount: 2n * COIN }]);
  await send();
  await settleNext();
  await send();
});

test("what the hot wallet left out again and again is not sent any more, and is asked for anew", async () => {
  await move(TILLS, ESCROW, COIN, "voucher_paid");
  await move(ESCROW, ann, COIN, "escrow_over");
  expect(await settleNext()).toEqual([{ part: "draw_till", amount: COIN }]);
  await house.ctx.pg.query("update outgoing set left_out = 5 where state = 'queued'");
  expect(await settleNext()).toEqual([{ part: "draw_till", amount: COIN }]);
  const before = await onChain("till");
  await send();
  const spent = before - (await onChain("till"));
  expect(spent >= COIN && spent < COIN + COIN / 100n).toBe(true);
  expect((await rows()).slice(-2)).toEqual([
    ["draw_till", COIN, "failed"],
    ["draw_till", COIN, "moved"],
  ]);
  await settleNext();
  await send();
});

test("the keepers are told which fees they may sweep, and a sweep is paid with fees as far as they reach", async () => {
  const { roles, chain } = house;
  await move(ann, FEES, 9n * COIN, "fee");
  expect(await operator("settle")).not.toContain("propose-sweep");
  await move(ann, FEES, 3n * COIN + COIN / 2n, "fee");
  expect(await operator("settle")).toContain(
    `npm run ton -- propose-sweep 12.5 --vault ${chain.deposits.toRawString()} --network-id=${chain.networkId}`,
  );
  const sweep = { kind: "sweep", amount: 13n * COIN } as const;
  const keeper = (from: typeof roles.guardian, body: ReturnType<typeof vaultBody.execute>) =>
    house.pay(from, { to: chain.deposits, value: COIN / 10n, body, bounce: true });
  await keeper(roles.guardian, vaultBody.propose({ what: sweep }));
  await keeper(roles.treasury, vaultBody.approve({ what: sweep }));
  await house.look();
  const before = await house.balances();
  await keeper(roles.treasury, vaultBody.execute());
  await house.look();
  const after = await house.balances();
  expect(after["fees house"]).toBeUndefined();
  const lost = (before["own deposits"] ?? 0n) - (after["own deposits"] ?? 0n);
  // Half a coin was not of fees, and gas.
  expect(lost > COIN / 2n - COIN / 10n && lost < COIN / 2n + COIN / 10n).toBe(true);
});

test("a sweep that the treasury does not take comes back, and the fees have again what they paid of it", async () => {
  const { roles, chain, ctx } = house;
  await move(ann, FEES, 3n * COIN, "fee");
  await move(TILLS, ESCROW, 2n * COIN, "voucher_paid");
  await move(ESCROW, FEES, 2n * COIN, "fee");
  // Nobody's wallet is there: what is sent to it comes back.
  const treasury = { kind: "replaceRole", role: "treasury", to: personOf("nobody yet").wallet.address } as const;
  for (const [role, amount] of [
    ["deposits", 6n * COIN],
    ["till", COIN],
  ] as const) {
    const keeper = (from: typeof roles.guardian, body: ReturnType<typeof vaultBody.execute>) =>
      house.pay(from, { to: chain[role], value: COIN / 10n, body, bounce: true });
    await keeper(roles.guardian, vaultBody.propose({ what: treasury }));
    await keeper(roles.treasury, vaultBody.approve({ what: treasury }));
    await keeper(roles.guardian, vaultBody.execute());
    await house.look();
    const [before, own] = [await settlementBooks(ctx.pg), (await house.balances())[`own ${role}`] ?? 0n];
    // The same once more: each comes back for itself.
    for (let times = 0; times < 2; times++) {
      await keeper(roles.guardian, vaultBody.propose({ what: { kind: "sweep", amount } }));
      house.test.opened.clock.advance(DAY_MS + 60_000);
      await keeper(roles.guardian, vaultBody.execute());
      await house.look();
    }
    const { rows: seen } = await ctx.pg.query<{ kind: string }>(
      "select kind from chain_transactions where role = $1 and kind like 'sw%' order by lt desc limit 4",
      [role],
    );
    expect(seen.map(({ kind }) => kind)).toEqual(["sweep_returned", "swept", "sweep_returned", "swept"]);
    expect((await settlementBooks(ctx.pg)).fees).toEqual(before.fees);
    // What was attached for it stays, less gas and what the vault's storage costs in two days.
    const lost = own - ((await house.balances())[`own ${role}`] ?? 0n);
    expect(lost > -COIN / 2n && lost < COIN / 10n).toBe(true);
    await expectRight();
  }
});

test("nor do others' messages that look like a sweep's return change the fees", async () => {
  const { chain, ctx } = house;
  const before = await settlementBooks(ctx.pg);
  const swept = beginCell()
    .storeUint(VaultOp.Swept, 32)
    .storeUint(0, 64)
    .storeCoins(6n * COIN);
  for (const head of [beginCell().storeUint(0xffffffff, 32), beginCell()])
    await house.pay(await house.rich("stranger"), {
      to: chain.deposits,
      value: COIN,
      body: head.storeBuilder(swept).endCell(),
    });
  await house.look();
  expect((await settlementBooks(ctx.pg)).fees).toEqual(before.fees);
});

test("the operator's command refuses while the books and the chain differ", async () => {
  const mirror = { asset: "coin", kind: "chain_deposits", owner: "house" } as const;
  const own = { ...TILLS, owner: "deposits" };
  await move(mirror, own, 1n, "fault");
  expect(await operator("settle")).toMatch(/refused: The books and the chain differ.*Nothing was moved/);
  await move(own, mirror, 1n, "fault");
  expect(await operator("settle")).not.toContain("refused");
});
