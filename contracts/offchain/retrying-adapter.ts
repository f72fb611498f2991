/** HTTP adapter for rate-limited endpoints. Without a key toncenter serves one request a second; a command needs several. */
import { setTimeout as sleep } from "node:timers/promises";
import type { TonClientParameters } from "@ton/ton";

const TRIES_MAX = 6;
/** Each pause is this much longer than the one before: 1.1 s, 2.2 s … 5.5 s, in all 16.5 s. */
const PAUSE_MS = 1_100;
const TIMEOUT_MS = 30_000;
const TOO_MANY_REQUESTS = 429;

type HttpAdapter = NonNullable<TonClientParameters["httpAdapter"]>;

/** Retries requests that are answered with 429. Sending a message twice is harmless: its seqno is valid once. */
export function retryingAdapter(wait: (ms: number) => Promise<unknown> = sleep): HttpAdapter {
  return async (config) => {
    for (let tries = 1; ; tries++) {
      const answer = await fetch(config.url!, {
        method: "POST",
        body: config.data as string,
        headers: { ...(config.headers.toJSON() as Record<string, string>) },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch((error: unknown) => {
        throw Object.assign(new Error(`${config.url} does not answer`, { cause: error }), {
          code: "ECONNREFUSED",
          config,
        });
      });
      const { status, statusText } = answer;
      const data: unknown = await answer.json().catch(() => null);
      const response = { status, statusText, data, headers: {}, config };
      if (answer.ok) return response;
      if (status !== TOO_MANY_REQUESTS || tries === TRIES_MAX)
        throw Object.assign(new Error(`The endpoint answered ${status}`), { response });
      await wait(PAUSE_MS * tries);
    }
  };
}
