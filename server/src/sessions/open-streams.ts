/**
 * The streams held open under sessions. A stream ends when its token does, so that its client reconnects with a fresh
 * one, and at once when its session is ended.
 */
import { Refusal } from "../errors.ts";
import type { Session } from "./check-session.ts";

/** Two a window, for changes and the answer: sixteen windows. A run has one person, so its readers are bounded too. */
const OF_PERSON_MAX = 32;
/** At 13 KB each, 65 MB. */
const STREAMS_MAX = 5_000;
const RETRY_AFTER_S = 5;

export type StreamEnd = "signed_out" | "token_expired" | "gave_way";

export interface OpenStream extends Disposable {
  readonly ended: Promise<StreamEnd>;
}

interface Place {
  session: string;
  end(how: StreamEnd): void;
}

export class OpenStreams {
  /** By person; each one's streams in the order they were opened. */
  readonly #places = new Map<string, Set<Place>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Sessions that hold one or more of them. */
  get sessions(): number {
    const held = [...this.#places.values()].flatMap((own) => [...own].map(({ session }) => session));
    return new Set(held).size;
  }

  /**
   * Beyond a person's share the oldest of theirs gives way: it is most likely a connection that died unnoticed, and the
   * newest is the one they look at.
   * @throws Refusal `queue_full` when all people together have as many as this server holds
   */
  open({ id, person, tokenExpiresAt }: Pick<Session, "id" | "person" | "tokenExpiresAt">, now: number): OpenStream {
    const own = this.#places.get(person.id) ?? new Set();
    const [oldest] = own;
    if (oldest !== undefined && (own.size >= OF_PERSON_MAX || this.#count >= STREAMS_MAX)) oldest.end("gave_way");
    if (this.#count >= STREAMS_MAX)
      throw new Refusal("queue_full", "Too many people follow their answers just now: try again in a few seconds.", {
        retryAfterS: RETRY_AFTER_S,
      });
    let settle!: (how: StreamEnd) => void;
    const ended = new Promise<StreamEnd>((resolve) => (settle = resolve));
    const leave = () => {
      clearTimeout(timer);
      if (!own.delete(place)) return;
      this.#count--;
      if (own.size === 0 && this.#places.get(person.id) === own) this.#places.delete(person.id);
    };
    const end = (how: StreamEnd) => {
      leave();
      settle(how);
    };
    const place: Place = { session: id, end };
    const timer = setTimeout(end, tokenExpiresAt.getTime() - now, "token_expired" as const);
    timer.unref();
    this.#places.set(person.id, own.add(place));
    this.#count++;
    return { ended, [Symbol.dispose]: leave };
  }

  signOut(sessionId: string): void {
    for (const own of this.#places.values())
      for (const place of own) if (place.session === sessionId) place.end("signed_out");
  }
}
