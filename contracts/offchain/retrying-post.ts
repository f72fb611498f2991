/** Posts JSON to a rate-limited endpoint. Without a key toncenter serves one request a second; a command needs several. */
import { setTimeout as sleep } from "node:timers/promises";

const TRIES_MAX = 6;
/** Each pause is this much longer than the one before: 1.1 s, 2.2 s … 5.5 s, in all 16.5 s. */
const PAUSE_MS = 1_100;
const TIMEOUT_MS = 30_000;
const TOO_MANY_REQUESTS = 429;

export interface Posted {
  ok: boolean;
  status: number;
  statusText: string;
  /** Null when the answer is no JSON. */
  data: unknown;
}

/**
 * Retries a request that is answered with 429. Sending a message twice is harmless: its seqno is valid once.
 * @throws what `fetch` throws when the endpoint does not answer
 */
export async function retryingPost(
  url: string,
  { body, headers }: { body: string; headers: Record<string, string> },
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<Posted> {
  for (let tries = 1; ; tries++) {
    const answer = await fetch(url, { method: "POST", body, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { ok, status, statusText } = answer;
    const data: unknown = await answer.json().catch(() => null);
    if (status !== TOO_MANY_REQUESTS || tries === TRIES_MAX) return { ok, status, statusText, data };
    await wait(PAUSE_MS * tries);
  }
}
