/**
 * The app's right to act for one person. Signed launch data is exchanged for a token that lives an hour at most; the
 * token stays in memory and is renewed before it ends. A key of this tab's own, kept for as long as the tab lives, is
 * what lets a reload come back to the very same session.
 */

export type SessionState =
  | { kind: "outside" }
  /** Inside Telegram: calls may be made; the first of them opens the session. */
  | { kind: "inside" }
  /** `code` is one of protocol's error codes: why the server does not let us in any more. */
  | { kind: "signed_out"; code: string };

export interface Session {
  state: () => SessionState;
  subscribe: (listener: () => void) => () => void;
  /** `fetch` with the person's token; a token the server no longer takes is renewed once. */
  fetch: typeof fetch;
  /** Ends it on this side: the server said so, or the person asked. */
  end: (code: string) => void;
}

interface SessionAnswer {
  token: string;
  /** ISO date. */
  expiresAt: string;
}

interface SessionWorld {
  initData: string | null;
  send?: typeof fetch;
  storage?: Pick<Storage, "getItem" | "setItem">;
  now?: () => number;
}

const DEVICE_KEY = "starai.device";
/** A token this close to its end is renewed first: longer than any request but a stream takes. */
const RENEW_BEFORE_MS = 60_000;

class Refused extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`the session was refused: ${code}`);
    this.code = code;
  }
}

export function createSession(world: SessionWorld): Session {
  const { initData, send = (input, init) => fetch(input, init), now = Date.now } = world;
  const device = deviceKey(world.storage ?? sessionStorage);
  const listeners = new Set<() => void>();
  let state: SessionState = initData === null ? { kind: "outside" } : { kind: "inside" };
  let answer: SessionAnswer | null = null;
  let exchanging: Promise<SessionAnswer> | null = null;

  async function exchange(): Promise<SessionAnswer> {
    const response = await send("/api/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ initData, device }),
    });
    if (response.ok) return (await response.json()) as SessionAnswer;
    if (response.status >= 500 && response.status !== 503) throw new Error(`the server answered ${response.status}`);
    throw new Refused(await codeOf(response));
  }

  /** One exchange at a time, whoever asks. A session that has ended stays so until the app is opened again. */
  async function token(): Promise<string> {
    if (state.kind === "outside") throw new Refused("unauthorised");
    if (state.kind === "signed_out") throw new Refused(state.code);
    if (answer && Date.parse(answer.expiresAt) - now() > RENEW_BEFORE_MS) return answer.token;
    exchanging ??= exchange().finally(() => (exchanging = null));
    try {
      answer = await exchanging;
    } catch (error) {
      if (error instanceof Refused) end(error.code);
      throw error;
    }
    return answer.token;
  }

  function end(code: string): void {
    answer = null;
    if (state.kind !== "inside") return;
    state = { kind: "signed_out", code };
    for (const listener of listeners) listener();
  }

  async function sessionFetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    const attempt = async () => {
      const headers = new Headers(init.headers);
      headers.set("authorization", `Bearer ${await token()}`);
      return send(input, { ...init, headers });
    };
    const response = await attempt();
    if (response.status !== 401) return response;
    answer = null;
    return attempt();
  }

  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    fetch: sessionFetch,
    end,
  };
}

/** 32 random bytes, base64url; the same for the life of the tab. */
function deviceKey(storage: Pick<Storage, "getItem" | "setItem">): string {
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

async function codeOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: { code?: unknown } };
    return typeof error?.code === "string" ? error.code : "unknown";
  } catch {
    return "unknown";
  }
}
