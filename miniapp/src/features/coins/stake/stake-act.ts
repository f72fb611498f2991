/** What the owner of a stake can ask of the wallet, and whether the chain shows that it was done. Pure. */
import type { StakeView } from "@starai/protocol/contributor";
import { isAmount, restorerOf } from "../asked-act.ts";

const KINDS = ["stake", "unbond", "withdraw"] as const;
export type StakeKind = (typeof KINDS)[number];

export interface StakeAct {
  readonly kind: StakeKind;
  /** Raw, the contract. */
  readonly account: string;
  /** What the chain is compared with, nano units: see `markOf`. */
  readonly mark: string;
}

/** What the stake must reach, what must be on its way back, or what less must be on its way than there was. */
export function markOf(kind: StakeKind, { stake, unbonding }: StakeView, amount: bigint): string {
  if (kind === "stake") return String(BigInt(stake) + amount);
  return kind === "unbond" ? String(BigInt(unbonding) + amount) : unbonding;
}

/** Whether the chain shows what the act was to bring about. */
export function isDone({ kind, account, mark }: StakeAct, view: StakeView | null): boolean {
  if (view === null || view.account !== account) return false;
  if (kind === "stake") return BigInt(view.stake) >= BigInt(mark);
  return kind === "unbond" ? BigInt(view.unbonding) >= BigInt(mark) : BigInt(view.unbonding) < BigInt(mark);
}

/** Reads what was stored; null when it is no act. */
export const restoreStakeAct = restorerOf<StakeAct>(({ kind, account, mark }) => {
  if (!KINDS.includes(kind as StakeKind) || typeof account !== "string" || !isAmount(mark)) return null;
  return { kind: kind as StakeKind, account, mark };
});
