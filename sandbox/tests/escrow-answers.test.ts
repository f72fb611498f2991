import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Receipt } from "@starai/protocol/receipts";
import { historyPage } from "@starai/server/account/history";
import { historyCsv } from "@starai/server/account/history-csv";
import { closeBillAlone } from "@starai/server/billing/close-bill";
import { openBill } from "@starai/server/billing/open-bill";
import { bills, escrows } from "@starai/server/db/schema";
import { faultsInNumbers } from "@starai/server/receipts/check-receipt";
import { endJob } from "@starai/server/testing/bill-jobs";
import { moveOf } from "@starai/server/testing/ledger";
import { coins, openEscrowHouse } from "../src/testing/escrow-house.ts";
import type { EscrowHouse, Keeper } from "../src/testing/escrow-house.ts";

let house: EscrowHouse;

beforeAll(async () => {
  house = await openEscrowHouse();
});
afterEach(() => house.expectRight());
afterAll(() => house[Symbol.asyncDispose]());

const LARGE = [{ promptTokens: 1_000, answerTokensMax: 19_750 }];

async function receiptOf(id: string): Promise<Receipt> {
  const [row] = await house.ctx.db.select().from(bills).where(eq(bills.id, id));
  return Receipt.parse(JSON.parse(row!.receipt!));
}

async function refusalOf(ann: Keeper): Promise<string> {
  return ann.ask().then(
    () => "paid",
    (error: Error) => error.message,
  );
}

describe("an answer", () => {
  test("is paid from its person's escrow, and its receipt says so", async () => {
    const ann = await house.keeper("pays");
    await ann.sign(coins(0.05));
    const { id, paidWith } = await ann.answer(coins(0.01));
    expect(paidWith).toBe("coin");
    const receipt = await receiptOf(id);
    expect(receipt).toMatchObject({ paidWith: "coin", escrow: ann.address, amount: "10000000" });
    expect(faultsInNumbers(receipt)).toEqual([]);
    expect(await ann.view()).toMatchObject({ served: "10000000", held: "0", spendable: "40000000" });
  });

  test("is named as self-custody in its person's history and file, and in no balance", async () => {
    const ann = await house.keeper("history");
    await ann.sign(coins(0.05));
    const { id } = await ann.answer(coins(0.01));
    const { entries } = await historyPage(house.ctx, { id: ann.id }, null);
    expect(entries).toMatchObject([{ kind: "answer", paidWith: "self_custody", amount: "-10000000", receipt: id }]);
    const lines = [];
    for await (const line of historyCsv(house.ctx, { id: ann.id })) lines.push(line);
    expect(lines.join("")).toContain(`,answer,,self_custody,-0.01,${id},`);
  });

  test("is paid from what was prepaid as long as that reaches", async () => {
    const ann = await house.keeper("prepaid first");
    await ann.sign(coins(0.05));
    const { ledger } = house.ctx;
    // A gift of the house, which no transaction of the chain belongs to.
    const from = await ledger.openAccount({ asset: "coin", kind: "own", owner: "deposits" });
    const to = await ledger.openAccount({ asset: "coin", kind: "person", owner: `person:${ann.id}` });
    await ledger.do(moveOf({ from, to, amount: coins(0.01), kind: "gift" }));
    const { id } = await ann.answer(coins(0.005));
    expect((await receiptOf(id)).escrow).toBeUndefined();
    expect((await ann.view()).served).toBe("0");
    const { entries } = await historyPage(house.ctx, { id: ann.id }, null);
    expect(entries.map(({ paidWith }) => paidWith)).toEqual(["coin", "coin"]);
  });

  test("that fails costs nothing: what its steps took comes back to the escrow", async () => {
    const ann = await house.keeper("fails");
    await ann.sign(coins(0.05));
    const bill = await ann.ask();
    await endJob(house.ctx, bill.id);
    expect((await ann.view()).served).not.toBe("0");
    await closeBillAlone(house.ctx, { bill: bill.id, end: "failed" });
    expect(await ann.view()).toMatchObject({ served: "0", held: "0", spendable: "50000000" });
  });

  test("is refused in words where nothing was signed, and where what was signed is spent", async () => {
    const ann = await house.keeper("has not signed");
    await ann.view();
    expect(await refusalOf(ann)).toMatch(/Nothing was charged. What you signed is spent/);
    await ann.sign(coins(0.02));
    await ann.answer(coins(0.02));
    expect(await refusalOf(ann)).toMatch(/0 GRAM of your escrow can be spent.*What you signed is spent/);
  });

  test("is not paid beyond a tenth of a coin that was not redeemed", async () => {
    const ann = await house.keeper("owes");
    for (const signed of [0.06, 0.12]) {
      await ann.sign(coins(signed));
      await ann.answer(coins(0.04));
    }
    // Two hundredths are left of the tenth, of four that are signed.
    expect(await ann.view()).toMatchObject({ signed: "120000000", served: "80000000", spendable: "20000000" });
    await ann.answer(coins(0.02));
    expect(await ann.view()).toMatchObject({ spendable: "0", blocked: "unredeemed" });
    expect(await refusalOf(ann)).toMatch(/Nothing was charged. Your last answers are being redeemed/);
  });

  test("is one of several at once, which together are never paid beyond that", async () => {
    const ann = await house.keeper("many at once");
    await ann.sign(coins(0.1));
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => ann.ask({ steps: LARGE })));
    const opened = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(opened.length).toBeGreaterThan(1);
    const held = opened.reduce((sum, { budget }) => sum + budget, 0n);
    expect(held).toBeLessThanOrEqual(coins(0.1));
    expect((await ann.view()).held).toBe(String(held));
    for (const { id } of opened) await closeBillAlone(house.ctx, { bill: id, end: "failed" });
  });

  test("is not paid from what was last seen too long ago", async () => {
    const ann = await house.keeper("not seen");
    await ann.sign(coins(0.05));
    const seenAt = new Date(house.ctx.clock() - 6 * 60_000);
    const seenChainS = house.chain.nowS() - 6 * 60;
    await house.ctx.db.update(escrows).set({ seenAt, seenChainS }).where(eq(escrows.address, ann.address));
    expect(await refusalOf(ann)).toMatch(/Nothing was charged. Your escrow was not seen on the chain/);
    await house.watch();
    expect(await refusalOf(ann)).toBe("paid");
  });

  test("of somebody else is not paid from it", async () => {
    const ann = await house.keeper("not for others");
    await ann.sign(coins(0.05));
    const bob = await house.person(await house.rich("bob"));
    await expect(openBill(house.ctx, { ...(await requestFor(bob)) })).rejects.toMatchObject({
      code: "payment_required",
    });
  });
});

const requestFor = async (person: string) => ({
  id: crypto.randomUUID(),
  kind: "answer" as const,
  person,
  apiKey: null,
  inGroup: false,
  model: house.ctx.catalogue.get("qwen2.5-7b-instruct")!,
  askPercent: 100,
  steps: LARGE,
});
