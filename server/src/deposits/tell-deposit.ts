/** What the bot says of a deposit, once each. */
import type { Executor } from "../db/executor.ts";
import { storeNotice } from "../notices/store-notice.ts";

interface Told {
  readonly deposit: string;
  readonly person: string;
  readonly amount: bigint;
  readonly state: "credited" | "checking";
}

/** Whoever sent it for another person: it is not theirs any more, and they may not have meant that. */
export async function tellGiver(tx: Executor, { deposit, person, amount }: Omit<Told, "state">): Promise<void> {
  const params = { kind: "deposit_given", amount: String(amount) } as const;
  await storeNotice(tx, { event: `deposit ${deposit} given`, person, params });
}

export async function tellDeposit(tx: Executor, { deposit, person, amount, state }: Told): Promise<void> {
  const params = { kind: `deposit_${state}` as const, amount: String(amount) };
  await storeNotice(tx, { event: `deposit ${deposit} ${state}`, person, params });
}
