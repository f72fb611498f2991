/**
 * Messages of a chat are handled one after another, because an answer reads the one before it. Taps, /stop and
 * commands about money never wait: they do not read the conversation. Payments do not come here at all: see payments/.
 */
import type { MiddlewareFn } from "grammy";
import { answerOf } from "@starai/server/client";
import { chatName, placeOf } from "../chat-place.ts";
import { isAddressed } from "../addressed.ts";
import { MONEY_COMMANDS } from "../commands.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { isBot } from "../person.ts";

/** Age from which a message counts as late; longer than a restart. */
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
    // /new ends the running answer at once. It enters the lane before that is awaited, or a message
    // sent right after it would overtake it.
    const stopped = ctx.hasCommand("new") ? stopRunning(deps, lane) : null;
    await deps.lanes.run(lane, async () => {
      await stopped;
      await next();
    });
  };
}

/** Whether the message was sent long ago, while the bot was down. */
function isLate(date: number): boolean {
  return Date.now() - date * 1_000 > LATE_MS;
}

/** The chat's or topic's lane; `null` for updates that never wait. */
function laneOf(ctx: BotContext): string | null {
  if (!ctx.message || ctx.hasCommand(["stop", ...MONEY_COMMANDS]) || isBot(ctx) || isOverheard(ctx)) return null;
  const place = placeOf(ctx);
  return place && chatName(place);
}

/** Whether a group message is not for the bot; such messages take no place in the lane. */
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
