/** A job's price divided among those who get it. Pure. */
import type { ReceiptLeg, SplitWork, WorkedShare } from "@starai/protocol/receipts";
import type { GroupMember } from "../db/group-member.ts";
import { divideBill, priceOf } from "../prices/bill.ts";
import { divideByWork } from "../prices/divide-by-work.ts";
import type { TokenPrices } from "../prices/price-table.ts";
import { withheldOf } from "../prices/service-level.ts";
import type { Timed } from "../prices/service-level.ts";
import type { BilledTokens } from "../prices/tokens.ts";

export interface Worked {
  readonly worker: string;
  readonly name: string;
  readonly tokens: number;
  readonly isFalse: boolean;
  /** Who served the model together, in the order of their layers; null: the worker alone. */
  readonly members: readonly GroupMember[] | null;
  /** Null where nobody knows: then it was in time. */
  readonly timed: Timed | null;
}

export interface JobPrice {
  readonly amount: bigint;
  readonly shares: readonly WorkedShare[];
}

/** Basis points of a price that the house gets, and those of them that are set aside for losses. */
export interface HousePart {
  readonly feeBasisPoints: number;
  readonly lossBasisPoints: number;
}

/** @param most  what is left of the hold: a price above it is cut */
export function jobPrice(
  prices: TokenPrices,
  {
    tokens,
    attempts,
    most,
    house,
  }: { tokens: BilledTokens; attempts: readonly Worked[]; most: bigint; house: HousePart },
): JobPrice {
  const full = priceOf(prices, tokens);
  const amount = full < most ? full : most;
  const { shares } = divideBill(amount, { tokens, attempts, feeBasisPoints: house.feeBasisPoints });
  return { amount, shares: attempts.flatMap((attempt, at) => sharesOf(attempt, shares[at]!.amount)) };
}

/** What an attempt earned is its worker's, or divided among the machines of its group by the work of each. */
function sharesOf({ members, ...worked }: Worked, part: bigint): WorkedShare[] {
  if (members === null) return [shareOf(worked, part)];
  const parts = divideByWork(
    part,
    members.map(({ work }) => work),
  );
  const [ofLayers, ofBytes] = [sumOf(members, "layers"), sumOf(members, "work")];
  return members.map(({ worker, name, layers, work: bytes }, at) => {
    const work: SplitWork = { layers, ofLayers, bytes, ofBytes };
    return shareOf({ ...worked, worker, name, work }, parts[at]!);
  });
}

function sumOf(members: readonly GroupMember[], what: "layers" | "work"): number {
  return members.reduce((sum, member) => sum + member[what], 0);
}

type OneWorked = Omit<Worked, "members"> & Pick<WorkedShare, "work">;

/** A slow worker has less of its share; machines of a group were as slow as their attempt. A false one has none of it. */
function shareOf({ timed, ...worked }: OneWorked, share: bigint): WorkedShare {
  const withheld = worked.isFalse ? 0n : withheldOf(share, timed);
  const earned = { ...worked, amount: String(share - withheld) };
  return withheld === 0n ? earned : { ...earned, withheld: String(withheld) };
}

/** Whole basis points; the rest of a nano unit stays with the fee. */
const BASIS_POINTS = 10_000n;

/**
 * Who gets a captured price: workers, refunds for what was false, machines that are there for what was slow, the reserve
 * for losses, and the fee for the rest.
 */
export function legsOf({ amount, shares }: JobPrice, { lossBasisPoints }: HousePart): readonly ReceiptLeg[] {
  const shared = shares.flatMap(({ worker, isFalse, amount: share, withheld = "0" }): ReceiptLeg[] => [
    isFalse ? { to: "refunds", worker: null, amount: share } : { to: "worker", worker, amount: share },
    { to: "availability", worker: null, amount: withheld },
  ]);
  const left = amount - shared.reduce((sum, leg) => sum + BigInt(leg.amount), 0n);
  const asked = (amount * BigInt(lossBasisPoints)) / BASIS_POINTS;
  const reserve = asked < left ? asked : left;
  return [
    ...shared,
    { to: "loss_reserve" as const, worker: null, amount: String(reserve) },
    { to: "fee" as const, worker: null, amount: String(left - reserve) },
  ].filter((leg) => leg.amount !== "0");
}
