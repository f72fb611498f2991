/** Money is spoken of in private chats only; a group is told where. */
import type { BotContext } from "../context.ts";

/** True in a private chat. Elsewhere it says where to ask, and the handler has nothing more to do. */
export async function isPrivate(ctx: BotContext): Promise<boolean> {
  if (ctx.chat?.type === "private") return true;
  if (ctx.callbackQuery) await ctx.answerCallbackQuery({ text: ctx.t("button.stale") });
  else await ctx.reply(ctx.t("stars.in_private", { link: botLink(ctx.me.username) }));
  return false;
}

export function botLink(username: string): string {
  return `https://t.me/${username}`;
}
