/** The bot's side of the inbox: updates are stored at the server before Telegram gets an acknowledgement. */
import type { Update } from "grammy/types";
import { answerOf } from "@starai/server/client";
import type { ServerClient } from "@starai/server/client";

/** One request stays well under the server's limit of 1 MiB. */
const CALL_CHARS_MAX = 256 * 1024;
/** Update ids remembered by this process: far more than it ever handles at once. */
const TAKEN_MAX = 20_000;

export class Inbox {
  readonly #server: ServerClient;
  readonly #bot: number;
  /** Ids already accepted: Telegram or a lost reply may repeat an update, which is handled only once. */
  readonly #taken = new Set<number>();

  constructor(server: ServerClient, bot: number) {
    this.#server = server;
    this.#bot = bot;
  }

  /** Stores updates; returns the unhandled ones, each only once per process. */
  async store(updates: readonly Update[], signal?: AbortSignal): Promise<Update[]> {
    const fresh: Update[] = [];
    for (const batch of batches(updates)) {
      const json = { bot: this.#bot, updates: batch.map((update) => ({ ...update })) };
      const options = signal ? { signal } : {};
      const { open } = await answerOf(() => this.#server.api.updates.$post({ json }), options);
      fresh.push(...batch.filter(({ update_id }) => open.includes(update_id) && this.#take(update_id)));
    }
    return fresh;
  }

  /**
   * Returns the next updates that an earlier process left unhandled, oldest first, after the id `after` (-1 at first).
   * `last` is the `after` of the next call; `null` when there are no more.
   */
  async leftOver(after: number, signal?: AbortSignal): Promise<{ updates: Update[]; last: number | null }> {
    const query = { bot: String(this.#bot), after: String(after) };
    const options = signal ? { signal } : {};
    const { updates } = await answerOf(() => this.#server.api.updates.$get({ query }), options);
    const left = (updates as unknown as Update[]).filter(({ update_id }) => this.#take(update_id));
    return { updates: left, last: updates.at(-1)?.update_id ?? null };
  }

  #take(id: number): boolean {
    if (this.#taken.has(id)) return false;
    this.#taken.add(id);
    if (this.#taken.size > TAKEN_MAX) for (const oldest of this.#taken) return this.#taken.delete(oldest);
    return true;
  }
}

function* batches(updates: readonly Update[]): Generator<Update[]> {
  let batch: Update[] = [];
  let chars = 0;
  for (const update of updates) {
    const length = JSON.stringify(update).length;
    if (batch.length > 0 && chars + length > CALL_CHARS_MAX) {
      yield batch;
      batch = [];
      chars = 0;
    }
    batch.push(update);
    chars += length;
  }
  if (batch.length > 0) yield batch;
}
