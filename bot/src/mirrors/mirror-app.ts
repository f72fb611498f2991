/**
 * Mirrors questions asked in the Mini App into their chats. The pending ones are read from the server at each look, so
 * none is lost while the bot is down, and one in progress is not started twice.
 */
import type { Api } from "grammy";
import { answerOf } from "@starai/server/client";
import { Unfinished } from "../context.ts";
import type { BotDeps } from "../context.ts";
import { showMirror } from "./show-mirror.ts";
import type { Mirror } from "./show-mirror.ts";

export class Mirrors {
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
