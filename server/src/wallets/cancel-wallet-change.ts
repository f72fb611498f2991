/** Takes a change of wallet back: the one of before is theirs again, and nothing is paid to the new one. */
import { and, eq, inArray, ne } from "drizzle-orm";
import { moneyTransaction } from "../billing/money-transaction.ts";
import { boundWalletOf, canBeCancelled } from "../chain/bound-wallet.ts";
import type { ChainContext } from "../chain/context.ts";
import { lockPerson } from "../chain/lock-person.ts";
import { peopleAddress } from "../chain/people-address.ts";
import { wallets } from "../db/schema.ts";
import { creditWaitingOf } from "../deposits/credit-waiting.ts";
import { Refusal } from "../errors.ts";
import { storeNotice } from "../notices/store-notice.ts";
import { cancelPayoutsTo } from "../payouts/cancel-payout.ts";

/**
 * With it go all changes since the wallet that comes back, whichever of them was named. Cancelled before, it stays so.
 * @throws Refusal `conflict` when its time is over, `not_found`
 */
export async function cancelWalletChange(ctx: ChainContext, person: string, id: string): Promise<void> {
  const chain = ctx.ton.get();
  await moneyTransaction(ctx.pg, async (open) => {
    const { tx } = open;
    await lockPerson(tx, person);
    const [change] = await tx
      .select()
      .from(wallets)
      .where(and(eq(wallets.id, id), eq(wallets.person, person)));
    if (change === undefined)
      throw new Refusal("not_found", "You have no such change of a wallet. Nothing was changed.");
    if (change.state === "cancelled") return;
    if (change.replaces === null || !canBeCancelled(change, ctx.clock()))
      throw new Refusal(
        "conflict",
        "It is too late to take this change back. Nothing was changed: connect the wallet that you want.",
      );
    const gone = await tx
      .update(wallets)
      .set({ state: "cancelled" })
      .where(and(eq(wallets.person, person), eq(wallets.replaces, change.replaces), ne(wallets.state, "cancelled")))
      .returning({ address: wallets.address });
    const [back] = await tx
      .update(wallets)
      .set({ state: "bound" })
      .where(and(eq(wallets.id, change.replaces), inArray(wallets.state, ["replaced", "removed"])))
      .returning({ address: wallets.address });
    const wallet = peopleAddress(chain, back!.address);
    const params = { kind: "wallet_change_cancelled", wallet } as const;
    await storeNotice(tx, { event: `wallet ${id} cancelled`, person, params });
    await cancelPayoutsTo(ctx, open, { person, addresses: gone.map(({ address }) => address) });
  });
  // What the wallet that is back sent meanwhile was nobody's. A transaction asks the ledger once, so this is another.
  await moneyTransaction(ctx.pg, async (open) => {
    const back = await boundWalletOf(open.tx, person);
    if (back !== null) await creditWaitingOf(open, { chain, wallet: back.address, person });
  });
  ctx.changes.emit("bot", { type: "notices" });
}
