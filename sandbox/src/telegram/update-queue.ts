/** Queue of the bot's updates: long polling with offsets, one poller at a time, ids that never repeat. */
import type { Update } from "@grammyjs/types";
import { TelegramError } from "./telegram-error.ts";
import type { UpdateKind, World, WorldRecord } from "./world.ts";

/** Kinds a bot gets only when it subscribes to them by name. */
const ON_REQUEST: ReadonlySet<string> = new Set(["chat_member", "message_reaction", "message_reaction_count"]);
const POLL_SECONDS_MAX = 50;

export interface Poll {
  offset: number;
  limit: number;
  timeoutS: number;
  /** Kinds to subscribe to: undefined keeps the subscription, an empty list means the default set. */
  allowed: UpdateKind[] | undefined;
}

export class UpdateQueue {
  readonly #world: World;
  readonly #commit: (record: WorldRecord) => void;
  readonly #wake = new Set<() => void>();
  #poller: AbortController | null = null;
  #closed = false;

  constructor(world: World, commit: (record: WorldRecord) => void) {
    this.#world = world;
    this.#commit = commit;
  }

  /** Queues an update unless the bot did not subscribe to its kind; its id is used up either way. */
  push<Kind extends UpdateKind>(kind: Kind, value: NonNullable<Update[Kind]>): number {
    const id = this.#world.lastUpdateId + 1;
    if (this.#subscribed(kind)) this.#commit({ kind: "update", update: { update_id: id, [kind]: value } });
    else this.#commit({ kind: "last-update", update: id });
    for (const wake of this.#wake) wake();
    return id;
  }

  /** Calls `wake` on every new update, until the returned function is called. */
  onUpdate(wake: () => void): () => void {
    this.#wake.add(wake);
    return () => this.#wake.delete(wake);
  }

  confirm(id: number): void {
    if (this.#world.pending.has(id)) this.#commit({ kind: "confirmed", update: id });
  }

  forgetAll(): void {
    for (const id of this.#world.pending.keys()) this.confirm(id);
  }

  subscribe(kinds: UpdateKind[] | undefined): void {
    if (kinds === undefined) return;
    const wanted = kinds.length === 0 ? null : kinds;
    if (JSON.stringify(wanted) !== JSON.stringify(this.#world.allowedUpdates))
      this.#commit({ kind: "allowed-updates", kinds: wanted });
  }

  /**
   * Long poll. A newer poll ends an older one with 409, as on Telegram when two bots run.
   * `signal` aborts when the client disconnects: the poll then ends without confirming anything.
   */
  async poll(poll: Poll, signal: AbortSignal): Promise<Update[]> {
    this.#poller?.abort(
      conflict("terminated by other getUpdates request; make sure that only one bot instance is running"),
    );
    if (this.#world.webhook)
      throw conflict(
        "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    this.subscribe(poll.allowed);
    this.#confirmBelow(poll.offset);
    const mine = new AbortController();
    this.#poller = mine;
    try {
      await this.#waitForUpdate(
        Math.min(Math.max(poll.timeoutS, 0), POLL_SECONDS_MAX) * 1_000,
        AbortSignal.any([mine.signal, signal]),
      );
    } finally {
      if (this.#poller === mine) this.#poller = null;
    }
    if (mine.signal.aborted) throw mine.signal.reason;
    return [...this.#world.pending.values()].slice(0, poll.limit);
  }

  /** Ends a running poll with 409 because a webhook was set, as on Telegram. */
  yieldToWebhook(): void {
    this.#poller?.abort(conflict("terminated by setWebhook request"));
  }

  /** Ends a running poll, which then returns the queued updates. */
  close(): void {
    this.#closed = true;
    for (const wake of this.#wake) wake();
  }

  #subscribed(kind: UpdateKind): boolean {
    const allowed = this.#world.allowedUpdates;
    return allowed ? allowed.includes(kind) : !ON_REQUEST.has(kind);
  }

  #confirmBelow(offset: number): void {
    const ids = [...this.#world.pending.keys()];
    const confirmed = offset < 0 ? ids.slice(0, Math.max(0, ids.length + offset)) : ids.filter((id) => id < offset);
    for (const id of confirmed) this.confirm(id);
  }

  async #waitForUpdate(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#world.pending.size > 0 || timeoutMs === 0 || this.#closed || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake.delete(wake);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const wake = () => {
        if (this.#world.pending.size > 0 || this.#closed) done();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#wake.add(wake);
      signal.addEventListener("abort", done);
    });
  }
}

function conflict(what: string): TelegramError {
  return new TelegramError(409, `Conflict: ${what}`);
}
