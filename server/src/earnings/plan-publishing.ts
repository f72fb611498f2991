/**
 * What is to be done with the last epoch at the distributor, as the chain shows it now. Pure: the chain's own state
 * says what happened already, so that whoever asks again, or after a break, asks for what is still to do.
 */
import { exactAmount } from "@starai/protocol/amounts";
import { numberOf } from "./distributor.ts";
import type { SeenDistributor } from "./distributor.ts";
import type { EpochRow } from "./running-epoch.ts";

/** What the pool keeps for itself, nano units: its storage reserve under either price list. */
const RESERVE = 100_000_000n;

export type Publishing =
  | { readonly kind: "write_file" | "propose" | "activate" | "done" }
  /** What it waits for, as a sentence. `for` tells what somebody can do about it. */
  | { readonly kind: "wait"; readonly for: "time" | "pool" | "guardian" | "other_root" | "cap"; readonly why: string };

export function planPublishing(epoch: EpochRow, seen: SeenDistributor): Publishing {
  if (epoch.state === "active" || epoch.state === "dropped") return { kind: "done" };
  if (epoch.root === null) return { kind: "write_file" };
  const { pending } = seen;
  if (pending === null)
    return epoch.total - seen.totalCum > seen.epochCap ? wait("cap", ABOVE_CAP) : { kind: "propose" };
  if (pending.root !== numberOf(epoch.root))
    return wait("other_root", "Another root is pending at the distributor: this one is proposed once that is through.");
  if (seen.nowS < seen.frozenUntil)
    return wait("guardian", `The guardian froze the distributor until ${minute(seen.frozenUntil)} UTC.`);
  if (seen.nowS < pending.activeAt)
    return wait("time", `It can be opened from ${minute(pending.activeAt)} UTC: until then it can be challenged.`);
  const missing = pending.totalCum - seen.totalPaid - (seen.balance - RESERVE);
  if (missing > 0n)
    return wait("pool", `The pool lacks ${exactAmount(missing)} coins of what its leaves owe: settlement brings them.`);
  return { kind: "activate" };
}

/** A closing keeps within it; it can have been lowered since. */
const ABOVE_CAP =
  "It adds more than the distributor's epoch cap and would be refused: the publisher proposes another one (`npm run ton -- propose-cap`).";

const wait = (what: Extract<Publishing, { kind: "wait" }>["for"], why: string): Publishing => ({
  kind: "wait",
  for: what,
  why,
});

const minute = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(0, 16).replace("T", " ");

/** What the chain says of an epoch; null: it says the same as its row. */
export function stateOnChain(
  { state, root, chainEpoch }: EpochRow,
  seen: SeenDistributor,
): { state: "proposed" | "active" } | { state: "dropped"; why: string } | null {
  if (root === null) return null;
  const number = numberOf(root);
  if (state === "active") return isRevoked(number, chainEpoch, seen) ? { state: "dropped", why: REVOKED } : null;
  if (seen.root === number || seen.previousRoot === number) return { state: "active" };
  if (seen.pending?.root === number) return state === "proposed" ? null : { state: "proposed" };
  if (state === "dropped") return null;
  if (seen.epoch >= chainEpoch) return { state: "dropped", why: "Another root was opened in its place." };
  if (state === "closed") return null;
  return { state: "dropped", why: "The guardian vetoed it, somebody challenged it, or its publisher was dismissed." };
}

const REVOKED = "The guardian revoked it after it was opened.";

/** A revocation restores the root before it and keeps the number. */
const isRevoked = (root: bigint, chainEpoch: number, seen: SeenDistributor): boolean =>
  seen.epoch === chainEpoch && seen.root !== root && seen.previousRoot !== root;
