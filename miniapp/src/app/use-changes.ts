/** Follows the person's feed of changes for as long as the app is open, and says which of what we know is stale. */
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
        // Nothing but a session that ended stops this feed for good; another refusal costs liveness until the next wake.
        if (error instanceof ServerRefused && error.status === 401) return session.end(error.code);
        if (!(error instanceof ServerRefused)) console.error("the feed of changes broke over a fault", error);
      }
    }
  }, [api, client, session, inside, wakes]);
}

function noteStale(client: QueryClient, change: Change): void {
  const stale = (queryKey: readonly string[]) => void client.invalidateQueries({ queryKey });
  switch (change.type) {
    case "all":
      // What is being asked for right now, as at the launch, is fresh enough.
      return void client.invalidateQueries({}, { cancelRefetch: false });
    case "profile":
      return stale(keys.profile);
    case "thread":
    case "deleted":
      stale(keys.threads);
      return stale(keys.thread(change.id));
    case "run":
      stale(keys.threads);
      stale(keys.run(change.run));
      return stale(keys.thread(change.thread));
  }
}
