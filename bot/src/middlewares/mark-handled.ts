/** Marks an update as handled in the inbox; an update whose handler throws stays unhandled and is repeated. */
import type { MiddlewareFn } from "grammy";
import { answerOf } from "@starai/server/client";
import type { BotContext, BotDeps } from "../context.ts";

/** Runs inside the lane, so that the chat's next message starts only when this one cannot be repeated. */
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
