/** The outcome of a call to the server: a parsed body, or one of two errors that show whether a retry makes sense. */
import type { ClientResponse } from "hono/client";
import { retry } from "@starai/protocol/retry";

export type FetchLike = (input: string, init?: RequestInit) => Response | Promise<Response>;

const PACE = { firstMs: 200, maxMs: 5_000 };
/** A server that restarts with its drain is back within this time. */
const PATIENCE_MS = 60_000;

/** The server refused the request. */
export class ServerRefused extends Error {
  override readonly name = "ServerRefused";
  readonly status: number;
  /** One of protocol's error codes, or `unknown` where something else answered. */
  readonly code: string;
  /** What in the request it is about, where that is one thing. */
  readonly param: string | null;

  constructor(status: number, code: string, message: string, param: string | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }

  /**
   * Whether the fault is the server's own, so that the same request may be answered soon. A setting that is missing is
   * missing a minute later, too.
   */
  get mayPass(): boolean {
    return this.status >= 500 && this.code !== "not_configured";
  }
}

/** No answer came for as long as we wait. */
export class ServerUnreachable extends Error {
  override readonly name = "ServerUnreachable";

  constructor(cause: unknown) {
    super("The server does not answer: is it running, and is STARAI_SERVER_URL right?", { cause });
  }
}

/** The connection could not be made, or broke. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";

  constructor(cause: unknown) {
    super("the connection to the server was lost", { cause });
  }
}

/** Whether this is the network's or the server's trouble; anything else is a fault of our own, which stays. */
export function isOutage(fault: unknown): boolean {
  if (fault instanceof ServerRefused) return fault.mayPass;
  return fault instanceof ConnectionLost || fault instanceof ServerUnreachable;
}

/**
 * The body of the good answer to an idempotent call, sent again with back-off while the server is away.
 * @throws ServerRefused when it refused, ServerUnreachable after `patienceMs`
 */
export async function answerOf<Body>(
  call: () => Promise<ClientResponse<Body>>,
  { patienceMs = PATIENCE_MS, signal }: { patienceMs?: number; signal?: AbortSignal } = {},
): Promise<Body> {
  const ask = async () => {
    const response = await call();
    if (!response.ok) throw await refusalOf(response);
    return (response.status === 204 ? null : await response.json()) as Body;
  };
  try {
    return await retry(ask, { ...PACE, mayPass: isNoRefusal, forMs: patienceMs, signal });
  } catch (error) {
    throw signal?.aborted || error instanceof ServerRefused ? error : new ServerUnreachable(error);
  }
}

/** Whatever else goes wrong in a call counts as the network's. */
function isNoRefusal(error: unknown): boolean {
  return !(error instanceof ServerRefused) || error.mayPass;
}

/** A stream of events of the server's. */
export interface Feed {
  url: string;
  /** Asked before each connection, since a token does not live long. */
  headers: () => Record<string, string> | Promise<Record<string, string>>;
  send: FetchLike;
}

/** @throws ServerRefused, or ConnectionLost */
export async function openFeed(feed: Feed, lastId: string | undefined, signal: AbortSignal | undefined) {
  const headers = { ...(await feed.headers()), ...(lastId === undefined ? {} : { "last-event-id": lastId }) };
  const response = await connect(feed, { headers, ...(signal ? { signal } : {}) });
  if (!response.ok) throw await refusalOf(response);
  if (response.body === null) throw new ConnectionLost(new Error("the server answered without a body"));
  return response.body;
}

async function connect({ url, send }: Feed, init: RequestInit): Promise<Response> {
  try {
    return await send(url, init);
  } catch (error) {
    // A sender that renews its token may throw the server's own refusal.
    throw error instanceof ServerRefused || error instanceof ServerUnreachable ? error : new ConnectionLost(error);
  }
}

export async function refusalOf(response: { status: number; text(): Promise<string> }): Promise<ServerRefused> {
  const { code, message, param } = faultOf(await response.text());
  return new ServerRefused(response.status, code, message ?? `the server answered ${response.status}`, param);
}

function faultOf(text: string): { code: string; message?: string; param?: string } {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown; param?: unknown } };
    return {
      code: typeof error?.code === "string" ? error.code : "unknown",
      ...(typeof error?.param === "string" ? { param: error.param } : {}),
      ...(typeof error?.message === "string" ? { message: error.message } : {}),
    };
  } catch {
    return { code: "unknown" };
  }
}
