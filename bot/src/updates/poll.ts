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
import { pause } from "@starai/server/client";
import type { Inbox } from "./inbox.ts";

export const ALLOWED_UPDATES = ["message", "callback_query", "stopped_message_generation", "my_chat_member"] as const;

/** Updates handled at once; a waiting answer costs a few kilobytes. Stop and taps need room beside the answers. */
const CONCURRENCY_MAX = 1_000;
const POLL_S = 30;
const BACK_OFF_FIRST_MS = 500;
const BACK_OFF_MAX_MS = 15_000;

export interface Polling {
  api: Api;
  inbox: Inbox;
  handle: (update: Update) => Promise<void>;
  log: Logger;
}

/** Starts polling, beginning with what an earlier process left undone. */
export function poll({ api, inbox, handle, log }: Polling): RunnerHandle {
  const leftOver = inbox.leftOver();
  let offset = 0;
  // The runner's types know the signal of the abort-controller package, whose events differ from Node's in name only.
  const supply = async (batchSize: number, runnerSignal: unknown): Promise<Update[]> => {
    const signal = runnerSignal as AbortSignal;
    const old = await leftOver.next();
    if (!old.done) return old.value;
    const limit = Math.max(1, Math.min(100, batchSize));
    const updates = await fetchUpdates({ api, log }, { offset, limit }, signal);
    const fresh = await inbox.store(updates, signal);
    offset = (updates.at(-1)?.update_id ?? offset - 1) + 1;
    return fresh;
  };
  const sink = createConcurrentSink<Update>({ consume: handle }, async () => undefined, {
    concurrency: CONCURRENCY_MAX,
  });
  const runner = createRunner(createSource({ supply }), sink);
  runner.start();
  return runner;
}

async function fetchUpdates(
  { api, log }: Pick<Polling, "api" | "log">,
  at: { offset: number; limit: number },
  signal: AbortSignal,
): Promise<Update[]> {
  for (let waitMs = BACK_OFF_FIRST_MS; ; waitMs = Math.min(waitMs * 2, BACK_OFF_MAX_MS)) {
    try {
      return await api.getUpdates({ ...at, timeout: POLL_S, allowed_updates: ALLOWED_UPDATES }, signal as never);
    } catch (error) {
      if (signal.aborted) throw error;
      const code = error instanceof GrammyError ? error.error_code : null;
      if (code === 401) log.error("Telegram does not know this token any more: ask @BotFather and set BOT_TOKEN");
      else if (code === 409) log.error("another process polls with this token; stop it, only one can");
      else log.warn({ err: error }, "Telegram could not be asked for updates; asking again");
      const retryAfterS = error instanceof GrammyError ? (error.parameters.retry_after ?? 0) : 0;
      await pause(Math.max(waitMs, retryAfterS * 1_000), signal);
      if (signal.aborted) throw error;
    }
  }
}
