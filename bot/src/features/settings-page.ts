/** A page of /settings: all of them live in one message. */
import type { InlineKeyboard } from "grammy";
import type { BotContext } from "../context.ts";

export interface Page {
  /** HTML. */
  text: string;
  keyboard: InlineKeyboard;
}

/** Shows another page in the message that was tapped. Showing the same one again is an error to Telegram, not to us. */
export async function turnTo(ctx: BotContext, { text, keyboard }: Page): Promise<void> {
  await ctx.editMessageText(text, { parse_mode: "HTML", reply_markup: keyboard }).catch(() => undefined);
}
