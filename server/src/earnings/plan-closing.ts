/** What an epoch's closing does for each worker. Pure; amounts are nano units. */

export interface Earner {
  readonly worker: string;
  /** On its account, less what an answer under way may still take back. */
  readonly due: bigint;
  /** On its account that an answer under way may still take back. */
  readonly open: bigint;
  /** For being there, in this epoch. */
  readonly availability: bigint;
  /** What the last closing left on its account. */
  readonly left: bigint;
  /** Raw; null: it is nobody's yet, or its owner has no wallet that can be relied on. */
  readonly wallet: string | null;
  /** It is new: its pay waits. */
  readonly isHeld: boolean;
  /** It was banned while it was new: what waited then is lost, also what is free only now. */
  readonly isForfeited: boolean;
}

export interface LineAmounts {
  /** Given to the worker for being there. */
  readonly availability: bigint;
  /** From the worker to its wallet's leaf. */
  readonly released: bigint;
  /** Taken from a banned machine. */
  readonly forfeited: bigint;
  /** Stays on the worker's account. */
  readonly held: bigint;
}

export interface ClosingLine extends LineAmounts {
  readonly worker: string;
  readonly wallet: string | null;
  readonly earned: bigint;
}

/**
 * @param room  what the leaves may grow by: more would be refused on the chain. The smallest amounts are released first,
 *   so that most are paid whole; of what does not fit the rest waits for the next epoch.
 * @returns lines of all for whom something happened
 */
export function planClosing(earners: readonly Earner[], room: bigint): ClosingLine[] {
  const order = earners.toSorted((a, b) => compare(dueOf(a), dueOf(b)) || (a.worker < b.worker ? -1 : 1));
  let left = room > 0n ? room : 0n;
  return order
    .map((earner) => {
      const due = dueOf(earner);
      const released = due < left ? due : left;
      left -= released;
      return lineOf(earner, released);
    })
    .filter(({ earned, availability, released, forfeited }) => earned + availability + released + forfeited > 0n);
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

const dueOf = ({ due, availability, wallet, isHeld, isForfeited }: Earner): bigint =>
  wallet === null || isHeld || isForfeited ? 0n : due + availability;

function lineOf(earner: Earner, released: bigint): ClosingLine {
  const { worker, wallet, due, open, left, isForfeited } = earner;
  const availability = isForfeited ? 0n : earner.availability;
  const forfeited = isForfeited ? due : 0n;
  const earned = due + open - left;
  return {
    worker,
    wallet: released > 0n ? wallet : null,
    // A ban takes away what waited.
    earned: earned > 0n ? earned : 0n,
    availability,
    released,
    forfeited,
    held: due + open + availability - released - forfeited,
  };
}

/** @param balance  of the worker, before it is given something for being there */
export function cutLine({ availability, released, forfeited, held }: LineAmounts, balance: bigint): LineAmounts {
  const there = balance + availability;
  if (there >= released + forfeited) return { availability, released, forfeited, held };
  const paid = released < there ? released : there;
  return { availability, released: paid, forfeited: there - paid, held: 0n };
}
