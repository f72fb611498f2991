/** What the hot wallet sent in one transaction: each message of ours has its outcome, also where somebody else signed. */
import { randomUUID } from "node:crypto";
import { Cell } from "@ton/core";
import { and, desc, eq, inArray, isNull } from "drizzle-orm";
import type { MoneyTransaction } from "../../billing/money-transaction.ts";
import type { AccountTransaction, OutMessage } from "../../chain/account-transaction.ts";
import type { Chain } from "../../chain/chain.ts";
import type { ChainContext } from "../../chain/context.ts";
import { peopleAddress } from "../../chain/people-address.ts";
import { ownMoney } from "../../chain/reading.ts";
import type { Counter, FurtherMove, Reading } from "../../chain/reading.ts";
import { outgoing, outgoingBatches, payouts } from "../../db/schema.ts";
import type { Executor } from "../../db/executor.ts";
import { storeNotice } from "../../notices/store-notice.ts";
import { lockHotWallet } from "./lock-hot-wallet.ts";
import { queueAgain } from "./give-up-batch.ts";
import { messageIdOf, payoutBody } from "./message-name.ts";
import { BATCH_MAX, LEFT_OUT_MAX } from "./waiting-messages.ts";

type MessageRow = typeof outgoing.$inferSelect;
const OWN = ownMoney("hot");

interface Batch {
  readonly transaction: AccountTransaction;
  readonly chain: Chain;
}

export async function readBatch(
  ctx: Pick<ChainContext, "log">,
  { tx }: MoneyTransaction,
  { transaction, chain }: Batch,
): Promise<Reading> {
  await lockHotWallet(tx);
  const batch = await runBatch(tx, transaction);
  const waiting = await expectedMessages(tx);
  const [outs, also]: [Counter[], FurtherMove[]] = [[], []];
  let unknown = 0;
  for (const out of transaction.outs) {
    const row = takeSent(waiting, out) ?? (await restoreSent(tx, out));
    if (row === null) unknown++;
    const fee = row === null ? null : await markSent(tx, row, { transaction, chain });
    outs.push(fee === null ? { account: OWN, kind: row?.kind ?? "by_hand" } : { account: fee.from, kind: "payout" });
    if (fee !== null) also.push(fee);
  }
  if (batch !== null) await endBatch(ctx, tx, { batch, unknown });
  return { kind: batch === null ? "by_hand" : "batch", ref: batch, in: { account: OWN, kind: "received" }, outs, also };
}

/**
 * What the wallet left out is queued again. Not payouts where it sent something that nobody waits for: then what was
 * left out may have been sent in a form that we do not know, and a person must look before anything is paid a second
 * time. The house's own messages do no harm when they are sent twice, and payouts may wait for what they bring.
 */
async function endBatch(
  { log }: Pick<ChainContext, "log">,
  tx: Executor,
  { batch, unknown }: { batch: string; unknown: number },
): Promise<void> {
  if (unknown > 0)
    log.error(
      { batch, unknown },
      "a batch of the hot wallet sent messages that nobody waits for: the house paid them. Withdrawals that it left out are not paid by themselves any more: `npm run operator -- payouts` lists them and says what to do",
    );
  for (const { id, leftOut } of await queueAgain(tx, batch, { leftOut: 1, butPayouts: unknown > 0 }))
    if (leftOut < LEFT_OUT_MAX)
      log.warn({ message: id }, "the hot wallet left a message out of its batch: it is queued again");
    else
      log.error(
        { message: id, leftOut },
        "the hot wallet left a message out again and again: it is not tried any more. Its money is set aside, and the person can cancel the withdrawal",
      );
}

/** The batch that this external message was. */
async function runBatch(tx: Executor, { raw }: AccountTransaction): Promise<string | null> {
  const came = raw.inMessage;
  if (came?.info.type !== "external-in") return null;
  const [batch] = await tx
    .update(outgoingBatches)
    .set({ state: "run" })
    .where(eq(outgoingBatches.bodyHash, came.body.hash()))
    .returning({ id: outgoingBatches.id });
  return batch?.id ?? null;
}

/**
 * Those of a batch that ran although it was given up wait again: they are known all the same. Payouts are locked before
 * their messages, as everywhere.
 */
async function expectedMessages(tx: Executor): Promise<MessageRow[]> {
  const expected = inArray(outgoing.state, ["signed", "queued"]);
  const people = tx
    .select({ id: outgoing.ref })
    .from(outgoing)
    .where(and(expected, eq(outgoing.kind, "payout")));
  await tx
    .select({ id: payouts.id })
    .from(payouts)
    .where(inArray(payouts.id, people))
    .orderBy(payouts.id)
    .for("update");
  return tx
    .select()
    .from(outgoing)
    .where(expected)
    .orderBy(desc(outgoing.state), outgoing.createdAt)
    .limit(EXPECTED_MAX)
    .for("update");
}

/** What is signed comes first, and is one batch; beside it what waits of the two queues. */
const EXPECTED_MAX = 3 * BATCH_MAX;

function takeSent(waiting: MessageRow[], { to, value, body }: OutMessage): MessageRow | null {
  const at = waiting.findIndex(
    (row) => row.destination === to && row.value === value && Cell.fromBoc(row.body)[0]!.equals(body),
  );
  return at === -1 ? null : waiting.splice(at, 1)[0]!;
}

/** A payout's message that this database does not know, as one that was restored from before it was signed. */
async function restoreSent(tx: Executor, { to, value, body }: OutMessage): Promise<MessageRow | null> {
  const open = await tx
    .select({ id: payouts.id })
    .from(payouts)
    .where(and(eq(payouts.wallet, to), eq(payouts.amount, value), isNull(payouts.endedAt)))
    .for("update");
  const payout = open.find(({ id }) => payoutBody(messageIdOf(id)).equals(body));
  if (payout === undefined) return null;
  const message = { id: messageIdOf(payout.id), kind: "payout", ref: payout.id, destination: to, value } as const;
  const sent = { body: body.toBoc(), bounce: true, state: "sent", batch: randomUUID() } as const;
  const rows = await tx
    .insert(outgoing)
    .values({ ...message, ...sent })
    .onConflictDoNothing()
    .returning();
  return rows[0] ?? null;
}

/** Of a payout, the fee's move; its account is the one that the money comes from. */
async function markSent(tx: Executor, row: MessageRow, { transaction, chain }: Batch): Promise<FurtherMove | null> {
  await tx.update(outgoing).set({ state: "sent", sentAt: transaction.at }).where(eq(outgoing.id, row.id));
  if (row.kind !== "payout" || row.ref === null) return null;
  const hash = transaction.hash.toString("hex");
  const [payout] = await tx
    .update(payouts)
    .set({ state: "paid", endedAt: transaction.at, transaction: hash })
    .where(eq(payouts.id, row.ref))
    .returning();
  const { id, person, amount, fee, wallet } = payout!;
  const params = { kind: "payout_paid", amount: String(amount), wallet: peopleAddress(chain, wallet) } as const;
  await storeNotice(tx, { event: `payout ${id} paid`, person, params: { ...params, transaction: hash } });
  return {
    from: { asset: "coin", kind: "in_flight", owner: `payout:${id}` },
    to: OWN,
    amount: fee,
    kind: "withdrawal_fee",
  };
}
