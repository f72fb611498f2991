/**
 * Retries until Telegram accepts: after the time it asks for, or with growing pauses while there is no connection
 * or it has a server error. The chat's lane is held meanwhile, so no later answer overtakes this one.
 */
import type { Api } from "grammy";
import type { Logger } from "pino";
import { pause } from "@starai/protocol/pause";
import { GrowingPause } from "@starai/protocol/retry";
import type { RetryPace } from "@starai/protocol/retry";
import { Unfinished } from "../context.ts";
import {
  isChatClosed,
  isFaultOverMessage,
  isRefusedText,
  isUnmodified,
  mayPass,
  retryAfterMs,
} from "../wire/refusals.ts";

export interface Sending {
  /** An API client that does not retry. */
  api: Api;
  retry: RetryPace;
  stopping: AbortSignal;
  log: Logger;
}

/** Longest wait: a day, as long as Telegram itself keeps updates for a bot. */
const WAIT_MS_MAX = 24 * 3_600_000;
/** Server errors for one form (about 1.5 minutes of pauses) before a simpler form is tried. */
const FAULTS_OF_A_FORM_MAX = 8;

/**
 * True when it was sent, false when Telegram rejects this form; the last form is retried instead.
 * @throws Unfinished when the bot stops first or a day is over; Telegram's error if the chat is closed to the bot
 */
export async function sendPatiently(
  sending: Sending,
  send: () => Promise<unknown>,
  { isLastForm }: { isLastForm: boolean },
): Promise<boolean> {
  const began = performance.now();
  // No jitter: there is only one bot, so there are no other clients to spread retries over.
  const growing = new GrowingPause(sending.retry, () => 1);
  for (let tries = 1; ; tries++) {
    try {
      await send();
      return true;
    } catch (error) {
      if (isRefusedText(error)) return isUnmodified(error);
      if (isChatClosed(error)) throw error;
      if (!isLastForm && tries >= FAULTS_OF_A_FORM_MAX && isFaultOverMessage(error)) return false;
      const waitMs = mayPass(error) ? retryAfterMs(error) || growing.nextMs() : Infinity;
      if (performance.now() - began + waitMs > WAIT_MS_MAX) throw unfinished(error);
      if (tries === 1) sending.log.warn({ err: error, waitMs }, "Telegram did not take an answer; it is sent again");
      await pause(waitMs, sending.stopping);
      if (sending.stopping.aborted) throw unfinished(error);
    }
  }
}

function unfinished(cause: unknown): Unfinished {
  return new Unfinished("Telegram did not take the answer; it is sent again at the next start", { cause });
}
