/** Server-sent events over HTTP: keep-alives, readers that disconnect, and sessions that end. */
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { SignedOut } from "@starai/protocol/changes";
import type { ChangeReader } from "../changes/change-feed.ts";
import type { OpenStream } from "../sessions/open-streams.ts";

/** Proxies drop a connection after 30 to 60 s of silence. */
const KEEP_ALIVE_MS = 15_000;

export interface StreamedEvent {
  id?: string;
  data: unknown;
}

/**
 * Sends events until they end, the reader disconnects, or the session ends (then the last event is `signed_out`).
 * Always calls the iterator's `return` at the end, also while the reader is stalled.
 */
export function eventStream(c: Context, events: AsyncIterator<StreamedEvent>, under?: OpenStream): Response {
  return streamSSE(c, async (stream) => {
    const beat = setInterval(() => void stream.write(": still here\n\n"), KEEP_ALIVE_MS);
    const left = new Promise<"left">((resolve) => stream.onAbort(() => resolve("left")));
    const over = under ? Promise.race([left, under.ended]) : left;
    try {
      for (;;) {
        // Order matters: of two settled promises the first wins, and an end must not wait behind many events.
        const next = await Promise.race([over, events.next()]);
        if (next === "signed_out") {
          const farewell: SignedOut = { type: "signed_out" };
          void stream.write(`data: ${JSON.stringify(farewell)}\n\n`);
        }
        if (typeof next === "string" || next.done === true) return;
        const { id, data } = next.value;
        await Promise.race([
          stream.writeSSE({ data: JSON.stringify(data), ...(id === undefined ? {} : { id }) }),
          over,
        ]);
      }
    } finally {
      clearInterval(beat);
      under?.[Symbol.dispose]();
      // Not awaited: an iterator that waits for its next event returns only after it.
      void events.return?.();
    }
  });
}

/** A change feed as a stream of hints. */
export function hintStream(c: Context, reader: ChangeReader, under?: OpenStream): Response {
  const events: AsyncIterator<StreamedEvent> = {
    next: async () => {
      const next = await reader.next();
      return next.done === true ? next : { done: false, value: { data: next.value } };
    },
    return: async () => {
      reader.close();
      return { done: true, value: undefined };
    },
  };
  return eventStream(c, events, under);
}

/** Events in the form this file sends. */
export async function* streamed<T>(events: AsyncIterable<T>, read: (event: T) => StreamedEvent) {
  for await (const event of events) yield read(event);
}
