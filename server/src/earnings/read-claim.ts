/**
 * A claim, as the distributor pays it: what its owner has here falls by what they got there. What was paid beyond what the
 * books owe is out of the house's own money at the pool, and `npm run operator -- chain` names it.
 */
import type { Cell } from "@ton/core";
import { and, eq } from "drizzle-orm";
import { RewardDistributorOp } from "@starai/contracts/reward-distributor-codes";
import type { AccountTransaction } from "../chain/account-transaction.ts";
import { ownMoney, ownReading } from "../chain/reading.ts";
import type { Reading } from "../chain/reading.ts";
import { claimsOf } from "./claim-history.ts";
import type { Executor } from "../db/executor.ts";
import { ledgerAccounts } from "../db/schema.ts";

/** null: nobody was paid. */
export async function readClaim(tx: Executor, transaction: AccountTransaction): Promise<Reading | null> {
  const { in: came, outs, aborted } = transaction;
  if (came === null || came.bounced || aborted || outs.length === 0) return null;
  // The contract recomputes the sender's address before it pays.
  const paid = payOutIn(came.body);
  if (paid === null || outs[0]!.to !== `0:${paid.owner}`) return null;
  const account = { asset: "coin", kind: "earner", owner: `wallet:${paid.owner}` } as const;
  const owed = await balanceOf(tx, account.owner);
  const amount = owed < paid.amount ? owed : paid.amount;
  const kind = amount < paid.amount ? "claimed_beyond" : "claimed";
  const also = [{ from: account, to: ownMoney("pool"), amount, kind: "claimed" }];
  return { ...ownReading(transaction, kind), ref: claimsOf(paid.owner), also };
}

/** null for any other body, an exotic cell among them. */
function payOutIn(body: Cell): { owner: string; amount: bigint } | null {
  try {
    const slice = body.beginParse();
    if (slice.loadUint(32) !== RewardDistributorOp.PayOut) return null;
    slice.skip(64);
    slice.loadMaybeRef();
    const amount = slice.loadCoins();
    return { amount, owner: slice.loadBuffer(32).toString("hex") };
  } catch {
    return null;
  }
}

async function balanceOf(tx: Executor, owner: string): Promise<bigint> {
  const { asset, kind, balance } = ledgerAccounts;
  const [row] = await tx
    .select({ balance })
    .from(ledgerAccounts)
    .where(and(eq(asset, "coin"), eq(kind, "earner"), eq(ledgerAccounts.owner, owner)));
  return row?.balance ?? 0n;
}
