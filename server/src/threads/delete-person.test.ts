/** Being forgotten while there is money: what is asked first, and what becomes of it. */
import { randomUUID } from "node:crypto";
import { Address } from "@ton/core";
import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { RETURN_DAYS } from "@starai/protocol/money";
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import { listReceiptKeys, receiptOf } from "../account/receipts.ts";
import { escrowAccounts } from "../billing/escrow-books.ts";
import { answerOf } from "../client.ts";
import {
  apiKeys,
  deposits,
  escrows,
  freeAnswers,
  notices,
  payouts,
  people,
  receiptKeys,
  spendingCaps,
  starCharges,
  starOrders,
  starSubscriptions,
  wallets,
} from "../db/schema.ts";
import { ChainDoor } from "../chain/chain-door.ts";
import { cancelPayout } from "../payouts/cancel-payout.ts";
import { requestPayout } from "../payouts/request-payout.ts";
import { checkReceipt } from "../receipts/check-receipt.ts";
import { launchOf } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { testChain } from "../testing/coins.ts";
import { DONE, captureOf, expectSound, holdOf, moveOf } from "../testing/ledger.ts";
import { billOf, fund, owe, personsAccount, whole } from "../testing/money.ts";
import { botOf, inOneApp, newPerson } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";

let stack: TestApp;
let ann: TestPerson;
let id: string;
const DAY_MS = 86_400_000;

inOneApp((app, person) => ([stack, ann] = [app, person]));
beforeEach(() => void (id = ann.person.id));

const leave = (query: { money?: "give_up" } = {}) => answerOf(() => ann.my.data.$delete({ query }));
const isHere = async () => (await stack.ctx.db.$count(people, eq(people.id, id))) === 1;

async function sentence(): Promise<string> {
  const refusal = await leave().then(
    () => null,
    (error: unknown) => error,
  );
  expect(refusal).toMatchObject({ code: "conflict" });
  expect(await isHere()).toBe(true);
  return (refusal as Error).message;
}

async function balanceOf(asset: "stars" | "coin", kind: string, owner: string): Promise<bigint> {
  const { rows } = await stack.ctx.pg.query<{ balance: string }>(
    "select balance from ledger_accounts where asset = $1 and kind = $2 and owner = $3",
    [asset, kind, owner],
  );
  return BigInt(rows[0]?.balance ?? 0);
}

const refunds = (asset: "stars" | "coin") => balanceOf(asset, "refunds", "house");

/** As in a house whose money is on TON. */
async function withChain(work: () => Promise<void>): Promise<void> {
  const { ctx } = stack;
  ctx.ton.open(testChain());
  await work().finally(() => Object.assign(ctx, { ton: new ChainDoor() }));
}

function paid(fields: { at?: Date; direction?: "paid" | "refunded"; charge?: string } = {}) {
  const charge = { charge: randomUUID(), direction: "paid" as const, person: id, telegramId: ann.telegramId };
  return stack.ctx.db
    .insert(starCharges)
    .values({ ...charge, stars: 50, credits: whole(50), at: new Date(), ...fields });
}

describe("somebody who has nothing left", () => {
  test("is forgotten without a question, whatever they owe or once paid", async () => {
    await owe(stack.ctx, id, whole(20));
    await billOf(stack.ctx, { person: id, paidWith: "free" });
    await stack.ctx.db.insert(apiKeys).values({ hash: randomUUID(), name: "old", owner: id, revokedAt: new Date() });
    await paid();
    await leave();
    expect(await isHere()).toBe(false);
    expect(await balanceOf("stars", "debt", `person:${id}`)).toBe(-whole(20));
    await expectSound(stack.ctx.pg);
  });
});

const newAddress = () => `0:${randomUUID().replaceAll("-", "").repeat(2)}`;

describe("an escrow of one's own", () => {
  let address: string;
  beforeEach(() => void (address = newAddress()));

  /** Holds this much, of which a tenth is signed; it is Ann's unless told otherwise. */
  async function escrow(available: bigint, person = id): Promise<void> {
    const { ctx } = stack;
    const owner = newAddress();
    await ctx.db.insert(wallets).values({ person, address: owner, payoutsFrom: new Date() });
    const terms = { owner, networkId: -3, vault: address, providerKey: "0".repeat(64), keys: ["1"], judgedKeys: [] };
    const seen = { seenAt: new Date(), seenChainS: 1, round: 0, bookedRound: 0, settled: 0n, bookedSettled: 0n };
    await ctx.db.insert(escrows).values({ address, ...terms, ...seen, available, dailyCap: 1n, capLeft: 1n });
    const { receivable: from, escrow: to } = await escrowAccounts(ctx.ledger, address);
    if (available > 0n) await ctx.ledger.do(moveOf({ from, to, amount: available / 10n, kind: "voucher" }));
  }

  test("is named with its address, what is in it and the ways out, and then stays theirs", async () => {
    await escrow(whole(2));
    const asked = await leave().catch((error: unknown) => error);
    expect(asked).toMatchObject({ code: "conflict", param: "escrow" });
    expect(await sentence()).toMatch(
      /^An escrow of yours stays on TON.*held 2 GRAM.*0.2 GRAM of it is signed.*deleted yet\.$/,
    );
    const readable = Address.parseRaw(address).toString({ testOnly: true });
    expect(await sentence()).toContain(`escrow-close --escrow ${readable} --link`);
    await leave({ money: "give_up" });
    expect(await isHere()).toBe(false);
    const [row] = await stack.ctx.db.select().from(escrows).where(eq(escrows.address, address));
    expect(row).toMatchObject({ available: whole(2) });
    await expectSound(stack.ctx.pg);
  });

  test("is named beside money that is to be given up", async () => {
    await escrow(whole(2));
    await fund(stack.ctx, id, { stars: whole(48) });
    expect(await leave().catch((error: unknown) => error)).toMatchObject({ code: "conflict", param: "money" });
    expect(await sentence()).toMatch(/^You still have here: Stars: 48 to spend\..*An escrow of yours stays on TON/);
  });

  test("with nothing in it, or of somebody else, is not asked about", async () => {
    await escrow(0n);
    const bob = await newPerson(stack);
    address = newAddress();
    await escrow(whole(2), bob.person.id);
    await leave();
    expect(await isHere()).toBe(false);
  });
});

test("who comes back on the same day has no free answers that were had already, and on the next day all", async () => {
  await ann.talk("one", "two");
  const used = async () => (await answerOf(() => ann.my.money.$get())).free.used;
  expect(await used()).toBe(2);
  for (let times = 0; times < 2; times++) {
    await leave();
    ann = { ...ann, ...(await stack.signIn(ann.telegramId)) };
    expect(await used()).toBe(2);
  }
  await stack.ctx.db.update(freeAnswers).set({ day: "2020-01-01" });
  expect(await used()).toBe(0);
});

describe("somebody who has something left is told what it is, and nothing is deleted, with", () => {
  test("Stars or coins to spend", async () => {
    await fund(stack.ctx, id, { stars: whole(48) });
    expect(await sentence()).toMatch(/^You still have here: Stars: 48 to spend\. Nothing was deleted, and no money/);
    await fund(stack.ctx, id, { coin: 41_203n });
    expect(await sentence()).toContain("Stars: 48 to spend; 0.000041 GRAM to spend.");
  });

  test("money that is set aside for an answer under way", async () => {
    await fund(stack.ctx, id, { coin: whole(2) });
    const account = await personsAccount(stack.ctx, "coin", id);
    await stack.ctx.ledger.do(holdOf({ account, amount: whole(2) }));
    expect(await sentence()).toContain("here: 2 GRAM set aside for an answer under way.");
  });

  test("coins that could be withdrawn first, which is said only where it is so", async () => {
    await fund(stack.ctx, id, { coin: CHAIN_TERMS.withdrawMin });
    await withChain(async () => expect(await sentence()).not.toContain("withdraw"));
    await fund(stack.ctx, id, { coin: CHAIN_TERMS.withdrawFee });
    expect(await sentence()).not.toContain("withdraw");
    await withChain(async () => expect(await sentence()).toContain("You can withdraw your coins first"));
  });

  test("a withdrawal under way, which cannot be given up; taken back or paid, it holds nobody", async () => {
    await fund(stack.ctx, id, { coin: whole(3) });
    await stack.ctx.db.insert(wallets).values({ person: id, address: `0:${"1".repeat(64)}`, payoutsFrom: new Date(0) });
    const payout = randomUUID();
    await withChain(() => requestPayout(stack.ctx, { person: id, id: payout, amount: whole(2) }));
    for (const query of [{}, { money: "give_up" as const }])
      await expect(leave(query)).rejects.toMatchObject({
        code: "conflict",
        param: "payouts",
        message: expect.stringContaining("A withdrawal is under way: 2 GRAM."),
      });
    expect(await isHere()).toBe(true);
    await cancelPayout(stack.ctx, { person: id, id: payout });
    await leave({ money: "give_up" });
    expect(await isHere()).toBe(false);
    expect(await stack.ctx.db.$count(wallets, eq(wallets.person, id))).toBe(0);
    expect(await stack.ctx.db.$count(notices, eq(notices.telegramId, ann.telegramId))).toBe(0);
    expect(await stack.ctx.db.$count(payouts, eq(payouts.person, id))).toBe(1);
    await expectSound(stack.ctx.pg);
  });

  test("a deposit that is being checked", async () => {
    const place = { networkId: 1, account: "0:0", lt: 1n, hash: Buffer.alloc(32, 1), sender: "0:1", at: new Date() };
    await stack.ctx.db.insert(deposits).values({ ...place, amount: whole(26), state: "checking", person: id });
    expect(await sentence()).toContain("here: 26 GRAM that arrived and is still being checked.");
  });

  test("a subscription or keys in use", async () => {
    const subscription = {
      telegramId: ann.telegramId,
      firstCharge: "c",
      stars: 250,
      paidUntil: new Date(Date.now() + 86_400_000),
    };
    await stack.ctx.db.insert(starSubscriptions).values({ person: id, state: "active", ...subscription });
    expect(await sentence()).toContain("here: a subscription of 250 Stars every 30 days.");
    await stack.ctx.db.insert(apiKeys).values({ hash: randomUUID(), name: "laptop", owner: id });
    expect(await sentence()).toContain("every 30 days; 1 API key in use.");
  });

  test("Stars that can be returned instead, which is said only where it is so", async () => {
    await fund(stack.ctx, id, { stars: whole(48) });
    await paid({ at: new Date(stack.ctx.clock() - (RETURN_DAYS + 1) * DAY_MS) });
    const charge = randomUUID();
    await paid({ charge });
    await paid({ charge, direction: "refunded" });
    expect(await sentence()).not.toContain("/paysupport");
    await paid({ at: new Date(stack.ctx.clock() - (RETURN_DAYS - 1) * DAY_MS) });
    expect(await sentence()).toContain("/paysupport");
  });

  test("words of their own language", async () => {
    await stack.ctx.db.update(people).set({ chosenLanguage: "ru" }).where(eq(people.id, id));
    await fund(stack.ctx, id, { coin: 1_500_000_000n });
    expect(await sentence()).toMatch(/^У вас здесь ещё есть: 1,5 GRAM, можно потратить\. Ничего не удалено/);
  });
});

describe("somebody who gives up what is left", () => {
  test("is forgotten; the balance goes to refunds, keys and orders end, receipts stay, and nobody can read the history", async () => {
    const { ctx } = stack;
    await fund(ctx, id, { stars: whole(48), coin: whole(3) });
    await ctx.db
      .insert(receiptKeys)
      .values({ id: ctx.signer.id, publicKey: ctx.signer.publicKey })
      .onConflictDoNothing();
    const receipt = await billOf(ctx, { person: id, paidWith: "stars", amount: 5n });
    const [key] = await ctx.db.insert(apiKeys).values({ hash: randomUUID(), name: "laptop", owner: id }).returning();
    const order = { person: id, telegramId: ann.telegramId, kind: "pack" as const, stars: 50, expiresAt: new Date() };
    await ctx.db.insert(starOrders).values([order, { ...order, charge: "c1" }]);
    await ctx.db.insert(spendingCaps).values([
      { owner: `person:${id}`, day: 1n },
      { owner: `key:${key!.id}`, day: 1n },
    ]);
    const before = [await refunds("stars"), await refunds("coin")] as const;
    await leave({ money: "give_up" });

    expect(await isHere()).toBe(false);
    expect(await refunds("stars")).toBe(before[0] + whole(48) - 5n);
    expect(await refunds("coin")).toBe(before[1] + whole(3));
    expect(await balanceOf("coin", "person", `person:${id}`)).toBe(0n);
    const [gone] = await ctx.db.select().from(apiKeys).where(eq(apiKeys.id, key!.id));
    expect(gone).toBeUndefined();
    expect(await ctx.db.select().from(starOrders).where(eq(starOrders.person, id))).toMatchObject([{ charge: "c1" }]);
    expect(await ctx.db.$count(spendingCaps)).toBe(0);
    expect(checkReceipt(await receiptOf(ctx, receipt), await listReceiptKeys(ctx)).faults).toEqual([]);
    await expect(answerOf(() => ann.my.money.history.$get({ query: {} }))).rejects.toMatchObject({
      code: "signed_out",
    });
    await expectSound(ctx.pg);

    const again = await stack.signIn(ann.telegramId, launchOf(ann.telegramId, new Date(ctx.clock() + 1_000)));
    expect(again.person.id).not.toBe(id);
    expect(await answerOf(() => again.my.money.$get())).toMatchObject({
      stars: { spendable: "0" },
      prepaid: { spendable: "0" },
    });
  });

  test("keeps what is owed owed, and what is held until its answer ends", async () => {
    await fund(stack.ctx, id, { stars: whole(10), coin: whole(10) });
    await owe(stack.ctx, id, whole(4));
    const account = await personsAccount(stack.ctx, "coin", id);
    const hold = holdOf({ account, amount: whole(3) });
    await stack.ctx.ledger.do(hold);
    const before = [await refunds("stars"), await refunds("coin")] as const;
    await leave({ money: "give_up" });
    expect(await refunds("stars")).toBe(before[0] + whole(6));
    expect(await refunds("coin")).toBe(before[1] + whole(7));
    expect(await balanceOf("coin", "person", `person:${id}`)).toBe(whole(3));
    expect(await balanceOf("stars", "debt", `person:${id}`)).toBe(-whole(4));
    await stack.ctx.ledger.do({ verb: "release", hold: hold.id });
    await expectSound(stack.ctx.pg);
  });

  test("cannot lose or gain a nano unit by answers that are paid at the same moment", async () => {
    await fund(stack.ctx, id, { coin: whole(10) });
    const { ledger } = stack.ctx;
    const account = await personsAccount(stack.ctx, "coin", id);
    const worker = await ledger.openAccount({ asset: "coin", kind: "earner", owner: `wallet:${id}` });
    const before = await refunds("coin");
    const spend = async (): Promise<bigint> => {
      const hold = holdOf({ account, amount: 1_000n });
      if ((await ledger.do(hold)).kind !== "done") return 0n;
      expect(await ledger.do(captureOf({ hold: hold.id, legs: [{ to: worker, amount: 7n, kind: "earned" }] }))).toEqual(
        DONE,
      );
      await ledger.do({ verb: "release", hold: hold.id });
      return 7n;
    };
    const [spent] = await Promise.all([Promise.all(Array.from({ length: 60 }, spend)), leave({ money: "give_up" })]);
    const all = spent.reduce((sum, one) => sum + one, 0n);
    const left = await balanceOf("coin", "person", `person:${id}`);
    expect((await refunds("coin")) - before + left + all).toBe(whole(10));
    expect(await isHere()).toBe(false);
    await expectSound(stack.ctx.pg);
  });

  test("is forgotten once, however often they tap", async () => {
    await fund(stack.ctx, id, { coin: whole(1) });
    const before = await refunds("coin");
    const taps = await Promise.allSettled(Array.from({ length: 4 }, () => leave({ money: "give_up" })));
    const ends = taps.map((tap) => (tap.status === "fulfilled" ? "done" : (tap.reason as { code: string }).code));
    expect(ends).toContain("done");
    expect(ends.filter((end) => end !== "done" && end !== "signed_out")).toEqual([]);
    expect(await refunds("coin")).toBe(before + whole(1));
  });
});

test("the bot is refused in the same way, and its person can give it up there", async () => {
  await fund(stack.ctx, id, { stars: whole(48) });
  const param = { telegramId: String(ann.telegramId) };
  const tap = (query: { money?: "give_up" }) =>
    answerOf(() => botOf(stack).api.people[":telegramId"].data.$delete({ param, query }));
  await expect(tap({})).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("Stars: 48") });
  expect(await isHere()).toBe(true);
  await tap({ money: "give_up" });
  expect(await isHere()).toBe(false);
  await tap({ money: "give_up" });
});

test("another word about money is refused, and nothing is deleted", async () => {
  const answer = await stack.app.request("/api/my/data?money=burn", {
    method: "DELETE",
    headers: { authorization: `Bearer ${ann.token}` },
  });
  expect(answer.status).toBe(400);
  expect(await isHere()).toBe(true);
});
