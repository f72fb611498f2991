/** A page of /settings: all of them live in one message. */
import type { InlineKeyboard } from "grammy";
import type { BotContext } from "../context.ts";
import { isRefusedText, isUnmodified } from "../wire/refusals.ts";

export interface Page {
  /** HTML. */
  text: string;
  keyboard: InlineKeyboard;
}

/**
 * Shows another page in the tapped message, or in a new message if that one can no longer be edited. Showing
 * the same page again is an error in the Bot API, which is ignored here.
 */
export async function turnTo(ctx: BotContext, { text, keyboard }: Pick<Page, "text"> & Partial<Page>): Promise<void> {
  const look = { parse_mode: "HTML" as const, ...(keyboard ? { reply_markup: keyboard } : {}) };
  try {
    await ctx.editMessageText(text, look);
  } catch (error) {
    if (isUnmodified(error)) return;
    if (!isRefusedText(error)) throw error;
    await ctx.reply(text, look);
  }
}
