/**
 * Long polling that loses nothing: an update is stored before the offset moves past it. (The runner's own source
 * moves the offset first, so a kill could lose a hundred updates.)
 */
import { createConcurrentSink, createRunner, createSource } from "@grammyjs/runner";
import type { RunnerHandle } from "@grammyjs/runner";
import { GrammyError } from "grammy";
import type { Api } from "grammy";
import type { Update } from "grammy/types";
import type { Logger } from "pino";
import { retry } from "@starai/protocol/retry";
import { retryAfterMs } from "../wire/refusals.ts";
import type { Inbox } from "./inbox.ts";
import { UPDATES_AT_ONCE_MAX } from "./work.ts";

export const ALLOWED_UPDATES = [
  "message",
  "edited_message",
  "callback_query",
  "stopped_message_generation",
  "my_chat_member",
  "pre_checkout_query",
  "subscription",
] as const;

const POLL_S = 30;
const PACE = { firstMs: 500, maxMs: 15_000 };

export interface Polling {
  api: Api;
  inbox: Inbox;
  handle: (update: Update) => Promise<void>;
  log: Logger;
}

/** Starts polling, beginning with the updates an earlier process left unhandled. Retries every error until stopped. */
export function poll({ api, inbox, handle, log }: Polling): RunnerHandle {
  const next = nextUpdates(api, inbox);
  // The runner's types know the signal of the abort-controller package, whose events differ from Node's in name only.
  const supply = (batchSize: number, runnerSignal: unknown): Promise<Update[]> => {
    const signal = runnerSignal as AbortSignal;
    return retry(() => next(batchSize, signal), {
      ...PACE,
      signal,
      mayPass: () => true,
      leastMs: retryAfterMs,
      onPause: async (error) => {
        log.error({ err: error }, adviceFor(error));
        if (isWebhookInTheWay(error)) await removeWebhook(api, log);
      },
    });
  };
  const sink = createConcurrentSink<Update>({ consume: handle }, async () => undefined, {
    concurrency: UPDATES_AT_ONCE_MAX,
  });
  const runner = createRunner(createSource({ supply }), sink);
  runner.start();
  return runner;
}

/** First the left-over updates in batches, then Telegram's. A call that throws has changed nothing and can be repeated. */
function nextUpdates(api: Api, inbox: Inbox) {
  let leftOverAfter: number | null = -1;
  let offset = 0;
  return async (batchSize: number, signal: AbortSignal): Promise<Update[]> => {
    if (leftOverAfter !== null) {
      const { updates, last } = await inbox.leftOver(leftOverAfter, signal);
      leftOverAfter = last;
      return updates;
    }
    const limit = Math.max(1, Math.min(100, batchSize));
    const asked = { offset, limit, timeout: POLL_S, allowed_updates: ALLOWED_UPDATES };
    const updates = await api.getUpdates(asked, signal as never);
    const fresh = await inbox.store(updates, signal);
    offset = (updates.at(-1)?.update_id ?? offset - 1) + 1;
    return fresh;
  };
}

/** Removes the webhook, as at the start. Two processes that compete for the token are visible in the log. */
async function removeWebhook(api: Api, log: Logger): Promise<void> {
  try {
    await api.deleteWebhook();
  } catch (error) {
    log.warn({ err: error }, "the webhook could not be removed; it is tried again");
  }
}

function isWebhookInTheWay(error: unknown): boolean {
  return error instanceof GrammyError && error.error_code === 409 && /webhook/i.test(error.description);
}

function adviceFor(error: unknown): string {
  if (isWebhookInTheWay(error))
    return "a webhook was set for this token from elsewhere; it is removed, because this bot polls: only one of the two can have the token";
  const code = error instanceof GrammyError ? error.error_code : null;
  if (code === 401) return "Telegram does not know this token any more: ask @BotFather and set BOT_TOKEN";
  if (code === 409) return "another process polls with this token; stop it, only one can";
  return "updates could not be fetched or stored; asking again, nothing is lost";
}
