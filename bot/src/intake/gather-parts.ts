/**
 * What Telegram brings in several messages though it was sent as one: an album, a paste that a client cut at the limit
 * of a message, messages forwarded together. The first of them waits a moment for the others and is handled with all
 * that belongs to it; the others have their effect in it. How far apart real clients' parts come, and where exactly
 * they cut, was not tried on Telegram itself: the bounds below leave room.
 */
import type { MiddlewareFn } from "grammy";
import type { Message } from "grammy/types";
import { pause } from "@starai/protocol/pause";
import { TEXT_CHARS_MAX } from "@starai/protocol/text-limits";
import { chatName, placeOf } from "../chat-place.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { markHandled } from "../middlewares/mark-handled.ts";
import { PLAIN_CHARS_MAX } from "../telegram-limits.ts";

/** Parts come within milliseconds of each other; a slow connection spreads them over a second or so. */
const QUIET_MS = 800;
/** Clients cut at the last gap before the limit. */
const CUT_CHARS_MIN = PLAIN_CHARS_MAX - 300;
/** By the clock of Telegram, which counts seconds: parts are sent together, whenever they reach us. */
const TOGETHER_S = 2;
/** An album has ten; more than this together is no question. */
const PARTS_MAX = 20;
/** Gatherings remembered, so that a part that comes late is not taken for a message of its own. */
const REMEMBERED_MAX = 1_000;

interface Gathering {
  readonly parts: Message[];
  /** False once the first part is being handled. */
  open: boolean;
  /** Ends as the first part's handling does. */
  done: Promise<void>;
  more: () => void;
}

export function gatherParts(deps: BotDeps): MiddlewareFn<BotContext> {
  const gatherings = new Map<string, Gathering>();
  const handled = markHandled(deps);
  return async (ctx, next) => {
    const name = gatheringName(ctx);
    const message = ctx.message;
    if (name === null || !message) return next();
    const known = gatherings.get(name);
    if (known && belongs(known, message)) {
      if (known.open) known.parts.push(message);
      known.more();
      await known.done;
      return handled(ctx, async () => undefined);
    }
    if (!beginsGathering(message)) return next();
    const gathering = begin(gatherings, name, message);
    gathering.done = lead(ctx, gathering, { next, stopping: deps.stopping });
    // Whoever waits for it sees its failure; where nobody does, it is still this handler's own.
    gathering.done.catch(() => undefined);
    await gathering.done;
  };
}

async function lead(
  ctx: BotContext,
  gathering: Gathering,
  { next, stopping }: { next: () => Promise<void>; stopping: AbortSignal },
) {
  for (let seen = 0; seen !== gathering.parts.length && gathering.parts.length < PARTS_MAX && !stopping.aborted;) {
    seen = gathering.parts.length;
    await Promise.race([pause(QUIET_MS, stopping), new Promise<void>((resolve) => (gathering.more = resolve))]);
  }
  gathering.open = false;
  const parts = gathering.parts.toSorted((one, other) => one.message_id - other.message_id);
  ctx.parts = parts;
  if (parts.length > 1 && ctx.update.message) Object.assign(ctx.update.message, wholeOf(parts));
  await next();
}

/** The words of all parts in the first: who reads the message reads all that was said. */
function wholeOf(parts: readonly Message[]): Partial<Message> {
  if (parts.every(({ forward_origin }) => forward_origin)) return {};
  const [first] = parts;
  if (first?.media_group_id === undefined) return { text: joined(parts.map(({ text = "" }) => text)) };
  const said = parts.find(({ caption }) => caption !== undefined);
  const captions = parts.flatMap(({ caption }) => (caption === undefined ? [] : [caption]));
  if (!said) return {};
  return {
    caption: captions.join("\n"),
    ...(said.caption_entities ? { caption_entities: said.caption_entities } : {}),
  };
}

/** A piece that fills a message was cut in the middle of it; one a little shorter at a gap, which is gone. */
function joined(pieces: readonly string[]): string {
  return pieces.reduce((whole, piece, at) => {
    const before = pieces[at - 1] ?? "";
    return at === 0 || before.length >= PLAIN_CHARS_MAX ? whole + piece : `${whole}\n${piece}`;
  }, "");
}

function belongs(gathering: Gathering, message: Message): boolean {
  const { parts, open } = gathering;
  const last = parts.at(-1);
  if (!last || parts.some(({ message_id }) => message_id === message.message_id)) return false;
  if (message.media_group_id !== undefined) return open ? parts.length < PARTS_MAX : message.caption === undefined;
  if (!open || parts.length >= PARTS_MAX || Math.abs(message.date - last.date) > TOGETHER_S) return false;
  if (message.forward_origin) return last.forward_origin !== undefined;
  const chars = parts.reduce((sum, { text = "" }) => sum + text.length, 0) + (message.text?.length ?? 0);
  return isCut(last) && !isCommand(message) && chars < TEXT_CHARS_MAX;
}

/** The one gathering a message could belong to; `null` for what comes alone. */
function gatheringName(ctx: BotContext): string | null {
  const message = ctx.message;
  const place = placeOf(ctx);
  if (!message || place === null) return null;
  const chat = `${chatName(place)}/${ctx.from?.id}`;
  if (typeof message.media_group_id === "string") return `${chat}/album/${message.media_group_id}`;
  if (message.forward_origin) return `${chat}/forward`;
  return typeof message.text === "string" ? `${chat}/text` : null;
}

function beginsGathering(message: Message): boolean {
  return message.media_group_id !== undefined || message.forward_origin !== undefined || isCut(message);
}

/** Whether a client may have cut its person's text here. */
export function isCut({ text, forward_origin }: Message): boolean {
  return text !== undefined && text.length >= CUT_CHARS_MIN && forward_origin === undefined;
}

function isCommand({ entities }: Message): boolean {
  return entities?.some(({ type, offset }) => type === "bot_command" && offset === 0) === true;
}

function begin(gatherings: Map<string, Gathering>, name: string, message: Message): Gathering {
  const gathering: Gathering = { parts: [message], open: true, done: Promise.resolve(), more: () => undefined };
  gatherings.delete(name);
  gatherings.set(name, gathering);
  if (gatherings.size > REMEMBERED_MAX)
    for (const oldest of gatherings.keys()) return (gatherings.delete(oldest), gathering);
  return gathering;
}
