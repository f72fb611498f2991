/** Subscriptions of thirty days, with the clock in the test's hand. */
import { expect, test } from "vitest";
import { ANN, BEN, linkOf, MONTH_S, paymentIn, refusalOf, subscribed } from "../../testing/shop.ts";
import { STARS_AT_FIRST } from "./star-ledger.ts";

test("a subscription is paid at once and again after thirty days, each payment with its own charge", async () => {
  await using it = await subscribed();
  const until = Math.floor(it.time.now / 1_000) + MONTH_S;
  expect(it.first).toMatchObject({
    is_recurring: true,
    is_first_recurring: true,
    subscription_expiration_date: until,
  });
  it.time.now += MONTH_S * 1_000 - 1;
  expect(await it.heard()).toEqual([]);
  it.time.now += 1;
  const [next] = paymentIn(await it.heard());
  expect(next).toMatchObject({ is_recurring: true, subscription_expiration_date: until + MONTH_S, total_amount: 100 });
  expect(next).not.toHaveProperty("is_first_recurring");
  expect(next?.telegram_payment_charge_id).not.toBe(it.charge);
  expect(await it.balance(ANN)).toBe(STARS_AT_FIRST - 200);
  expect(await it.subscriptions(ANN)).toEqual([
    { charge: it.charge, title: "50 answers", amount: 100, until: until + MONTH_S, state: "active" },
  ]);
  const { transactions } = await it.api.getStarTransactions();
  expect(transactions.map(({ source }) => source?.type === "user" && source.subscription_period)).toEqual([
    MONTH_S,
    MONTH_S,
  ]);
});

test("months that were slept through are not charged one by one", async () => {
  await using it = await subscribed();
  it.time.now += MONTH_S * 5_000;
  expect(paymentIn(await it.heard())).toHaveLength(1);
  expect((await it.subscriptions(ANN))[0]?.until).toBe(Math.floor(it.time.now / 1_000) + MONTH_S);
});

test("a renewal that the balance does not allow fails once, costs nothing, and is paid when Stars have come", async () => {
  await using it = await subscribed();
  await it.payAnswered({ user: ANN, slug: await linkOf(it, STARS_AT_FIRST - 100) });
  await it.heard();
  it.time.now += MONTH_S * 1_000;
  expect((await it.heard()).map(({ subscription }) => subscription)).toEqual([
    { user: expect.objectContaining({ id: ANN }), invoice_payload: "order-1", state: "failed" },
  ]);
  it.time.now += MONTH_S * 1_000;
  expect(await it.heard()).toEqual([]);
  expect(await it.balance(ANN)).toBe(0);
  await it.sim("stars", { user: ANN, add: 100 });
  expect((await it.act("renew")).body).toMatchObject({ state: "active" });
  expect(paymentIn(await it.heard())).toMatchObject([{ is_recurring: true, total_amount: 100 }]);
});

test("a canceled subscription is not renewed; its person can take that back only while it lasts", async () => {
  await using it = await subscribed();
  const states = async () => (await it.heard()).map(({ subscription }) => subscription?.state);
  await it.act("cancel");
  expect((await it.act("cancel")).status).toBe(400);
  await it.act("resume");
  await it.act("cancel");
  expect(await states()).toEqual(["canceled", "active", "canceled"]);
  it.time.now += MONTH_S * 1_000;
  expect(await it.heard()).toEqual([]);
  expect(await it.balance(ANN)).toBe(STARS_AT_FIRST - 100);
  expect(await it.subscriptions(ANN)).toEqual([]);
  expect((await it.act("resume")).status).toBe(400);
});

test("what the bot cancels its person cannot take up again until the bot allows it", async () => {
  await using it = await subscribed();
  await it.api.editUserStarSubscription(ANN, it.charge, true);
  expect((await it.subscriptions(ANN))[0]?.state).toBe("canceled-by-bot");
  expect((await it.act("resume")).status).toBe(400);
  await it.api.editUserStarSubscription(ANN, it.charge, false);
  expect((await it.act("resume")).body).toMatchObject({ state: "active" });
  expect((await it.heard()).map(({ subscription }) => subscription?.state)).toEqual(["active"]);
  expect(await refusalOf(it.api.editUserStarSubscription(BEN, it.charge, true))).toBe("Bad Request: CHARGE_NOT_FOUND");
});

test("a subscription is nobody else's to change", async () => {
  await using it = await subscribed();
  const answer = await it.sim("subscription", { user: BEN, charge: it.charge, act: "cancel" });
  expect(answer).toMatchObject({ status: 400, body: { error: "This person has no such subscription." } });
});
