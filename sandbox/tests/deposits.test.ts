import { randomUUID } from "node:crypto";
import { beginCell, comment } from "@ton/core";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { vaultBody } from "@starai/contracts/Vault";
import { chainTransactions, depositInvoices, deposits, notices, people, wallets } from "@starai/server/db/schema";
import { claimDeposit } from "@starai/server/deposits/claims";
import { checkLargeDeposits } from "@starai/server/deposits/check-large";
import { creditWaitingOf } from "@starai/server/deposits/credit-waiting";
import { depositNumberOf } from "@starai/server/deposits/deposit-number";
import { handInvoice, latestInvoice, makeInvoice, noteSent } from "@starai/server/deposits/invoices";
import { moneyTransaction } from "@starai/server/billing/money-transaction";
import { expectBooksRight } from "@starai/server/testing/books";
import { operatorOver } from "@starai/server/testing/operator";
import { openChainHouse } from "../src/testing/chain-house.ts";
import type { ChainHouse } from "../src/testing/chain-house.ts";
import type { RoleWallet } from "../src/ton/roles.ts";

const COIN = 10n ** 9n;
let house: ChainHouse;
let payer: RoleWallet;

beforeAll(async () => {
  house = await openChainHouse();
  payer = await house.rich("somebody's wallet");
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
});

/** The same endpoint again, as somebody else's. */
const second = () => ({ ...house.chain, second: house.chain.client });

let telegramId = 1_000;
async function newPerson(): Promise<string> {
  const [row] = await house.ctx.db
    .insert(people)
    .values({ telegramId: ++telegramId, name: "Ann" })
    .returning({ id: people.id });
  return row!.id;
}

const coinsOf = async (person: string) => (await house.balances())[`person person:${person}`] ?? 0n;
const unmatched = async () => (await house.balances())["unmatched house"] ?? 0n;
const told = async (person: string) => {
  const [row] = await house.ctx.db.select().from(people).where(eq(people.id, person));
  const all = await house.ctx.db
    .select()
    .from(notices)
    .where(eq(notices.telegramId, row!.telegramId))
    .orderBy(notices.createdAt);
  return all.map(({ params }) => params);
};
const send = (value: bigint, body: Parameters<ChainHouse["pay"]>[1]["body"], from = payer) =>
  house
    .pay(from, { to: house.chain.deposits, value, ...(body === undefined ? {} : { body }) })
    .then(() => house.look());
const typed = async (person: string, queryId = 0n) => {
  const { number } = await depositNumberOf(house.ctx.db, person);
  return vaultBody.deposit({ userId: number, queryId });
};
const lastDeposit = async () => (await house.ctx.db.select().from(deposits).orderBy(deposits.lt)).at(-1)!;

describe("a deposit", () => {
  test("with a person's number is theirs, whole, whoever sent it, and they are told once", async () => {
    const ann = await newPerson();
    await send(2n * COIN, await typed(ann));
    await house.look();
    expect(await coinsOf(ann)).toBe(2n * COIN);
    expect(await told(ann)).toEqual([{ kind: "deposit_credited", amount: String(2n * COIN) }]);
    expect(await lastDeposit()).toMatchObject({ state: "credited", how: "number", person: ann, amount: 2n * COIN });
  });

  test("with their memo in a comment is theirs, however it is written", async () => {
    const ann = await newPerson();
    const { memo } = await depositNumberOf(house.ctx.db, ann);
    await send(COIN, memo);
    await send(COIN, ` ${memo.slice(0, 4).toLowerCase()}-${memo.slice(4)} `);
    expect(await coinsOf(ann)).toBe(2n * COIN);
  });

  test("with a memo that has a wrong character is nobody's", async () => {
    const ann = await newPerson();
    const { memo } = await depositNumberOf(house.ctx.db, ann);
    const before = await unmatched();
    await send(COIN, (memo[0] === "2" ? "3" : "2") + memo.slice(1));
    expect([await coinsOf(ann), (await unmatched()) - before]).toEqual([0n, COIN]);
  });

  test("from a bound wallet is its owner's, with or without words", async () => {
    const ann = await newPerson();
    const wallet = await house.rich("ann's wallet");
    const address = wallet.wallet.address.toRawString();
    await house.ctx.db.insert(wallets).values({ person: ann, address, payoutsFrom: new Date() });
    await send(COIN, undefined, wallet);
    await send(COIN, "for answers", wallet);
    expect(await coinsOf(ann)).toBe(2n * COIN);
    // Their own number makes it no gift.
    await send(COIN, await typed(ann), wallet);
    expect((await told(ann)).map(({ kind }) => kind)).toEqual(Array(3).fill("deposit_credited"));
    // Another's says more than the wallet, and both are told.
    const bob = await newPerson();
    await send(COIN, await typed(bob), wallet);
    await house.look();
    expect([await coinsOf(ann), await coinsOf(bob)]).toEqual([3n * COIN, COIN]);
    expect(await told(bob)).toEqual([{ kind: "deposit_credited", amount: String(COIN) }]);
    expect((await told(ann)).slice(3)).toEqual([{ kind: "deposit_given", amount: String(COIN) }]);
  });

  test("of somebody unknown waits, and becomes theirs once that wallet is bound to them", async () => {
    const wallet = await house.rich("an unknown wallet");
    const before = await unmatched();
    await send(COIN, undefined, wallet);
    await send(30n * COIN, "hello", wallet);
    await send(COIN, vaultBody.deposit({ userId: 2n ** 64n - 1n, queryId: 2n ** 64n - 1n }), wallet);
    expect((await unmatched()) - before).toBe(32n * COIN);
    const ann = await newPerson();
    const bound = { chain: house.chain, wallet: wallet.wallet.address.toRawString(), person: ann };
    await moneyTransaction(house.ctx.pg, (open) => creditWaitingOf(open, bound));
    await moneyTransaction(house.ctx.pg, (open) => creditWaitingOf(open, bound));
    // A large one is checked first.
    expect([await coinsOf(ann), (await unmatched()) - before]).toEqual([2n * COIN, 30n * COIN]);
    expect(await told(ann)).toHaveLength(3);
  });

  test("of less than a hundredth of a coin is nobody's, and waits for nobody", async () => {
    const ann = await newPerson();
    const before = await unmatched();
    await send(9_999_999n, await typed(ann));
    expect([await coinsOf(ann), await unmatched(), (await lastDeposit()).state]).toEqual([0n, before, "dust"]);
    await send(10_000_000n, await typed(ann));
    expect(await coinsOf(ann)).toBe(10_000_000n);
  });

  test("that the vault refused is not a deposit: the sender has it back", async () => {
    const count = async () => (await house.ctx.db.select().from(deposits)).length;
    const before = [await count(), await unmatched()];
    const nonsense = beginCell().storeUint(0xdeadbeef, 32).endCell();
    await house.pay(payer, { to: house.chain.deposits, value: COIN, body: nonsense, bounce: true });
    await house.look();
    expect([await count(), await unmatched()]).toEqual(before);
  });

  test("that the vault refused without sending it back is there, so that it is somebody's", async () => {
    const before = await unmatched();
    await send(COIN, beginCell().storeUint(0xdeadbeef, 32).endCell());
    expect((await unmatched()) - before).toBe(COIN);
  });

  test("of a jetton is not the coin, whatever its wallet says", async () => {
    const ann = await newPerson();
    const { number } = await depositNumberOf(house.ctx.db, ann);
    const before = await unmatched();
    const body = beginCell()
      .storeUint(0x7362d09c, 32)
      .storeUint(number, 64)
      .storeCoins(100n * COIN)
      .endCell();
    await send(COIN, body);
    expect([await coinsOf(ann), await unmatched()]).toEqual([0n, before]);
    const { db, pg } = house.ctx;
    const [seen] = await db.select().from(chainTransactions).where(eq(chainTransactions.kind, "jetton"));
    const listed = await operatorOver({ db, pg })("chain", "unmatched");
    expect(listed).toContain(`Another token (jetton) arrived`);
    expect(listed).toContain(seen!.hash.toString("hex"));
  });

  test("for somebody who is gone is nobody's until it is decided", async () => {
    const ann = await newPerson();
    const body = await typed(ann);
    await house.ctx.db.delete(people).where(eq(people.id, ann));
    const before = await unmatched();
    await send(COIN, body);
    expect([await coinsOf(ann), (await unmatched()) - before]).toEqual([0n, COIN]);
  });

  test("with a comment of many cells is read in parts, and cannot steer a terminal", async () => {
    await send(COIN, comment(`\u001b[2J${"long ".repeat(500)}`));
    const { comment: kept } = await lastDeposit();
    expect(kept!.length).toBeLessThanOrEqual(200);
    expect(kept).not.toMatch(/\p{C}/u);
  });
});

describe("a large deposit", () => {
  const signal = new AbortController().signal;

  test("waits until a second endpoint shows it, too", async () => {
    const ann = await newPerson();
    await send(25n * COIN + 1n, await typed(ann));
    expect(await coinsOf(ann)).toBe(0n);
    // One endpoint alone credits nothing, however often it is asked.
    await checkLargeDeposits(house.ctx, house.chain, signal);
    expect(await coinsOf(ann)).toBe(0n);
    await Promise.all([1, 2].map(() => checkLargeDeposits(house.ctx, second(), signal)));
    expect(await coinsOf(ann)).toBe(25n * COIN + 1n);
    expect((await told(ann)).map(({ kind }) => kind)).toEqual(["deposit_checking", "deposit_credited"]);
  });

  test("for another person is told to its giver once it is theirs, and not before", async () => {
    const [ann, bob] = [await newPerson(), await newPerson()];
    const wallet = await house.rich("a large giver's wallet");
    const address = wallet.wallet.address.toRawString();
    await house.ctx.db.insert(wallets).values({ person: ann, address, payoutsFrom: new Date() });
    await send(26n * COIN, await typed(bob), wallet);
    expect(await told(ann)).toEqual([]);
    await checkLargeDeposits(house.ctx, second(), signal);
    expect(await coinsOf(bob)).toBe(26n * COIN);
    expect(await told(ann)).toEqual([{ kind: "deposit_given", amount: String(26n * COIN) }]);
  });

  test("is nobody's again where its person is gone before it was shown", async () => {
    const ann = await newPerson();
    await send(26n * COIN, await typed(ann));
    await house.ctx.db.delete(people).where(eq(people.id, ann));
    await checkLargeDeposits(house.ctx, second(), signal);
    expect([await coinsOf(ann), (await lastDeposit()).state]).toEqual([0n, "unmatched"]);
  });

  test("that the second endpoint fails to answer for keeps no other one waiting, and is told", async () => {
    const [ann, bob] = [await newPerson(), await newPerson()];
    await send(26n * COIN, await typed(ann));
    const { lt } = await lastDeposit();
    await send(27n * COIN, await typed(bob));
    const { client } = house.chain;
    const failing: Pick<typeof client, "getTransactions"> = {
      getTransactions: async (address, page) => {
        if (page.lt === String(lt)) throw new Error("the endpoint answered 500");
        return client.getTransactions(address, page);
      },
    };
    const checked = checkLargeDeposits(house.ctx, { ...house.chain, second: failing as typeof client }, signal);
    await expect(checked).rejects.toThrow("the endpoint answered 500");
    expect([await coinsOf(ann), await coinsOf(bob)]).toEqual([0n, 27n * COIN]);
    await checkLargeDeposits(house.ctx, second(), signal);
    expect(await coinsOf(ann)).toBe(26n * COIN);
  });

  test("comes to its turn behind any number that are never shown", async () => {
    const ann = await newPerson();
    const forged = Array.from({ length: 60 }, (_, at) => ({
      networkId: house.chain.networkId,
      account: house.chain.deposits.toRawString(),
      lt: BigInt(at + 1),
      hash: Buffer.alloc(32, at),
      sender: payer.wallet.address.toRawString(),
      amount: 26n * COIN,
      state: "checking" as const,
      person: ann,
      at: new Date(at),
    }));
    const stored = await house.ctx.db.insert(deposits).values(forged).returning({ id: deposits.id });
    const bob = await newPerson();
    await send(26n * COIN, await typed(bob));
    const { client } = house.chain;
    const honest: Pick<typeof client, "getTransactions"> = {
      getTransactions: async (address, page) => (BigInt(page.lt!) <= 60n ? [] : client.getTransactions(address, page)),
    };
    const chain = { ...house.chain, second: honest as typeof client };
    // One look in three comes to it: a hundred miss it once in 10^17 times.
    for (let looks = 0; looks < 100 && (await coinsOf(bob)) === 0n; looks++)
      await checkLargeDeposits(house.ctx, chain, signal);
    expect([await coinsOf(bob), await coinsOf(ann)]).toEqual([26n * COIN, 0n]);
    for (const { id } of stored) await house.ctx.db.delete(deposits).where(eq(deposits.id, id));
  });

  test("of 25 coins is not large", async () => {
    const ann = await newPerson();
    await send(25n * COIN, await typed(ann));
    expect(await coinsOf(ann)).toBe(25n * COIN);
  });
});

describe("an invoice", () => {
  test("goes from asked to credited, and explains the deposit", async () => {
    const ann = await newPerson();
    const asked = await makeInvoice(house.ctx, ann, COIN);
    expect(await makeInvoice(house.ctx, ann, COIN)).toEqual(asked);
    const id = BigInt(asked.id);
    expect((await handInvoice(house.ctx, ann, id)).state).toBe("handed");
    expect((await noteSent(house.ctx, ann, id)).state).toBe("sent");
    await send(COIN, await typed(ann, id));
    const { hash } = await lastDeposit();
    expect(await latestInvoice(house.ctx, ann)).toMatchObject({ state: "credited", transaction: hash.toString("hex") });
  });

  test("is never handed to a wallet twice, and another one can be asked for", async () => {
    const ann = await newPerson();
    const { id } = await makeInvoice(house.ctx, ann, COIN);
    await handInvoice(house.ctx, ann, BigInt(id));
    await expect(handInvoice(house.ctx, ann, BigInt(id))).rejects.toMatchObject({ code: "conflict" });
    expect((await makeInvoice(house.ctx, ann, COIN)).id).not.toBe(id);
  });

  test("paid twice, or with another amount, is money all the same", async () => {
    const ann = await newPerson();
    const { id } = await makeInvoice(house.ctx, ann, COIN);
    await send(3n * COIN, await typed(ann, BigInt(id)));
    await send(COIN, await typed(ann, BigInt(id)));
    expect(await coinsOf(ann)).toBe(4n * COIN);
    const rows = await house.ctx.db.select().from(depositInvoices).where(eq(depositInvoices.person, ann));
    expect(rows).toHaveLength(1);
  });

  test("of one person is no other's", async () => {
    const [ann, bob] = [await newPerson(), await newPerson()];
    const { id } = await makeInvoice(house.ctx, ann, COIN);
    await expect(handInvoice(house.ctx, bob, BigInt(id))).rejects.toMatchObject({ code: "not_found" });
    await expect(noteSent(house.ctx, bob, BigInt(id))).rejects.toMatchObject({ code: "not_found" });
    await send(COIN, await typed(bob, BigInt(id)));
    expect(await latestInvoice(house.ctx, ann)).toMatchObject({ state: "asked", transaction: null });
  });

  test("is over only once the chain was read beyond its time", async () => {
    const ann = await newPerson();
    const { id } = await makeInvoice(house.ctx, ann, COIN);
    await handInvoice(house.ctx, ann, BigInt(id));
    house.test.opened.clock.advance(400_000);
    expect((await latestInvoice(house.ctx, ann))!.state).toBe("handed");
    await house.faucet.give(house.roles.publisher.wallet.address, COIN);
    await house.look();
    expect((await latestInvoice(house.ctx, ann))!.state).toBe("expired");
  });

  test("is of a tenth of a coin to a thousand, and of twenty at once", async () => {
    const ann = await newPerson();
    for (const amount of [0n, -1n, COIN / 10n - 1n, 1_000n * COIN + 1n])
      await expect(makeInvoice(house.ctx, ann, amount)).rejects.toMatchObject({ code: "invalid_request" });
    for (let asked = 0n; asked < 20n; asked++) await makeInvoice(house.ctx, ann, COIN + asked);
    await expect(makeInvoice(house.ctx, ann, 2n * COIN)).rejects.toMatchObject({ code: "cap_reached" });
  });
});

describe("a claim", () => {
  test("names the deposit by its transaction, once, and five wait at most", async () => {
    const ann = await newPerson();
    await send(COIN, "no memo");
    const hash = (await lastDeposit()).hash.toString("hex");
    for (let times = 0; times < 2; times++) await claimDeposit(house.ctx, ann, `mine: ${hash.toUpperCase()}`);
    for (let claims = 0; claims < 4; claims++) await claimDeposit(house.ctx, ann, `also mine ${randomUUID()}`);
    await expect(claimDeposit(house.ctx, ann, "and this")).rejects.toMatchObject({ code: "cap_reached" });
    const { rows } = await house.database.pg.query(
      "select deposit from deposit_claims where person = $1 order by created_at",
      [ann],
    );
    expect(rows.map(({ deposit }) => deposit)).toEqual([(await lastDeposit()).id, null, null, null, null]);
  });
});

test("after all of it the books are right, and have what each account has", async () => {
  await expectBooksRight(house.database.pg);
  for (const [role, booked, onChain] of await house.mirrors()) expect([role, booked]).toEqual([role, onChain]);
});
