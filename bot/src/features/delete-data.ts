/** Deletes everything the service stores about a person, on request from /privacy, after one confirmation. */
import { Composer, InlineKeyboard } from "grammy";
import type { Translate } from "@starai/protocol/texts";
import { ServerRefused, answerOf } from "@starai/server/client";
import type { BotContext, BotDeps } from "../context.ts";
import { personOf } from "../person.ts";
import { escapeHtml } from "../streaming/telegram-html.ts";
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
    await ctx.reply(`${ctx.t("data.question")} ${ctx.t("account.kept")}`, { reply_markup: keyboard });
  });
  feature.callbackQuery("data:keep", async (ctx) => {
    await ctx.answerCallbackQuery();
    await turnTo(ctx, { text: ctx.t("data.kept") });
  });
  feature.callbackQuery("data:delete", (ctx) => deleteAll(ctx, server, {}));
  feature.callbackQuery("data:give_up", (ctx) => deleteAll(ctx, server, { money: "give_up" }));
  return feature;
}

/** Where they still have money or keys, the server refuses with what that is; then they are asked about that. */
async function deleteAll(ctx: BotContext, server: BotDeps["server"], query: { money?: "give_up" }): Promise<void> {
  const person = personOf(ctx);
  if (person === null || ctx.chat?.type !== "private") return tellTap(ctx, ctx.t("button.stale"));
  const param = { telegramId: String(person.telegramId) };
  try {
    await answerOf(() => server.api.people[":telegramId"].data.$delete({ param, query }));
  } catch (error) {
    if (!(error instanceof ServerRefused) || error.code !== "conflict") throw error;
    if (error.param === "payouts") return sayWait(ctx, error.message);
    // An escrow stays theirs: there is nothing to give up.
    const button = error.param === "escrow" ? ctx.t("data.delete") : ctx.t("account.left.give_up");
    return askAgain(ctx, error.message, button);
  }
  await ctx.answerCallbackQuery();
  await turnTo(ctx, { text: ctx.t("data.deleted") });
}

/** A withdrawal under way is nothing to be given up: it ends first. */
async function sayWait(ctx: BotContext, words: string): Promise<void> {
  await ctx.answerCallbackQuery();
  await turnTo(ctx, { text: escapeHtml(words) });
}

async function askAgain(ctx: BotContext, left: string, button: string): Promise<void> {
  await ctx.answerCallbackQuery();
  const keyboard = new InlineKeyboard().text(button, "data:give_up").row().text(ctx.t("data.keep"), "data:keep");
  await turnTo(ctx, { text: escapeHtml(left), keyboard });
}

export function deleteDataButton(t: Translate): InlineKeyboard {
  return new InlineKeyboard().text(t("data.button"), "data:ask");
}
