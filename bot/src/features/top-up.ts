/** /topup: packs and the subscription as buttons, each of which becomes an invoice of Telegram's own. */
import { Composer, InlineKeyboard } from "grammy";
import { answersText } from "@starai/protocol/amounts";
import { STAR_PACKS, SUBSCRIPTION } from "@starai/protocol/money";
import type { NewOrder, StarOrder } from "@starai/protocol/money";
import { STARS_CURRENCY, starInvoice } from "@starai/protocol/star-invoice";
import { ServerRefused, answerOf } from "@starai/server/client";
import type { BotContext, BotDeps } from "../context.ts";
import { haveText, lines, oweText } from "../payments/money-words.ts";
import { isPrivate } from "../payments/private-only.ts";
import { readMoney } from "../payments/read-money.ts";
import type { Money } from "../payments/read-money.ts";
import { personOf } from "../person.ts";
import { escapeHtml } from "../streaming/telegram-html.ts";
import { tellTap } from "../tap-answer.ts";
import { readModels, modelNow } from "./model.ts";
import type { Page } from "./settings-page.ts";

const NANO_PER_STAR = 1_000_000_000n;

export function topUpFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  const offer = async (ctx: BotContext) => {
    const person = personOf(ctx);
    if (person === null) return;
    const { text, keyboard } = await pageOf(deps, person.telegramId, ctx);
    await ctx.reply(text, { parse_mode: "HTML", reply_markup: keyboard });
  };
  feature.command("topup", async (ctx) => {
    if (await isPrivate(ctx)) await offer(ctx);
  });
  feature.callbackQuery("topup", async (ctx) => {
    if (!(await isPrivate(ctx))) return;
    await ctx.answerCallbackQuery();
    await offer(ctx);
  });
  feature.callbackQuery("topup:later", (ctx) => tellTap(ctx, ctx.t("topup.until_tomorrow")));
  feature.callbackQuery(/^topup:(\d{1,6}|month)$/, async (ctx) => {
    if (!(await isPrivate(ctx))) return;
    const order = orderOf(ctx.match[1] ?? "");
    await (order === null ? tellTap(ctx, ctx.t("button.stale")) : sell(deps, ctx, order));
  });
  return feature;
}

/** Null for what is not on sale: callback data comes from the person's client, and prices change. */
function orderOf(choice: string): NewOrder | null {
  if (choice === "month") return { kind: "subscription" };
  const stars = STAR_PACKS.find((pack) => String(pack) === choice);
  return stars === undefined ? null : { kind: "pack", stars };
}

async function pageOf(deps: BotDeps, telegramId: number, ctx: BotContext): Promise<Page> {
  const money = await readMoney(deps, telegramId);
  const price = money?.answer.stars ?? null;
  const { t } = ctx;
  const model = price !== null && t("topup.model", { model: escapeHtml(modelNow(await readModels(deps, telegramId))) });
  const text = lines(
    t("topup.title"),
    "",
    money && t("topup.have", { balance: haveText(money.stars.spendable, price, ctx) }),
    money && BigInt(money.stars.debt) > 0n && t("topup.owe", { debt: oweText(money.stars.debt, ctx) }),
    model,
    t("topup.rules"),
  );
  const keyboard = new InlineKeyboard();
  for (const stars of STAR_PACKS) keyboard.text(packLabel(stars, price, ctx), `topup:${stars}`).row();
  if (offersSubscription(money)) {
    const percent = SUBSCRIPTION.creditPercent - 100;
    keyboard.text(t("topup.subscription", { ...SUBSCRIPTION, percent }), "topup:month");
  }
  return { text, keyboard };
}

/** "250 Stars · ≈ 6,000 answers". */
function packLabel(stars: number, price: string | null, { t, language }: BotContext): string {
  const balance = BigInt(stars) * NANO_PER_STAR;
  const answers = price && answersText(t, { balance, answer: BigInt(price), language });
  const pack = t("topup.pack", { stars, count: stars });
  return answers ? `${pack} · ${answers}` : pack;
}

function offersSubscription(money: Money | null): boolean {
  return money?.subscription?.state !== "active";
}

async function sell(deps: BotDeps, ctx: BotContext, order: NewOrder): Promise<void> {
  const person = personOf(ctx);
  if (person === null) return;
  const { telegramId, ...fields } = person;
  const param = { telegramId: String(telegramId) };
  try {
    const json = { ...fields, order };
    const made = await answerOf(() => deps.server.api.people[":telegramId"].stars.orders.$post({ param, json }));
    await ctx.answerCallbackQuery();
    await (made.kind === "subscription" ? sendSubscription(ctx, made) : sendPack(ctx, made));
  } catch (error) {
    if (!(error instanceof ServerRefused && error.code === "conflict")) throw error;
    await tellTap(ctx, ctx.t("stars.checkout.subscribed"));
  }
}

async function sendPack(ctx: BotContext, order: StarOrder): Promise<void> {
  const { title, description, payload, prices } = starInvoice(ctx.t, order);
  await ctx.replyWithInvoice(title, description, payload, STARS_CURRENCY, prices);
}

/** Telegram sells subscriptions by links only. */
async function sendSubscription(ctx: BotContext, order: StarOrder): Promise<void> {
  const { title, description, payload, prices, periodS } = starInvoice(ctx.t, order);
  const period = periodS === null ? {} : { subscription_period: periodS };
  const link = await ctx.api.createInvoiceLink(title, description, payload, "", STARS_CURRENCY, prices, period);
  const keyboard = new InlineKeyboard().url(ctx.t("topup.subscribe_button"), link);
  await ctx.reply(lines(`${title}.`, ctx.t("topup.subscribe")), { reply_markup: keyboard });
}
