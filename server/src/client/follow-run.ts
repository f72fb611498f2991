/** A run's events over fetch: reads the server-sent events, and takes the stream up again where it broke. */
import type { RunEvent } from "@starai/protocol/runs";
import { pause } from "./pause.ts";
import { readEvents } from "./read-events.ts";
import { ServerRefused, ServerUnreachable, openFeed } from "./server-answer.ts";
import type { Feed } from "./server-answer.ts";

export interface RunFeed extends Feed {
  /** An event out of its JSON. @throws for what is none */
  parse: (value: unknown) => RunEvent;
}

/** Without one event for this long, the server counts as gone; a restart with its drain takes less. */
const TRIES_MS = 120_000;
const STOOD_MS = 10_000;
const BACK_OFF_FIRST_MS = 200;
const BACK_OFF_MAX_MS = 5_000;

/** @throws ServerRefused for an answer that trying again would not change, ServerUnreachable after two minutes. */
export async function* followRun(feed: RunFeed, signal?: AbortSignal): AsyncGenerator<RunEvent> {
  let lastId: string | undefined;
  let waitMs = BACK_OFF_FIRST_MS;
  let lostAt: number | null = null;
  let lastError: unknown = null;
  for (;;) {
    if (signal?.aborted) return;
    const openedAt = performance.now();
    try {
      for await (const { id, data } of readEvents(await openFeed(feed, lastId, signal), signal)) {
        const event = feed.parse(JSON.parse(data));
        lastId = id ?? lastId;
        lostAt = null;
        waitMs = BACK_OFF_FIRST_MS;
        yield event;
        if (event.type === "end") return;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof ServerRefused && !error.mayPass) throw error;
      lastError = error;
    }
    // A connection that stood was a sign of life, also when a waiting run gave it nothing to tell.
    if (lostAt === null || performance.now() - openedAt > STOOD_MS) lostAt = performance.now();
    if (performance.now() - lostAt > TRIES_MS) throw new ServerUnreachable(lastError);
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, BACK_OFF_MAX_MS);
  }
}
