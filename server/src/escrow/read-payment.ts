/**
 * What a transaction of the till was to the escrows: a payment of one of them closes what it owed in the books. Anybody
 * may send such a message: it counts where the sender is an escrow of ours, whose code sends it with a payment only.
 */
import { eq } from "drizzle-orm";
import type { Cell } from "@ton/core";
import { EscrowOp } from "@starai/contracts/escrow-codes";
import { escrowAccounts, escrowBooks, escrowOwner } from "../billing/escrow-books.ts";
import { lockEscrow } from "../billing/escrow-purse.ts";
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import type { AccountTransaction, InMessage } from "../chain/account-transaction.ts";
import type { ChainContext } from "../chain/context.ts";
import { ownMoney, ownReading } from "../chain/reading.ts";
import { readSettlement } from "../chain/read-settlement.ts";
import { readSweep } from "../chain/read-sweep.ts";
import type { FurtherMove, ReadTransaction, Reading } from "../chain/reading.ts";
import { escrows } from "../db/schema.ts";
import type { AccountName } from "../ledger/open-account.ts";
import { endRedemption } from "./redeem.ts";

export function tillReading(ctx: ChainContext): ReadTransaction {
  return async (open, transaction, chain) =>
    (await readPayment(ctx, open, transaction)) ??
    (await readSettlement(open.tx, transaction)) ??
    (await readSweep(open.tx, transaction, chain)) ??
    ownReading(transaction, "house");
}

/** null: it is no payment of an escrow whose vouchers we have. */
async function readPayment(
  ctx: ChainContext,
  open: MoneyTransaction,
  transaction: AccountTransaction,
): Promise<Reading | null> {
  const came = transaction.in;
  const paid = came === null || came.bounced || transaction.outs.length > 0 ? null : paymentIn(came.body);
  if (came === null || paid === null) return null;
  const row = await lockEscrow(open.tx, came.from);
  // What it had paid before its first voucher came to us is in no account of it.
  if (row === null || paid.cumulative <= row.bookedSettled) return null;
  const accounts = await escrowAccounts(ctx.ledger, row.address);
  const { signed } = await escrowBooks(open.client, accounts, row);
  const missed = atLeastNothing(paid.cumulative - came.value - row.bookedSettled);
  await open.tx.update(escrows).set({ bookedSettled: paid.cumulative }).where(eq(escrows.address, row.address));
  const ref = await endRedemption(open.tx, row.address, paid.queryId);
  return {
    kind: "voucher_paid",
    ref,
    in: { account: nameOf("receivable", came), kind: "voucher_paid" },
    outs: [],
    also: [...late(came, missed), ...beyond(came, missed + came.value - (signed - row.bookedSettled))],
  };
}

/**
 * Earlier payments that are in the books as the till's own: the first look at the escrow showed it as of before them, and
 * they were read when no row said whose they are.
 */
function late(came: InMessage, amount: bigint): FurtherMove[] {
  const sides = { from: ownMoney("till"), to: nameOf("receivable", came) };
  return amount > 0n ? [{ ...sides, amount, kind: "voucher_paid" }] : [];
}

/** Somebody redeemed more than was signed to us, by a voucher that they alone have: it is spendable as if it had been. */
function beyond(came: InMessage, amount: bigint): FurtherMove[] {
  const sides = { from: nameOf("receivable", came), to: nameOf("escrow", came) };
  return amount > 0n ? [{ ...sides, amount, kind: "voucher" }] : [];
}

const atLeastNothing = (amount: bigint): bigint => (amount > 0n ? amount : 0n);

const nameOf = (kind: "receivable" | "escrow", { from }: InMessage): AccountName => ({
  asset: "coin",
  kind,
  owner: escrowOwner(from),
});

/** The head of VoucherPaid: op, query id, cumulative. null for any other body, an exotic cell among them. */
function paymentIn(body: Cell): { queryId: bigint; cumulative: bigint } | null {
  try {
    const slice = body.beginParse();
    if (slice.loadUint(32) !== EscrowOp.VoucherPaid) return null;
    return { queryId: slice.loadUintBig(64), cumulative: slice.loadCoins() };
  } catch {
    return null;
  }
}
