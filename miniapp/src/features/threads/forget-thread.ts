import type { QueryClient } from "@tanstack/react-query";
import type { ThreadPage } from "../../data/merge-newest.ts";
import { keys } from "../../lib/query-client.ts";

/** A deleted chat leaves every list at once, without asking the server again. */
export function forgetThread(client: QueryClient, id: string): void {
  client.setQueriesData<ThreadPage<{ id: string }>>({ queryKey: keys.threads }, (list) =>
    list === undefined ? undefined : { ...list, threads: list.threads.filter((thread) => thread.id !== id) },
  );
  client.removeQueries({ queryKey: keys.thread(id) });
}
