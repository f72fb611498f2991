/**
 * Places in the queue, taken before the first await: counting the prompt and writing the job's row take time, and other
 * requests in that time must already see the place as taken.
 */
import { Refusal } from "../errors.ts";
import { admit } from "../scheduler/fair-queue.ts";
import type { QueueLoad } from "../scheduler/fair-queue.ts";
import { OwnerTally } from "../scheduler/owner-tally.ts";

/** A place held until its job is counted in the queue, or refused. */
export type Place = Disposable;

interface PlacesParts {
  /** Jobs in the queue: all, and this owner's. */
  readonly load: (owner: string) => QueueLoad;
  readonly limits: { queueMax: number; jobsPerOwnerMax: number };
}

export class Places {
  readonly #parts: PlacesParts;
  readonly #onTheWay = new OwnerTally();

  constructor(parts: PlacesParts) {
    this.#parts = parts;
  }

  /** Takes a place at once. @throws {Refusal} queue_full when this owner, or everyone together, has the most */
  take(owner: string, { isFree = false }: { isFree?: boolean } = {}): Place {
    const { load, limits } = this.#parts;
    const { waiting, held } = load(owner);
    const onTheWay = this.#onTheWay;
    const counted = { waiting: waiting + onTheWay.all, held: held + onTheWay.of(owner), isFree };
    const admission = admit(counted, limits);
    if (admission.kind === "owner_full") {
      const message = `You have ${admission.held} requests running or waiting, which is the most; wait for one to end.`;
      throw new Refusal("queue_full", message, { retryAfterS: 5 });
    }
    if (admission.kind === "queue_full") {
      throw new Refusal("queue_full", `${admission.waiting} requests wait already; try again in a moment.`, {
        retryAfterS: 15,
      });
    }
    return onTheWay.add(owner);
  }
}
