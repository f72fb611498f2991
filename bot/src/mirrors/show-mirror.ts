/**
 * Shows a question asked in the Mini App in the chat of its conversation: a quote of it, then its answer
 * like any other, streamed and stopped in the same way.
 */
import type { Api } from "grammy";
import { languageOf, translator } from "@starai/protocol/texts";
import type { Translate } from "@starai/protocol/texts";
import { ServerRefused } from "@starai/server/client";
import { addressOf, placeOfChat } from "../chat-place.ts";
import type { Place } from "../chat-place.ts";
import type { BotDeps } from "../context.ts";
import { answerRun } from "../streaming/answer-run.ts";
import { beginning } from "../streaming/shorten.ts";
import { escapeHtml } from "../streaming/telegram-html.ts";
import { isChatClosed, isRefusedText } from "../wire/refusals.ts";

/** Limit for the quote: Telegram's 4,096 less room for the line above it. */
const QUOTE_CHARS_MAX = 3_500;

export interface Mirror {
  run: string;
  chat: string;
  /** The question. */
  text: string;
  language: string;
}

/**
 * Ignores a chat that can no longer be written to and a run deleted meanwhile: the conversation is in the app.
 * @throws Unfinished when the bot stops first; the next start shows it again from its beginning
 */
export async function showMirror(deps: BotDeps, api: Api, mirror: Mirror): Promise<void> {
  const place = placeOfChat(mirror.chat);
  if (place === null) return;
  const t = translator(languageOf(mirror.language));
  try {
    await quote(deps, api, { place, text: quoteOf(mirror.text, t) });
    await answerRun(deps, { place, runId: mirror.run, t });
  } catch (error) {
    if (!isOver(error)) throw error;
    deps.log.info({ err: error, run: mirror.run }, "a question from the app is not shown in its chat");
  }
}

/** Sends the quote; a failure is not fatal, since an answer without its question is better than neither. */
async function quote({ log }: BotDeps, api: Api, { place, text }: { place: Place; text: string }): Promise<void> {
  try {
    await api.sendMessage(place.chatId, text, {
      ...addressOf(place),
      parse_mode: "HTML",
      disable_notification: true,
      link_preview_options: { is_disabled: true },
    });
  } catch (error) {
    if (!isRefusedText(error)) throw error;
    log.warn({ err: error }, "Telegram refuses to quote a question from the app; its answer follows without");
  }
}

function quoteOf(text: string, t: Translate): string {
  const shown = beginning(text, QUOTE_CHARS_MAX);
  return `${t("mirror.from_app")}\n<blockquote expandable>${escapeHtml(shown)}</blockquote>`;
}

/** Whether the error is permanent, so that a retry is useless. */
function isOver(error: unknown): boolean {
  if (isChatClosed(error)) return true;
  return error instanceof ServerRefused && !error.mayPass;
}
