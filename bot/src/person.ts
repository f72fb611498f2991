/** The sender of an update, in the form that the server stores. */
import type { Chat, User } from "grammy/types";
import type { BotContext } from "./context.ts";

const NAME_CHARS_MAX = 200;
/** Telegram's user ids have at most 52 bits; ids of chats that act as senders are mapped above them. */
const CHATS_FROM = 2 ** 52;

export interface Person {
  telegramId: number;
  name: string;
  language: string;
}

/**
 * `null` for updates without a sender, such as channel posts. A sender acting as a chat is that chat: Telegram
 * shows all anonymous administrators of all groups as one user, who would otherwise share one person's settings.
 */
export function personOf(ctx: BotContext): Person | null {
  const from = ctx.from;
  if (!from) return null;
  const chat = senderChat(ctx);
  const code = from.language_code ?? "";
  return {
    telegramId: chat === undefined ? from.id : CHATS_FROM + Math.abs(chat.id),
    name: nameOf(chat, from),
    // The server rejects malformed tags, and a client's malformed tag must not block its user.
    language: /^[A-Za-z0-9-]{2,35}$/.test(code) ? code : "en",
  };
}

/** The name of the chat that acts as the sender, or the sender's own name. */
export function nameOf(
  chat: Chat | undefined,
  from: Pick<User, "id" | "first_name" | "last_name"> | undefined,
): string {
  const names = chat ? [chat.title ?? chat.username] : [from?.first_name, from?.last_name];
  const name = names.filter(Boolean).join(" ").trim().slice(0, NAME_CHARS_MAX).trim();
  return name || String(chat?.id ?? from?.id ?? "?");
}

/** Whether the sender is another bot: answering it could loop forever. A sender acting as a chat is a person. */
export function isBot(ctx: BotContext): boolean {
  return ctx.from?.is_bot === true && senderChat(ctx) === undefined;
}

function senderChat(ctx: BotContext): Chat | undefined {
  return (ctx.message ?? ctx.editedMessage)?.sender_chat;
}
