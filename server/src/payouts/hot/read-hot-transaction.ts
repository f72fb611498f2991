/**
 * What a transaction of the hot wallet was: a batch of ours that ran, money from the deposits vault, a payout that came
 * back, or somebody's doing by hand. Payouts and messages get their outcome here, with the postings or not at all.
 */
import { and, between, eq } from "drizzle-orm";
import { VaultOp } from "@starai/contracts/vault-codes";
import type { MoneyTransaction } from "../../billing/money-transaction.ts";
import type { AccountTransaction, InMessage } from "../../chain/account-transaction.ts";
import type { ChainContext } from "../../chain/context.ts";
import { headOf } from "../../chain/message-head.ts";
import { ownReading } from "../../chain/reading.ts";
import { readSettlement } from "../../chain/read-settlement.ts";
import type { ReadTransaction, Reading } from "../../chain/reading.ts";
import { outgoing, payouts } from "../../db/schema.ts";
import type { Executor } from "../../db/executor.ts";
import { storeNotice } from "../../notices/store-notice.ts";
import { accountOfReturned } from "../payout-accounts.ts";
import { idsInBounce, idsOfQuery } from "./message-name.ts";
import type { NamedIds } from "./message-name.ts";
import { readBatch } from "./read-batch.ts";

export function hotReading(ctx: Pick<ChainContext, "changes" | "log">): ReadTransaction {
  return async (open, transaction, chain) => {
    const reading =
      transaction.in === null || transaction.outs.length > 0
        ? await readBatch(ctx, open, { transaction, chain })
        : await readArrival(open, transaction, transaction.in);
    return { ...reading, stored: () => ctx.changes.emit("bot", { type: "notices" }) };
  };
}

async function readArrival(open: MoneyTransaction, transaction: AccountTransaction, came: InMessage): Promise<Reading> {
  if (came.fromRole !== null) return readOwnAccount(open.tx, transaction, came);
  return (came.bounced ? await readReturned(open, transaction, came) : null) ?? ownReading(transaction, "received");
}

/** A vault answers what was asked of it, or refuses and sends the message's value back. */
async function readOwnAccount(tx: Executor, transaction: AccountTransaction, came: InMessage): Promise<Reading> {
  const settlement = await readSettlement(tx, transaction);
  if (settlement !== null) return settlement;
  const head = headOf(came);
  const ids = head?.op === (came.bounced ? VaultOp.PayHot : VaultOp.PaidOut) ? idsOfQuery(head.queryId) : null;
  if (ids === null) return ownReading(transaction, "received");
  const [asked] = await tx
    .select({ id: outgoing.id })
    .from(outgoing)
    .where(and(named(ids), eq(outgoing.kind, "pay_hot")));
  return { ...ownReading(transaction, came.bounced ? "draw_refused" : "drawn"), ref: asked?.id ?? null };
}

/** null: it is none of our payouts, or came back before. */
async function readReturned(
  { tx }: MoneyTransaction,
  transaction: AccountTransaction,
  { from, value, body }: InMessage,
): Promise<Reading | null> {
  const ids = idsInBounce(body);
  if (ids === null) return null;
  const [sent] = await tx
    .select({ payout: outgoing.ref })
    .from(outgoing)
    .where(and(named(ids), eq(outgoing.kind, "payout"), eq(outgoing.destination, from)));
  if (!sent?.payout) return null;
  const [payout] = await tx
    .update(payouts)
    .set({ state: "returned", endedAt: transaction.at })
    .where(and(eq(payouts.id, sent.payout), eq(payouts.state, "paid")))
    .returning({ id: payouts.id, person: payouts.person });
  if (payout === undefined) return null;
  const { id, person } = payout;
  const params = { kind: "payout_returned", amount: String(value) } as const;
  await storeNotice(tx, { event: `payout ${id} returned`, person, params });
  const account = await accountOfReturned(tx, person);
  return { kind: "payout_returned", ref: id, in: { account, kind: "withdrawal_returned" }, outs: [], also: [] };
}

const named = ({ first, last }: NamedIds) => between(outgoing.id, first, last);
