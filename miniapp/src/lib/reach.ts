/** Whether the server is reachable, judged by the app's own calls: the network may be up and the server down. */
import type { FetchLike } from "@starai/server/client";

export interface Reach {
  /** The given `fetch`, whose outcomes are recorded. */
  fetch: FetchLike;
  /** False after several unanswered calls in a row. */
  reached: () => boolean;
  subscribe: (listener: () => void) => () => void;
}

/** Failed calls in a row after which the server counts as unreachable; a single one is retried by the call itself. */
const LOST_MAX = 2;
/** Statuses by which a proxy in front of the server reports that it is down. */
const GATEWAY_ERRORS = new Set([502, 503, 504]);

export function watchReach(send: FetchLike): Reach {
  const listeners = new Set<() => void>();
  let lost = 0;
  const record = (answered: boolean) => {
    const before = lost >= LOST_MAX;
    lost = answered ? 0 : lost + 1;
    if (before !== lost >= LOST_MAX) for (const listener of listeners) listener();
  };
  return {
    fetch: async (input, init) => {
      try {
        const response = await send(input, init);
        record(!GATEWAY_ERRORS.has(response.status));
        return response;
      } catch (error) {
        // An aborted call says nothing about the server.
        if (init?.signal?.aborted !== true) record(false);
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
