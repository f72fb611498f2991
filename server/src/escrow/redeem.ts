/**
 * Has the hot wallet redeem an escrow's best voucher once enough was served on it, and whatever pays for its redemption
 * where no more than that is to come: in a requested close, with the balance used up, or after a day without a new
 * voucher. Ten minutes before a close is ripe it should long be done (`redeemBy`).
 */
import { randomBytes, randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { EscrowTerms } from "@starai/contracts/escrow-codes";
import { escrowBody, redeemBy } from "@starai/contracts/Escrow";
import { REDEEM_TERMS } from "@starai/protocol/escrow";
import { escrowAccounts, escrowBooks } from "../billing/escrow-books.ts";
import { lockEscrow } from "../billing/escrow-purse.ts";
import { chainNowS } from "../billing/escrow-room.ts";
import type { EscrowBooks, EscrowRow } from "../billing/escrow-room.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainContext } from "../chain/context.ts";
import type { Executor } from "../db/executor.ts";
import { outgoing, redemptions, vouchers } from "../db/schema.ts";
import { LEFT_OUT_MAX } from "../payouts/hot/waiting-messages.ts";

/** Attached, nano units; what is not needed for gas comes back to the hot wallet. */
const ATTACHED = 50_000_000n;
/** A message that was sent and brought no payment by then brought none: somebody else redeemed, or the cap was used up. */
const GIVEN_UP_MS = 10 * 60_000;
const OLD_MS = 86_400_000;

/** Returns whether a redemption was asked of the hot wallet now. */
export async function redeemIfWorth(ctx: ChainContext, chain: Chain, address: string): Promise<boolean> {
  const accounts = await escrowAccounts(ctx.ledger, address);
  return moneyTransaction(ctx.pg, async ({ client, tx }) => {
    const row = await lockEscrow(tx, address);
    if (row === null || row.bookedRound !== row.round) return false;
    const nowS = chainNowS(row, ctx.clock());
    const books = await escrowBooks(client, accounts, row);
    const voucher = await bestVoucher(tx, row);
    if (voucher === null || !isWorth(row, books, { nowS, isOld: isOld(voucher, ctx.clock()) })) return false;
    const late = redeemBy(row);
    if (late !== null && nowS > late)
      ctx.log.error(
        { escrow: address },
        "a close is ripe soon or already, and what the escrow owes is not redeemed yet",
      );
    if (chain.hotSeed === null) return false;
    if (await isUnderWay(ctx, tx, address)) return false;
    return queue(tx, voucher);
  });
}

/** Whether enough was served, and whether the chain would pay enough of it now. */
function isWorth(
  row: EscrowRow,
  { signed, captured }: EscrowBooks,
  { nowS, isOld }: { nowS: number; isOld: boolean },
): boolean {
  const { settled, available, dailyCap, capLeft, ripeAt } = row;
  const closing = ripeAt !== null && nowS < ripeAt + EscrowTerms.WITHDRAW_WINDOW;
  // Its balance is served to the end.
  const usedUp = settled + available - captured < REDEEM_TERMS.lastWorth;
  const worth = closing || usedUp || isOld ? REDEEM_TERMS.lastWorth : worthUnder(dailyCap);
  const brings = [signed - settled, available, capLeft].every((amount) => amount >= worth);
  return captured - settled >= worth && brings;
}

/** One at a time for an escrow; one that came to nothing, or that the hot wallet no longer tries, is given up. */
async function isUnderWay(ctx: ChainContext, tx: Executor, escrow: string): Promise<boolean> {
  const isOpen = and(eq(redemptions.escrow, escrow), eq(redemptions.state, "open"));
  const [open] = await tx
    .select({
      id: outgoing.id,
      createdAt: redemptions.createdAt,
      sentAt: outgoing.sentAt,
      message: outgoing.state,
      leftOut: outgoing.leftOut,
    })
    .from(redemptions)
    .innerJoin(outgoing, and(eq(outgoing.kind, "redeem"), eq(outgoing.ref, redemptions.id)))
    .where(isOpen);
  if (open === undefined) return false;
  const isLeft = open.message === "sent" || open.message === "void" || open.leftOut >= LEFT_OUT_MAX;
  if (!isLeft || ctx.clock() - (open.sentAt ?? open.createdAt).getTime() < GIVEN_UP_MS) return true;
  await tx.update(redemptions).set({ state: "void" }).where(isOpen);
  // Else it would be tried again one day, beside the next one.
  await tx
    .update(outgoing)
    .set({ state: "void" })
    .where(and(eq(outgoing.id, open.id), eq(outgoing.state, "queued")));
  return false;
}

/**
 * Half of what may be owed at most: nothing more is served than the cap would let be redeemed. Not as soon as the cap is
 * used up: it comes back by the second, and each redemption costs gas.
 */
function worthUnder(dailyCap: bigint): bigint {
  const half = dailyCap / 2n;
  if (half >= REDEEM_TERMS.worth) return REDEEM_TERMS.worth;
  return half > REDEEM_TERMS.lastWorth ? half : REDEEM_TERMS.lastWorth;
}

type VoucherRow = typeof vouchers.$inferSelect;

/** Nothing was signed after it for so long: what was served on it will hardly become more. */
const isOld = ({ storedAt }: VoucherRow, nowMs: number): boolean => nowMs - storedAt.getTime() > OLD_MS;

async function bestVoucher(tx: Executor, { address, round }: EscrowRow): Promise<VoucherRow | null> {
  const [voucher] = await tx
    .select()
    .from(vouchers)
    .where(and(eq(vouchers.escrow, address), eq(vouchers.round, round)));
  return voucher ?? null;
}

async function queue(tx: Executor, voucher: VoucherRow): Promise<boolean> {
  const { escrow: address, round, cumulative, keyIndex, signature } = voucher;
  const id = randomUUID();
  const queryId = randomBytes(8).readBigUInt64BE() >> 1n;
  const body = escrowBody.redeem({ queryId, keyIndex, cumulative, signature }).toBoc();
  await tx.insert(redemptions).values({ id, escrow: address, round, cumulative, queryId });
  const message = { destination: address, value: ATTACHED, bounce: true, body, state: "queued" as const };
  await tx.insert(outgoing).values({ id: randomUUID(), kind: "redeem", ref: id, ...message });
  return true;
}

/** The payment that a redemption asked for came, if only in part. */
export async function endRedemption(tx: Executor, escrow: string, queryId: bigint): Promise<string | null> {
  const [ended] = await tx
    .update(redemptions)
    .set({ state: "paid" })
    .where(and(eq(redemptions.escrow, escrow), eq(redemptions.queryId, queryId)))
    .returning({ id: redemptions.id });
  return ended?.id ?? null;
}
