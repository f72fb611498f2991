/** Who may change a chat's settings. */
import type { BotContext } from "./context.ts";

/** Whether the sender may: anyone in private; in a group its administrators, also anonymous ones. */
export async function decides(ctx: BotContext): Promise<boolean> {
  if (ctx.chat?.type === "private") return true;
  if (ctx.chat === undefined || ctx.from === undefined) return false;
  if (ctx.message?.sender_chat?.id === ctx.chat.id) return true;
  const { status } = await ctx.api.getChatMember(ctx.chat.id, ctx.from.id);
  return status === "creator" || status === "administrator";
}
