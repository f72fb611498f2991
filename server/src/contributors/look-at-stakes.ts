/** Looks at the accounts of contributors: what stands behind their machines is what the chain shows. */
import type { Chain } from "../chain/chain.ts";
import type { ChainContext } from "../chain/context.ts";
import { seeStake } from "./see-stake.ts";

/**
 * Read from the database at once. Two calls each: an endpoint with a key answers ten a second, so that all of 100,000
 * contributors are seen within the day in which a look counts (billing/worker-owners.ts), and thousands within minutes.
 */
const AT_ONCE_MAX = 100;
/** One after the other: an endpoint that is down is not asked for each of them. */
const FAULTS_MAX = 3;

/** Looks at all stakes, again and again; a pass that was given up goes on where it stopped. */
export class StakeWatch {
  readonly #ctx: ChainContext;
  /** The last wallet that was looked at in this pass. */
  #after = "";

  constructor(ctx: ChainContext) {
    this.#ctx = ctx;
  }

  /** @throws the first account's fault, at the pass's end or the third in a row; what was seen before stays with its time */
  async look(chain: Chain, signal: AbortSignal): Promise<void> {
    const faults: unknown[] = [];
    let inARow = 0;
    for (let due = await this.#due(); due.length > 0; due = await this.#due())
      for (const wallet of due) {
        signal.throwIfAborted();
        this.#after = wallet;
        inARow = await seeStake(this.#ctx, chain, wallet).then(
          () => 0,
          (error: unknown) => (faults.push(error), inARow + 1),
        );
        if (inARow >= FAULTS_MAX) throw faults[0];
      }
    this.#after = "";
    if (faults.length > 0) throw faults[0];
  }

  #due(): Promise<string[]> {
    return withStakes(this.#ctx, this.#after);
  }
}

/**
 * In the order of their addresses: wallets of people with machines, also ones they had before and staked with, of those
 * who had machines, and of slashes that are not over.
 */
async function withStakes({ pg }: ChainContext, after: string): Promise<string[]> {
  const next = (asked: string) => `(${asked} order by 1 limit ${AT_ONCE_MAX})`;
  const { rows } = await pg.query<{ address: string }>(
    [
      next(`select distinct w.address from wallets w
        where w.address > $1 and exists (select from worker_bindings b where b.person = w.person)
          and (w.state = 'bound' or exists (select from contributor_stakes s where s.wallet = w.address))`),
      next("select distinct wallet from past_owners where wallet > $1"),
      `${next("select distinct wallet from slash_proposals where state = 'proposed' and wallet > $1")}
       order by 1 limit ${AT_ONCE_MAX}`,
    ].join(" union "),
    [after],
  );
  return rows.map(({ address }) => address);
}
