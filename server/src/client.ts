/**
 * The server as the bot and the Mini App see it: typed calls, and feeds as async iterators that survive lost
 * connections. It works over HTTP, and in one process with `fetch: app.request`.
 *
 * The app's half carries no zod into its bundle: it trusts the server it came from, which the bot, started on its
 * own, does not.
 */
import { hc } from "hono/client";
import type { BotWake, Change, SignedOut } from "@starai/protocol/changes";
import { RunEvent } from "@starai/protocol/runs";
import type { App } from "./app.ts";
import { followChanges, signedOut } from "./client/follow-changes.ts";
import { followRun } from "./client/follow-run.ts";
import type { FetchLike } from "./client/server-answer.ts";

export type { FetchLike } from "./client/server-answer.ts";
export { ServerRefused, ServerUnreachable, answerOf, refusalOf } from "./client/server-answer.ts";

export interface ServerClientOptions {
  /** Of the server, without a slash at the end, e.g. `http://127.0.0.1:8080`. */
  baseUrl: string;
  botKey: string;
  /** `app.request` when the server lives in this process. */
  fetch?: FetchLike;
}

export type ServerClient = ReturnType<typeof createServerClient>;

/** The bot's client. */
export function createServerClient({ baseUrl, botKey, fetch: send = fetch }: ServerClientOptions) {
  const headers = () => ({ authorization: `Bearer ${botKey}` });
  const { api } = hc<App>(baseUrl, { headers, fetch: send as typeof fetch });
  return {
    api,
    /**
     * Follows a run until its `end` event. Lost connections are resumed after the last event seen, for up to
     * two minutes without one; then it throws ServerUnreachable. Aborting the signal ends the iteration quietly.
     */
    runEvents: (runId: string, signal?: AbortSignal): AsyncGenerator<RunEvent> =>
      followRun(
        { url: `${baseUrl}/api/runs/${runId}/events`, headers, send, parse: (value) => RunEvent.parse(value) },
        signal,
      ),
    /** Wakes the bot to show an app's run; begins with `all`, which means: look for all. Ends only with the signal. */
    feed: (signal?: AbortSignal): AsyncGenerator<BotWake | { type: "all" }> =>
      followChanges({ url: `${baseUrl}/api/bot/feed`, headers, send }, signal),
  };
}

export interface SessionClientOptions {
  /** Of the server, without a slash at the end; empty for the page's own origin. */
  baseUrl: string;
  /** Returns a valid token; called before each call and each connection. It throws when none can be had. */
  token: () => string | Promise<string>;
  fetch?: FetchLike;
}

export type SessionClient = ReturnType<typeof createSessionClient>;

/** The Mini App's client: `api.my`, and what needs no session. */
export function createSessionClient({ baseUrl, token, fetch: send = fetch.bind(globalThis) }: SessionClientOptions) {
  const headers = async () => ({ authorization: `Bearer ${await token()}` });
  const client = hc<App>(baseUrl, { headers, fetch: send as typeof fetch });
  return {
    my: client.api.my,
    models: client.api.models,
    /** `DELETE`: sign out, here or everywhere. */
    session: client.api.session,
    /** As the bot's; @throws ServerRefused `signed_out` where the session was ended meanwhile */
    runEvents: (runId: string, signal?: AbortSignal): AsyncGenerator<RunEvent> =>
      followRun({ url: `${baseUrl}/api/my/runs/${runId}/events`, headers, send, parse: parseUnderSession }, signal),
    /** Hints to ask again. Never gives up on a lost network; @throws ServerRefused, `signed_out` among it */
    changes: (signal?: AbortSignal): AsyncGenerator<Change> =>
      followChanges({ url: `${baseUrl}/api/my/changes`, headers, send }, signal),
  };
}

/**
 * The client of the public routes: the pool, the bot's name, shared threads, receipts with the keys they are signed
 * with, and a session for signed init data.
 */
export function createPublicClient({
  baseUrl,
  fetch: send = fetch.bind(globalThis),
}: Omit<SessionClientOptions, "token">) {
  const { api } = hc<App>(baseUrl, { fetch: send as typeof fetch });
  const { pool, about, session, shared, receipts, pay } = api;
  return { pool, about, session, shared, receipts, receiptKeys: api["receipt-keys"], pay };
}

export type PayClient = ReturnType<typeof createPayClient>;

/** The client of the page for payments, under a session of its own: those of `api.my` that it may call, under their names. */
export function createPayClient({ baseUrl, token, fetch: send = fetch.bind(globalThis) }: SessionClientOptions) {
  const headers = async () => ({ authorization: `Bearer ${await token()}` });
  const { pay } = hc<App>(baseUrl, { headers, fetch: send as typeof fetch }).api;
  return {
    my: { wallet: { $get: pay.wallet.$get, nonces: pay.nonces }, deposits: pay.deposits },
    session: pay.sessions,
  };
}

function parseUnderSession(value: unknown): RunEvent {
  if ((value as SignedOut).type === "signed_out") throw signedOut();
  return value as RunEvent;
}
