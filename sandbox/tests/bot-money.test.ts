/** What the bot says of money: /balance, /topup, /terms, /paysupport, the last free answer, and answers that are not paid for. */
import { describe, expect, test } from "vitest";
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };
import type { MoneyOverview } from "@starai/protocol/money";
import type { RunEvent } from "@starai/protocol/runs";
import type { MessageView } from "../src/telegram/views.ts";
import { openBotStack } from "./bot-stack.ts";
import type { BotStackOptions } from "./bot-stack.ts";
import { moneyOf } from "./money-of.ts";

const [ANN, GROUP] = [42, -100];

const unknown = () => Response.json({ error: { code: "not_found", message: "" } }, { status: 404 });

async function stackWith(money: Partial<MoneyOverview> | null, options: BotStackOptions = {}) {
  const stack = await openBotStack(options);
  stack.intercept = (path, method) => {
    if (method !== "GET" || !path.endsWith("/money")) return null;
    return money === null ? unknown() : Response.json(moneyOf(money));
  };
  return stack;
}
type Stack = Awaited<ReturnType<typeof stackWith>>;

async function answerTo(stack: Stack, command: string, more: { chat?: number; language?: string } = {}) {
  const chat = more.chat ?? ANN;
  const before = (await stack.transcript(chat)).length;
  await stack.say(ANN, command, more);
  return (await stack.until(chat, (all) => all.length === before + 2)).at(-1)!;
}

const labels = ({ buttons }: MessageView) => buttons.flat().map(({ text }) => text);

describe("/balance", () => {
  test("says what is free today and what there is; coins only where there are any", async () => {
    await using stack = await stackWith({});
    const balance = await answerTo(stack, "/balance");
    expect(balance.text).toBe(
      "Balance\n\nFree answers today: 13 of 20; new ones at 00:00 UTC.\n\nCredits of Stars: 48 (≈ 480 answers)",
    );
    expect(labels(balance)).toEqual(["Top up", "Open wallet"]);
    expect(JSON.stringify(balance.buttons)).toContain("tgWebAppStartParam=wallet");
  });

  test("names debts, what is set aside, coins, the subscription and why nothing can be paid now", async () => {
    await using stack = await stackWith({
      stars: { spendable: "0", held: "12000001", debt: "20000000000" },
      prepaid: { spendable: "1500000000", held: "0" },
      spentToday: { stars: "0", coin: "41000" },
      subscription: { state: "active", stars: 250, paidUntil: "2026-12-29T12:00:00.000Z" },
      paused: "books",
    });
    const balance = await answerTo(stack, "/balance");
    expect(balance.text).toContain("Credits of Stars: 0 (≈ 0 answers)\n0.013 more is set aside");
    expect(balance.text).toContain("You owe 20 in Stars");
    expect(balance.text).toContain("Prepaid: 1.5 GRAM\nSpent today: 0.000041 GRAM");
    expect(balance.text).toContain("Subscription: 250 Stars, renewed on Dec 29, 2026.");
    expect(balance.text).toContain("the books are being checked");
    expect(labels(balance)).toEqual(["Top up", "Open wallet", "Cancel the subscription"]);
  });

  test("speaks Russian, also to somebody who never asked anything and has no app", async () => {
    await using stack = await stackWith(null, { app: false });
    const balance = await answerTo(stack, "/balance", { language: "ru" });
    expect(balance.text).toBe(
      "Баланс\n\nВы здесь ещё ни о чём не спрашивали. Просто напишите: первые ответы каждого дня бесплатны.",
    );
    expect(labels(balance)).toEqual(["Пополнить"]);
  });
});

describe("/topup", () => {
  test("is offered to somebody who never asked anything, and sells nothing that is not on sale", async () => {
    await using stack = await stackWith(null);
    const menu = await answerTo(stack, "/topup");
    expect(labels(menu)).toEqual(["50 Stars", "250 Stars", "1000 Stars", "250 Stars every 30 days, +10 %"]);
    expect(menu.text).not.toMatch(/\b(TON|GRAM|wallet|earn)\b/i);
    stack.press(ANN, "topup:51");
    await expect.poll(() => stack.tapAnswers().at(-1)).toBe(en["button.stale"]);
    expect((await stack.ctx.pg.query("select 1 from star_orders")).rows).toEqual([]);
  });

  test("offers no second subscription, and says so to an old button", async () => {
    const active = { state: "active", stars: 250, paidUntil: "2026-12-29T12:00:00.000Z" } as const;
    await using stack = await stackWith({ subscription: active, stars: { spendable: "0", held: "0", debt: "5" } });
    const menu = await answerTo(stack, "/topup");
    expect(labels(menu)).toHaveLength(3);
    expect(menu.text).toContain("You owe 0.000000005; it is paid first.");
    await stack.ctx.pg.query(
      `with ann as (insert into people (telegram_id, name) values (42, 'Ann') on conflict (telegram_id) do update set name = 'Ann' returning id)
        insert into star_subscriptions (person, telegram_id, first_charge, stars, state, paid_until)
        select id, v.* from ann, (values (42, 'x', 250, 'active', now() + interval '1 day')) v`,
    );
    stack.press(ANN, "topup:month");
    await expect.poll(() => stack.tapAnswers().at(-1)).toBe(en["stars.checkout.subscribed"]);
  });
});

test("in a group every command about money is one line that leads to the private chat, and taps there do nothing", async () => {
  await using stack = await stackWith({});
  for (const command of ["/balance", "/topup", "/terms", "/paysupport"]) {
    const line = await answerTo(stack, `${command}@starai_bot`, { chat: GROUP });
    expect(line.text).toBe("About money I speak in our private chat only: https://t.me/starai_bot");
    expect(line.buttons).toEqual([]);
  }
});

test("/terms and /paysupport say what Telegram asks a bot that sells to say", async () => {
  await using stack = await stackWith({}, { support: "@starai_support" });
  const terms = await answerTo(stack, "/terms");
  for (const words of ["do not expire", "cannot be withdrawn", "/paysupport", "/privacy", "30 days", "10 %"])
    expect(terms.text).toContain(words);
  const support = await answerTo(stack, "/paysupport");
  expect(support.text).toContain("write to @starai_support and name your number: 42.");
});

test("the menu has the commands about money in both languages", async () => {
  await using stack = await stackWith({});
  await stack.untilMenu(en["open.menu"]);
  const { commands } = await stack.card(ANN);
  expect(commands.map(({ command }) => command)).toEqual(
    expect.arrayContaining(["balance", "topup", "terms", "paysupport"]),
  );
});

/** The run's stream as a server with bills sends it. */
const ending = (stack: Stack, end: Extract<RunEvent, { type: "end" }>) => {
  const rest = stack.intercept;
  stack.intercept = (path, method) =>
    /^\/api\/runs\/[^/]+\/events$/.test(path)
      ? new Response(`data: ${JSON.stringify(end)}\n\n`, { headers: { "content-type": "text/event-stream" } })
      : (rest?.(path, method) ?? null);
};
describe("the end of an answer", () => {
  const end = { type: "end", outcome: { kind: "answered" }, answer: "Yes." } as const;
  const bill = { paidWith: "free", amount: "0", bound: null } as const;

  test("the last free one of somebody with credits says that the next ones are paid", async () => {
    await using stack = await stackWith({});
    ending(stack, { ...end, bill: { ...bill, freeLeft: 0 } });
    await stack.say(ANN, "hello?");
    const [, , line] = await stack.until(ANN, (all) => all.length === 3);
    expect(line?.text).toBe(en["wallet.last_free.paid_next"]);
    expect(labels(line!)).toEqual([]);
  });

  test("the last free one is followed by one line with two buttons, which is no part of it", async () => {
    await using stack = await stackWith({ stars: { spendable: "0", held: "0", debt: "0" } });
    ending(stack, { ...end, bill: { ...bill, freeLeft: 0 } });
    await stack.say(ANN, "hello?");
    const [, answer, line] = await stack.until(ANN, (all) => all.length === 3);
    expect(answer?.text).toBe("Yes.");
    expect(line?.text).toBe(en["topup.last_free"]);
    expect(labels(line!)).toEqual(["Top up", "Tomorrow again at 00:00 UTC"]);
    await stack.post("tap", { user: ANN, message: line?.id, button: "Tomorrow again at 00:00 UTC" });
    await expect.poll(() => stack.tapAnswers().at(-1)).toBe(en["topup.until_tomorrow"]);
    await stack.post("tap", { user: ANN, message: line?.id, button: "Top up" });
    await stack.until(ANN, (all) => labels(all.at(-1)!).length === 4);
  });

  test.each([
    ["not the last", { ...bill, freeLeft: 1 }],
    ["paid", { paidWith: "stars", amount: "5", bound: null, freeLeft: null } as const],
    ["without a bill", undefined],
  ])("one that is %s is followed by nothing", async (_what, given) => {
    await using stack = await stackWith({});
    ending(stack, { ...end, ...(given ? { bill: given } : {}) });
    await stack.say(ANN, "hello?");
    await stack.until(ANN, (all) => all.at(-1)?.text === "Yes.");
    await stack.untilHandled();
    expect(await stack.transcript(ANN)).toHaveLength(2);
  });

  test.each([
    ["coin", "Receipt · 0.000041203 GRAM"],
    ["stars", "Receipt · Stars: 0.000041203"],
  ] as const)("one paid in %s has a button to its receipt in the app, with what it cost", async (paidWith, label) => {
    await using stack = await stackWith({});
    ending(stack, { ...end, bill: { paidWith, amount: "41203", bound: null, freeLeft: null } });
    await stack.say(ANN, "hello?");
    const answer = (await stack.until(ANN, (all) => all.at(-1)!.text.startsWith("Yes."))).at(-1)!;
    expect(labels(answer)).toEqual([label]);
    const { rows } = await stack.ctx.pg.query<{ id: string }>("select replace(id::text, '-', '') as id from runs");
    expect(JSON.stringify(answer.buttons)).toContain(`tgWebAppStartParam=receipt_${rows[0]!.id}`);
  });

  test("one that cost nothing has no such button, nor has any in a group or without an app", async () => {
    const paid = { paidWith: "stars", amount: "5", bound: "balance", freeLeft: null } as const;
    for (const given of [
      { bill: { ...bill, freeLeft: 3 } },
      { bill: { ...paid, amount: "0", bound: null } },
      { bill: { ...paid, bound: null }, app: false },
      { bill: paid, chat: GROUP },
    ]) {
      await using stack = await stackWith({}, { app: given.app ?? true });
      ending(stack, { ...end, bill: given.bill });
      const [chat, to] = given.chat === undefined ? [ANN, {}] : [GROUP, { chat: GROUP }];
      await stack.say(ANN, "@starai_bot hello?", to);
      const answer = (await stack.until(chat, (all) => all.at(-1)!.text.startsWith("Yes."))).at(-1)!;
      expect(answer.text).not.toContain(en["wallet.receipt.bound.balance"]);
      expect(labels(answer)).toEqual([]);
    }
  });

  test("one that money may have shortened says so in one line, in the person's language", async () => {
    await using stack = await stackWith({});
    for (const [bound, language, texts] of [
      ["answer_cap", "en", en],
      ["day_cap", "ru", ru],
      ["balance", "en", en],
    ] as const) {
      ending(stack, { ...end, bill: { paidWith: "stars", amount: "5", bound, freeLeft: null } });
      await stack.say(ANN, "hello?", { language });
      const line = texts[`wallet.receipt.bound.${bound}`];
      await expect.poll(async () => (await stack.transcript(ANN)).at(-1)?.text).toContain(line);
    }
  });

  test.each([
    ["payment_required", ["Top up"]],
    ["cap_reached", ["My limits"]],
    ["payments_paused", []],
  ] as const)("one that failed with %s shows why, and what to do", async (code, buttons) => {
    await using stack = await stackWith({});
    ending(stack, { ...end, answer: "", outcome: { kind: "failed", code, message: "Nothing was charged." } });
    await stack.say(ANN, "hello?");
    const failed = (await stack.until(ANN, (all) => all.length === 2)).at(-1)!;
    expect(failed.text).toContain("Nothing was charged");
    expect(labels(failed)).toEqual(buttons);
  });

  test("a group is not told what somebody has", async () => {
    await using stack = await stackWith({});
    const outcome = { kind: "failed", code: "payment_required", message: "You have 3 Stars." } as const;
    ending(stack, { ...end, answer: "", outcome });
    await stack.say(ANN, "@starai_bot hello?", { chat: GROUP });
    const failed = (await stack.until(GROUP, (all) => all.at(-1)?.text === en["stars.unpaid_in_group"])).at(-1)!;
    expect(failed.buttons).toEqual([]);
  });
});
