/** What Telegram refuses of a bot's invoices, and the simulator of its person. */
import { expect, test } from "vitest";
import { ANN, keyboard, linkOf, MONTH_S, PACK, refusalOf, shop } from "../../testing/shop.ts";

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
