/**
 * Sends until Telegram takes it: after the time it asks for, or after pauses that grow while there is no connection
 * or it has a fault of its own. The chat's lane is held meanwhile, so no later answer comes before this one.
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
  /** Without retries of its own. */
  api: Api;
  retry: RetryPace;
  stopping: AbortSignal;
  log: Logger;
}

/** A day, as long as Telegram itself keeps what waits for a bot. */
const WAIT_MS_MAX = 24 * 3_600_000;
/** A minute and a half of pauses: where Telegram still breaks over a form, another may do. */
const FAULTS_OF_A_FORM_MAX = 8;

/**
 * True when it was sent, false when Telegram does not take this form of it; the last form is held to.
 * @throws Unfinished when the bot stops first or a day is over; what Telegram says where the chat is closed to us
 */
export async function sendPatiently(
  sending: Sending,
  send: () => Promise<unknown>,
  { isLastForm }: { isLastForm: boolean },
): Promise<boolean> {
  const began = performance.now();
  // One bot asks Telegram for all its chats: nobody else comes back with it, so nothing is left to chance.
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
