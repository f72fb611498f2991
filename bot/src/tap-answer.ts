/** Answers to whoever tapped a button. */
import type { BotContext } from "./context.ts";

/** Says it over the chat, or as a message where the tap is too old for that: Telegram takes its answer for a minute or so. */
export async function tellTap(ctx: BotContext, text: string): Promise<void> {
  if (!(await isTapFresh(ctx, text)) && ctx.chat !== undefined) await ctx.reply(text);
}

/** Answers the tap; false where it is too old, or was answered before this bot was started. */
export async function isTapFresh(ctx: BotContext, text?: string): Promise<boolean> {
  // A courtesy (see wire/courtesies.ts): it gives false where the types know only true.
  return await ctx.answerCallbackQuery(text === undefined ? {} : { text });
}
