/**
 * The answer itself. It is never lost: rich Markdown first, the HTML subset where that is refused, plain text where
 * that is refused too; too long for one message it comes in several. What fails for a reason that passes is tried
 * again, by auto-retry (429, 5xx) and here (no connection), within bounds.
 */
import { GrammyError, HttpError } from "grammy";
import type { Api } from "grammy";
import type { InlineKeyboardMarkup } from "grammy/types";
import { addressOf } from "../chat-place.ts";
import type { Place } from "../chat-place.ts";
import { Unfinished } from "../context.ts";
import { PLAIN_CHARS_MAX, RICH_CHARS_MAX } from "../telegram-limits.ts";
import { isRefusedText } from "./live-view.ts";
import { safeMarkdown } from "./safe-markdown.ts";
import { splitMarkdown } from "./split-markdown.ts";
import { telegramHtml } from "./telegram-html.ts";

export interface Delivery {
  place: Place;
  /** Markdown as the model wrote it. */
  markdown: string;
  /** The preview to turn into the first part. */
  editMessageId?: number;
  replyTo?: number;
  /** Under the last part. */
  buttons?: InlineKeyboardMarkup;
}

/** Together with auto-retry this is over a minute without a connection. */
const CONNECTION_TRIES_MAX = 5;
const CONNECTION_WAIT_MS = 1_000;

/** @throws Unfinished when Telegram could not be reached or kept refusing for reasons that pass. */
export async function deliver(api: Api, delivery: Delivery): Promise<void> {
  const parts = richParts(delivery.markdown);
  let first: Target = { ...delivery };
  for (const [index, part] of parts.entries()) {
    const { buttons } = delivery;
    const last = index === parts.length - 1 && buttons ? { reply_markup: buttons } : {};
    await deliverPart(api, { ...first, ...last }, part);
    first = { place: delivery.place };
  }
}

interface Target {
  place: Place;
  editMessageId?: number;
  replyTo?: number;
  reply_markup?: InlineKeyboardMarkup;
}

/** Parts that fit a rich message also after they are made safe, which can lengthen them. */
function richParts(markdown: string): string[] {
  for (let max = RICH_CHARS_MAX; ; max = Math.floor(max / 2)) {
    const parts = splitMarkdown(markdown, max);
    if (parts.every((part) => safeMarkdown(part).length <= RICH_CHARS_MAX)) return parts;
  }
}

async function deliverPart(api: Api, target: Target, part: string): Promise<void> {
  const rich = { markdown: safeMarkdown(part), skip_entity_detection: true };
  if (await accepted(() => sendRich(api, target, rich))) return;
  const pieces = splitMarkdown(part, PLAIN_CHARS_MAX);
  for (const [index, piece] of pieces.entries()) {
    const { reply_markup: _buttons, ...bare } = target;
    const here =
      index === pieces.length - 1
        ? index === 0
          ? target
          : withoutStart(target)
        : index === 0
          ? bare
          : withoutStart(bare);
    if (await accepted(() => sendText(api, here, telegramHtml(piece), { parse_mode: "HTML" as const }))) continue;
    if (await accepted(() => sendText(api, here, piece, {}))) continue;
    await accepted(() => sendText(api, withoutStart(here), piece, {}));
  }
}

/** A later piece neither edits the preview nor replies. */
function withoutStart({ place, reply_markup }: Target): Target {
  return { place, ...(reply_markup ? { reply_markup } : {}) };
}

function sendRich(api: Api, target: Target, rich: { markdown: string; skip_entity_detection: boolean }) {
  const markup = target.reply_markup ? { reply_markup: target.reply_markup } : {};
  return target.editMessageId === undefined
    ? api.sendRichMessage(target.place.chatId, rich, { ...addressOf(target.place), ...replyTo(target), ...markup })
    : api.editMessageText(target.place.chatId, target.editMessageId, rich, markup);
}

function sendText(api: Api, target: Target, text: string, format: { parse_mode?: "HTML" }) {
  const markup = target.reply_markup ? { reply_markup: target.reply_markup } : {};
  const options = { ...format, link_preview_options: { is_disabled: true }, ...markup };
  return target.editMessageId === undefined
    ? api.sendMessage(target.place.chatId, text, { ...addressOf(target.place), ...replyTo(target), ...options })
    : api.editMessageText(target.place.chatId, target.editMessageId, text, options);
}

function replyTo({ replyTo: id }: Target) {
  return id === undefined ? {} : { reply_parameters: { message_id: id, allow_sending_without_reply: true } };
}

/** True when it was sent, false when Telegram does not accept this form of it. */
async function accepted(send: () => Promise<unknown>): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      await send();
      return true;
    } catch (error) {
      if (isRefusedText(error)) return (error as GrammyError).description.includes("message is not modified");
      if (error instanceof HttpError && tries < CONNECTION_TRIES_MAX) {
        await new Promise((resolve) => setTimeout(resolve, CONNECTION_WAIT_MS * tries));
        continue;
      }
      if (error instanceof GrammyError && error.error_code === 403) throw error;
      throw new Unfinished("Telegram did not take the answer; it is sent again at the next start", { cause: error });
    }
  }
}
