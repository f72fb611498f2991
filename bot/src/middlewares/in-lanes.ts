/**
 * Messages of a chat are handled one after another, because an answer reads the one before it. Taps, /stop and
 * checkout never wait: they concern what is going on now, and Telegram allows some of them seconds only.
 */
import type { MiddlewareFn } from "grammy";
import { answerOf } from "@starai/server/client";
import { chatName, placeOf } from "../chat-place.ts";
import { isAddressed } from "../addressed.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { isBot } from "../person.ts";

/** Longer than a restart takes. */
const LATE_MS = 5 * 60_000;

export function inLanes(deps: BotDeps): MiddlewareFn<BotContext> {
  return async (ctx, next) => {
    const lane = laneOf(ctx);
    if (lane === null) return next();
    if (deps.lanes.isFull(lane)) {
      ctx.crowded = true;
      return next();
    }
    if (ctx.message) {
      const { message_id: message, date } = ctx.message;
      deps.crossings.arrived({ chat: lane, message, waits: deps.lanes.isBusy(lane) || isLate(date) });
    }
    // Who starts over does not want the answer that is being written: it ends now. /new itself takes its turn at once, or what
    // is written right behind it would overtake it.
    const stopped = ctx.hasCommand("new") ? stopRunning(deps, lane) : null;
    await deps.lanes.run(lane, async () => {
      await stopped;
      await next();
    });
  };
}

/** It came while the bot was away: what is answered now was asked long ago. */
function isLate(date: number): boolean {
  return Date.now() - date * 1_000 > LATE_MS;
}

/** The chat or topic, `null` for what never waits. */
function laneOf(ctx: BotContext): string | null {
  if (!ctx.message || ctx.hasCommand("stop") || isBot(ctx) || isOverheard(ctx)) return null;
  const place = placeOf(ctx);
  return place && chatName(place);
}

/** What people in a group say to each other takes no place from what they ask. */
function isOverheard(ctx: BotContext): boolean {
  const message = ctx.message;
  if (ctx.chat?.type === "private" || isAddressed(ctx) || message?.text?.startsWith("/")) return false;
  return message?.migrate_from_chat_id === undefined && message?.migrate_to_chat_id === undefined;
}

async function stopRunning({ server, log }: BotDeps, chat: string): Promise<void> {
  try {
    const { run } = await answerOf(() => server.api.chats[":chat"].running.$get({ param: { chat } }), {
      patienceMs: 0,
    });
    if (run !== null)
      await answerOf(() => server.api.runs[":id"].cancel.$post({ param: { id: run } }), { patienceMs: 0 });
  } catch (error) {
    log.warn({ err: error, chat }, "the running answer was not stopped before /new");
  }
}
