/**
 * Events of a person's live feed: hints to ask again, never data that matters. A stream begins with `all`, and sends
 * it again whenever something may have been missed.
 */
export type Change =
  | { type: "all" }
  /** Something about this thread: its title, settings, branch or messages. */
  | { type: "thread"; id: string }
  | { type: "deleted"; id: string }
  /** A run of this thread began or ended. */
  | { type: "run"; thread: string; run: string }
  /** The person's own choices: model, language. */
  | { type: "profile" };

/** The last event of any stream whose session was ended; the client then shows that it is signed out. */
export interface SignedOut {
  type: "signed_out";
}

/** Wakes the bot: a run started in the app waits to be shown in its chat, or somebody is to be told of their money. */
export type BotWake = { type: "all" } | { type: "mirror" } | { type: "notices" };

export type Hint = Change | BotWake;
