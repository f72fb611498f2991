/**
 * Mirrors questions asked in the Mini App into their chats. The server's feed is only a wake-up; the pending mirrors are
 * read from the server each time, so none is lost while the bot is down, and one in progress is not started twice.
 */
import type { Api } from "grammy";
import { ServerRefused, answerOf } from "@starai/server/client";
import { pause } from "@starai/protocol/pause";
import { Unfinished } from "../context.ts";
import type { BotDeps } from "../context.ts";
import { showMirror } from "./show-mirror.ts";
import type { Mirror } from "./show-mirror.ts";

/** Delay before a mirror that failed or found its chat busy is retried. */
const LOOK_AGAIN_MS = 30_000;
const REFUSED = "the server refuses its feed: what is asked in the app is not shown in the chats";

/** Runs until the bot stops; resolves when everything in progress has been left to the next start. */
export async function mirrorApp(deps: BotDeps, api: Api): Promise<void> {
  const mirrors = new Mirrors(deps, api);
  const again = setInterval(() => void mirrors.look(), LOOK_AGAIN_MS);
  while (!deps.stopping.aborted && (await followFeed(deps, () => void mirrors.look())))
    await pause(LOOK_AGAIN_MS, deps.stopping);
  clearInterval(again);
  await mirrors.done();
}

/** Follows the feed; returns whether to reconnect, which is false if the server rejects it. */
async function followFeed({ server, stopping, log }: BotDeps, look: () => void): Promise<boolean> {
  try {
    for await (const hint of server.feed(stopping)) {
      log.debug({ hint: hint.type }, "the server has news for the chats");
      look();
    }
    return false;
  } catch (error) {
    const refused = error instanceof ServerRefused;
    log.error({ err: error }, refused ? REFUSED : "the server's feed broke over a fault; it is followed again");
    return !refused;
  }
}

class Mirrors {
  readonly #deps: BotDeps;
  readonly #api: Api;
  readonly #underWay = new Map<string, Promise<void>>();
  /** Runs shown but not yet acknowledged by the server. */
  readonly #shown = new Set<string>();

  constructor(deps: BotDeps, api: Api) {
    this.#deps = deps;
    this.#api = api;
  }

  async look(): Promise<void> {
    const { server, stopping, log } = this.#deps;
    try {
      const { mirrors } = await answerOf(() => server.api.mirrors.$get(), { signal: stopping });
      for (const mirror of mirrors) this.#begin(mirror);
    } catch (error) {
      if (!stopping.aborted) log.warn({ err: error }, "what was asked in the app could not be read; it is asked again");
    }
  }

  async done(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  #begin(mirror: Mirror): void {
    const { lanes, stopping, log } = this.#deps;
    if (stopping.aborted || this.#underWay.has(mirror.run) || lanes.isFull(mirror.chat)) return;
    const work = lanes
      .run(mirror.chat, () => this.#show(mirror))
      .catch((error: unknown) => {
        const level = error instanceof Unfinished || stopping.aborted ? "info" : "error";
        log[level]({ err: error, run: mirror.run }, "a question from the app is shown in its chat later");
      })
      .finally(() => this.#underWay.delete(mirror.run));
    this.#underWay.set(mirror.run, work);
  }

  async #show(mirror: Mirror): Promise<void> {
    if (!this.#shown.has(mirror.run)) await showMirror(this.#deps, this.#api, mirror);
    this.#shown.add(mirror.run);
    const param = { run: mirror.run };
    await answerOf(() => this.#deps.server.api.mirrors[":run"].shown.$post({ param }));
    this.#shown.delete(mirror.run);
  }
}
