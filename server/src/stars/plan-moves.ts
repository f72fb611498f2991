/**
 * What a payment of Stars, and its refund, do to the books. Pure.
 *
 * A payment first pays what its person owes and then becomes spendable. A refund undoes it: it takes what is free of the
 * person's balance, and the rest is a debt, or the house's gift where an operator said so. So at any moment
 * balance − debt = credited − taken back − spent.
 */

/** A Star is a billion credits' nano units. */
export const NANO_PER_STAR = 1_000_000_000n;

/** The accounts that take part, all in Stars. `telegram` mirrors the Stars we have there; `gifts` is the house's. */
export type Party = "telegram" | "gifts" | "person" | "debt";

export interface PlannedMove {
  readonly from: Party;
  readonly to: Party;
  readonly amount: bigint;
}

/** A payment's worth: what Telegram took, and what the house adds to it. */
export interface Worth {
  readonly paid: bigint;
  readonly bonus: bigint;
}

/** A person's two accounts. `owed` is the debt's amount, above zero. */
export interface Standing {
  readonly balance: bigint;
  readonly held: bigint;
  readonly owed: bigint;
}

export const NOTHING: Standing = { balance: 0n, held: 0n, owed: 0n };

/** @param creditPercent  of the Stars paid: 100 for packs, more for a subscription */
export function worthOf({ stars, creditPercent }: { stars: number; creditPercent: number }): Worth {
  const paid = BigInt(stars) * NANO_PER_STAR;
  return { paid, bonus: (paid * BigInt(creditPercent)) / 100n - paid };
}

/** What can be spent now: what is held is promised, and what is owed comes first. */
export function spendableOf({ balance, held, owed }: Standing): bigint {
  const rest = balance - held - owed;
  return rest > 0n ? rest : 0n;
}

export function planCredit({ paid, bonus }: Worth, { owed }: Standing): PlannedMove[] {
  const debt = least(owed, paid + bonus);
  return pour(
    [part("telegram", paid), part("gifts", bonus)],
    [part("debt", debt), part("person", paid + bonus - debt)],
  );
}

/** Who bears what was spent already. */
export type RestTo = "debt" | "gifts";

export interface PlannedReturn {
  readonly moves: readonly PlannedMove[];
  /** Of the credits, what the person still had. */
  readonly taken: bigint;
  /** What was spent already, or is held for an answer under way. */
  readonly rest: bigint;
}

export function planReturn({ paid, bonus }: Worth, { balance, held }: Standing, restTo: RestTo): PlannedReturn {
  const free = balance > held ? balance - held : 0n;
  const taken = least(free, paid + bonus);
  const rest = paid + bonus - taken;
  const moves = pour([part("person", taken), part(restTo, rest)], [part("telegram", paid), part("gifts", bonus)]);
  return { moves, taken, rest };
}

interface Part {
  readonly party: Party;
  readonly amount: bigint;
}

const part = (party: Party, amount: bigint): Part => ({ party, amount });
const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);

/** Fills the sinks from the sources, each in its order; both have the same sum. */
function pour(sources: readonly Part[], sinks: readonly Part[]): PlannedMove[] {
  const rests = sinks.map((sink) => ({ ...sink }));
  const moves: PlannedMove[] = [];
  for (const source of sources) {
    let left = source.amount;
    for (const sink of rests) {
      const amount = least(left, sink.amount);
      left -= amount;
      sink.amount -= amount;
      if (amount > 0n && source.party !== sink.party) moves.push({ from: source.party, to: sink.party, amount });
    }
  }
  return moves;
}
