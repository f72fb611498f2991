/** A feed of hints over fetch, reconnected for as long as it is read; each connection begins with `all`. */
import type { SignedOut } from "@starai/protocol/changes";
import { pause } from "@starai/protocol/pause";
import { GrowingPause } from "@starai/protocol/retry";
import { readEvents } from "./read-events.ts";
import { ServerRefused, isOutage, openFeed } from "./server-answer.ts";
import type { Feed } from "./server-answer.ts";

const PACE = { firstMs: 500, maxMs: 15_000 };

/**
 * Never gives up on a lost network.
 * @throws ServerRefused when the server refuses, `signed_out` among it; anything else is a fault of ours: report it
 */
export async function* followChanges<Hint extends { type: string }>(
  feed: Feed,
  signal?: AbortSignal,
): AsyncGenerator<Hint> {
  const growing = new GrowingPause(PACE);
  for (;;) {
    if (signal?.aborted) return;
    try {
      for await (const { data } of readEvents(await openFeed(feed, undefined, signal), signal)) {
        growing.reset();
        const hint = JSON.parse(data) as Hint | SignedOut;
        if (hint.type === "signed_out") throw signedOut();
        yield hint as Hint;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!isOutage(error)) throw error;
    }
    await pause(growing.nextMs(), signal);
  }
}

export function signedOut(): ServerRefused {
  return new ServerRefused(401, "signed_out", "You are signed out: open the app again from the chat.");
}
