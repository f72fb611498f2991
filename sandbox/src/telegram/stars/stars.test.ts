/** Payments in Stars, with grammY's own client on the bot's side and the clock in the test's hand. */
import fs from "node:fs";
import path from "node:path";
import type { Message, Update } from "@grammyjs/types";
import { Api, GrammyError } from "grammy";
import { expect, test } from "vitest";
import { TEST_TOKEN, testFolder, testSimulator } from "../../testing/simulator.ts";
import type { TestSimulator } from "../../testing/simulator.ts";
import { STARS_AT_FIRST } from "./star-ledger.ts";

const ANN = 42;
const BEN = 43;
const GROUP = -1001;
const MONTH_S = 2_592_000;

interface Shop extends TestSimulator {
  readonly api: Api;
  /** Updates that came since the last call, all confirmed; the first of them is waited for if `timeout` is given, seconds. */
  heard(timeout?: number): Promise<Update[]>;
  pay(choice: object): Promise<Record<string, unknown>>;
  /** Begins a payment and waits until the bot has been asked. */
  beginToPay(choice: object): Promise<{ outcome: Promise<Record<string, unknown>>; id: string; asked: Update }>;
  /** Pays, and has the bot answer with `verdict` before anything else happens. */
  payAnswered(choice: object, verdict?: { ok: boolean; reason?: string }): Promise<Record<string, unknown>>;
  balance(user: number): Promise<number>;
  subscriptions(user: number): Promise<{ charge: string; until: number; state: string }[]>;
}

async function shop(folder = testFolder()): Promise<Shop> {
  const sim = testSimulator(folder);
  const inProcess = (url: string, init: RequestInit) => sim.routes.request(url, init);
  const api = new Api(TEST_TOKEN, { apiRoot: "http://localhost", fetch: inProcess as never });
  let offset = 0;
  const purse = async (user: number) =>
    (await (await sim.routes.request(`/sim/stars?user=${user}`)).json()) as {
      balance: number;
      subscriptions: { charge: string; until: number; state: string }[];
    };
  const made: Shop = {
    ...sim,
    [Symbol.asyncDispose]: () => sim[Symbol.asyncDispose](),
    api,
    async heard(timeout = 0) {
      const updates = await api.getUpdates({ offset, timeout });
      offset = (updates.at(-1)?.update_id ?? offset - 1) + 1;
      return updates;
    },
    pay: async (choice) => (await sim.sim("pay", choice)).body,
    async beginToPay(choice) {
      const outcome = made.pay(choice);
      const [asked] = await made.heard(5);
      if (!asked?.pre_checkout_query) throw new Error(`the bot was not asked: ${JSON.stringify(await outcome)}`);
      return { outcome, id: asked.pre_checkout_query.id, asked };
    },
    async payAnswered(choice, { ok, reason } = { ok: true }) {
      await made.heard();
      const { outcome, id } = await made.beginToPay(choice);
      await api.answerPreCheckoutQuery(id, ok, reason === undefined ? {} : { error_message: reason });
      return outcome;
    },
    balance: async (user) => (await purse(user)).balance,
    subscriptions: async (user) => (await purse(user)).subscriptions,
  };
  await sim.sim("text", { user: ANN, text: "/start", name: "Ann" });
  await made.heard();
  return made;
}

const PACK = [
  "50 answers",
  "Answers of the large model",
  "order-1",
  "",
  "XTR",
  [{ label: "Stars", amount: 50 }],
] as const;
const sendPack = (it: Shop): Promise<Message.InvoiceMessage> => {
  const [title, description, payload, , currency, prices] = PACK;
  return it.api.sendInvoice(ANN, title, description, payload, currency, [...prices]);
};
const linkOf = async (it: Shop, amount = 50, more: object = {}): Promise<string> => {
  const [title, description, payload, token, currency] = PACK;
  const prices = [{ label: "Stars", amount }];
  const link = await it.api.createInvoiceLink(title, description, payload, token, currency, prices, more);
  return link.replace("https://t.me/$", "");
};
const keyboard = (...buttons: object[]) => ({ reply_markup: { inline_keyboard: [buttons] } });
const paymentIn = (updates: Update[]) => updates.flatMap(({ message }) => message?.successful_payment ?? []);
const refusalOf = async (call: Promise<unknown>): Promise<string> => {
  const refusal = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(refusal instanceof GrammyError)) throw new Error(`not refused: ${String(refusal)}`);
  return refusal.description;
};

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
  // Its update would be an id after this one.
  const before = it.telegram.world.lastUpdateId;
  await expect.poll(() => it.telegram.world.lastUpdateId).toBe(before + 1);
  expect(await it.heard()).toEqual([]);
  it.time.now += 10_000;
  await it.api.getMe();
  expect(await paying).toEqual({ status: "unanswered" });
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

const REFUSED: [what: string, change: object, description: string][] = [
  ["another currency", { currency: "USD" }, "PAYMENT_PROVIDER_INVALID"],
  ["no currency", { currency: "" }, 'parameter "currency" is required'],
  ["a provider", { provider_token: "123:TEST" }, "STARS_INVOICE_INVALID"],
  ["two prices", { prices: [PACK[5][0], PACK[5][0]] }, "STARS_INVOICE_INVALID"],
  ["no price", { prices: [] }, "there must be at least one price"],
  ["no prices", { prices: undefined }, 'parameter "prices" is required'],
  ["prices in words", { prices: "fifty" }, "can't parse prices JSON object"],
  ["a price of nothing", { prices: [{ label: "x", amount: 0 }] }, "CURRENCY_TOTAL_AMOUNT_INVALID"],
  ["a price of less", { prices: [{ label: "x", amount: -5 }] }, "CURRENCY_TOTAL_AMOUNT_INVALID"],
  [
    "half a Star",
    { prices: [{ label: "x", amount: 0.5 }] },
    'can\'t parse labeled price: Field "amount" must be a valid Number',
  ],
  ["100,001 Stars", { prices: [{ label: "x", amount: 100_001 }] }, "CURRENCY_TOTAL_AMOUNT_INVALID"],
  [
    "a price without a label",
    { prices: [{ label: "", amount: 1 }] },
    "can't parse labeled price: LabeledPrice label must be non-empty",
  ],
  ["tips", { max_tip_amount: 5 }, "STARS_INVOICE_INVALID"],
  ["an address", { need_shipping_address: true }, "STARS_INVOICE_INVALID"],
  ["no title", { title: "" }, 'parameter "title" is required'],
  ["33 characters of title", { title: "я".repeat(33) }, "STARS_INVOICE_INVALID"],
  ["no payload", { payload: "" }, 'parameter "payload" is required'],
  ["129 bytes of payload", { payload: "x".repeat(129) }, "INVOICE_PAYLOAD_INVALID"],
  ["a period of a day", { subscription_period: 86_400 }, "SUBSCRIPTION_PERIOD_INVALID"],
  [
    "a subscription of 10,001 Stars",
    { subscription_period: MONTH_S, prices: [{ label: "x", amount: 10_001 }] },
    "SUBSCRIPTION_AMOUNT_INVALID",
  ],
];

test.each(REFUSED)("%s is refused in a link in Telegram's words", async (_what, change, description) => {
  await using it = await shop();
  const [title, about, payload, provider_token, currency, prices] = PACK;
  const whole = { title, description: about, payload, provider_token, currency, prices };
  expect((await it.call("createInvoiceLink", whole)).ok).toBe(true);
  expect(await it.call("createInvoiceLink", { ...whole, ...change })).toMatchObject({
    error_code: 400,
    description: `Bad Request: ${description}`,
  });
});

test("an invoice message sells no subscription, and only it has a Pay button, as the first", async () => {
  await using it = await shop();
  const [title, description, payload, , currency, prices] = PACK;
  const send = (more: object) => it.api.sendInvoice(ANN, title, description, payload, currency, [...prices], more);
  const pay = { text: "Buy", pay: true };
  const other = { text: "Terms", callback_data: "terms" };
  expect(await refusalOf(send({ subscription_period: MONTH_S }))).toBe("Bad Request: SUBSCRIPTION_EXPORT_MISSING");
  expect(await refusalOf(send(keyboard(other)))).toBe("Bad Request: REPLY_MARKUP_BUY_EMPTY");
  expect(await refusalOf(send(keyboard(pay, pay)))).toBe("Bad Request: BUTTON_TYPE_INVALID");
  expect(await refusalOf(it.api.sendMessage(ANN, "x", keyboard(pay) as never))).toBe(
    "Bad Request: BUTTON_TYPE_INVALID",
  );
  const sent = await send(keyboard(pay, other));
  expect(sent).toHaveProperty("reply_markup.inline_keyboard", [[pay, other]]);
  const edited = await it.api.editMessageReplyMarkup(ANN, sent.message_id);
  expect(edited).toMatchObject({ reply_markup: { inline_keyboard: [[{ pay: true }]] } });
});

test("a refusal without words is refused itself and leaves the query open", async () => {
  await using it = await shop();
  const { outcome, id } = await it.beginToPay({ user: ANN, slug: await linkOf(it) });
  expect(await refusalOf(it.api.answerPreCheckoutQuery(id, false))).toBe(
    'Bad Request: parameter "error_message" is required',
  );
  await it.api.answerPreCheckoutQuery(id, true);
  expect(await outcome).toMatchObject({ status: "paid" });
});

/** A shop where Ann has subscribed for 100 Stars a month. */
async function subscribed(folder?: string) {
  const it = await shop(folder);
  const slug = await linkOf(it, 100, { subscription_period: MONTH_S });
  const { charge } = (await it.payAnswered({ user: ANN, slug })) as { charge: string };
  const [first] = paymentIn(await it.heard());
  const act = (what: string) => it.sim("subscription", { user: ANN, charge, act: what });
  return { ...it, [Symbol.asyncDispose]: () => it[Symbol.asyncDispose](), charge, first, act };
}

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

test("a reopened simulator has the same balances, statement, links and subscriptions", async () => {
  const folder = testFolder();
  const first = await subscribed(folder);
  const slug = await linkOf(first);
  const { charge } = (await first.payAnswered({ user: ANN, slug })) as { charge: string };
  await first.api.refundStarPayment(ANN, charge);
  await first.sim("stars", { user: BEN, add: 7 });
  const seen = async (it: Shop) => [
    await it.balance(ANN),
    await it.balance(BEN),
    await it.subscriptions(ANN),
    await it.api.getStarTransactions(),
    await it.api.getMyStarBalance(),
  ];
  const before = await seen(first);
  expect(before.slice(0, 2)).toEqual([STARS_AT_FIRST - 100, STARS_AT_FIRST + 7]);
  // Opened twice, since opening rewrites the journal from the state.
  for (let time = 0; time < 2; time++) {
    await using again = await shop(folder);
    expect(await seen(again)).toEqual(before);
    expect(await refusalOf(again.api.refundStarPayment(ANN, charge))).toBe("Bad Request: CHARGE_ALREADY_REFUNDED");
    expect((await again.routes.request(`/sim/invoice/${slug}`)).status).toBe(200);
  }
});

test("a data folder from before there were Stars opens, and everybody has the Stars of a newcomer", async () => {
  const folder = testFolder();
  const chat = { id: ANN, type: "private", first_name: "Ann" };
  const message = { message_id: 1, date: 0, chat, text: "old" };
  const records = [
    { kind: "chat", chat },
    { kind: "message", stored: { message } },
  ];
  fs.writeFileSync(path.join(folder, "journal.jsonl"), records.map((each) => `${JSON.stringify(each)}\n`).join(""));
  await using it = await shop(folder);
  expect((await it.transcript(ANN)).messages[0]).toMatchObject({ text: "old", invoice: null, payment: null });
  expect(await it.balance(ANN)).toBe(STARS_AT_FIRST);
  expect(await it.api.getStarTransactions()).toEqual({ transactions: [] });
});

test.each([
  ["a payment of nothing", "pay", { user: ANN }, /"slug" or "message"/],
  ["a payment of both", "pay", { user: ANN, slug: "x", message: 1 }, /"slug" or "message"/],
  ["an unknown link", "pay", { user: ANN, slug: "x" }, /does not exist/],
  ["a message that is no invoice", "pay", { user: ANN, message: 1 }, /not an invoice/],
  ["no Stars", "stars", { user: ANN, add: 0 }, /^add: /],
  ["Stars taken away", "stars", { user: ANN, add: -5 }, /^add: /],
  ["more Stars than anybody can have", "stars", { user: ANN, add: 1_000_000 }, /at most 1000000/],
  ["an unknown act", "subscription", { user: ANN, charge: "x", act: "double" }, /^act: /],
])("%s is refused with a reason", async (_what, route, body, words) => {
  await using it = await shop();
  const answer = await it.sim(route, body);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatch(words);
});

test("the link of an invoice shows its terms without the payload; an unknown one is refused", async () => {
  await using it = await shop();
  const shown = await it.routes.request(`/sim/invoice/${await linkOf(it)}`);
  expect(await shown.json()).toEqual({
    title: "50 answers",
    description: "Answers of the large model",
    amount: 50,
    periodS: null,
  });
  expect((await it.routes.request("/sim/invoice/none")).status).toBe(400);
});
