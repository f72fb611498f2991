/** Whether a message is meant for the bot: always in private; in groups when it mentions the bot or replies to it. */
import type { MessageEntity } from "grammy/types";
import type { BotContext } from "./context.ts";
import { repliedTo, repliesToBot } from "./replied-to.ts";
import type { RepliedTo } from "./replied-to.ts";

export function isAddressed(ctx: BotContext): boolean {
  if (isService(ctx)) return false;
  return ctx.chat?.type === "private" || repliesToBot(ctx) || mentions(ctx).length > 0;
}

export interface Question {
  text: string;
  /** The message it replies to, as context for the model. */
  repliedTo: RepliedTo | null;
}

/** The question to the bot, without its name; `null` if the message has none. */
export function questionOf(ctx: BotContext): Question | null {
  if (!isAddressed(ctx)) return null;
  const text = withoutName(ctx);
  const replied = repliedTo(ctx);
  if (text !== "") return { text, repliedTo: replied };
  // A reply that contains only the bot's name asks about the replied-to message.
  return replied === null || replied.name === null ? null : { text: replied.text, repliedTo: null };
}

/** The context in the server's format. */
export function contextOf({ repliedTo: replied }: Question): { repliedTo?: RepliedTo } {
  return replied === null ? {} : { repliedTo: replied };
}

function withoutName(ctx: BotContext): string {
  let text = ctx.msg?.text ?? ctx.msg?.caption ?? "";
  for (const { offset, length } of mentions(ctx).reverse()) text = text.slice(0, offset) + text.slice(offset + length);
  return text.replace(/[ \t]{2,}/g, " ").trim();
}

function mentions(ctx: BotContext): MessageEntity[] {
  const text = ctx.msg?.text ?? ctx.msg?.caption ?? "";
  const name = `@${ctx.me.username}`.toLowerCase();
  return (ctx.msg?.entities ?? ctx.msg?.caption_entities ?? []).filter((entity) => {
    if (entity.type === "text_mention") return entity.user.id === ctx.me.id;
    return entity.type === "mention" && text.slice(entity.offset, entity.offset + entity.length).toLowerCase() === name;
  });
}

/** Service messages ("pinned a message", "joined the group"), which nobody wrote. */
function isService(ctx: BotContext): boolean {
  const message = ctx.msg;
  return !message || SPOKEN.every((kind) => message[kind] === undefined);
}

const SPOKEN = [
  "text",
  "photo",
  "voice",
  "audio",
  "video",
  "video_note",
  "document",
  "sticker",
  "animation",
  "location",
  "contact",
  "poll",
  "rich_message",
] as const;
