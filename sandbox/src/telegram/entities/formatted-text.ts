/** Text with entities. Offsets count UTF-16 units, as the Bot API's do; refusals count bytes. */
import type { MessageEntity } from "@grammyjs/types";
import { TelegramError } from "../telegram-error.ts";

export interface FormattedText {
  readonly text: string;
  readonly entities: MessageEntity[];
}

export function cannotParse(what: string): TelegramError {
  return TelegramError.badRequest(`can't parse entities: ${what}`);
}

/** UTF-8 byte offset of a UTF-16 index, as used in Telegram's error messages. */
export function byteOffset(source: string, index: number): number {
  return Buffer.byteLength(source.slice(0, index));
}

/** Characters as Telegram's limits count them: code points. */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}
