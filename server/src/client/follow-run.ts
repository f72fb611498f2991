/** A run's events over fetch: reads the server-sent events, and resumes the stream where it broke. */
import type { RunEvent } from "@starai/protocol/runs";
import { pause } from "@starai/protocol/pause";
import { GrowingPause } from "@starai/protocol/retry";
import { readEvents } from "./read-events.ts";
import { ServerUnreachable, isOutage, openFeed } from "./server-answer.ts";
import type { Feed } from "./server-answer.ts";

export interface RunFeed extends Feed {
  /** Parses one event. @throws when it is no RunEvent */
  parse: (value: unknown) => RunEvent;
}

/** Without one event for this long, the server counts as gone; a restart with its drain takes less. */
const GIVE_UP_AFTER_MS = 120_000;
const STABLE_CONNECTION_MS = 10_000;
const PACE = { firstMs: 200, maxMs: 5_000 };

/**
 * @throws ServerRefused for an answer that trying again would not change, ServerUnreachable after two minutes; anything
 * else is a fault of ours, such as an event that does not parse
 */
export async function* followRun(feed: RunFeed, signal?: AbortSignal): AsyncGenerator<RunEvent> {
  let lastId: string | undefined;
  const growing = new GrowingPause(PACE);
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
        growing.reset();
        yield event;
        if (event.type === "end") return;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!isOutage(error)) throw error;
      lastError = error;
    }
    // A connection that stayed open is a sign of life, even when a waiting run had no events to send.
    if (lostAt === null || performance.now() - openedAt > STABLE_CONNECTION_MS) lostAt = performance.now();
    if (performance.now() - lostAt > GIVE_UP_AFTER_MS) throw new ServerUnreachable(lastError);
    await pause(growing.nextMs(), signal);
  }
}
