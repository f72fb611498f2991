/** /paysupport and /terms, which Telegram asks of every bot that sells. */
import { Composer } from "grammy";
import { SUBSCRIPTION } from "@starai/protocol/money";
import type { BotContext, BotDeps } from "../context.ts";
import { isPrivate } from "../payments/private-only.ts";
import { personOf } from "../person.ts";
import { escapeHtml } from "../streaming/telegram-html.ts";

export function payTermsFeature({ support }: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.command("paysupport", async (ctx) => {
    const person = personOf(ctx);
    if (!(await isPrivate(ctx)) || person === null) return;
    const contact = support === null ? ctx.t("stars.support_nobody") : escapeHtml(support);
    await ctx.reply(ctx.t("stars.support", { contact, person: person.telegramId }), { parse_mode: "HTML" });
  });
  feature.command("terms", async (ctx) => {
    if (!(await isPrivate(ctx))) return;
    const values = { days: SUBSCRIPTION.days, percent: SUBSCRIPTION.creditPercent - 100 };
    await ctx.reply(ctx.t("terms.text", values), { parse_mode: "HTML" });
  });
  return feature;
}
