/**
 * The app's right to act for one person. Signed launch data is exchanged for a token that lives an hour at most; the
 * token stays in memory and is renewed before it ends. A key of this tab's own, kept for as long as the tab lives, is
 * what lets a reload come back to the very same session.
 */
import { ServerRefused, answerOf, createPublicClient } from "@starai/server/client";
import type { FetchLike } from "@starai/server/client";
import type { KeptText } from "./storage.ts";

export type SessionState =
  | { kind: "outside" }
  /** Inside Telegram: calls may be made; the first of them opens the session. */
  | { kind: "inside" }
  /** `code` is one of protocol's error codes: why the server does not let us in any more. */
  | { kind: "signed_out"; code: string };

export interface Session {
  state: () => SessionState;
  subscribe: (listener: () => void) => () => void;
  /** A token with time left. @throws ServerRefused where there is none to be had any more */
  token: () => Promise<string>;
  /** For calls that carry the token: one the server no longer takes is renewed once, and a session it has ended ends here. */
  fetch: FetchLike;
  /** Ends it on this side: the server said so, or the person asked. */
  end: (code: string) => void;
}

/** `expiresAt` is an ISO date. */
type SessionAnswer = Pick<Awaited<ReturnType<typeof exchange>>, "token" | "expiresAt">;

interface SessionWorld {
  initData: string | null;
  send?: FetchLike;
  /** Of the tab. */
  storage: Pick<KeptText, "getItem" | "setItem">;
  now?: () => number;
}

const DEVICE_KEY = "starai.device";
/** A token this close to its end is renewed first: longer than any request but a stream takes. */
const RENEW_BEFORE_MS = 60_000;
/** Then whoever asked for the token hears that the server is away, and may ask again. */
const PATIENCE_MS = 8_000;

export function createSession(world: SessionWorld): Session {
  const { initData, send = (input, init) => fetch(input, init), now = Date.now } = world;
  const device = deviceKey(world.storage);
  const listeners = new Set<() => void>();
  let state: SessionState = initData === null ? { kind: "outside" } : { kind: "inside" };
  let answer: SessionAnswer | null = null;
  let exchanging: Promise<SessionAnswer> | null = null;

  function end(code: string): void {
    answer = null;
    if (state.kind !== "inside") return;
    state = { kind: "signed_out", code };
    for (const listener of listeners) listener();
  }

  /** One exchange at a time, whoever asks. A session that has ended stays so until the app is opened again. */
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

  async function sendAgain(input: string, init: RequestInit = {}): Promise<Response> {
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
    fetch: sendAgain,
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

/** 32 random bytes, base64url; the same for the life of the tab. */
function deviceKey(storage: SessionWorld["storage"]): string {
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
