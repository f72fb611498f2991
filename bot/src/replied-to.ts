/** The text that a message replies to: a message's text, a part quoted from it, or a caption. */
import type { Message } from "grammy/types";
import type { BotContext } from "./context.ts";
import { nameOf } from "./person.ts";
import { richText } from "./rich-text.ts";
import { beginning } from "./streaming/shorten.ts";

/** Limit for the quoted text; the question needs the rest of the room. */
const CHARS_MAX = 1_500;

export interface RepliedTo {
  /** The author; null: this bot. */
  name: string | null;
  text: string;
  /** Whether the person selected a part of the message. */
  picked: boolean;
}

/** `null` if the message is not a reply, or a reply to something without text. */
export function repliedTo(ctx: BotContext): RepliedTo | null {
  const message = ctx.msg;
  const target = message?.reply_to_message;
  const picked = message?.quote?.text.trim() ?? "";
  const text = picked === "" ? wordsOf(target) : picked;
  if (text === "") return null;
  const own = target?.from?.id === ctx.me.id;
  return { name: own ? null : authorOf(message), text: beginning(text, CHARS_MAX), picked: picked !== "" };
}

/** Whether the message replies to the bot; a reply to a topic's first message, as all in it are, does not count. */
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
