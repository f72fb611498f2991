/** How we ask an endpoint that is not ours. Without a key toncenter takes one question a second, and a command has several. */
import { setTimeout as sleep } from "node:timers/promises";
import type { TonClientParameters } from "@ton/ton";

const TRIES_MAX = 6;
/** The first pause; each further one is as much longer: 15 pauses of it in all. */
const PAUSE_MS = 1_100;
const TIMEOUT_MS = 30_000;
const TOO_MANY = 429;

type Ask = NonNullable<TonClientParameters["httpAdapter"]>;

/** Asks, and where the endpoint wants fewer questions asks again later. A message sent twice is one: its seqno works once. */
export function patientAsk(wait: (ms: number) => Promise<unknown> = sleep): Ask {
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
      if (status !== TOO_MANY || tries === TRIES_MAX)
        throw Object.assign(new Error(`The endpoint answered ${status}`), { response });
      await wait(PAUSE_MS * tries);
    }
  };
}
