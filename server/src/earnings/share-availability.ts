/**
 * Divides what is given for being there. Pure.
 *
 * A machine weighs its stake times the time it was there and worked. Both are linear, so that nobody gains by being many:
 * a wallet's stake is divided by its machines, and two wallets with half the stake each weigh what one with all of it does.
 */
import { STAKE_MIN } from "@starai/protocol/contributor";

interface Presence {
  readonly worker: string;
  /** Nano units behind this machine: its wallet's stake, divided by the wallet's machines. */
  readonly stake: bigint;
  /** Seconds in the pool, of the hours in which it answered a job. */
  readonly seconds: number;
}

/** By worker, nano units, rounded down: what is left over stays. A machine below the least stake has no part in it. */
export function shareAvailability(amount: bigint, machines: readonly Presence[]): Map<string, bigint> {
  const weights = machines.map(({ worker, ...machine }) => ({ worker, weight: weightOf(machine) }));
  const all = weights.reduce((sum, { weight }) => sum + weight, 0n);
  if (all === 0n || amount <= 0n) return new Map();
  const shares = weights.map(({ worker, weight }) => [worker, (amount * weight) / all] as const);
  return new Map(shares.filter(([, share]) => share > 0n));
}

const weightOf = ({ stake, seconds }: Omit<Presence, "worker">): bigint =>
  stake < STAKE_MIN || seconds <= 0 ? 0n : stake * BigInt(Math.floor(seconds));
