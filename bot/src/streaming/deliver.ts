/**
 * Delivers the final answer without losing it: as rich Markdown, as HTML if that is rejected, as plain text if
 * that is rejected too; in several messages if it is too long for one. Transient failures are retried
 * until the message is accepted.
 */
import type { Api } from "grammy";
import type { InlineKeyboardMarkup } from "grammy/types";
import { addressOf } from "../chat-place.ts";
import type { Place } from "../chat-place.ts";
import { PLAIN_CHARS_MAX } from "../telegram-limits.ts";
import { richParts } from "./safe-markdown.ts";
import type { RichPart } from "./safe-markdown.ts";
import { sendPatiently } from "./send-patiently.ts";
import type { Sending } from "./send-patiently.ts";
import { splitMarkdown } from "./split-markdown.ts";
import { telegramHtml } from "./telegram-html.ts";

export interface Delivery {
  place: Place;
  /** Markdown as the model wrote it. */
  markdown: string;
  /** The preview to turn into the first part. */
  edit: number | null;
  /** The message the first part replies to if there is no preview; evaluated at each try, as others may arrive. */
  replyTo: () => number | null;
  /** Buttons under the last part. */
  buttons: InlineKeyboardMarkup | null;
}

/** Where and how one message of the answer is sent: what it replaces, what it replies to, its buttons. */
type Spot = Omit<Delivery, "markdown">;

/** @throws as `sendPatiently` */
export async function deliver(sending: Sending, { markdown, ...whole }: Delivery): Promise<void> {
  const parts = richParts(markdown);
  for (const [index, part] of parts.entries()) await deliverPart(sending, spotOfPart(whole, index, parts.length), part);
}

function spotOfPart(whole: Spot, index: number, count: number): Spot {
  const { place, edit, replyTo, buttons } = whole;
  const start = index === 0 ? { edit, replyTo } : { edit: null, replyTo: () => null };
  return { place, ...start, buttons: index === count - 1 ? buttons : null };
}

async function deliverPart(sending: Sending, spot: Spot, part: RichPart): Promise<void> {
  const { api } = sending;
  const rich = { markdown: part.safe, skip_entity_detection: true };
  if (await isAccepted(sending, spot, (at) => sendRich(api, at, rich))) return;
  const pieces = splitMarkdown(part.raw, PLAIN_CHARS_MAX);
  for (const [index, piece] of pieces.entries()) {
    const here = spotOfPart(spot, index, pieces.length);
    const html = telegramHtml(piece);
    if (await isAccepted(sending, here, (at) => sendText(api, at, html, { parse_mode: "HTML" }))) continue;
    if (await isAccepted(sending, here, (at) => sendText(api, at, piece, {}), { isLastForm: true })) continue;
    throw new Error("Telegram refuses this answer even as plain text");
  }
}

/** Sends the message, as a new one if the one to replace is gone. Returns whether Telegram accepted it. */
async function isAccepted(
  sending: Sending,
  spot: Spot,
  send: (at: Spot) => Promise<unknown>,
  form = { isLastForm: false },
): Promise<boolean> {
  if (spot.edit !== null && (await sendPatiently(sending, () => send(spot), { isLastForm: false }))) return true;
  return await sendPatiently(sending, () => send({ ...spot, edit: null }), form);
}

function sendRich(api: Api, spot: Spot, rich: { markdown: string; skip_entity_detection: boolean }) {
  const { chatId } = spot.place;
  return spot.edit === null
    ? api.sendRichMessage(chatId, rich, optionsOf(spot))
    : api.editMessageText(chatId, spot.edit, rich, markupOf(spot));
}

function sendText(api: Api, spot: Spot, text: string, format: { parse_mode?: "HTML" }) {
  const { chatId } = spot.place;
  const look = { ...format, link_preview_options: { is_disabled: true } };
  return spot.edit === null
    ? api.sendMessage(chatId, text, { ...optionsOf(spot), ...look })
    : api.editMessageText(chatId, spot.edit, text, { ...markupOf(spot), ...look });
}

function markupOf({ buttons }: Spot) {
  return buttons === null ? {} : { reply_markup: buttons };
}

function optionsOf(spot: Spot) {
  const { place } = spot;
  const replyTo = spot.replyTo();
  const reply =
    replyTo === null ? {} : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } };
  return { ...addressOf(place), ...markupOf(spot), ...reply };
}
