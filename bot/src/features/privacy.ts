/** /privacy: prompts are computed on contributors' machines, and their owners can read them. */
import { Composer } from "grammy";
import type { BotContext } from "../context.ts";

export function privacyFeature(): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.command("privacy", (ctx) => ctx.reply(ctx.t("privacy.text"), { parse_mode: "HTML" }));
  return feature;
}
