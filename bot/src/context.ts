/** The context and dependencies of every handler. */
import type { Api, Context } from "grammy";
import type { Message } from "grammy/types";
import type { Logger } from "pino";
import type { Language, Translate } from "@starai/protocol/texts";
import type { ServerClient } from "@starai/server/client";
import type { Crossings } from "./crossings.ts";
import type { ReadFile } from "./intake/read-file.ts";
import type { Lanes } from "./lanes.ts";
import type { RetryPace } from "@starai/protocol/retry";
import type { Pace } from "./streaming/pacer.ts";
import type { MovedChats } from "./wire/moved-chats.ts";

export interface BotDeps {
  readonly server: ServerClient;
  readonly log: Logger;
  /** For previews only: unlike `ctx.api` it does not retry, because a late preview is useless. */
  readonly live: Api;
  /** For answers only: it does not retry either, because streaming/send-patiently.ts does, and can be stopped. */
  readonly answers: Api;
  readonly lanes: Lanes;
  readonly crossings: Crossings;
  readonly moved: MovedChats;
  readonly readFile: ReadFile;
  /** Of the Mini App; `null` where there is none. */
  readonly appUrl: string | null;
  /** Who answers about payments; `null` where nobody is named. */
  readonly support: string | null;
  readonly pace: Paces;
  /** Aborts when the bot stops; answers in progress are left to the next start. */
  readonly stopping: AbortSignal;
}

export interface Paces {
  /** Pace of drafts in private chats. */
  readonly draft: Pace;
  /** Pace of edits in groups. */
  readonly edit: Pace;
  /** Pace of retries for answers that Telegram did not accept. */
  readonly retry: RetryPace;
}

export interface BotContext extends Context {
  t: Translate;
  language: Language;
  /** Set when the chat's lane is full: the only reply is a notice that it is. */
  crowded?: true;
  /** All messages that were sent as one, this one first; see intake/gather-parts.ts. */
  parts?: Message[];
}

/** Thrown by a handler whose work the next start must repeat; its update is left unhandled. */
export class Unfinished extends Error {
  override readonly name = "Unfinished";
}
