/** Shared steps of the sending methods: finding the chat, resolving the reply, storing and showing the message. */
import type { Chat, InlineKeyboardMarkup, Message } from "@grammyjs/types";
import { chatKeyboard } from "./check-keyboard.ts";
import { TelegramError } from "./telegram-error.ts";
import type { Telegram } from "./telegram.ts";
import { unixSeconds } from "./telegram.ts";
import { viewMessage } from "./views.ts";
import type { InvoiceTerms } from "./stars/star-ledger.ts";
import type { RichSource, StoredMessage } from "./world.ts";

/** Shows, removes or keeps the chat's keyboard according to a sent message's markup. */
export function changeKeyboard(telegram: Telegram, chat: Chat, markup: Record<string, unknown> | undefined): void {
  const keyboard = chatKeyboard(markup, chat.id);
  if (keyboard === undefined) return;
  telegram.commit({ kind: "keyboard", chat: chat.id, keyboard });
  telegram.feed.emit({ type: "keyboard", chat: chat.id, keyboard });
}

/** The chat to send to. @throws 400 for a chat that never wrote or migrated, 403 for a person who blocked the bot */
export function chatToWriteTo(telegram: Telegram, chatId: number | string): Chat {
  const chat = typeof chatId === "number" ? telegram.world.chats.get(chatId) : chatByUsername(telegram, chatId);
  if (!chat) throw TelegramError.badRequest("chat not found");
  const to = telegram.world.moved.get(chat.id);
  if (to !== undefined)
    throw new TelegramError(400, "Bad Request: group chat was upgraded to a supergroup chat", {
      migrate_to_chat_id: to,
    });
  if (chat.type === "private" && telegram.world.blockedBy.has(chat.id))
    throw new TelegramError(403, "Forbidden: bot was blocked by the user");
  return chat;
}

function chatByUsername(telegram: Telegram, name: string): Chat | undefined {
  const username = name.slice(1).toLowerCase();
  return [...telegram.world.chats.values()].find((chat) => chat.username?.toLowerCase() === username);
}

export interface Draft {
  readonly content: Partial<Message>;
  readonly rich?: RichSource;
  readonly terms?: InvoiceTerms;
  readonly keyboard?: InlineKeyboardMarkup | undefined;
  readonly replyTo?: { message_id?: number | undefined; allow_sending_without_reply?: boolean | undefined } | undefined;
}

/** Sends as the bot: stores the message, shows it, and clears the chat's draft. */
export function sendAsBot(telegram: Telegram, chat: Chat, draft: Draft): Message {
  const reply = replyTarget(telegram, chat.id, draft.replyTo);
  telegram.flood.count(chat.id);
  const stored: StoredMessage = {
    message: {
      message_id: telegram.world.nextMessageId(chat.id),
      from: telegram.me,
      chat,
      date: unixSeconds(telegram),
      ...(reply
        ? {
            reply_to_message: { ...reply.message, reply_to_message: undefined } as NonNullable<
              Message["reply_to_message"]
            >,
          }
        : {}),
      ...draft.content,
      ...(draft.keyboard ? { reply_markup: draft.keyboard } : {}),
    },
    ...(draft.rich ? { rich: draft.rich } : {}),
    ...(draft.terms ? { terms: draft.terms } : {}),
  };
  telegram.commit({ kind: "message", stored });
  telegram.drafts.clear(chat.id);
  telegram.feed.emit({ type: "message", chat: chat.id, message: viewMessage(telegram.world, stored) });
  return stored.message;
}

function replyTarget(telegram: Telegram, chat: number, replyTo: Draft["replyTo"]): StoredMessage | undefined {
  if (replyTo?.message_id === undefined) return undefined;
  const target = telegram.world.message(chat, replyTo.message_id);
  if (!target && !replyTo.allow_sending_without_reply)
    throw TelegramError.badRequest("message to be replied not found");
  return target;
}

/** The bot's own message to change. @throws Telegram's 400 when there is none or it is not the bot's */
export function messageToEdit(telegram: Telegram, chat: Chat, id: number): StoredMessage {
  const stored = telegram.world.message(chat.id, id);
  if (!stored) throw TelegramError.badRequest("message to edit not found");
  if (stored.message.from?.id !== telegram.me.id) throw TelegramError.badRequest("message can't be edited");
  return stored;
}

/** Stores a changed message of the bot and shows it. */
export function replaceMessage(telegram: Telegram, stored: StoredMessage): StoredMessage["message"] {
  telegram.commit({ kind: "message", stored });
  telegram.feed.emit({ type: "edit", chat: stored.message.chat.id, message: viewMessage(telegram.world, stored) });
  return stored.message;
}
