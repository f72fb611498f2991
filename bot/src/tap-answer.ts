/** Says something to whoever tapped a button. */
import type { BotContext } from "./context.ts";

/** Over the chat, or as a message where the tap is too old for that: Telegram takes its answer for a minute or so. */
export async function tellTap(ctx: BotContext, text: string): Promise<void> {
  // A courtesy (see wire/courtesies.ts): it gives false where the types know only true.
  const shown = Boolean(await ctx.answerCallbackQuery({ text }));
  if (!shown && ctx.chat !== undefined) await ctx.reply(text);
}
