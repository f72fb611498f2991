/**
 * Tells people of their coins in their private chats, one after another. What is still to be said is read from the
 * server each time, so none is lost while the bot is down. One that was said just before the bot was killed is said
 * again.
 */
import type { Api } from "grammy";
import { NOTICES_MAX, Notice } from "@starai/protocol/notices";
import { answerOf } from "@starai/server/client";
import type { BotDeps } from "../context.ts";
import { isChatClosed, isRefusedText } from "../wire/refusals.ts";
import { noticeMessage } from "./notice-text.ts";

export class Notices {
  readonly #deps: Pick<BotDeps, "appUrl" | "server" | "log" | "stopping">;
  readonly #api: Api;
  #round: Promise<void> | null = null;
  /** Hints came during the round: there may be more than it read. */
  #again = false;
  /** Said but not yet acknowledged by the server. */
  readonly #said = new Set<string>();

  constructor(deps: Pick<BotDeps, "appUrl" | "server" | "log" | "stopping">, api: Api) {
    this.#deps = deps;
    this.#api = api;
  }

  look(): void {
    if (this.#round !== null) {
      this.#again = true;
      return;
    }
    this.#round = this.#tellAll().finally(() => {
      this.#round = null;
      if (this.#again) {
        this.#again = false;
        this.look();
      }
    });
  }

  async done(): Promise<void> {
    await this.#round;
  }

  /** Never rejects: what could not be said is read again at the next look. */
  async #tellAll(): Promise<void> {
    const { server, stopping, log } = this.#deps;
    try {
      const { notices } = await answerOf(() => server.api.notices.$get(), { signal: stopping });
      let told = 0;
      for (const notice of notices) {
        if (stopping.aborted) return;
        if (await this.#tell(notice.id, notice)) told++;
      }
      // There is more than one page. Where nothing went through, the next look does it, after a pause.
      if (notices.length === NOTICES_MAX && told > 0) this.#again = true;
    } catch (error) {
      if (!stopping.aborted)
        log.warn({ err: error }, "what people are to be told could not be read; it is asked again");
    }
  }

  /** Whether it is done with. Never rejects: one that cannot be read or said holds up no other. */
  async #tell(id: string, asSent: unknown): Promise<boolean> {
    const { server, stopping, log } = this.#deps;
    try {
      if (!this.#said.has(id)) await this.#say(Notice.parse(asSent));
      this.#said.add(id);
      await answerOf(() => server.api.notices[":id"].told.$post({ param: { id } }), { signal: stopping });
      this.#said.delete(id);
      return true;
    } catch (error) {
      if (!stopping.aborted) log.warn({ err: error, notice: id }, "somebody is told of their money later");
      return false;
    }
  }

  /** A chat that cannot be written to is not tried again: the app shows the same. */
  async #say(notice: Notice): Promise<void> {
    const { text, keyboard } = noticeMessage(notice, this.#deps.appUrl);
    const look = { parse_mode: "HTML", link_preview_options: { is_disabled: true } } as const;
    try {
      await this.#api.sendMessage(notice.telegramId, text, { ...look, ...(keyboard && { reply_markup: keyboard }) });
    } catch (error) {
      if (!isChatClosed(error) && !isRefusedText(error)) throw error;
      const level = isChatClosed(error) ? "info" : "error";
      this.#deps.log[level]({ err: error, notice: notice.id }, "Telegram refuses what somebody was to be told");
    }
  }
}
