/**
 * Follows the server's feed, which only wakes: what there is to do is read from the server each time, and every 30 s
 * without a hint.
 */
import type { Api } from "grammy";
import { ServerRefused } from "@starai/server/client";
import { pause } from "@starai/protocol/pause";
import type { BotDeps } from "./context.ts";
import { Mirrors } from "./mirrors/mirror-app.ts";
import { Notices } from "./notices/tell-notices.ts";

/** Also the delay before what failed, or found its chat busy, is tried again. */
const LOOK_AGAIN_MS = 30_000;
const REFUSED =
  "the server refuses its feed: what is asked in the app, and what people are to be told, does not reach the chats";

/** Runs until the bot stops; resolves when everything in progress has been left to the next start. */
export async function followNews(deps: BotDeps, api: Api): Promise<void> {
  const mirrors = new Mirrors(deps, api);
  const notices = new Notices(deps, api);
  const look = (hint: "all" | "mirror" | "notices") => {
    if (hint !== "notices") void mirrors.look();
    if (hint !== "mirror") notices.look();
  };
  const again = setInterval(() => look("all"), LOOK_AGAIN_MS);
  while (!deps.stopping.aborted && (await followFeed(deps, look))) await pause(LOOK_AGAIN_MS, deps.stopping);
  clearInterval(again);
  await Promise.all([mirrors.done(), notices.done()]);
}

/** Returns whether to reconnect, which is false if the server rejects it. */
async function followFeed(
  { server, stopping, log }: BotDeps,
  look: (hint: "all" | "mirror" | "notices") => void,
): Promise<boolean> {
  try {
    for await (const hint of server.feed(stopping)) {
      log.debug({ hint: hint.type }, "the server has news for the chats");
      look(hint.type);
    }
    return false;
  } catch (error) {
    const refused = error instanceof ServerRefused;
    log.error({ err: error }, refused ? REFUSED : "the server's feed broke over a fault; it is followed again");
    return !refused;
  }
}
