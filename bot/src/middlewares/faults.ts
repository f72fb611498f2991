/** Reports a handler's error to the person in a sentence and to the operator in the log. */
import type { BotError } from "grammy";
import { ServerUnreachable } from "@starai/server/client";
import { Unfinished } from "../context.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { tellTap } from "../tap-answer.ts";
import { isChatClosed } from "../wire/refusals.ts";

/** For `errorBoundary`. Rethrows `Unfinished`: its update stays unhandled and the next start repeats it. */
export function faultHandler({ log, stopping }: BotDeps) {
  return async ({ error, ctx }: BotError<BotContext>): Promise<void> => {
    if (error instanceof Unfinished || stopping.aborted) throw error;
    const facts = { err: error, update: ctx.update.update_id, chat: ctx.chat?.id };
    if (isChatClosed(error)) {
      log.info(facts, "the bot was blocked, left the chat or may not write there; the conversation is kept");
      return;
    }
    log.error(facts, "an update was not handled as it should");
    await apologise(ctx, ctx.t(error instanceof ServerUnreachable ? "chat.unreachable" : "chat.failed"));
  };
}

async function apologise(ctx: BotContext, text: string): Promise<void> {
  const said = ctx.callbackQuery ? tellTap(ctx, text) : ctx.chat ? ctx.reply(text) : null;
  // If the notice fails too, Telegram is at fault, and the first error is already logged.
  await said?.catch(() => undefined);
}
