import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { vaultBody } from "@starai/contracts/Vault";
import { exactAmount } from "@starai/protocol/amounts";
import { ChainDoor } from "@starai/server/chain/chain-door";
import { pinHome } from "@starai/server/chain/home";
import { reconcile } from "@starai/server/chain/reconcile";
import { readSolvency } from "@starai/server/chain/solvency";
import { depositClaims, deposits, operatorActs, people } from "@starai/server/db/schema";
import { claimDeposit } from "@starai/server/deposits/claims";
import { depositNumberOf } from "@starai/server/deposits/deposit-number";
import { operatorPage } from "@starai/server/operator/page/operator-page";
import { expectBooksRight } from "@starai/server/testing/books";
import { noteByHand } from "@starai/server/testing/credit-notes";
import { operatorOver } from "@starai/server/testing/operator";
import type { TestOperator } from "@starai/server/testing/operator";
import { openChainHouse } from "../src/testing/chain-house.ts";
import type { ChainHouse } from "../src/testing/chain-house.ts";
import { HostileEndpoint } from "../src/testing/hostile-endpoint.ts";
import type { RoleWallet } from "../src/ton/roles.ts";

const COIN = 10n ** 9n;
const KEY = "the-key-of-an-operator-0123456789abcdef";
const WHY = ["--why", "the owner asked"];
const DOWN = { getContractState: () => Promise.reject(new Error("down")) } as unknown as ChainHouse["chain"]["client"];
const signal = new AbortController().signal;
let house: ChainHouse;
let payer: RoleWallet;
let operator: TestOperator;
let ann: string;

beforeAll(async () => {
  house = await openChainHouse();
  const { db, pg } = house.ctx;
  await pinHome(house.ctx, house.chain);
  operator = operatorOver({ db, pg, tonClient: () => house.chain.client });
  payer = await house.rich("a payer");
  const [row] = await db.insert(people).values({ telegramId: 77, name: "Ann" }).returning({ id: people.id });
  ann = row!.id;
  await house.look();
});
afterAll(async () => {
  await expectBooksRight(house.database.pg);
  await house[Symbol.asyncDispose]();
});

async function send(value: bigint, body?: Parameters<ChainHouse["pay"]>[1]["body"]) {
  await house.pay(payer, { to: house.chain.deposits, value, ...(body === undefined ? {} : { body }) });
  await house.look();
  return (await house.ctx.db.select().from(deposits).orderBy(deposits.lt)).at(-1)!;
}
const coinsOf = async (person: string) => (await house.balances())[`person person:${person}`] ?? 0n;

test("the chain and the books are shown side by side, also while the books are behind", async () => {
  await send(3n * COIN, vaultBody.deposit({ userId: (await depositNumberOf(house.ctx.db, ann)).number }));
  const said = await operator("chain");
  expect(said).toMatch(/deposits {2}chain \d+\.\d+, books (\d+\.\d+), difference 0, at 0:/);
  expect(said).toContain("people         3 coins");
  expect(said).toContain("People's and workers' coins are there");
  // What is not read yet is late, not short.
  await house.pay(payer, { to: house.chain.deposits, value: COIN });
  expect(await operator("chain")).toMatch(/difference 0, 1 transactions are not in the books yet/);
  await house.look();
});

test("the addresses that are in no books are shown, too, and what keepers may sweep", async () => {
  const { chain, roles } = house;
  const said = await operator("chain");
  const treasury = roles.treasury.wallet.address;
  const coins = exactAmount(await chain.client.getBalance(treasury));
  expect(said).toContain(`treasury  chain ${coins}, not in the books, at ${treasury.toRawString()}`);
  expect(said).toMatch(/refunds {3}chain [\d.]+, not in the books/);
  expect(said).toContain("to be swept    0 coins of fees in the deposits vault, 0 coins in the till");
});

test("the operator's page shows the same of the chain and of the books, and the books alone while the chain is away", async () => {
  const { ctx, chain } = house;
  const shown = async (of = ctx) => {
    const page = operatorPage(of, KEY);
    const body = new URLSearchParams({ key: KEY });
    const from = { incoming: { headers: {}, socket: { remoteAddress: "192.0.2.1" } } };
    const cookie = (await page.request("/login", { method: "POST", body }, from)).headers.get("set-cookie")!;
    return (await page.request("/", { headers: { cookie } })).text();
  };
  const text = await shown();
  for (const part of [
    "The books and the chain agree.",
    "pool (distributor)",
    "hot wallet",
    "treasury",
    "refunds vault",
  ])
    expect(text).toContain(part);
  for (const address of [chain.deposits, chain.till, chain.distributor, house.roles.treasury.wallet.address])
    expect(text).toContain(address.toRawString());
  const [, deposits] = /deposits {2}chain ([\d.]+), books/.exec(await operator("chain"))!;
  expect(text).toContain(`<td>${deposits}</td>`);
  const ton = new ChainDoor();
  ton.open({ ...chain, client: DOWN });
  const away = await shown({ ...ctx, ton });
  expect(away).toContain("The chain cannot be compared now: it does not answer.");
  expect(away).toContain("coins are there: ");
  expect(away).not.toContain("agree");
});

test("where they differ the command says where and fails, and nobody is paid out until they agree", async () => {
  const { ctx, chain } = house;
  await reconcile(ctx, chain, signal);
  expect(ctx.ton.drifted).toBe(false);
  const move = async (sides: { from: "chain_deposits" | "own"; to: "chain_deposits" | "own" }) => {
    const open = (kind: "chain_deposits" | "own") =>
      ctx.ledger.openAccount({ asset: "coin", kind, owner: kind === "own" ? "deposits" : "house" });
    const [from, to] = [await open(sides.from), await open(sides.to)];
    await ctx.ledger.do({ verb: "move", key: randomUUID(), from, to, amount: 1n, kind: "fault" });
  };
  await move({ from: "chain_deposits", to: "own" });
  const { hash } = await send(COIN, "booked since they agreed");
  expect(await operator("chain")).toContain("refused: The books and the chain DIFFER at deposits.");
  const lines: { since?: { hash: string; kind: string }[] }[] = [];
  await reconcile(
    { ...ctx, log: pino({ level: "error" }, { write: (line) => lines.push(JSON.parse(line)) }) },
    chain,
    signal,
  );
  expect(ctx.ton.drifted).toBe(true);
  // Its line names what was booked since, and nothing before.
  expect(lines.map(({ since }) => since?.map((row) => [row.kind, row.hash]))).toEqual([
    [["unmatched", hash.toString("hex")]],
  ]);
  await move({ from: "own", to: "chain_deposits" });
  await reconcile(ctx, chain, signal);
  expect([ctx.ton.drifted, await operator("chain")]).toEqual([
    false,
    expect.stringContaining("People's and workers' coins are there"),
  ]);
});

test("where people's coins are not there nobody is paid out either, and the command fails, until they are", async () => {
  const { ctx, chain } = house;
  const own = await ctx.ledger.openAccount({ asset: "coin", kind: "own", owner: "hot" });
  const anns = await ctx.ledger.openAccount({ asset: "coin", kind: "person", owner: `person:${ann}` });
  const move = (from: number, to: number, amount: bigint) =>
    ctx.ledger.do({ verb: "move", key: randomUUID(), from, to, amount, kind: "fault" });
  const { missing } = await readSolvency(ctx.pg);
  // A credit out of what the house has of its own takes nothing of anybody's.
  await move(own, anns, -missing);
  await reconcile(ctx, chain, signal);
  expect([ctx.ton.drifted, await operator("chain")]).toEqual([false, expect.stringContaining("coins are there")]);
  await move(own, anns, 1n);
  await reconcile(ctx, chain, signal);
  expect(ctx.ton.drifted).toBe(true);
  expect(await operator("chain")).toContain("refused: The house is SHORT by 0.000000001 coins.");
  // The chain's own word does not change it, nor does an endpoint that is down.
  await reconcile(ctx, { ...chain, client: DOWN }, signal).catch(() => undefined);
  expect(ctx.ton.drifted).toBe(true);
  await move(anns, own, 1n - missing);
  await reconcile(ctx, chain, signal);
  expect([ctx.ton.drifted, (await readSolvency(ctx.pg)).missing]).toEqual([false, missing]);
});

test("what workers earned is owed, too: what leaves too little for them is short for both reports, by the same sum", async () => {
  const { ctx } = house;
  const open = (kind: "own" | "person" | "earner", owner: string) =>
    ctx.ledger.openAccount({ asset: "coin", kind, owner });
  const [own, anns] = [await open("own", "hot"), await open("person", `person:${ann}`)];
  const move = async (from: number, to: number, amount: bigint) => {
    const key = randomUUID();
    await ctx.ledger.do({ verb: "move", key, from, to, amount, kind: "test" });
    return key;
  };
  const { missing } = await readSolvency(ctx.pg);
  const earned = await move(anns, await open("earner", "worker:of-a-test"), 2n * COIN);
  await noteByHand(ctx.pg, [earned]);
  // The pool was filled in advance, and pays them.
  const covered = (await readSolvency(ctx.pg)).missing;
  expect(covered).toBe(missing - 2n * COIN);
  expect(await operator("report")).toContain("Coins: the house can pay");
  await move(own, anns, 2n * COIN - covered);
  expect(await operator("report")).toContain("Coins: the house is SHORT by 2 coins");
  expect(await operator("chain")).toContain("refused: The house is SHORT by 2 coins.");
  await move(anns, own, 2n * COIN - covered);
});

test("what the house put into the pool pays workers only: it covers nothing of people's", async () => {
  const { ctx } = house;
  const [transit, pool] = [
    await ctx.ledger.openAccount({ asset: "coin", kind: "chain_transit", owner: "house" }),
    await ctx.ledger.openAccount({ asset: "coin", kind: "chain_pool", owner: "house" }),
  ];
  const move = (from: number, to: number) =>
    ctx.ledger.do({ verb: "move", key: randomUUID(), from, to, amount: 1_000n * COIN, kind: "test" });
  const { there } = await readSolvency(ctx.pg);
  await move(pool, transit);
  const less = (await readSolvency(ctx.pg)).there;
  await move(transit, pool);
  expect([there - less, (await readSolvency(ctx.pg)).there]).toEqual([1_000n * COIN, there]);
});

test("every account that has something is shown, and all together are zero", async () => {
  const { ctx } = house;
  const open = (kind: "own" | "float") =>
    ctx.ledger.openAccount({ asset: "coin", kind, owner: kind === "own" ? "hot" : "house" });
  const [own, float] = [await open("own"), await open("float")];
  const move = (from: number, to: number) =>
    ctx.ledger.do({ verb: "move", key: randomUUID(), from, to, amount: COIN, kind: "test" });
  expect(await operator("chain")).not.toContain("float");
  await move(own, float);
  const said = await operator("chain");
  expect(said).toMatch(/^ {2}float +1 coins$/m);
  expect(said).toMatch(/^ {2}own hot +-?[\d.]+ coins/m);
  expect(said).toMatch(/^ {2}chain_deposits +-[\d.]+ coins$/m);
  expect(said).toMatch(/^ {2}all together +0 coins$/m);
  await move(float, own);
});

test("what is over at an escrow's end is covered by its coins in the till, and a promise by what it signed", async () => {
  const { ctx } = house;
  const { missing } = await readSolvency(ctx.pg);
  const open = (kind: "chain_till" | "receivable" | "escrow" | "person", owner: string) =>
    ctx.ledger.openAccount({ asset: "coin", kind, owner });
  const [till, signed] = [await open("chain_till", "house"), await open("receivable", "escrow:test")];
  const [escrow, anns] = [await open("escrow", "escrow:test"), await open("person", `person:${ann}`)];
  const move = (from: number, to: number) =>
    ctx.ledger.do({ verb: "move", key: randomUUID(), from, to, amount: 1_000n * COIN, kind: "test" });
  for (const [from, to] of [
    [signed, escrow],
    [till, signed],
    [escrow, anns],
  ] as const) {
    await move(from, to);
    expect((await readSolvency(ctx.pg)).missing).toBe(missing);
  }
  for (const [from, to] of [
    [anns, escrow],
    [signed, till],
    [escrow, signed],
  ] as const)
    await move(from, to);
});

test("an endpoint that does not answer, or is behind the books, is no difference", async () => {
  const { db, pg } = house.ctx;
  const away = operatorOver({
    db,
    pg,
    tonClient: () => DOWN,
  });
  expect(await away("chain")).toContain("refused: The chain cannot be compared now: it does not answer");
  const empty = { getContractState: () => Promise.resolve({ balance: 0n, lastTransaction: null, timestampt: 0 }) };
  const late = operatorOver({ db, pg, tonClient: () => empty as never });
  expect(await late("chain")).toContain("ends before what is booked");
});

test("an unmatched deposit is assigned to a person once, and closes their claim to it", async () => {
  const { id, hash } = await send(2n * COIN, "to the wrong memo");
  await claimDeposit(house.ctx, ann, `it is ${hash.toString("hex")}`);
  const listed = await operator("chain", "unmatched");
  expect(listed).toContain(`${id}  `);
  expect(listed).toContain(`person ${ann}, of deposit ${id}`);
  const before = await coinsOf(ann);
  expect(await operator("deposit", "assign", id, "77", ...WHY)).toContain("2 coins were credited");
  expect(await operator("deposit", "assign", id, "77", ...WHY)).toContain("theirs already");
  expect((await coinsOf(ann)) - before).toBe(2n * COIN);
  const [claim] = await house.ctx.db.select().from(depositClaims);
  expect(claim!.state).toBe("accepted");
  const [act] = await house.ctx.db.select().from(operatorActs).where(eq(operatorActs.verb, "deposit assign"));
  expect(act).toMatchObject({ who: "anna", why: "the owner asked", params: { deposit: id, person: ann } });
});

test("a large deposit is confirmed by an operator where no second endpoint is, and by nobody twice", async () => {
  const { number: userId } = await depositNumberOf(house.ctx.db, ann);
  const { id } = await send(26n * COIN, vaultBody.deposit({ userId }));
  const before = await coinsOf(ann);
  expect(await operator("deposit", "assign", id, "77", ...WHY)).toContain("only an unmatched one can be assigned");
  expect(await operator("deposit", "confirm", id, ...WHY)).toContain("26 coins were credited");
  expect(await operator("deposit", "confirm", id, ...WHY)).toContain("credited already");
  expect((await coinsOf(ann)) - before).toBe(26n * COIN);
});

test("a large deposit of somebody who is gone is confirmed for nobody, and said so", async () => {
  const { db } = house.ctx;
  const [row] = await db.insert(people).values({ telegramId: 78, name: "Bob" }).returning({ id: people.id });
  const bob = row!.id;
  const { id } = await send(26n * COIN, vaultBody.deposit({ userId: (await depositNumberOf(db, bob)).number }));
  await db.delete(people).where(eq(people.id, bob));
  expect(await operator("deposit", "confirm", id, ...WHY)).toContain(`Person ${bob} is gone. Nobody was credited`);
  const [deposit] = await db.select().from(deposits).where(eq(deposits.id, id));
  expect([deposit!.state, deposit!.person, await coinsOf(bob)]).toEqual(["unmatched", null, 0n]);
  expect(await operator("deposit", "assign", id, "77", ...WHY)).toContain("26 coins were credited");
});

test("a large deposit that is doubted is nobody's, and is not confirmed any more", async () => {
  const { number: userId } = await depositNumberOf(house.ctx.db, ann);
  const { id } = await send(26n * COIN, vaultBody.deposit({ userId }));
  const before = await coinsOf(ann);
  expect(await operator("deposit", "doubt", id)).toContain("Nothing was changed.");
  expect(await operator("deposit", "doubt", id, ...WHY)).toContain("Nobody was credited");
  for (const verb of ["doubt", "confirm"])
    expect(await operator("deposit", verb, id, ...WHY)).toContain(
      "This deposit is unmatched, and is not being checked",
    );
  expect((await coinsOf(ann)) - before).toBe(0n);
});

test("a claim is refused with a reason, and nothing is changed by what names nothing", async () => {
  await claimDeposit(house.ctx, ann, "I sent something in spring");
  const [claim] = await house.ctx.db.select().from(depositClaims).where(eq(depositClaims.state, "open"));
  expect(await operator("claim", "refuse", claim!.id, ...WHY)).toContain("The claim is closed");
  for (const words of [
    ["claim", "refuse", claim!.id, ...WHY],
    ["claim", "refuse", "x", ...WHY],
    ["deposit", "assign", "x", "77", ...WHY],
    ["deposit", "assign", randomUUID(), "77", ...WHY],
    ["deposit", "assign", randomUUID(), "78", ...WHY],
    ["deposit", "confirm", randomUUID(), ...WHY],
    ["deposit", "confirm", randomUUID()],
  ])
    expect(await operator(...words)).toContain("Nothing was changed.");
});

test("a second endpoint that has another history, or lacks ours for long, stops payouts; one that is silent does not", async () => {
  const { ctx } = house;
  const other = new HostileEndpoint(house.chain.client);
  const chain = { ...house.chain, second: other.client };
  const driftedWhen = async (mood: HostileEndpoint["mood"]) => {
    other.mood = mood;
    await reconcile(ctx, chain, signal);
    return ctx.ton.drifted;
  };
  expect([await driftedWhen("honest"), await driftedWhen("down")]).toEqual([false, false]);
  // What it said once is not taken back by silence.
  expect([await driftedWhen("forked"), await driftedWhen("down")]).toEqual([true, true]);
  expect(await driftedWhen("honest")).toBe(false);
  await send(COIN, "what it has not seen yet");
  expect(await driftedWhen("late")).toBe(false);
  house.test.opened.clock.advance(601_000);
  expect([await driftedWhen("late"), await driftedWhen("honest")]).toEqual([true, false]);
});
