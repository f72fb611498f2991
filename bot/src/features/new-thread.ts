/** /new: closes the current conversation; the next message opens another. */
import { Composer } from "grammy";
import { answerOf } from "@starai/server/client";
import { chatName, placeOf } from "../chat-place.ts";
import type { BotContext, BotDeps } from "../context.ts";

export function newThreadFeature({ server }: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.command("new", async (ctx) => {
    const place = placeOf(ctx);
    if (place === null) return;
    const { closed } = await answerOf(() => server.api.chats[":chat"].new.$post({ param: { chat: chatName(place) } }));
    await ctx.reply(ctx.t(closed === null ? "new.nothing" : "new.done"));
  });
  return feature;
}
