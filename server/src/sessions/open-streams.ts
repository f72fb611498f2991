/**
 * The streams held open under sessions. A stream ends when its token does, so that its client comes back with a fresh
 * one, and at once when its session is ended. A session ended by another server process ends its streams here with
 * their token, within the hour.
 */
import type { Session } from "./check-session.ts";

export type StreamEnd = "signed_out" | "token_expired";

export interface OpenStream extends Disposable {
  readonly ended: Promise<StreamEnd>;
}

export class OpenStreams {
  readonly #ends = new Map<string, Set<(end: StreamEnd) => void>>();

  open(session: Pick<Session, "id" | "tokenExpiresAt">, now: number): OpenStream {
    const ends = this.#ends.get(session.id) ?? new Set();
    this.#ends.set(session.id, ends);
    let end!: (end: StreamEnd) => void;
    const ended = new Promise<StreamEnd>((resolve) => (end = resolve));
    ends.add(end);
    const timer = setTimeout(end, session.tokenExpiresAt.getTime() - now, "token_expired" as const);
    timer.unref();
    return {
      ended,
      [Symbol.dispose]: () => {
        clearTimeout(timer);
        ends.delete(end);
        if (ends.size === 0 && this.#ends.get(session.id) === ends) this.#ends.delete(session.id);
      },
    };
  }

  signOut(sessionId: string): void {
    for (const end of this.#ends.get(sessionId) ?? []) end("signed_out");
  }
}
