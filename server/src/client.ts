/**
 * The server as the bot sees it: typed calls, and a run's events as an async iterator that survives lost connections.
 * It works over HTTP, and in one process with `fetch: app.request`.
 */
import { hc } from "hono/client";
import type { RunEvent } from "@starai/protocol/runs";
import type { App } from "./app.ts";
import { followRun } from "./client/follow-run.ts";
import type { FetchLike } from "./client/server-answer.ts";

export { pause } from "./client/pause.ts";
export { ServerRefused, ServerUnreachable, answerOf } from "./client/server-answer.ts";

export interface ServerClientOptions {
  /** Of the server, without a slash at the end, e.g. `http://127.0.0.1:8080`. */
  baseUrl: string;
  botKey: string;
  /** `app.request` when the server lives in this process. */
  fetch?: FetchLike;
}

export type ServerClient = ReturnType<typeof createServerClient>;

export function createServerClient({ baseUrl, botKey, fetch: send = fetch }: ServerClientOptions) {
  const headers = { authorization: `Bearer ${botKey}` };
  const { api } = hc<App>(baseUrl, { headers, fetch: send as typeof fetch });
  return {
    api,
    /**
     * Follows a run until its `end` event. Lost connections are resumed after the last event seen, for up to
     * two minutes without one; then it throws ServerUnreachable. Aborting the signal ends the iteration quietly.
     */
    runEvents: (runId: string, signal?: AbortSignal): AsyncGenerator<RunEvent> =>
      followRun({ url: `${baseUrl}/api/runs/${runId}/events`, headers, send }, signal),
  };
}
