/** Follows the person's feed of changes while the app is open, and invalidates the cached data that each one makes stale. */
import { useQueryClient } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import { ServerRefused } from "@starai/server/client";
import type { Change } from "@starai/protocol/changes";
import { useEffect } from "react";
import { useApp, useSessionState } from "../lib/app-context.ts";
import { keys } from "../lib/query-client.ts";
import { useWake } from "../lib/use-wake.ts";

export function useChanges(): void {
  const { api, session } = useApp();
  const client = useQueryClient();
  const inside = useSessionState().kind === "inside";
  const wakes = useWake();
  useEffect(() => {
    if (!inside) return undefined;
    const abort = new AbortController();
    void follow(abort.signal);
    return () => abort.abort();

    async function follow(signal: AbortSignal): Promise<void> {
      try {
        for await (const change of api.changes(signal)) noteStale(client, change);
      } catch (error) {
        // Only an ended session stops the feed for good; after another refusal it resumes at the next wake.
        if (error instanceof ServerRefused && error.status === 401) return session.end(error.code);
        if (!(error instanceof ServerRefused)) console.error("following the feed of changes failed", error);
      }
    }
  }, [api, client, session, inside, wakes]);
}

function noteStale(client: QueryClient, change: Change): void {
  const stale = (queryKey: readonly string[]) => void client.invalidateQueries({ queryKey });
  switch (change.type) {
    case "all":
      // Requests already in flight, as at the launch, are fresh enough.
      return void client.invalidateQueries({}, { cancelRefetch: false });
    case "profile":
      // The chosen model has a price of its own.
      stale(keys.moneyNow);
      return stale(keys.profile);
    case "thread":
    case "deleted":
      stale(keys.threads);
      return stale(keys.thread(change.id));
    case "run":
      stale(keys.threads);
      stale(keys.run(change.run));
      stale(keys.money);
      return stale(keys.thread(change.thread));
  }
}
