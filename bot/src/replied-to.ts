/** What a message replies to, as far as it has words: a message, a part of it that was picked out, or a caption. */
import type { Message } from "grammy/types";
import type { BotContext } from "./context.ts";
import { nameOf } from "./person.ts";
import { richText } from "./rich-text.ts";
import { beginning } from "./streaming/shorten.ts";

/** What was meant is in its beginning, and the question needs the room. */
const CHARS_MAX = 1_500;

export interface RepliedTo {
  /** Who wrote it; null: this bot. */
  name: string | null;
  text: string;
  /** A part that the person picked out. */
  picked: boolean;
}

/** `null` where nothing is replied to, or nothing that has words. */
export function repliedTo(ctx: BotContext): RepliedTo | null {
  const message = ctx.msg;
  const target = message?.reply_to_message;
  const picked = message?.quote?.text.trim() ?? "";
  const text = picked === "" ? wordsOf(target) : picked;
  if (text === "") return null;
  const own = target?.from?.id === ctx.me.id;
  return { name: own ? null : authorOf(message), text: beginning(text, CHARS_MAX), picked: picked !== "" };
}

/** Whether a reply to the bot; the beginning of a topic, which every message in it replies to, is none. */
export function repliesToBot(ctx: BotContext): boolean {
  const target = ctx.msg?.reply_to_message;
  return target?.from?.id === ctx.me.id && target.forum_topic_created === undefined;
}

function wordsOf(target: Message | undefined): string {
  if (target === undefined) return "";
  return (target.text ?? target.caption ?? richText(target.rich_message?.blocks)).trim();
}

function authorOf(message: Message | undefined): string {
  const target = message?.reply_to_message;
  if (target) return nameOf(target.sender_chat, target.from);
  const origin = message?.external_reply?.origin;
  if (origin?.type === "user") return nameOf(undefined, origin.sender_user);
  if (origin?.type === "hidden_user") return nameOf(undefined, { id: 0, first_name: origin.sender_user_name });
  return nameOf(origin?.type === "chat" ? origin.sender_chat : origin?.chat, undefined);
}
