/** Stars from the first tap to the books: the real bot and server, and a simulated Telegram that takes the Stars. */
import { expect, test } from "vitest";
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import { reconcileStars } from "@starai/server/stars/reconcile";
import { returnPayment } from "@starai/server/stars/return-payment";
import { upsertPerson } from "@starai/server/sessions/upsert-person";
import { makeInvoiceLink } from "@starai/server/stars/orders";
import { readStanding } from "@starai/server/stars/star-books";
import { expectSound } from "@starai/server/testing/ledger";
import { answers } from "@starai/server/testing/scripted-thinking";
import type { MessageView } from "../src/telegram/views.ts";
import { openBotStack } from "./bot-stack.ts";
import { moneyOf } from "./money-of.ts";

const [ANN, BEN] = [42, 43];
const NANO = 1_000_000_000n;

type Stack = Awaited<ReturnType<typeof openBotStack>>;
type Pay = { status: string; charge?: string; reason?: string };

const lastText = (messages: MessageView[]) => messages.at(-1)?.text ?? "";
const invoicesOf = (messages: MessageView[]) => messages.filter(({ invoice }) => invoice !== null);
const pay = async (stack: Stack, choice: object) => (await (await stack.post("pay", choice)).json()) as Pay;

/** The server says this of everybody's money. */
const withMoney = (stack: Stack, given = {}) => {
  stack.intercept = (path, method) =>
    method === "GET" && path.endsWith("/money") ? Response.json(moneyOf(given)) : null;
};

async function standing(stack: Stack, telegramId: number) {
  const { rows } = await stack.ctx.pg.query("select id from people where telegram_id = $1", [telegramId]);
  return readStanding(stack.ctx.pg, rows[0]?.id ?? null);
}

const balanceOf = async (stack: Stack, user: number) => Number((await standing(stack, user)).balance / NANO);

const menusOf = (all: readonly MessageView[]) => all.filter(({ buttons }) => buttons.length === 4);

/** Orders a pack by the buttons of /topup. Returns the invoice's message. */
async function order(stack: Stack, user: number, label: string): Promise<number> {
  const seen = menusOf(await stack.transcript(user)).length;
  await stack.say(user, "/topup");
  // Word of an earlier payment may come after the menu.
  const menu = menusOf(await stack.until(user, (all) => menusOf(all).length > seen)).at(-1)!;
  const button = menu.buttons.flat().find(({ text }) => text.startsWith(label));
  const before = invoicesOf(await stack.transcript(user)).length;
  await stack.post("tap", { user, message: menu.id, button: button?.text });
  return invoicesOf(await stack.until(user, (all) => invoicesOf(all).length > before)).at(-1)!.id;
}

test("a person tops up by two taps, and the paid invoice is not paid twice, also by its double", async () => {
  await using stack = await openBotStack();
  withMoney(stack);
  const invoice = await order(stack, ANN, "50 Stars");
  const menu = (await stack.transcript(ANN))[1]!;
  expect(menu.text).toContain("cannot be withdrawn");
  expect(menu.buttons.flat().map(({ text }) => text)).toEqual([
    "50 Stars · ≈ 500 answers",
    "250 Stars · ≈ 2,500 answers",
    "1000 Stars · ≈ 10,000 answers",
    "250 Stars every 30 days, +10 %",
  ]);
  await stack.post("tap", { user: ANN, message: menu.id, button: "50 Stars · ≈ 500 answers" });
  const [, double] = invoicesOf(await stack.until(ANN, (all) => invoicesOf(all).length === 2));
  expect(await pay(stack, { user: ANN, message: invoice })).toMatchObject({ status: "paid" });
  await stack.until(ANN, (all) => lastText(all) === "Paid, thank you. Credited: 50. You can spend: 50.");
  for (const message of [invoice, double!.id])
    expect(await pay(stack, { user: ANN, message })).toEqual({ status: "refused", reason: en["stars.checkout.paid"] });
  expect(await balanceOf(stack, ANN)).toBe(50);
  await expectSound(stack.ctx.pg);
});

test("a link is paid once, by its person only, within half an hour, and its words are theirs", async () => {
  await using stack = await openBotStack();
  const ann = await upsertPerson(stack.ctx.db, { telegramId: ANN, name: "Ann", language: "ru" });
  const linkFor = async (stars: 50 | 250) => {
    const { link } = await makeInvoiceLink(stack.ctx, ann, { kind: "pack", stars });
    return link.replace("https://t.me/$", "");
  };
  const slug = await linkFor(250);
  expect(await (await fetch(`${stack.base}/sim/invoice/${slug}`)).json()).toMatchObject({
    title: "250 Звёзд на ответы",
    amount: 250,
  });
  await stack.say(BEN, "/start");
  expect(await pay(stack, { user: BEN, slug })).toEqual({
    status: "refused",
    reason: en["stars.checkout.other_person"],
  });
  expect(await pay(stack, { user: ANN, slug })).toMatchObject({ status: "paid" });
  await expect.poll(() => balanceOf(stack, ANN)).toBe(250);
  expect(await pay(stack, { user: ANN, slug })).toEqual({ status: "refused", reason: en["stars.checkout.paid"] });
  const late = await linkFor(50);
  await stack.ctx.pg.query("update star_orders set expires_at = now() where charge is null");
  expect(await pay(stack, { user: ANN, slug: late })).toEqual({
    status: "refused",
    reason: en["stars.checkout.expired"],
  });
  expect(await balanceOf(stack, ANN)).toBe(250);
});

async function* endless(): AsyncGenerator<string> {
  for (let word = 1; word < 3_000; word++) {
    yield `word${word} `;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("while an answer streams and the chat's lane is full, a payment is agreed to within a second, credited and told", async () => {
  await using stack = await openBotStack();
  withMoney(stack);
  const message = await order(stack, ANN, "250 Stars");
  stack.thinking.script = () => answers(endless());
  await stack.say(ANN, "count");
  await stack.untilDraft(ANN, "word3");
  for (let more = 1; more <= 9; more++) await stack.say(ANN, `and ${more}`);
  await stack.until(ANN, (all) => all.some(({ text }) => text === en["chat.too_many"]));
  const began = performance.now();
  expect(await pay(stack, { user: ANN, message })).toMatchObject({ status: "paid" });
  expect(performance.now() - began).toBeLessThan(1_000);
  await stack.until(ANN, (all) => all.some(({ text }) => text.startsWith("Paid, thank you. Credited: 250.")));
  expect((await stack.running(ANN)).run).not.toBeNull();
  expect(stack.thinking.begun).toEqual(["count"]);
  expect(await balanceOf(stack, ANN)).toBe(250);
  await stack.say(ANN, "/balance");
  await stack.until(ANN, (all) => lastText(all).startsWith("Balance"));
});

test("a payment that the server does not take is brought until it does, also by the next bot, and only then handled", async () => {
  await using stack = await openBotStack();
  withMoney(stack);
  const message = await order(stack, ANN, "50 Stars");
  await stack.untilHandled();
  let refused = 0;
  stack.intercept = (path) => {
    if (path !== "/api/stars/payments") return null;
    refused++;
    return Response.json({ error: { code: "interrupted", message: "away" } }, { status: 503 });
  };
  expect(await pay(stack, { user: ANN, message })).toMatchObject({ status: "paid" });
  await expect.poll(() => refused).toBeGreaterThan(1);
  const open = async () => (await stack.ctx.pg.query("select body from updates where handled_at is null")).rows.length;
  expect(await open()).toBe(1);
  await stack.restartBot();
  await expect.poll(() => refused).toBeGreaterThan(3);
  expect(await open()).toBe(1);
  stack.intercept = null;
  await stack.until(ANN, (all) => lastText(all).startsWith("Paid, thank you. Credited: 50."));
  await stack.untilHandled();
  expect(await balanceOf(stack, ANN)).toBe(50);
});

test("where the server cannot be asked, a pre-checkout is refused in words and nothing is paid", async () => {
  await using stack = await openBotStack();
  withMoney(stack);
  const message = await order(stack, ANN, "50 Stars");
  stack.intercept = (path) =>
    path.includes("/checkouts")
      ? Response.json({ error: { code: "interrupted", message: "" } }, { status: 503 })
      : null;
  expect(await pay(stack, { user: ANN, message })).toEqual({ status: "refused", reason: en["stars.checkout.away"] });
});

test("a successful_payment that comes twice, and a subscriber's update of nobody known, change nothing more", async () => {
  await using stack = await openBotStack();
  withMoney(stack);
  const message = await order(stack, ANN, "50 Stars");
  await pay(stack, { user: ANN, message });
  await stack.until(ANN, (all) => lastText(all).startsWith("Paid, thank you."));
  const { telegram } = stack.simulator;
  const told = (await stack.transcript(ANN)).find(({ payment }) => payment !== null);
  const again = telegram.world.message(ANN, told?.id ?? 0)?.message;
  telegram.updates.push("message", again as never);
  telegram.updates.push("subscription", { user: stack.upsertPerson(BEN), invoice_payload: "x", state: "canceled" });
  await stack.until(ANN, (all) => all.filter(({ text }) => text.startsWith("Paid, thank you.")).length === 2);
  await stack.untilHandled();
  expect(await balanceOf(stack, ANN)).toBe(50);
  await expectSound(stack.ctx.pg);
});

async function spend(stack: Stack, user: number, amount: number): Promise<void> {
  const { rows } = await stack.ctx.pg.query("select id from people where telegram_id = $1", [user]);
  const { ledger } = stack.ctx;
  const from = await ledger.openAccount({ asset: "stars", kind: "person", owner: `person:${rows[0].id}` });
  const to = await ledger.openAccount({ asset: "stars", kind: "fees", owner: "house" });
  await ledger.do({ verb: "move", key: crypto.randomUUID(), from, to, amount: BigInt(amount) * NANO, kind: "test" });
}

async function paidPack(stack: Stack, user = ANN): Promise<string> {
  withMoney(stack);
  const { charge } = await pay(stack, { user, message: await order(stack, user, "50 Stars") });
  await stack.until(user, (all) => lastText(all).startsWith("Paid, thank you."));
  return charge ?? "";
}

test("what Telegram returns is taken back; what was spent is a debt and told, and the next payment pays it first", async () => {
  await using stack = await openBotStack();
  const charge = await paidPack(stack);
  await spend(stack, ANN, 20);
  await stack.ctx.telegram?.refundStarPayment(ANN, charge);
  const told = lastText(await stack.until(ANN, (all) => lastText(all).startsWith("Telegram returned")));
  expect(told).toContain("You can spend: 0.\nYou owe 20: so much of what was returned");
  expect(await standing(stack, ANN)).toMatchObject({ balance: 0n, owed: 20n * NANO });
  await pay(stack, { user: ANN, message: await order(stack, ANN, "250 Stars") });
  await stack.until(ANN, (all) => lastText(all) === "Paid, thank you. Credited: 250. You can spend: 230.");
  expect(await reconcileStars(stack.ctx, { whole: true })).toMatchObject({ looked: 3, credited: [], differences: [] });
});

test("an operator returns a payment once: the house bears what was spent, whoever hears of it first", async () => {
  await using stack = await openBotStack();
  const charge = await paidPack(stack);
  await spend(stack, ANN, 20);
  const order = { charge, who: "op", why: "asked", restTo: "gifts" } as const;
  const [first] = await Promise.all([returnPayment(stack.ctx, order), returnPayment(stack.ctx, order)]);
  expect(first).toMatchObject({ credited: 50n * NANO, credits: String(30n * NANO), balance: "0", debt: "0" });
  await stack.until(ANN, (all) => lastText(all).startsWith("Telegram returned your payment of 50 Stars"));
  expect(await returnPayment(stack.ctx, order)).toMatchObject({ fresh: false, debt: "0" });
  await expect(returnPayment(stack.ctx, { ...order, charge: "none" })).rejects.toMatchObject({ code: "not_found" });
  expect(await reconcileStars(stack.ctx)).toMatchObject({ differences: [], takenBack: [] });
});

test("a server that died between Telegram's refund and its own books takes back by the statement, as the operator meant it", async () => {
  await using stack = await openBotStack();
  const charge = await paidPack(stack);
  await spend(stack, ANN, 20);
  stack.intercept = (path) => (path === "/api/stars/refunds" ? Response.json({}, { status: 503 }) : null);
  const dying = { ...stack.ctx, pg: { connect: () => Promise.reject(new Error("killed")) } as never };
  const order = { charge, who: "op", why: "asked", restTo: "gifts" } as const;
  await expect(returnPayment(dying, order)).rejects.toThrow("killed");
  expect(await balanceOf(stack, ANN)).toBe(30);
  expect(await reconcileStars(stack.ctx)).toMatchObject({ takenBack: [charge], differences: [] });
  expect(await standing(stack, ANN)).toEqual({ balance: 0n, held: 0n, owed: 0n });
});

test("a payment and a refund that nobody told of are found in the statement; the late messages change nothing", async () => {
  await using stack = await openBotStack();
  withMoney(stack);
  const message = await order(stack, ANN, "50 Stars");
  stack.intercept = (path) => (path.startsWith("/api/stars/payments") ? Response.json({}, { status: 503 }) : null);
  const { charge } = await pay(stack, { user: ANN, message });
  expect(await reconcileStars(stack.ctx)).toMatchObject({
    looked: 1,
    credited: [charge],
    takenBack: [],
    differences: [],
  });
  expect(await balanceOf(stack, ANN)).toBe(50);
  expect(await reconcileStars(stack.ctx)).toMatchObject({ looked: 1, credited: [] });
  stack.intercept = null;
  await stack.until(ANN, (all) => lastText(all).startsWith("Paid, thank you. Credited: 50. You can spend: 50."));
  await stack.untilHandled();
  expect(await balanceOf(stack, ANN)).toBe(50);
});

test("what the books and the statement do not share is named", async () => {
  await using stack = await openBotStack();
  const charge = await paidPack(stack);
  await stack.ctx.pg.query("update star_charges set stars = 60 where charge = $1", [charge]);
  const { differences } = await reconcileStars(stack.ctx);
  expect(differences).toEqual([
    `${charge} (paid): Telegram says 50 Stars of ${ANN}, stored are 60 of ${ANN}.`,
    expect.stringContaining("The ledger has posted 50000000000 billionths of Stars"),
  ]);
});

test("a subscription is bought by its link, renewed, fails, and is canceled from /balance", async () => {
  await using stack = await openBotStack();
  withMoney(stack);
  await stack.say(ANN, "/topup");
  const menu = (await stack.until(ANN, (all) => all.length === 2)).at(-1)!;
  await stack.post("tap", { user: ANN, message: menu.id, button: "250 Stars every 30 days, +10 %" });
  const link = (await stack.until(ANN, (all) => all.length === 3)).at(-1)!.buttons[0]![0] as unknown as { url: string };
  const slug = link.url.replace("https://t.me/$", "");
  const { charge } = await pay(stack, { user: ANN, slug });
  await stack.until(ANN, (all) => lastText(all) === "Paid, thank you. Credited: 275. You can spend: 275.");
  expect(await pay(stack, { user: ANN, slug })).toMatchObject({ status: "refused" });
  await stack.post("subscription", { user: ANN, charge, act: "renew" });
  await stack.until(ANN, (all) => lastText(all) === "Paid, thank you. Credited: 275. You can spend: 550.");
  await stack.post("pay", { user: ANN, message: await order(stack, ANN, "250 Stars") });
  await stack.post("pay", { user: ANN, message: await order(stack, ANN, "50 Stars") });
  // Until it is credited its order is open, and the same pack is the same invoice.
  await stack.until(ANN, (all) => lastText(all) === "Paid, thank you. Credited: 50. You can spend: 850.");
  await stack.post("pay", { user: ANN, message: await order(stack, ANN, "50 Stars") });
  await stack.post("subscription", { user: ANN, charge, act: "renew" });
  await stack.until(ANN, (all) => all.some(({ text }) => text === en["stars.subscription_failed"]));
  const state = async () => (await stack.ctx.pg.query("select state, first_charge from star_subscriptions")).rows;
  await expect.poll(state).toEqual([{ state: "failed", first_charge: charge }]);
  stack.press(ANN, "balance:cancel");
  await expect.poll(state).toEqual([{ state: "canceled", first_charge: charge }]);
  await expect.poll(() => stack.tapAnswers().at(-1)).toBe(en["balance.canceled"]);
  expect(await reconcileStars(stack.ctx, { whole: true })).toMatchObject({ looked: 5, differences: [] });
  await expectSound(stack.ctx.pg);
});
