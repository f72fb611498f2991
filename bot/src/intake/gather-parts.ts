/**
 * Gathers what was sent as one but arrives as several messages: an album, a paste that a client cut at the limit
 * of a message, messages forwarded together. The first message waits briefly for the others and is handled with all
 * of them; the others have no effect of their own. How far apart real clients' parts arrive, and where exactly
 * they cut, was not tested on Telegram itself: the bounds below leave room.
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
/** Greatest difference of the parts' send times, which Telegram gives in whole seconds. */
const TOGETHER_S = 2;
/** Most parts gathered; an album has at most ten. */
const PARTS_MAX = 20;
/** Gatherings remembered, so that a late part is not handled as a separate message. */
const REMEMBERED_MAX = 1_000;

interface Gathering {
  readonly parts: Message[];
  /** False once the first part is being handled. */
  open: boolean;
  /** Settles with the handling of the first part. */
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
    // Prevents an unhandled rejection; this handler and those of later parts await the promise itself.
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

/** The text or captions of all parts, merged into the first message. */
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

/** Joins the pieces: a full one was cut mid-word; a shorter one at a gap, which is restored as a newline. */
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

/** Key of the only gathering that a message can belong to; `null` for a message that is never a part. */
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

/** Whether a client may have cut the text at the end of this message. */
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
