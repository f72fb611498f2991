/** The preview of an answer while it is written: a draft in private chats, one edited message in groups. */
import { InlineKeyboard } from "grammy";
import type { Message } from "grammy/types";
import type { RunView } from "@starai/protocol/run-view";
import type { Translate } from "@starai/protocol/texts";
import { addressOf, draftIdOf } from "../chat-place.ts";
import type { Place } from "../chat-place.ts";
import type { BotDeps } from "../context.ts";
import { PLAIN_CHARS_MAX } from "../telegram-limits.ts";
import { isRefusedText, isUnmodified } from "../wire/refusals.ts";
import { Pacer } from "./pacer.ts";
import { draftMarkdown, previewText } from "./preview.ts";

export interface LiveView {
  show(view: RunView): void;
  /** Ends the preview. Returns the message to turn into the answer, where there is one. */
  end(): Promise<number | null>;
}

export interface LiveInput {
  place: Place;
  runId: string;
  /** The question; in groups the answer is a reply to it. */
  replyTo?: number;
  t: Translate;
}

export function liveView(deps: BotDeps, input: LiveInput): LiveView {
  return input.place.private ? draftView(deps, input) : editedView(deps, input);
}

function draftView({ live, pace, log }: BotDeps, { place, runId, t }: LiveInput): LiveView {
  const draft = { ...addressOf(place), can_stop: true, keep_on_stop: true };
  const id = draftIdOf(runId);
  let latest: RunView | null = null;
  const pacer = new Pacer(
    pace.draft,
    async (markdown) => {
      try {
        await live.sendRichMessageDraft(place.chatId, id, { markdown, skip_entity_detection: true }, draft);
      } catch (error) {
        if (!isRefusedText(error) || latest === null) throw error;
        // A half-written answer can be Markdown that Telegram refuses; plain text is always a preview.
        await live.sendMessageDraft(place.chatId, id, previewText(latest, t, PLAIN_CHARS_MAX), draft);
      }
    },
    log,
  );
  return {
    show: (view) => {
      latest = view;
      pacer.show(draftMarkdown(view, t));
    },
    end: async () => {
      await pacer.end();
      return null;
    },
  };
}

function editedView({ live, pace, log }: BotDeps, { place, runId, replyTo, t }: LiveInput): LiveView {
  const stop = new InlineKeyboard().text(t("button.stop"), `stop:${runId}`);
  let message: Message | null = null;
  const pacer = new Pacer(
    pace.edit,
    async (text) => {
      if (message === null) {
        const reply =
          replyTo === undefined ? {} : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } };
        message = await live.sendMessage(place.chatId, text, { ...addressOf(place), ...reply, reply_markup: stop });
        return;
      }
      await live
        .editMessageText(place.chatId, message.message_id, text, { reply_markup: stop })
        .catch(ignoreUnmodified);
    },
    log,
  );
  return {
    show: (view) => pacer.show(previewText(view, t, PLAIN_CHARS_MAX)),
    end: async () => {
      await pacer.end();
      return message?.message_id ?? null;
    },
  };
}

function ignoreUnmodified(error: unknown): void {
  if (!isUnmodified(error)) throw error;
}
