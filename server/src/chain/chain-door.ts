/** The chain once it is there: the sandbox deploys its contracts while the server already runs. */
import type { WatchedRole } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { AskedOfChain } from "./asked-of-chain.ts";
import type { Chain } from "./chain.ts";

/** The hot wallet has too little for the next payout. Nano units. */
export interface Shortage {
  readonly hotBalance: bigint;
  /** What it may draw from the deposits vault now, and what refills evenly over a day. */
  readonly left: bigint;
  readonly dailyLimit: bigint;
}

export class ChainDoor {
  /** Whatever a person's request may ask the chain again and again goes through it. */
  readonly asked = new AskedOfChain();
  #chain: Chain | null = null;
  /** The books and the chain differ, or coins that the house owes are not there: nobody is paid out until it is right. Set by the reconciliation. */
  drifted = false;
  /** Logical time up to which an account's books and the chain agreed when they last did. Set by the reconciliation. */
  readonly agreedLt = new Map<WatchedRole, bigint>();
  /** Of which the second endpoint said something else than the books when it last answered. Set by the reconciliation. */
  doubted: ReadonlySet<WatchedRole> = new Set();
  /** It is told that the house has little of its own in the deposits vault. Set by the reconciliation. */
  isOwnLow = false;
  /** Somebody waits for money: the chain is looked at soon. Set by its watch. */
  poke: () => void = () => {};
  /** UNIX seconds of the chain: what happened in the deposits vault before is in the books. */
  readUntilS = 0;
  /** The same of the pool, which pays claims. */
  poolReadUntilS = 0;
  /** Of the distributor's terms: how long an epoch is, and how long a proposed root waits. Set when it is looked at. */
  epochSeconds = 86_400;
  delaySeconds = 86_400;
  /** What payouts waited for when they were last looked at; null while none has to. Set by their watch. */
  shortage: Shortage | null = null;

  /** null before it is open, and for ever where no network is configured. */
  get chain(): Chain | null {
    return this.#chain;
  }

  open(chain: Chain): void {
    this.#chain = chain;
  }

  /** @throws Refusal `not_configured` */
  get(): Chain {
    if (this.#chain === null)
      throw new Refusal(
        "not_configured",
        "This server has no TON network (TON_NETWORK), or it is not ready yet. Nothing was charged; Stars work as always.",
      );
    return this.#chain;
  }
}
