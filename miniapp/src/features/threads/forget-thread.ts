import type { QueryClient } from "@tanstack/react-query";
import type { ThreadPage } from "../../data/merge-newest.ts";
import { keys } from "../../lib/query-client.ts";

/** Removes a deleted chat from every cached list at once, without a request to the server. */
export function forgetThread(client: QueryClient, id: string): void {
  client.setQueriesData<ThreadPage<{ id: string }>>({ queryKey: keys.threads }, (list) =>
    list === undefined ? undefined : { ...list, threads: list.threads.filter((thread) => thread.id !== id) },
  );
  client.removeQueries({ queryKey: keys.thread(id) });
}
