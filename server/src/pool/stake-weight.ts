/**
 * How often machines are drawn for jobs. A person's stake counts up to ten times the least, for all their machines
 * together, and is divided among them: so no number of identities is drawn more often than one with all of the stake. Pure.
 */
import { EARNING_TERMS, STAKE_MIN } from "@starai/protocol/contributor";

/** Nano units behind a machine, and the machines among which its owner's stake is divided. */
interface Backing {
  readonly stake: bigint;
  readonly machines: number;
}

/** Among those that come last, whose stakes do not count. */
const WEIGHT_OF_LAST = 0.01;

/** 0 below the least stake behind each machine. */
export function weightOf({ stake, machines }: Backing): number {
  if (stake < STAKE_MIN) return 0;
  return Math.min(Number((stake * 1_000n) / STAKE_MIN) / 1_000, EARNING_TERMS.weightMax / machines);
}

/** For unpaid jobs, of which the staked are paid promotions: as for paid ones, and one machine's for all without a stake. */
export const freeWeightOf = (backing: Backing): number => Math.max(weightOf(backing), 1 / backing.machines);

export const lastWeightOf = ({ machines }: Pick<Backing, "machines">): number => WEIGHT_OF_LAST / machines;
