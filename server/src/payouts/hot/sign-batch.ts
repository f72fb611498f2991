/** Signs one message of the hot wallet that carries up to 32 of what waits, and stores it. Nothing is sent here. */
import { randomUUID } from "node:crypto";
import { Address, beginCell, Cell, external, internal, SendMode, storeMessage } from "@ton/core";
import { and, eq, gte, inArray, ne, or } from "drizzle-orm";
import { moneyTransaction } from "../../billing/money-transaction.ts";
import type { ChainContext } from "../../chain/context.ts";
import { outgoing, outgoingBatches, payouts } from "../../db/schema.ts";
import type { Executor } from "../../db/executor.ts";
import type { HotState, HotWallet } from "./hot-wallet.ts";
import { lockHotWallet } from "./lock-hot-wallet.ts";
import { messageIdOf, payoutBody } from "./message-name.ts";
import type { WaitingMessage } from "./waiting-messages.ts";

/** Long enough for a slow network, short enough that a payout whose message was lost is not late for long. */
const VALID_S = 180;

export interface Planned extends WaitingMessage {
  /** Only from an active account does money come back by itself. */
  readonly bounce: boolean;
}

interface Ready extends Planned {
  readonly id: string;
  readonly body: Buffer;
  /** It has no row yet. */
  readonly isNew: boolean;
}

/**
 * Returns the stored external message, or null where there is nothing to send any more: somebody cancelled, another
 * process signs, or the endpoint's state is older than what was sent already.
 * @throws the database's fault: then nothing is signed
 */
export async function signBatch(
  ctx: Pick<ChainContext, "pg">,
  { hot, seen, planned }: { hot: HotWallet; seen: HotState; planned: readonly Planned[] },
): Promise<Buffer | null> {
  return moneyTransaction(ctx.pg, async ({ tx }) => {
    await lockHotWallet(tx);
    if (!(await isFree(tx, seen.seqno))) return null;
    const ready = (await stillWaiting(tx, planned)).map(withBody);
    if (ready.length === 0) return null;
    const batch = randomUUID();
    const signed = sign(hot, seen, ready);
    await tx.insert(outgoingBatches).values({ id: batch, seqno: seen.seqno, ...signed });
    for (const message of ready) await storeMessageRow(tx, batch, message);
    const people = ready.flatMap(({ payout }) => payout ?? []);
    if (people.length > 0) await tx.update(payouts).set({ state: "sent" }).where(inArray(payouts.id, people));
    return signed.boc;
  });
}

/** No message is without an outcome, and none has used this number. */
async function isFree(tx: Executor, seqno: number): Promise<boolean> {
  const rows = await tx
    .select({ id: outgoingBatches.id })
    .from(outgoingBatches)
    .where(
      or(
        eq(outgoingBatches.state, "signed"),
        and(ne(outgoingBatches.state, "void"), gte(outgoingBatches.seqno, seqno)),
      ),
    )
    .limit(1);
  return rows.length === 0;
}

/** Locked until the batch is stored, so that none is cancelled meanwhile. */
async function stillWaiting(tx: Executor, planned: readonly Planned[]): Promise<Planned[]> {
  const people = planned.flatMap(({ payout }) => payout ?? []);
  const own = planned.flatMap(({ id, payout }) => (payout === null && id !== null ? [id] : []));
  const open = new Set<string>();
  if (people.length > 0) {
    const rows = await tx
      .select({ id: payouts.id })
      .from(payouts)
      .where(and(inArray(payouts.id, people), eq(payouts.state, "queued")))
      .orderBy(payouts.id)
      .for("update");
    for (const { id } of rows) open.add(id);
  }
  if (own.length > 0) {
    const rows = await tx
      .select({ id: outgoing.id })
      .from(outgoing)
      .where(and(inArray(outgoing.id, own), eq(outgoing.state, "queued")))
      .orderBy(outgoing.id)
      .for("update");
    for (const { id } of rows) open.add(id);
  }
  return planned.filter(({ id, payout }) => open.has(payout ?? id ?? ""));
}

function withBody(message: Planned): Ready {
  const id = message.id ?? messageIdOf(message.payout!);
  return { ...message, id, isNew: message.id === null, body: message.body ?? payoutBody(id).toBoc() };
}

function sign({ wallet, secretKey, address }: HotWallet, { seqno, atS, isActive }: HotState, ready: readonly Ready[]) {
  const validUntil = atS + VALID_S;
  const messages = ready.map(({ destination, value, bounce, body }) =>
    internal({ to: Address.parseRaw(destination), value, bounce, body: Cell.fromBoc(body)[0]! }),
  );
  // Values arrive whole. W5 adds "ignore errors": a message that cannot be paid for is left out, and the others go on.
  const sendMode = SendMode.PAY_GAS_SEPARATELY;
  const body = wallet.createTransfer({ seqno, secretKey, timeout: validUntil, sendMode, messages });
  const message = external({ to: address, init: isActive ? null : wallet.init, body });
  const boc = beginCell().store(storeMessage(message)).endCell().toBoc();
  return { validUntil, boc, bodyHash: body.hash(), state: "signed" as const };
}

async function storeMessageRow(tx: Executor, batch: string, message: Ready): Promise<void> {
  const { id, isNew, payout, destination, value, bounce, body } = message;
  const signed = { state: "signed" as const, batch, bounce };
  if (isNew) await tx.insert(outgoing).values({ id, kind: "payout", ref: payout, destination, value, body, ...signed });
  else await tx.update(outgoing).set(signed).where(eq(outgoing.id, id));
}
