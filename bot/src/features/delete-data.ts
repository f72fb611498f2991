/** Deletes everything the service stores about a person, on request from /privacy, after one confirmation. */
import { Composer, InlineKeyboard } from "grammy";
import type { Translate } from "@starai/protocol/texts";
import { answerOf } from "@starai/server/client";
import type { BotContext, BotDeps } from "../context.ts";
import { personOf } from "../person.ts";
import { tellTap } from "../tap-answer.ts";
import { turnTo } from "./settings-page.ts";

export function deleteDataFeature({ server }: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.callbackQuery("data:ask", async (ctx) => {
    await ctx.answerCallbackQuery();
    const keyboard = new InlineKeyboard()
      .text(ctx.t("data.delete"), "data:delete")
      .row()
      .text(ctx.t("data.keep"), "data:keep");
    await ctx.reply(ctx.t("data.question"), { reply_markup: keyboard });
  });
  feature.callbackQuery("data:keep", async (ctx) => {
    await ctx.answerCallbackQuery();
    await turnTo(ctx, { text: ctx.t("data.kept") });
  });
  feature.callbackQuery("data:delete", async (ctx) => {
    const person = personOf(ctx);
    if (person === null || ctx.chat?.type !== "private") return tellTap(ctx, ctx.t("button.stale"));
    const param = { telegramId: String(person.telegramId) };
    await answerOf(() => server.api.people[":telegramId"].data.$delete({ param }));
    await ctx.answerCallbackQuery();
    await turnTo(ctx, { text: ctx.t("data.deleted") });
  });
  return feature;
}

export function deleteDataButton(t: Translate): InlineKeyboard {
  return new InlineKeyboard().text(t("data.button"), "data:ask");
}
