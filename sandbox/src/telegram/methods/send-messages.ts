/** sendMessage, sendRichMessage and the drafts of both. */
import { z } from "zod";
import type { MessageEntity } from "@grammyjs/types";
import { inlineKeyboard } from "../check-keyboard.ts";
import type { FormattedText } from "../entities/formatted-text.ts";
import { formatText } from "../entities/format-text.ts";
import { method } from "../method.ts";
import {
  ChatId,
  Entities,
  Flag,
  Integer,
  ReplyMarkup,
  ReplyParameters,
  RichMessageInput,
  Text,
} from "../parameters.ts";
import { parseRichMessage } from "../rich-message.ts";
import { changeKeyboard, chatToWriteTo, sendAsBot } from "../send.ts";
import { TelegramError } from "../telegram-error.ts";
import type { Telegram } from "../telegram.ts";
import { countCharacters } from "../entities/formatted-text.ts";

export const TEXT_CHARACTERS_MAX = 4_096;

const Common = {
  chat_id: ChatId,
  reply_markup: ReplyMarkup.optional(),
  reply_parameters: ReplyParameters.optional(),
};
const TextFields = { parse_mode: Text.optional(), entities: Entities.optional() };
const DraftFields = {
  chat_id: z.preprocess(
    (value) => (typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value),
    z.int({ error: "chat_id is empty" }),
  ),
  draft_id: z.preprocess(
    (value) => (typeof value === "string" ? Number(value) : value),
    z.int({ error: "draft_id must be non-zero" }).refine((id) => id !== 0, { error: "draft_id must be non-zero" }),
  ),
  can_stop: Flag.optional(),
  keep_on_stop: Flag.optional(),
  message_thread_id: Integer.optional(),
};

/** Formats and validates a text. @throws Telegram's 400 when it is empty, too long, or its entities do not parse */
export function checkedText(
  source: string,
  mode: string | undefined,
  entities: MessageEntity[] | undefined,
): FormattedText {
  const formatted = formatText(source, mode, entities);
  if (formatted.text === "") throw TelegramError.badRequest("message text is empty");
  if (countCharacters(formatted.text) > TEXT_CHARACTERS_MAX) throw TelegramError.badRequest("message is too long");
  return formatted;
}

export const sendMessages = [
  method("sendMessage", z.object({ ...Common, ...TextFields, text: Text.default("") }), (telegram, p) => {
    const formatted = checkedText(p.text, p.parse_mode, p.entities);
    const chat = chatToWriteTo(telegram, p.chat_id);
    changeKeyboard(telegram, chat, p.reply_markup);
    const sent = sendAsBot(telegram, chat, {
      content: { text: formatted.text, ...(formatted.entities.length > 0 ? { entities: formatted.entities } : {}) },
      keyboard: inlineKeyboard(p.reply_markup, chat.id),
      replyTo: p.reply_parameters,
    });
    return { ...sent, text: formatted.text };
  }),

  method("sendRichMessage", z.object({ ...Common, rich_message: RichMessageInput }), (telegram, p) => {
    const rich = parseRichMessage(p.rich_message, "message");
    const chat = chatToWriteTo(telegram, p.chat_id);
    changeKeyboard(telegram, chat, p.reply_markup);
    const sent = sendAsBot(telegram, chat, {
      content: { rich_message: rich.message },
      rich: rich.source,
      keyboard: inlineKeyboard(p.reply_markup, chat.id),
      replyTo: p.reply_parameters,
    });
    return { ...sent, rich_message: rich.message };
  }),

  method("sendMessageDraft", z.object({ ...DraftFields, ...TextFields, text: Text.default("") }), (telegram, p) => {
    const formatted = formatText(p.text, p.parse_mode, p.entities);
    if (countCharacters(formatted.text) > TEXT_CHARACTERS_MAX) throw TelegramError.badRequest("message is too long");
    checkDraftPlace(telegram, p.chat_id);
    const draft = { id: p.draft_id, rich: null, canStop: p.can_stop ?? false, at: telegram.clock(), ...formatted };
    telegram.drafts.show(p.chat_id, draft, p.keep_on_stop ?? false);
    return true;
  }),

  method("sendRichMessageDraft", z.object({ ...DraftFields, rich_message: RichMessageInput }), (telegram, p) => {
    const rich = parseRichMessage(p.rich_message, "draft");
    checkDraftPlace(telegram, p.chat_id);
    const text = rich.source.markdown ?? rich.source.html ?? "";
    const draft = {
      id: p.draft_id,
      text,
      entities: [],
      rich: rich.source,
      canStop: p.can_stop ?? false,
      at: telegram.clock(),
    };
    telegram.drafts.show(p.chat_id, draft, p.keep_on_stop ?? false);
    return true;
  }),
];

function checkDraftPlace(telegram: Telegram, chatId: number): void {
  if (chatId < 0) throw TelegramError.badRequest("TEXTDRAFT_PEER_INVALID");
  chatToWriteTo(telegram, chatId);
}
