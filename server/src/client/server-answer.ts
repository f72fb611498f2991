/** What a caller of the server gets: a parsed body, or one of two errors that say whether trying again makes sense. */
import type { ClientResponse } from "hono/client";
import { pause } from "./pause.ts";

export type FetchLike = (input: string, init?: RequestInit) => Response | Promise<Response>;

const BACK_OFF_FIRST_MS = 200;
const BACK_OFF_MAX_MS = 5_000;
/** A server that restarts with its drain is back within this time. */
const PATIENCE_MS = 60_000;

/** The server said no. */
export class ServerRefused extends Error {
  override readonly name = "ServerRefused";
  readonly status: number;
  /** One of protocol's error codes, or `unknown` where something else answered. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** Whether the fault is the server's own, so that the same request may be answered later. */
  get mayPass(): boolean {
    return this.status >= 500;
  }
}

/** Nobody answered, for as long as we were ready to wait. */
export class ServerUnreachable extends Error {
  override readonly name = "ServerUnreachable";

  constructor(cause: unknown) {
    super("The server does not answer: is it running, and is STARAI_SERVER_URL right?", { cause });
  }
}

/**
 * The body of the good answer to an idempotent call, sent again with back-off while the server is away.
 * @throws ServerRefused when it said no, ServerUnreachable after `patienceMs`
 */
export async function answerOf<Body>(
  call: () => Promise<ClientResponse<Body>>,
  { patienceMs = PATIENCE_MS, signal }: { patienceMs?: number; signal?: AbortSignal } = {},
): Promise<Body> {
  const started = performance.now();
  for (let waitMs = BACK_OFF_FIRST_MS; ; waitMs = Math.min(waitMs * 2, BACK_OFF_MAX_MS)) {
    try {
      const response = await call();
      if (!response.ok) throw await refusalOf(response);
      return (response.status === 204 ? null : await response.json()) as Body;
    } catch (error) {
      if (signal?.aborted || (error instanceof ServerRefused && !error.mayPass)) throw error;
      if (performance.now() - started + waitMs > patienceMs)
        throw error instanceof ServerRefused ? error : new ServerUnreachable(error);
    }
    await pause(waitMs, signal);
  }
}

/** A stream of events of the server's. */
export interface Feed {
  url: string;
  /** Asked before each connection, since a token does not live long. */
  headers: () => Record<string, string> | Promise<Record<string, string>>;
  send: FetchLike;
}

/** @throws ServerRefused, or what breaks the connection */
export async function openFeed(feed: Feed, lastId: string | undefined, signal: AbortSignal | undefined) {
  const headers = { ...(await feed.headers()), ...(lastId === undefined ? {} : { "last-event-id": lastId }) };
  const response = await feed.send(feed.url, { headers, ...(signal ? { signal } : {}) });
  if (!response.ok) throw await refusalOf(response);
  if (response.body === null) throw new Error("the server answered without a body");
  return response.body;
}

export async function refusalOf(response: { status: number; text(): Promise<string> }): Promise<ServerRefused> {
  const { code, message } = faultOf(await response.text());
  return new ServerRefused(response.status, code, message ?? `the server answered ${response.status}`);
}

function faultOf(text: string): { code: string; message?: string } {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown } };
    return {
      code: typeof error?.code === "string" ? error.code : "unknown",
      ...(typeof error?.message === "string" ? { message: error.message } : {}),
    };
  } catch {
    return { code: "unknown" };
  }
}
