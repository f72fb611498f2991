/** Gives a batch up that can never run: what it carried waits again. */
import { and, eq, inArray, ne, sql } from "drizzle-orm";
import { moneyTransaction } from "../../billing/money-transaction.ts";
import type { ChainContext } from "../../chain/context.ts";
import { chainCursors, outgoing, outgoingBatches, payouts } from "../../db/schema.ts";
import type { Executor } from "../../db/executor.ts";
import { fateOf } from "./fate-of-batch.ts";
import type { HotState } from "./hot-wallet.ts";
import { lockHotWallet } from "./lock-hot-wallet.ts";

/**
 * False when the batch has an outcome meanwhile, or when it is not certain to have none.
 * @param seen  what each endpoint shows: all of them must say so
 */
export function isGivenUp(
  ctx: Pick<ChainContext, "pg">,
  { batch, seen, nowS }: { batch: string; seen: readonly HotState[]; nowS: number },
): Promise<boolean> {
  return moneyTransaction(ctx.pg, async ({ tx }) => {
    await lockHotWallet(tx);
    const [row] = await tx
      .select()
      .from(outgoingBatches)
      .where(and(eq(outgoingBatches.id, batch), eq(outgoingBatches.state, "signed")))
      .for("update");
    if (row === undefined) return false;
    // Read after the row is locked: a transaction that books this batch has either ended or not begun.
    const bookedLt = await bookedLtOf(tx);
    const fates = seen.map((state) => fateOf(row, state, { bookedLt, nowS }));
    if (!fates.every((fate) => fate === "expired" || fate === "overtaken")) return false;
    await tx.update(outgoingBatches).set({ state: "void" }).where(eq(outgoingBatches.id, batch));
    await queueAgain(tx, batch);
    return true;
  });
}

/** Logical time of the hot wallet's last transaction in the books. */
export async function bookedLtOf(db: Pick<Executor, "select">): Promise<bigint> {
  const [cursor] = await db.select({ lt: chainCursors.lt }).from(chainCursors).where(eq(chainCursors.role, "hot"));
  return cursor?.lt ?? 0n;
}

/**
 * What a batch carried and the chain has not seen waits again: of one that never ran, or (`leftOut`) that ran without
 * them. Returns how often each of them was left out.
 */
export async function queueAgain(
  tx: Executor,
  batch: string,
  { leftOut = 0, butPayouts = false } = {},
): Promise<{ id: string; leftOut: number }[]> {
  const rows = await tx
    .update(outgoing)
    .set({ state: "queued", batch: null, leftOut: sql`${outgoing.leftOut} + ${leftOut}` })
    .where(
      and(
        eq(outgoing.batch, batch),
        eq(outgoing.state, "signed"),
        butPayouts ? ne(outgoing.kind, "payout") : undefined,
      ),
    )
    .returning({ id: outgoing.id, kind: outgoing.kind, ref: outgoing.ref, leftOut: outgoing.leftOut });
  const people = rows.flatMap(({ kind, ref }) => (kind === "payout" && ref !== null ? [ref] : []));
  if (people.length > 0)
    await tx
      .update(payouts)
      .set({ state: "queued" })
      .where(and(inArray(payouts.id, people), eq(payouts.state, "sent")));
  return rows;
}
