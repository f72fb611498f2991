/** Where an answer is sent, and the server's names for Telegram chats and messages. */
import type { BotContext } from "./context.ts";

/** A chat, or a topic of it. */
export interface Place {
  chatId: number;
  /** Of a forum topic, or of a topic in a private chat. */
  topicId?: number;
  private: boolean;
}

export function placeOf(ctx: BotContext): Place | null {
  const message = ctx.msg;
  const chat = ctx.chat;
  if (!chat) return null;
  const topicId = message?.is_topic_message ? message.message_thread_id : undefined;
  return { chatId: chat.id, private: chat.type === "private", ...(topicId === undefined ? {} : { topicId }) };
}

/** The chat's name at the server, e.g. `telegram:42` or `telegram:-100123:7` for a topic. */
export function chatName(place: Place): string {
  return `telegram:${place.chatId}${place.topicId === undefined ? "" : `:${place.topicId}`}`;
}

/** The place of a chat's name; `null` for a name that is not a Telegram chat. */
export function placeOfChat(name: string): Place | null {
  const [, chat, topic] = /^telegram:(-?\d+)(?::(\d+))?$/.exec(name) ?? [];
  if (chat === undefined) return null;
  const chatId = Number(chat);
  return { chatId, private: chatId > 0, ...(topic === undefined ? {} : { topicId: Number(topic) }) };
}

/** The message's idempotency key: sending it twice has one effect. */
export function messageName(chatId: number, messageId: number): string {
  return `telegram:${chatId}:${messageId}`;
}

/** Parameters that address a place in any send method. */
export function addressOf(place: Place): { message_thread_id?: number } {
  return place.topicId === undefined ? {} : { message_thread_id: place.topicId };
}

/** A run's draft: a number from its id, so that Stop finds its run also after the bot was restarted. */
export function draftIdOf(runId: string): number {
  return Number.parseInt(runId.slice(0, 8), 16) & 0x7fffffff || 1;
}
