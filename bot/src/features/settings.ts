/** /settings: who answers and how, in one message whose pages are the model and the persona. */
import { Composer, InlineKeyboard } from "grammy";
import type { BotContext, BotDeps } from "../context.ts";
import { chatName, placeOf } from "../chat-place.ts";
import { personOf } from "../person.ts";
import { escapeHtml } from "../streaming/telegram-html.ts";
import { modelNow, readModels } from "./model.ts";
import { personaName, readPersona } from "./persona.ts";
import { turnTo } from "./settings-page.ts";
import type { Page } from "./settings-page.ts";

export function settingsFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.command("settings", async (ctx) => {
    const page = await overview(deps, ctx);
    if (page) await ctx.reply(page.text, { parse_mode: "HTML", reply_markup: page.keyboard });
  });
  feature.callbackQuery("settings", async (ctx) => {
    const page = await overview(deps, ctx);
    await ctx.answerCallbackQuery();
    if (page) await turnTo(ctx, page);
  });
  return feature;
}

async function overview(deps: BotDeps, ctx: BotContext): Promise<Page | null> {
  const place = placeOf(ctx);
  const person = personOf(ctx);
  if (place === null || person === null) return null;
  const [models, persona] = await Promise.all([
    readModels(deps, person.telegramId),
    readPersona(deps, chatName(place)),
  ]);
  const text = ctx.t("settings.text", {
    model: escapeHtml(modelNow(models)),
    persona: escapeHtml(personaName(persona, ctx.t)),
  });
  const keyboard = new InlineKeyboard()
    .text(ctx.t("settings.model"), "settings:model")
    .row()
    .text(ctx.t("settings.persona"), "settings:persona");
  return { text, keyboard };
}
