/** Where everything the server said is kept, and under which names. Nothing else holds server state. */
import { QueryClient } from "@tanstack/react-query";

/** Kept for a while after the last reader left, so that going back shows the screen at once. */
const KEPT_MS = 10 * 60_000;
/** The changes feed says what is stale; this only covers what it may have missed. */
const FRESH_MS = 30_000;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        gcTime: KEPT_MS,
        staleTime: FRESH_MS,
        // Each call tries again by itself for a few seconds (lib/api.ts); after that the person is told.
        retry: false,
        // Without a network a screen says so at once, and fills when it is back.
        networkMode: "always",
        refetchOnReconnect: true,
      },
      // A message is sent again by its own outbox, under one external id; other changes are the person's to repeat.
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

/** Query keys, by what they hold. A key that is a beginning of another invalidates it too. */
export const keys = {
  about: ["about"],
  profile: ["profile"],
  models: ["models"],
  threads: ["threads"],
  threadList: (search: string, archived: boolean) => ["threads", search, archived],
  anyThread: ["thread"],
  thread: (id: string) => ["thread", id],
  /** Under the chat's own key, so that whatever makes it stale makes this stale. */
  share: (id: string) => ["thread", id, "share"],
  run: (id: string) => ["run", id],
  pool: ["pool"],
  poolNow: ["pool", "now"],
  poolHistory: ["pool", "history"],
} as const;
