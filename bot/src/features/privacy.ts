/** /privacy: prompts are computed on contributors' machines, whose owners can read them and write what they like. */
import { Composer } from "grammy";
import type { BotContext } from "../context.ts";
import { deleteDataButton } from "./delete-data.ts";

export function privacyFeature(): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.command("privacy", (ctx) =>
    ctx.reply(ctx.t("privacy.text"), {
      parse_mode: "HTML",
      // In a group anyone could tap the button.
      ...(ctx.chat.type === "private" ? { reply_markup: deleteDataButton(ctx.t) } : {}),
    }),
  );
  return feature;
}
