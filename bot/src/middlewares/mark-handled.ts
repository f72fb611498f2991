/** Tells the inbox that an update's effect is complete; what throws stays unhandled and is done again. */
import type { MiddlewareFn } from "grammy";
import { answerOf } from "@starai/server/client";
import type { BotContext, BotDeps } from "../context.ts";

/** Inside the lane, so that the next message of the chat starts only when this one cannot come back. */
export function markHandled({ server, log }: BotDeps): MiddlewareFn<BotContext> {
  return async (ctx, next) => {
    await next();
    const id = ctx.update.update_id;
    try {
      const param = { id: String(id) };
      await answerOf(() => server.api.updates[":id"].handled.$post({ param, json: { bot: ctx.me.id } }));
    } catch (error) {
      log.warn({ err: error, update: id }, "an update was handled but not marked; the next start handles it again");
    }
  };
}
