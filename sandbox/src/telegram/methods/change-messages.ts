/** Methods that change sent messages: edits, deletion, reactions, and the "typing…" status. */
import { z } from "zod";
import type { InlineKeyboardMarkup, Message, ReactionType } from "@grammyjs/types";
import { inlineKeyboard, invoiceKeyboard } from "../check-keyboard.ts";
import { method } from "../method.ts";
import { ChatId, Entities, jsonObject, MessageId, ReplyMarkup, RichMessageInput, Text } from "../parameters.ts";
import { parseRichMessage } from "../rich-message.ts";
import { chatToWriteTo, messageToEdit, replaceMessage } from "../send.ts";
import { TelegramError } from "../telegram-error.ts";
import { unixSeconds } from "../telegram.ts";
import { viewMessage } from "../views.ts";
import type { StoredMessage } from "../world.ts";
import { checkedText } from "./send-messages.ts";

const NOT_MODIFIED =
  "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";
const ACTIONS = `typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker
  find_location record_video_note upload_video_note`.split(/\s+/);
/** Whether the bot may delete the message: its own, or a person's in a private chat. */
const DELETE_AGE_S_MAX = 48 * 3_600;

const Target = { chat_id: ChatId, message_id: MessageId, reply_markup: ReplyMarkup.optional() };
const Reactions = jsonObject("reaction types", z.array(z.looseObject({ type: z.string() })));

export const changeMessages = [
  method(
    "editMessageText",
    z.object({
      ...Target,
      text: Text.optional(),
      parse_mode: Text.optional(),
      entities: Entities.optional(),
      rich_message: RichMessageInput.optional(),
    }),
    (telegram, p) => {
      const chat = chatToWriteTo(telegram, p.chat_id);
      const before = messageToEdit(telegram, chat, p.message_id);
      if (before.message.text === undefined && before.message.rich_message === undefined)
        throw TelegramError.badRequest("there is no text in the message to edit");
      const keyboard = inlineKeyboard(p.reply_markup, chat.id);
      const edit_date = unixSeconds(telegram);
      const kept = withoutContent(before.message);
      let after: StoredMessage;
      if (p.rich_message) {
        const rich = parseRichMessage(p.rich_message, "message");
        after = { message: { ...kept, rich_message: rich.message, edit_date, ...under(keyboard) }, rich: rich.source };
      } else {
        const { text, entities } = checkedText(p.text ?? "", p.parse_mode, p.entities);
        after = {
          message: { ...kept, text, ...(entities.length > 0 ? { entities } : {}), edit_date, ...under(keyboard) },
        };
      }
      if (sameContent(before, after)) throw TelegramError.badRequest(NOT_MODIFIED);
      telegram.flood.count(chat.id);
      return replaceMessage(telegram, after) as Message.TextMessage & { edit_date: number };
    },
  ),

  method("editMessageReplyMarkup", z.object(Target), (telegram, p) => {
    const chat = chatToWriteTo(telegram, p.chat_id);
    const before = messageToEdit(telegram, chat, p.message_id);
    const { reply_markup: _, ...bare } = before.message;
    const edit_date = unixSeconds(telegram);
    const keyboard = before.terms
      ? invoiceKeyboard(p.reply_markup, chat.id, before.terms.amount)
      : inlineKeyboard(p.reply_markup, chat.id);
    const after = { ...before, message: { ...bare, edit_date, ...under(keyboard) } };
    if (sameContent(before, after)) throw TelegramError.badRequest(NOT_MODIFIED);
    telegram.flood.count(chat.id);
    return { ...replaceMessage(telegram, after), edit_date };
  }),

  method("deleteMessage", z.object({ chat_id: ChatId, message_id: MessageId }), (telegram, p) => {
    const chat = chatToWriteTo(telegram, p.chat_id);
    const stored = telegram.world.message(chat.id, p.message_id);
    if (!stored) throw TelegramError.badRequest("message to delete not found");
    const own = stored.message.from?.id === telegram.me.id || chat.type === "private";
    if (!own || unixSeconds(telegram) - stored.message.date > DELETE_AGE_S_MAX)
      throw TelegramError.badRequest("message can't be deleted for everyone");
    telegram.commit({ kind: "deleted", chat: chat.id, message: p.message_id });
    telegram.feed.emit({ type: "delete", chat: chat.id, message: p.message_id });
    return true;
  }),

  method("sendChatAction", z.object({ chat_id: ChatId, action: Text.default("") }), (telegram, p) => {
    const chat = chatToWriteTo(telegram, p.chat_id);
    if (!ACTIONS.includes(p.action)) throw TelegramError.badRequest("wrong parameter action in request");
    telegram.feed.emit({ type: "action", chat: chat.id, action: p.action });
    return true;
  }),

  method(
    "setMessageReaction",
    z.object({ chat_id: ChatId, message_id: MessageId, reaction: Reactions.optional() }),
    (telegram, p) => {
      const chat = chatToWriteTo(telegram, p.chat_id);
      const stored = telegram.world.message(chat.id, p.message_id);
      if (!stored) throw TelegramError.badRequest("message to react not found");
      const reactions = (p.reaction ?? []) as unknown as ReactionType[];
      if (reactions.length > 1) throw TelegramError.badRequest("REACTIONS_TOO_MANY");
      const after = { ...stored, reactions };
      telegram.commit({ kind: "message", stored: after });
      telegram.feed.emit({ type: "edit", chat: chat.id, message: viewMessage(telegram.world, after) });
      return true;
    },
  ),
];

function under(keyboard: InlineKeyboardMarkup | undefined): { reply_markup?: InlineKeyboardMarkup } {
  return keyboard ? { reply_markup: keyboard } : {};
}

function withoutContent(message: Message): Message {
  const { text: _text, entities: _entities, rich_message: _rich, reply_markup: _markup, ...rest } = message;
  return rest;
}

function sameContent(a: StoredMessage, b: StoredMessage): boolean {
  return contentKey(a) === contentKey(b);
}

function contentKey({ message, rich }: StoredMessage): string {
  return JSON.stringify([message.text, message.entities ?? [], rich, message.reply_markup?.inline_keyboard ?? []]);
}
