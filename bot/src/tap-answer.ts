/** Answers to button taps (callback queries). */
import type { BotContext } from "./context.ts";

/** Shows the text as a notice, or as a message if the tap is too old: Telegram accepts answers for about a minute. */
export async function tellTap(ctx: BotContext, text: string): Promise<void> {
  if (!(await isTapFresh(ctx, text)) && ctx.chat !== undefined) await ctx.reply(text);
}

/** Answers the tap; false if it is too old, or was answered before this bot was started. */
export async function isTapFresh(ctx: BotContext, text?: string): Promise<boolean> {
  // A courtesy (see wire/courtesies.ts) returns false on failure, although its type is `true`.
  return await ctx.answerCallbackQuery(text === undefined ? {} : { text });
}
