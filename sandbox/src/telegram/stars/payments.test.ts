/** Invoices paid and refunded, and the bot's statement of them. */
import { expect, test } from "vitest";
import { ANN, BEN, GROUP, linkOf, PACK, paymentIn, refusalOf, sendPack, shop } from "../../testing/shop.ts";
import { STARS_AT_FIRST } from "./star-ledger.ts";

test("an invoice shows what it sells and a Pay button, not its payload", async () => {
  await using it = await shop();
  const sent = await sendPack(it);
  expect(sent.invoice).toEqual({
    title: "50 answers",
    description: "Answers of the large model",
    start_parameter: "",
    currency: "XTR",
    total_amount: 50,
  });
  expect(sent).toHaveProperty("reply_markup", { inline_keyboard: [[{ text: "Pay ⭐️50", pay: true }]] });
  const shown = (await it.transcript(ANN)).messages.at(-1);
  expect(shown).toMatchObject({ from: "bot", invoice: { title: "50 answers", amount: 50, periodS: null } });
  expect(JSON.stringify(shown)).not.toContain("order-1");
});

test("a payment the bot agrees to moves the Stars and reaches the bot as a message of the payer", async () => {
  await using it = await shop();
  const { message_id: message } = await sendPack(it);
  const { outcome, id, asked } = await it.beginToPay({ user: ANN, message });
  expect(asked.pre_checkout_query).toMatchObject({
    from: { id: ANN },
    currency: "XTR",
    total_amount: 50,
    invoice_payload: "order-1",
  });
  expect(await it.balance(ANN)).toBe(STARS_AT_FIRST);
  await it.api.answerPreCheckoutQuery(id, true);
  const { charge } = await outcome;
  const [paid] = await it.heard();
  expect(paid?.message).toMatchObject({ from: { id: ANN }, chat: { id: ANN, type: "private" } });
  expect(paid?.message?.successful_payment).toEqual({
    currency: "XTR",
    total_amount: 50,
    invoice_payload: "order-1",
    telegram_payment_charge_id: charge,
    provider_payment_charge_id: `${ANN}_1`,
  });
  expect(await it.balance(ANN)).toBe(STARS_AT_FIRST - 50);
  expect(await it.api.getMyStarBalance()).toEqual({ amount: 50 });
  expect((await it.transcript(ANN)).messages.at(-1)).toMatchObject({
    payment: { kind: "paid", amount: 50, title: "50 answers" },
  });
});

test("a payment the bot refuses costs nothing, and its payer gets the bot's words", async () => {
  await using it = await shop();
  const { message_id: message } = await sendPack(it);
  const outcome = await it.payAnswered({ user: ANN, message }, { ok: false, reason: "This order is paid already." });
  expect(outcome).toEqual({ status: "refused", reason: "This order is paid already." });
  expect(paymentIn(await it.heard())).toEqual([]);
  expect(await it.balance(ANN)).toBe(STARS_AT_FIRST);
  expect(await it.api.getStarTransactions()).toEqual({ transactions: [] });
});

test("an answer that takes ten seconds is too late: nothing is paid and the bot is told so", async () => {
  await using it = await shop();
  const { message_id: message } = await sendPack(it);
  const { outcome, id } = await it.beginToPay({ user: ANN, message });
  it.time.now += 10_000;
  expect(await refusalOf(it.api.answerPreCheckoutQuery(id, true))).toBe(
    "Bad Request: query is too old and response timeout expired or query ID is invalid",
  );
  expect(await outcome).toEqual({ status: "unanswered" });
  expect(await it.balance(ANN)).toBe(STARS_AT_FIRST);
  expect(paymentIn(await it.heard())).toEqual([]);
});

test("an answer just within ten seconds counts, and a second one does not", async () => {
  await using it = await shop();
  const { message_id: message } = await sendPack(it);
  const { outcome, id } = await it.beginToPay({ user: ANN, message });
  it.time.now += 9_999;
  await it.api.answerPreCheckoutQuery(id, true);
  expect(await outcome).toMatchObject({ status: "paid" });
  expect(await refusalOf(it.api.answerPreCheckoutQuery(id, true))).toMatch(/query is too old/);
});

test("a person with too few Stars pays nothing and the bot is not asked", async () => {
  await using it = await shop();
  const slug = await linkOf(it, STARS_AT_FIRST + 1);
  expect(await it.pay({ user: ANN, slug })).toEqual({ status: "too-few", balance: STARS_AT_FIRST });
  expect(await it.heard()).toEqual([]);
  await it.sim("stars", { user: ANN, add: 1 });
  expect(await it.payAnswered({ user: ANN, slug })).toMatchObject({ status: "paid" });
  expect(await it.balance(ANN)).toBe(0);
});

test("of two payments at once that a balance allows one of, the second to be approved is not taken", async () => {
  await using it = await shop();
  const slug = await linkOf(it, STARS_AT_FIRST);
  const both = [await it.beginToPay({ user: ANN, slug }), await it.beginToPay({ user: ANN, slug })];
  for (const { id } of both) await it.api.answerPreCheckoutQuery(id, true);
  expect(await Promise.all(both.map(({ outcome }) => outcome))).toEqual([
    { status: "paid", charge: expect.any(String) },
    { status: "too-few", balance: 0 },
  ]);
  expect(await it.api.getMyStarBalance()).toEqual({ amount: STARS_AT_FIRST });
});

test("one link is paid twice and by another person, who needs no chat with the bot before", async () => {
  await using it = await shop();
  const slug = await linkOf(it);
  await it.payAnswered({ user: ANN, slug });
  await it.payAnswered({ user: ANN, slug });
  await it.payAnswered({ user: BEN, slug });
  const { transactions } = await it.api.getStarTransactions();
  expect(transactions.map(({ source }) => source?.type === "user" && source.user.id)).toEqual([ANN, ANN, BEN]);
  expect(new Set(transactions.map(({ id }) => id)).size).toBe(3);
  expect((await it.transcript(BEN)).messages).toMatchObject([{ payment: { kind: "paid" } }]);
});

test("an invoice in a group is paid by anybody; the payment is announced in the payer's own chat", async () => {
  await using it = await shop();
  await it.sim("text", { user: BEN, chat: GROUP, text: "/buy" });
  const [title, description, payload, , currency, prices] = PACK;
  const { message_id: message } = await it.api.sendInvoice(GROUP, title, description, payload, currency, [...prices]);
  await it.payAnswered({ user: BEN, chat: GROUP, message });
  expect((await it.heard()).at(-1)?.message?.chat).toMatchObject({ id: BEN, type: "private" });
});

test("a bot that did not subscribe to pre-checkout queries gets none, so nobody can pay it", async () => {
  await using it = await shop();
  const { message_id: message } = await sendPack(it);
  await it.api.getUpdates({ allowed_updates: ["message"] });
  const paying = it.pay({ user: ANN, message });
  // An update that is not delivered uses up an id too.
  const before = it.telegram.world.lastUpdateId;
  await expect.poll(() => it.telegram.world.lastUpdateId).toBe(before + 1);
  expect(await it.heard()).toEqual([]);
  it.time.now += 10_000;
  await it.api.getMe();
  expect(await paying).toEqual({ status: "unanswered" });
});

test("an invoice or a payment cannot be forwarded: the bot hears of a payment once", async () => {
  await using it = await shop();
  const { message_id } = await sendPack(it);
  await it.payAnswered({ user: ANN, message: message_id });
  const [paid] = (await it.heard()).flatMap(({ message }) => (message?.successful_payment ? [message] : []));
  for (const message of [message_id, paid!.message_id]) {
    const answer = await it.sim("forward", { user: ANN, message });
    expect(answer).toMatchObject({ status: 400, body: { error: "Invoices and payments cannot be forwarded." } });
  }
  expect(await it.heard()).toEqual([]);
});

test("a refund returns the whole payment once, under the same id, and tells person and bot", async () => {
  await using it = await shop();
  const { charge } = (await it.payAnswered({ user: ANN, slug: await linkOf(it) })) as { charge: string };
  await it.heard();
  await it.api.refundStarPayment(ANN, charge);
  const [told] = await it.heard();
  expect(told?.message).toMatchObject({
    from: { is_bot: true },
    chat: { id: ANN },
    refunded_payment: {
      currency: "XTR",
      total_amount: 50,
      invoice_payload: "order-1",
      telegram_payment_charge_id: charge,
    },
  });
  expect((await it.transcript(ANN)).messages.at(-1)).toMatchObject({ payment: { kind: "refunded", amount: 50 } });
  expect(await refusalOf(it.api.refundStarPayment(ANN, charge))).toBe("Bad Request: CHARGE_ALREADY_REFUNDED");
  expect(await it.balance(ANN)).toBe(STARS_AT_FIRST);
  expect(await it.api.getMyStarBalance()).toEqual({ amount: 0 });
  const partner = { type: "user", transaction_type: "invoice_payment", user: { id: ANN }, invoice_payload: "order-1" };
  const { transactions } = await it.api.getStarTransactions();
  expect(transactions).toMatchObject([
    { id: charge, amount: 50, source: partner },
    { id: charge, amount: 50, receiver: partner },
  ]);
  expect(transactions[0]).not.toHaveProperty("receiver");
});

test("nothing is refunded to somebody else, for an unknown charge, or to nobody", async () => {
  await using it = await shop();
  const { charge } = (await it.payAnswered({ user: ANN, slug: await linkOf(it) })) as { charge: string };
  expect(await refusalOf(it.api.refundStarPayment(BEN, charge))).toBe("Bad Request: CHARGE_NOT_FOUND");
  expect(await refusalOf(it.api.refundStarPayment(ANN, "stx"))).toBe("Bad Request: CHARGE_NOT_FOUND");
  expect(await refusalOf(it.api.refundStarPayment(0, charge))).toBe("Bad Request: invalid user_id specified");
  expect(await refusalOf(it.api.refundStarPayment(ANN, ""))).toBe(
    'Bad Request: parameter "telegram_payment_charge_id" is required',
  );
  expect(await it.balance(ANN)).toBe(STARS_AT_FIRST - 50);
});

test("the statement is read in pages, oldest first, at most a hundred lines each", async () => {
  await using it = await shop();
  const slug = await linkOf(it, 1);
  for (let count = 0; count < 103; count++) await it.payAnswered({ user: ANN, slug });
  const page = async (offset?: number, limit?: number) =>
    (await it.api.getStarTransactions({ ...(offset === undefined ? {} : { offset }), ...(limit ? { limit } : {}) }))
      .transactions;
  const all = [...(await page()), ...(await page(100))];
  expect([(await page()).length, (await page(100)).length, (await page(103)).length]).toEqual([100, 3, 0]);
  expect(await page(0, 5_000)).toEqual(all.slice(0, 100));
  expect(await page(1, 2)).toEqual(all.slice(1, 3));
  expect(new Set(all.map(({ id }) => id)).size).toBe(103);
});
