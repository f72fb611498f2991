/** /balance: what a person has, what it pays for, and what they owe. */
import { Composer, InlineKeyboard } from "grammy";
import { coinsText } from "@starai/protocol/amounts";
import { ServerRefused, answerOf } from "@starai/server/client";
import { screenButton } from "../app-link.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { haveText, lines, oweText } from "../payments/money-words.ts";
import { isPrivate } from "../payments/private-only.ts";
import { readMoney } from "../payments/read-money.ts";
import type { Money } from "../payments/read-money.ts";
import { personOf } from "../person.ts";
import { tellTap } from "../tap-answer.ts";

export function balanceFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.command("balance", async (ctx) => {
    const person = personOf(ctx);
    if (!(await isPrivate(ctx)) || person === null) return;
    const money = await readMoney(deps, person.telegramId);
    const text = money === null ? lines(ctx.t("balance.title"), "", ctx.t("balance.new")) : balanceText(money, ctx);
    await ctx.reply(text, { parse_mode: "HTML", reply_markup: buttonsOf(deps, ctx, money) });
  });
  feature.callbackQuery("balance:cancel", async (ctx) => {
    const person = personOf(ctx);
    if (!(await isPrivate(ctx)) || person === null) return;
    await tellTap(ctx, ctx.t((await cancel(deps, person.telegramId)) ? "balance.canceled" : "balance.no_subscription"));
  });
  return feature;
}

/** HTML. */
export function balanceText(money: Money, tongue: Pick<BotContext, "t" | "language">): string {
  const { t } = tongue;
  return lines(
    t("balance.title"),
    "",
    ...freeLines(money, tongue),
    "",
    ...starLines(money, tongue),
    ...coinLines(money, tongue),
    subscriptionLine(money, tongue),
    money.paused !== null && t(`balance.paused.${money.paused}`),
  );
}

type Tongue = Pick<BotContext, "t" | "language">;

function freeLines({ free }: Money, { t }: Tongue) {
  if (free.houseIsSpent) return [t("balance.free_spent")];
  return [t("balance.free", { left: free.left, allowed: free.allowed }), !free.modelIsFree && t("balance.free_model")];
}

function starLines({ stars, answer, spentToday }: Money, tongue: Tongue) {
  const { t } = tongue;
  return [
    t("balance.stars", { amount: haveText(stars.spendable, answer.stars, tongue) }),
    isSome(stars.held) && t("balance.held", { amount: oweText(stars.held, tongue) }),
    isSome(stars.debt) && t("balance.debt", { amount: oweText(stars.debt, tongue) }),
    isSome(spentToday.stars) && t("balance.spent", { amount: oweText(spentToday.stars, tongue) }),
  ];
}

function isSome(nano: string): boolean {
  return BigInt(nano) > 0n;
}

/** Prepaid coins are shown where there are any: they are not sold here. */
function coinLines({ prepaid, coin, spentToday }: Money, { t, language }: Tongue) {
  const [spendable, held, spent] = [BigInt(prepaid.spendable), BigInt(prepaid.held), BigInt(spentToday.coin)];
  if (spendable + held === 0n) return [];
  const text = (nano: bigint, round: "down" | "up") => coinsText(t, { nano, coin, language, round });
  return [
    t("balance.prepaid", { amount: text(spendable, "down") }),
    held > 0n && t("balance.held", { amount: text(held, "up") }),
    spent > 0n && t("balance.spent", { amount: text(spent, "up") }),
  ];
}

function subscriptionLine({ subscription }: Money, { t, language }: Tongue): string | null {
  if (subscription === null) return null;
  const { state, stars, paidUntil } = subscription;
  const date = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(paidUntil));
  return t(`balance.subscription.${state}`, { stars, date });
}

function buttonsOf(deps: BotDeps, ctx: BotContext, money: Money | null): InlineKeyboard {
  const keyboard = new InlineKeyboard().text(ctx.t("topup.button"), "topup").row();
  const wallet = screenButton(deps, ctx.t("balance.app"), "wallet");
  if (wallet !== null) keyboard.add(wallet).row();
  if (money?.subscription?.state === "active") keyboard.text(ctx.t("balance.cancel"), "balance:cancel");
  return keyboard;
}

/** False where there is none. */
async function cancel({ server }: BotDeps, telegramId: number): Promise<boolean> {
  const param = { telegramId: String(telegramId) };
  try {
    await answerOf(() => server.api.people[":telegramId"].stars.subscription.$delete({ param }));
    return true;
  } catch (error) {
    if (error instanceof ServerRefused && error.code === "not_found") return false;
    throw error;
  }
}
