/** A feed of hints over fetch, taken up again for as long as it is listened to; each beginning says `all`. */
import type { SignedOut } from "@starai/protocol/changes";
import { pause } from "./pause.ts";
import { readEvents } from "./read-events.ts";
import { ServerRefused, openFeed } from "./server-answer.ts";
import type { Feed } from "./server-answer.ts";

const BACK_OFF_FIRST_MS = 500;
const BACK_OFF_MAX_MS = 15_000;

/** Never gives up on a lost network. @throws ServerRefused when the server says no, `signed_out` among it */
export async function* followChanges<Hint extends { type: string }>(
  feed: Feed,
  signal?: AbortSignal,
): AsyncGenerator<Hint> {
  for (let waitMs = BACK_OFF_FIRST_MS; ; waitMs = Math.min(waitMs * 2, BACK_OFF_MAX_MS)) {
    if (signal?.aborted) return;
    try {
      for await (const { data } of readEvents(await openFeed(feed, undefined, signal), signal)) {
        waitMs = BACK_OFF_FIRST_MS;
        const hint = JSON.parse(data) as Hint | SignedOut;
        if (hint.type === "signed_out") throw signedOut();
        yield hint as Hint;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof ServerRefused && !error.mayPass) throw error;
    }
    await pause(waitMs, signal);
  }
}

export function signedOut(): ServerRefused {
  return new ServerRefused(401, "signed_out", "You are signed out: open the app again from the chat.");
}
