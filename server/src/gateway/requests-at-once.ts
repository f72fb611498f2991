/** Limits how many requests of one API key are parsed and prepared at once; checked before any other work. */
import { Refusal } from "../errors.ts";
import { OwnerTally } from "../scheduler/owner-tally.ts";

/** Twice a key's limit in the queue, because repeated requests take no place there. A body has 1 MB at most. */
export const AT_ONCE_MAX = 16;

export class RequestsAtOnce {
  readonly #tally = new OwnerTally();

  /** Counts the request until it is disposed of. @throws {Refusal} queue_full */
  enter(key: string): Disposable {
    if (this.#tally.of(key) < AT_ONCE_MAX) return this.#tally.add(key);
    const message = `${AT_ONCE_MAX} of your requests are being read at this moment, which is the most; send fewer at a time.`;
    throw new Refusal("queue_full", message, { retryAfterS: 1 });
  }
}
