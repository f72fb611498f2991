/** /start, also with a deep link's parameter, which so far means nothing here. */
import { Composer } from "grammy";
import type { BotContext } from "../context.ts";
import { escapeHtml } from "../streaming/telegram-html.ts";

export function startFeature(): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.command("start", (ctx) =>
    ctx.reply(ctx.t("start.text", { name: escapeHtml(ctx.from?.first_name ?? "") }), { parse_mode: "HTML" }),
  );
  return feature;
}
