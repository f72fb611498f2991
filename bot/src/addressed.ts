/** Whether a message is meant for the bot: always in private; in groups when it mentions the bot or replies to it. */
import type { MessageEntity } from "grammy/types";
import type { BotContext } from "./context.ts";

export function isAddressed(ctx: BotContext): boolean {
  if (ctx.chat?.type === "private") return !isService(ctx);
  if (isService(ctx)) return false;
  return ctx.msg?.reply_to_message?.from?.id === ctx.me.id || mentions(ctx).length > 0;
}

/** What is said to the bot, without its name; `null` when nothing is. */
export function addressedText(ctx: BotContext): string | null {
  if (!isAddressed(ctx)) return null;
  let text = ctx.msg?.text ?? ctx.msg?.caption ?? "";
  for (const { offset, length } of mentions(ctx).reverse()) text = text.slice(0, offset) + text.slice(offset + length);
  const said = text.replace(/[ \t]{2,}/g, " ").trim();
  // Somebody who only calls the bot by its name and replies to a message means that message.
  const meant = said === "" ? (ctx.msg?.reply_to_message?.text?.trim() ?? "") : said;
  return meant === "" ? null : meant;
}

function mentions(ctx: BotContext): MessageEntity[] {
  const text = ctx.msg?.text ?? ctx.msg?.caption ?? "";
  const name = `@${ctx.me.username}`.toLowerCase();
  return (ctx.msg?.entities ?? ctx.msg?.caption_entities ?? []).filter((entity) => {
    if (entity.type === "text_mention") return entity.user.id === ctx.me.id;
    return entity.type === "mention" && text.slice(entity.offset, entity.offset + entity.length).toLowerCase() === name;
  });
}

/** "Pinned a message", "joined the group" and the like: nobody speaks. */
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
