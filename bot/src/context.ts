/** What every handler is given. */
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
  /** For previews only: unlike `ctx.api` it retries nothing, because a late preview is worth nothing. */
  readonly live: Api;
  /** For answers only: it retries nothing either, because streaming/send-patiently.ts does, and can be stopped. */
  readonly answers: Api;
  readonly lanes: Lanes;
  readonly crossings: Crossings;
  readonly moved: MovedChats;
  readonly readFile: ReadFile;
  /** Of the Mini App; `null` where there is none. */
  readonly appUrl: string | null;
  readonly pace: Paces;
  /** Raised when the bot stops; answers under way are left to the next start. */
  readonly stopping: AbortSignal;
}

export interface Paces {
  /** Drafts of private chats. */
  readonly draft: Pace;
  /** Edits in groups. */
  readonly edit: Pace;
  /** Answers that Telegram did not take. */
  readonly retry: RetryPace;
}

export interface BotContext extends Context {
  t: Translate;
  language: Language;
  /** Set when the chat's lane is full: nothing is done but saying so. */
  crowded?: true;
  /** All messages of what was sent as one, this one first; see intake/gather-parts.ts. */
  parts?: Message[];
}

/** Thrown by a handler whose work is to be done again by the next start; its update is left unhandled. */
export class Unfinished extends Error {
  override readonly name = "Unfinished";
}
