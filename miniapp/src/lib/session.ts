/**
 * The app's right to act for one person. Signed launch data is exchanged for a token that is valid for an hour at most;
 * the token stays in memory and is renewed before it expires. A device key, stored until the tab is closed, lets a reload
 * return to the same session.
 */
import { ServerRefused, answerOf, createPublicClient } from "@starai/server/client";
import type { FetchLike } from "@starai/server/client";
import type { KeptText } from "./storage.ts";

export type SessionState =
  | { kind: "outside" }
  /** Inside Telegram: calls are possible, and the first one opens the session. */
  | { kind: "inside" }
  /** `code` is one of protocol's error codes: why the server ended or refused the session. */
  | { kind: "signed_out"; code: string };

export interface Session {
  state: () => SessionState;
  subscribe: (listener: () => void) => () => void;
  /** Returns a token that is valid long enough for a request. @throws ServerRefused when the session has ended */
  token: () => Promise<string>;
  /** Sends calls with the token: renews a rejected token once, and ends the session here if the server has ended it. */
  fetch: FetchLike;
  /** Ends the session in the app, because the server or the person ended it. */
  end: (code: string) => void;
}

/** `expiresAt` is an ISO date. */
type SessionAnswer = Pick<Awaited<ReturnType<typeof exchange>>, "token" | "expiresAt">;

interface SessionOptions {
  initData: string | null;
  send?: FetchLike;
  /** The storage of the tab. */
  storage: Pick<KeptText, "getItem" | "setItem">;
  now?: () => number;
}

const DEVICE_KEY = "starai.device";
/** A token this close to its expiry is renewed first: longer than any request except a stream takes. */
const RENEW_BEFORE_MS = 60_000;
/** Time until a request for a token fails because the server is unreachable; the caller may retry. */
const PATIENCE_MS = 8_000;

export function createSession(options: SessionOptions): Session {
  const { initData, send = (input, init) => fetch(input, init), now = Date.now } = options;
  const device = deviceKey(options.storage);
  const listeners = new Set<() => void>();
  let state: SessionState = initData === null ? { kind: "outside" } : { kind: "inside" };
  let answer: SessionAnswer | null = null;
  let exchanging: Promise<SessionAnswer> | null = null;

  function end(code: string): void {
    answer = null;
    // Deleting everything ends the session too, and that news may come before the answer that says why.
    const isWhy = state.kind === "signed_out" && code === "data_deleted";
    if (state.kind !== "inside" && !isWhy) return;
    state = { kind: "signed_out", code };
    for (const listener of listeners) listener();
  }

  /** Concurrent callers share one exchange. A session that has ended stays ended until the app is opened again. */
  async function token(): Promise<string> {
    if (state.kind !== "inside" || initData === null) throw ended(state);
    if (answer && Date.parse(answer.expiresAt) - now() > RENEW_BEFORE_MS) return answer.token;
    exchanging ??= exchange(send, { initData, device }).finally(() => (exchanging = null));
    try {
      answer = await exchanging;
    } catch (error) {
      if (error instanceof ServerRefused && error.status === 401) end(error.code);
      throw error;
    }
    return answer.token;
  }

  async function sendWithRenewal(input: string, init: RequestInit = {}): Promise<Response> {
    const response = await send(input, init);
    if (response.status !== 401) return response;
    answer = null;
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${await token()}`);
    return send(input, { ...init, headers });
  }

  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    token,
    fetch: sendWithRenewal,
    end,
  };
}

function exchange(send: FetchLike, json: { initData: string; device: string }) {
  const server = createPublicClient({ baseUrl: "", fetch: send });
  return answerOf(() => server.session.$post({ json }), { patienceMs: PATIENCE_MS });
}

function ended(state: SessionState): ServerRefused {
  return new ServerRefused(401, state.kind === "signed_out" ? state.code : "unauthorised", "There is no session.");
}

/** 32 random bytes, base64url; the same until the tab is closed. */
function deviceKey(storage: SessionOptions["storage"]): string {
  const kept = storage.getItem(DEVICE_KEY);
  if (kept !== null) return kept;
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const key = btoa(String.fromCodePoint(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
  storage.setItem(DEVICE_KEY, key);
  return key;
}
