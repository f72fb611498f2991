/** Whether the server can be reached, as seen by the app's own calls: there may be a network and no server. */
import type { FetchLike } from "@starai/server/client";

export interface Reach {
  /** Like the `fetch` it was made of, and notes how it went. */
  fetch: FetchLike;
  /** False after several calls in a row that nobody answered. */
  reached: () => boolean;
  subscribe: (listener: () => void) => () => void;
}

/** One lost call is a blink, which the call itself repeats. */
const LOST_MAX = 2;
/** What stands before the server says so in its place. */
const NOBODY_THERE = new Set([502, 503, 504]);

export function watchReach(send: FetchLike): Reach {
  const listeners = new Set<() => void>();
  let lost = 0;
  const note = (answered: boolean) => {
    const before = lost >= LOST_MAX;
    lost = answered ? 0 : lost + 1;
    if (before !== lost >= LOST_MAX) for (const listener of listeners) listener();
  };
  return {
    fetch: async (input, init) => {
      try {
        const response = await send(input, init);
        note(!NOBODY_THERE.has(response.status));
        return response;
      } catch (error) {
        // A call that was given up says nothing about the server.
        if (init?.signal?.aborted !== true) note(false);
        throw error;
      }
    },
    reached: () => lost < LOST_MAX,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
