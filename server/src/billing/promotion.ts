/** Who is paid for free answers. Pure. */
import type { WorkedShare } from "@starai/protocol/receipts";
import { STAKE_MIN } from "@starai/protocol/contributor";
import type { WorkerOwner } from "./worker-owners.ts";

/**
 * The shares of a free answer that the promotion pays: those of staked machines that are not the asker's own. Without
 * the first rule, somebody's chatters on his own machines would empty the account every day; without the second, his
 * stake would come back to him that way. Others work for their reputation.
 */
export function promotedShares(
  shares: readonly WorkedShare[],
  { asker, owners }: { asker: string; owners: ReadonlyMap<string, WorkerOwner> },
): WorkedShare[] {
  return shares.filter(({ worker, isFalse, amount }) => {
    const owner = owners.get(worker);
    if (isFalse || amount === "0" || owner === undefined) return false;
    return owner.stake >= STAKE_MIN && owner.person !== asker;
  });
}
