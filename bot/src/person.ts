/** Who speaks, as the server stores them. */
import type { Chat, User } from "grammy/types";
import type { BotContext } from "./context.ts";

const NAME_CHARS_MAX = 200;
/** Telegram's ids of people have at most 52 bits; beyond them those who speak as a chat have room. */
const CHATS_FROM = 2 ** 52;

export interface Person {
  telegramId: number;
  name: string;
  language: string;
}

/**
 * `null` for updates nobody sent, such as channel posts. Whoever speaks in the name of a chat is that chat: Telegram
 * shows all anonymous administrators of all groups as one user, who would be one person with everybody's settings.
 */
export function personOf(ctx: BotContext): Person | null {
  const from = ctx.from;
  if (!from) return null;
  const chat = senderChat(ctx);
  const code = from.language_code ?? "";
  return {
    telegramId: chat === undefined ? from.id : CHATS_FROM + Math.abs(chat.id),
    name: nameOf(chat, from),
    // The server refuses odd tags; a client's odd tag must not keep its owner from chatting.
    language: /^[A-Za-z0-9-]{2,35}$/.test(code) ? code : "en",
  };
}

/** The chat in whose name somebody speaks, or their own name. */
export function nameOf(
  chat: Chat | undefined,
  from: Pick<User, "id" | "first_name" | "last_name"> | undefined,
): string {
  const names = chat ? [chat.title ?? chat.username] : [from?.first_name, from?.last_name];
  const name = names.filter(Boolean).join(" ").trim().slice(0, NAME_CHARS_MAX).trim();
  return name || String(chat?.id ?? from?.id ?? "?");
}

/** Another bot, which must not be answered: it might answer back without end. Speaking as a chat is a person's doing. */
export function isBot(ctx: BotContext): boolean {
  return ctx.from?.is_bot === true && senderChat(ctx) === undefined;
}

function senderChat(ctx: BotContext): Chat | undefined {
  return (ctx.message ?? ctx.editedMessage)?.sender_chat;
}
