/** Who is paid for free answers. Pure. */
import type { WorkedShare } from "@starai/protocol/receipts";
import { STAKE_MIN } from "@starai/protocol/contributor";
import type { WorkerOwner } from "./worker-owners.ts";

/**
 * What the promotion pays for a job of a free answer, by worker: the shares of staked machines that are not the asker's
 * own. Without the first rule, somebody's chatters on his own machines would empty the account every day; without the
 * second, his stake would come back to him that way. Others work for their reputation; of a group, too, only those
 * machines are paid that are staked themselves.
 */
export function promotedPay(
  shares: readonly WorkedShare[],
  { asker, owners }: { asker: string; owners: ReadonlyMap<string, WorkerOwner> },
): Map<string, bigint> {
  const pay = new Map<string, bigint>();
  for (const { worker, isFalse, amount } of shares) {
    const owner = owners.get(worker);
    if (isFalse || amount === "0" || owner === undefined) continue;
    if (owner.stake < STAKE_MIN || owner.person === asker) continue;
    // A worker that had the job twice, as one of a group that was formed anew, is paid for both at once.
    pay.set(worker, (pay.get(worker) ?? 0n) + BigInt(amount));
  }
  return pay;
}
