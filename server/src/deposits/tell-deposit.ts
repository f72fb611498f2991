/** What the bot says of a deposit, once each. */
import type { Executor } from "../db/executor.ts";
import { storeNotice } from "../notices/store-notice.ts";

interface Told {
  readonly deposit: string;
  readonly person: string;
  readonly amount: bigint;
  readonly state: "credited" | "checking";
}

export async function tellDeposit(tx: Executor, { deposit, person, amount, state }: Told): Promise<void> {
  const params = { kind: `deposit_${state}` as const, amount: String(amount) };
  await storeNotice(tx, { event: `deposit ${deposit} ${state}`, person, params });
}
