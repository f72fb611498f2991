/** Payments of Stars and their refunds on a real database: each has one effect, whatever is repeated and in which order. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { STARS_NOW as NOW, newPayer, openTestStars, paymentOf, refundOf, stars } from "../testing/stars.ts";
import type { TestStars } from "../testing/stars.ts";
import { checkOut, makeOrder, makeOrderFor } from "./orders.ts";
import { creditPayment } from "./payments.ts";
import { noteRefund } from "./refund-acts.ts";
import { takeBackRefunded } from "./refunds.ts";
import { settleDebts } from "./settle-debts.ts";
import { changeSubscription } from "./subscriptions.ts";

const MINUTE_MS = 60_000;

let shop: TestStars;
const ctx = () => shop.ctx;
const newPerson = () => shop.newPerson();
beforeAll(async () => {
  shop = await openTestStars();
});
afterEach(async () => {
  shop.time.now = NOW;
  await shop.expectSound();
});
afterAll(() => shop[Symbol.asyncDispose]());

const spend = async ({ id }: { id: string }, amount: number) => shop.end(await shop.hold(id, amount), amount);

const checkoutOf = ({ telegramId }: { telegramId: number }, order: { id: string; stars: number }) => ({
  payload: order.id,
  telegramId,
  currency: "XTR",
  amount: order.stars,
});

test("an order is paid once by its person within half an hour", async () => {
  const ann = await newPerson();
  const order = await makeOrder(ctx(), ann, { kind: "pack", stars: 50 });
  expect(order).toMatchObject({ kind: "pack", stars: 50, expiresAt: new Date(NOW + 30 * MINUTE_MS).toISOString() });
  expect(await checkOut(ctx(), checkoutOf(ann, order))).toEqual({ ok: true });
  const paid = await creditPayment(ctx(), paymentOf({ payer: ann.payer, payload: order.id }));
  expect(paid).toEqual({ fresh: true, credits: stars(50), balance: stars(50), debt: "0" });
  expect(await checkOut(ctx(), checkoutOf(ann, order))).toEqual({ ok: false, why: "paid" });
});

test("a pre-checkout is refused for an unknown or late order, another person and another amount", async () => {
  const [ann, ben] = [await newPerson(), await newPerson()];
  const order = await makeOrder(ctx(), ann, { kind: "pack", stars: 250 });
  const good = checkoutOf(ann, order);
  const why = async (checkout: typeof good) => (await checkOut(ctx(), checkout)) as { why?: string };
  expect(await why({ ...good, payload: randomUUID() })).toMatchObject({ why: "unknown" });
  expect(await why({ ...good, payload: "order-1'; --\0" })).toMatchObject({ why: "unknown" });
  expect(await why({ ...good, telegramId: ben.telegramId })).toMatchObject({ why: "other_person" });
  expect(await why({ ...good, amount: 1 })).toMatchObject({ why: "other_amount" });
  expect(await why({ ...good, currency: "USD" })).toMatchObject({ why: "other_amount" });
  shop.time.now = NOW + 30 * MINUTE_MS;
  expect(await why(good)).toMatchObject({ why: "expired" });
});

test("two clicks at once make one order, and old ones are gone: nobody has many", async () => {
  const ann = await newPerson();
  const click = () => makeOrder(ctx(), ann, { kind: "pack", stars: 50 });
  const orders = await Promise.all(Array.from({ length: 6 }, click));
  expect(new Set(orders.map(({ id }) => id)).size).toBe(1);
  expect((await makeOrder(ctx(), ann, { kind: "pack", stars: 250 })).id).not.toBe(orders[0]!.id);
  const rows = async () =>
    Number((await shop.ctx.pg.query("select count(*) from star_orders where person = $1", [ann.id])).rows[0].count);
  expect(await rows()).toBe(2);
  shop.time.now = NOW + 26 * 60 * MINUTE_MS;
  expect((await click()).id).not.toBe(orders[0]!.id);
  expect(await rows()).toBe(1);
});

test("the first thing somebody does here may be to order", async () => {
  const order = await makeOrderFor(ctx(), newPayer(), { kind: "pack", stars: 1_000 });
  expect(order.stars).toBe(1_000);
});

test("a payment asked for many times at once is credited once; other facts under its charge change nothing", async () => {
  const ann = await newPerson();
  const payment = paymentOf({ payer: ann.payer });
  const answers = await Promise.all(Array.from({ length: 8 }, () => creditPayment(ctx(), payment)));
  expect(answers.filter(({ fresh }) => fresh)).toHaveLength(1);
  expect(answers.every(({ credits, balance }) => credits === stars(50) && balance === stars(50))).toBe(true);
  const other = await creditPayment(ctx(), { ...payment, stars: 1_000 });
  expect(other).toEqual({ fresh: false, credits: stars(50), balance: stars(50), debt: "0" });
});

test.each([
  ["an unknown order", () => randomUUID()],
  ["no order's id", () => "order-1"],
])("a payment for %s is credited to its payer, also to one who never wrote here", async (_what, payload) => {
  const payer = newPayer();
  const paid = await creditPayment(ctx(), paymentOf({ payer, payload: payload() }));
  expect(paid).toMatchObject({ fresh: true, balance: stars(50) });
  expect(await creditPayment(ctx(), paymentOf({ payer }))).toMatchObject({ balance: stars(100) });
});

test("an invoice that another person paid is theirs, and one that was paid twice or late is credited each time", async () => {
  const [ann, ben] = [await newPerson(), await newPerson()];
  const order = await makeOrder(ctx(), ann, { kind: "pack", stars: 50 });
  const byBen = await creditPayment(ctx(), paymentOf({ payer: ben.payer, payload: order.id }));
  expect(byBen).toMatchObject({ balance: stars(50) });
  expect(await shop.standing(ann.id)).toMatchObject({ balance: 0n });
  shop.time.now = NOW + 60 * MINUTE_MS;
  for (const count of [1, 2])
    expect(await creditPayment(ctx(), paymentOf({ payer: ann.payer, payload: order.id }))).toMatchObject({
      balance: stars(50 * count),
    });
});

test("a payment returned before anything was spent leaves nothing, however often it is told", async () => {
  const ann = await newPerson();
  const payment = paymentOf({ payer: ann.payer });
  await creditPayment(ctx(), payment);
  const answers = await Promise.all(Array.from({ length: 6 }, () => takeBackRefunded(ctx(), refundOf(payment))));
  expect(answers.filter(({ fresh }) => fresh)).toHaveLength(1);
  expect(answers.every(({ balance, debt, language }) => balance === "0" && debt === "0" && language === "en")).toBe(
    true,
  );
  expect(await creditPayment(ctx(), payment)).toMatchObject({ fresh: false, balance: "0" });
});

test("what was spent of a returned payment is a debt, which the next payment pays first", async () => {
  const ann = await newPerson();
  const payment = paymentOf({ payer: ann.payer });
  await creditPayment(ctx(), payment);
  await spend(ann, 20);
  expect(await takeBackRefunded(ctx(), refundOf(payment))).toMatchObject({
    credits: stars(50),
    balance: "0",
    debt: stars(20),
  });
  expect(await creditPayment(ctx(), paymentOf({ payer: ann.payer, stars: 5 }))).toMatchObject({
    credits: stars(5),
    balance: "0",
    debt: stars(15),
  });
  expect(await creditPayment(ctx(), paymentOf({ payer: ann.payer }))).toMatchObject({ balance: stars(35), debt: "0" });
});

test("what an answer under way holds is not taken from it; what it leaves pays the debt", async () => {
  const ann = await newPerson();
  const payment = paymentOf({ payer: ann.payer });
  await creditPayment(ctx(), payment);
  const hold = await shop.hold(ann.id, 30);
  expect(await takeBackRefunded(ctx(), refundOf(payment))).toMatchObject({ balance: "0", debt: stars(30) });
  expect(await settleDebts(ctx())).toBe(0);
  await shop.end(hold, 0);
  expect(await settleDebts(ctx())).toBe(1);
  expect(await settleDebts(ctx())).toBe(0);
  expect(await shop.standing(ann.id)).toEqual({ balance: 0n, held: 0n, owed: 0n });
});

test("a payment that an operator returns costs its person nothing more: the house bears what was spent", async () => {
  const ann = await newPerson();
  const payment = paymentOf({ payer: ann.payer });
  await creditPayment(ctx(), payment);
  await spend(ann, 20);
  await noteRefund(shop.ctx.db, { who: "op", why: "asked", charge: payment.charge, restTo: "gifts" });
  expect(await takeBackRefunded(ctx(), refundOf(payment))).toMatchObject({
    credits: stars(30),
    balance: "0",
    debt: "0",
  });
});

test("a refund heard of before its payment keeps that from being credited", async () => {
  const payer = newPayer();
  const payment = paymentOf({ payer, recurring: true, firstRecurring: true, until: NOW / 1_000 + 60 });
  expect(await takeBackRefunded(ctx(), refundOf(payment))).toMatchObject({ fresh: true, credits: "0", language: null });
  expect(await creditPayment(ctx(), payment)).toMatchObject({ fresh: true, credits: "0", balance: "0", debt: "0" });
  expect(await creditPayment(ctx(), payment)).toMatchObject({ fresh: false, credits: "0" });
  const { rows } = await shop.ctx.pg.query("select 1 from star_subscriptions where telegram_id = $1", [
    payer.telegramId,
  ]);
  expect(rows).toEqual([]);
});

test("a payment and its refund that come in the same moment leave nothing, whichever is first", async () => {
  for (let turn = 0; turn < 12; turn++) {
    const ann = await newPerson();
    const payment = paymentOf({ payer: ann.payer });
    await Promise.all([creditPayment(ctx(), payment), takeBackRefunded(ctx(), refundOf(payment))]);
    expect(await shop.standing(ann.id)).toEqual({ balance: 0n, held: 0n, owed: 0n });
  }
});

test("somebody who deleted themselves owes nothing: a refund of what they spent is the house's", async () => {
  const ann = await newPerson();
  const payment = paymentOf({ payer: ann.payer });
  await creditPayment(ctx(), payment);
  await spend(ann, 50);
  await shop.ctx.pg.query("delete from people where id = $1", [ann.id]);
  expect(await takeBackRefunded(ctx(), refundOf(payment))).toMatchObject({ fresh: true, debt: "0" });
  expect(await shop.standing(ann.id)).toEqual({ balance: 0n, held: 0n, owed: 0n });
});

test("a server killed before or after any statement has credited and taken back once when it is asked again", async () => {
  let killed = 0;
  for (const when of ["before", "after"] as const)
    for (let statement = 1, wasKilled = true; wasKilled; statement++) {
      const ann = await newPerson();
      const payment = paymentOf({ payer: ann.payer });
      const dying = dyingPool(statement, when);
      await creditPayment({ ...ctx(), pg: dying.pg }, payment).catch(() => undefined);
      expect(await creditPayment(ctx(), payment)).toMatchObject({ credits: stars(50), balance: stars(50) });
      const dyingToo = dyingPool(statement, when);
      await takeBackRefunded({ ...ctx(), pg: dyingToo.pg }, refundOf(payment)).catch(() => undefined);
      expect(await takeBackRefunded(ctx(), refundOf(payment))).toMatchObject({
        credits: stars(50),
        balance: "0",
        debt: "0",
      });
      wasKilled = dying.isDead() || dyingToo.isDead();
      killed += Number(dying.isDead()) + Number(dyingToo.isDead());
    }
  expect(killed).toBeGreaterThan(40);
});

/** A pool whose connection breaks before this statement is sent, or after it was answered and nobody heard the answer. */
function dyingPool(statement: number, when: "before" | "after") {
  let asked = 0;
  let dead = false;
  const connect = async () => {
    const client = await shop.ctx.pg.connect();
    const kill = () => {
      dead = true;
      client.connection.stream.destroy();
      throw new Error("killed");
    };
    const query = async (...args: unknown[]): Promise<unknown> => {
      const isIt = ++asked === statement;
      if (isIt && when === "before") kill();
      const answer: unknown = await (client.query as (...given: unknown[]) => Promise<unknown>)(...args);
      return isIt ? kill() : answer;
    };
    client.on("error", () => {});
    return Object.assign(Object.create(client) as typeof client, { query });
  };
  return { pg: { connect } as never as TestStars["ctx"]["pg"], isDead: () => dead };
}

async function subscribe(ann: Awaited<ReturnType<typeof newPerson>>) {
  const order = await makeOrder(ctx(), ann, { kind: "subscription" });
  const month = 30 * 86_400;
  const period = (number: number) =>
    paymentOf({
      payer: ann.payer,
      payload: order.id,
      stars: 250,
      recurring: true,
      firstRecurring: number === 1,
      at: NOW / 1_000 + (number - 1) * month,
      until: NOW / 1_000 + number * month,
    });
  const first = period(1);
  await creditPayment(ctx(), first);
  const stored = async () =>
    (
      await shop.ctx.pg.query("select state, first_charge, paid_until from star_subscriptions where person = $1", [
        ann.id,
      ])
    ).rows[0];
  return { order, period, first, stored };
}

test("a subscription credits a tenth more each time it is paid, and keeps the first payment's charge", async () => {
  const ann = await newPerson();
  const { period, first, stored } = await subscribe(ann);
  expect(await shop.standing(ann.id)).toMatchObject({ balance: BigInt(stars(275)) });
  expect(await creditPayment(ctx(), period(2))).toMatchObject({ credits: stars(275), balance: stars(550) });
  const until = new Date(NOW + 2 * 30 * 86_400_000);
  expect(await stored()).toEqual({ state: "active", first_charge: first.charge, paid_until: until });
  const back = await takeBackRefunded(ctx(), refundOf(first));
  expect(back).toMatchObject({ credits: stars(275), balance: stars(275), debt: "0" });
});

test("a renewal heard of before the first payment does not take its place", async () => {
  const ann = await newPerson();
  const order = await makeOrder(ctx(), ann, { kind: "subscription" });
  const facts = { payer: ann.payer, payload: order.id, stars: 250, recurring: true, until: NOW / 1_000 + 86_400 };
  await creditPayment(ctx(), paymentOf({ ...facts, firstRecurring: false }));
  const first = paymentOf({ ...facts, firstRecurring: true, until: NOW / 1_000 });
  await creditPayment(ctx(), first);
  const { rows } = await shop.ctx.pg.query(
    "select first_charge, paid_until from star_subscriptions where person = $1",
    [ann.id],
  );
  expect(rows).toEqual([{ first_charge: first.charge, paid_until: new Date(NOW + 86_400_000) }]);
});

test("a subscription that failed or was canceled changes the screen, not the credits; while one runs there is no second", async () => {
  const ann = await newPerson();
  const { order, stored } = await subscribe(ann);
  await expect(makeOrder(ctx(), ann, { kind: "subscription" })).rejects.toMatchObject({ code: "conflict" });
  for (const state of ["failed", "canceled"] as const) {
    await changeSubscription(ctx(), { telegramId: ann.telegramId, payload: order.id, state });
    expect(await stored()).toMatchObject({ state });
  }
  expect(await shop.standing(ann.id)).toMatchObject({ balance: BigInt(stars(275)) });
  const second = await makeOrder(ctx(), ann, { kind: "subscription" });
  await changeSubscription(ctx(), { telegramId: ann.telegramId, payload: order.id, state: "active" });
  expect(await checkOut(ctx(), checkoutOf(ann, second))).toEqual({ ok: false, why: "subscribed" });
  shop.time.now = NOW + 31 * 86_400_000;
  const later = await makeOrder(ctx(), ann, { kind: "subscription" });
  expect(await checkOut(ctx(), checkoutOf(ann, later))).toEqual({ ok: true });
});
