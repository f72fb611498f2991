/** How much the hot wallet asks of the deposits vault, and when payouts can be expected. Pure; amounts are nano units. */
import type { Shortage } from "../../chain/chain-door.ts";
import { LEFT_FOR_ASKING, OWN_MARGIN } from "./plan-batch.ts";

export interface VaultFacts {
  /** What the hot wallet may draw now; it refills evenly over a day, up to `dailyLimit`. */
  readonly left: bigint;
  readonly dailyLimit: bigint;
  readonly balance: bigint;
}

/** More than this a thief of the hot wallet's key shall not find, unless one payout is larger. */
const HOT_MAX = 20_000_000_000n;
/** The vault keeps a year of its own storage. */
export const VAULT_KEEPS = 100_000_000n;
const DAY_MS = 86_400_000;

/**
 * null: nothing is missing, or the vault gives too little at the moment. It is asked once its allowance covers what the
 * first payout lacks, or half a day's allowance where that is less: not for every drop.
 */
export function drawOf(
  { balance, first, total }: { balance: bigint; first: bigint; total: bigint },
  vault: VaultFacts,
): bigint | null {
  const lacking = first + LEFT_FOR_ASKING - balance;
  if (lacking <= 0n) return null;
  // Once more: it pays for drawing and sending.
  const wanted = max(first, min(total, HOT_MAX)) + LEFT_FOR_ASKING + OWN_MARGIN - balance;
  const amount = min(wanted, min(vault.left, vault.balance - VAULT_KEEPS));
  return amount > 0n && amount >= min(lacking, vault.dailyLimit / 2n) ? amount : null;
}

/**
 * When a payout can be paid that has this much before it in the queue, itself included. null: the vault's keepers
 * stopped the hot wallet, and only they can say.
 */
export function expectedAt(
  { upTo, nowMs }: { upTo: bigint; nowMs: number },
  { hotBalance, left, dailyLimit }: Shortage,
): Date | null {
  const lacking = upTo + LEFT_FOR_ASKING - hotBalance - left;
  if (lacking <= 0n) return new Date(nowMs);
  if (dailyLimit === 0n) return null;
  return new Date(nowMs + Math.ceil((Number((lacking * 1_000n) / dailyLimit) / 1_000) * DAY_MS));
}

const min = (a: bigint, b: bigint) => (a < b ? a : b);
const max = (a: bigint, b: bigint) => (a > b ? a : b);
