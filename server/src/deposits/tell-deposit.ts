/** What the bot says of a deposit, once each. */
import type { Executor } from "../db/executor.ts";
import { storeNotice } from "../notices/store-notice.ts";
import { boundTo } from "./whose-deposit.ts";

interface Told {
  readonly deposit: string;
  readonly person: string;
  readonly amount: bigint;
  readonly state: "credited" | "checking";
}

interface Given extends Omit<Told, "state"> {
  readonly how: "number" | "memo" | "wallet" | "claim" | null;
  /** A wallet, raw. */
  readonly sender: string;
}

/**
 * Whoever sent it for another person, who was credited with it by what the message said: it is not theirs any more, and they
 * may not have meant that.
 */
export async function tellGiver(tx: Executor, { deposit, person, amount, how, sender }: Given): Promise<void> {
  const giver = how === "number" || how === "memo" ? await boundTo(tx, sender) : null;
  if (giver === null || giver === person) return;
  const params = { kind: "deposit_given", amount: String(amount) } as const;
  await storeNotice(tx, { event: `deposit ${deposit} given`, person: giver, params });
}

export async function tellDeposit(tx: Executor, { deposit, person, amount, state }: Told): Promise<void> {
  const params = { kind: `deposit_${state}` as const, amount: String(amount) };
  await storeNotice(tx, { event: `deposit ${deposit} ${state}`, person, params });
}
