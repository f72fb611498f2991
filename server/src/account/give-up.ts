/**
 * What becomes of money when its person is forgotten. The ledger's accounts, bills and receipts stay under a number;
 * payments of Stars keep the Telegram id beside it, by which one can still be returned; what could still be spent goes to the house's refunds, from which people are
 * paid back. What is held for an answer under way comes free when that ends; what is owed stays owed.
 */
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type { PoolClient } from "pg";
import { keyOwner, personOwner } from "../billing/bill.ts";
import { ledgerKey } from "../billing/ledger-key.ts";
import { Moved } from "../billing/money-transaction.ts";
import type { Executor } from "../db/executor.ts";
import {
  apiKeys,
  appeals,
  depositInvoices,
  depositNumbers,
  notices,
  people,
  spendingCaps,
  starOrders,
  starSubscriptions,
  walletNonces,
  wallets,
} from "../db/schema.ts";
import { takeMachines } from "../contributors/past-owners.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Operation } from "../ledger/rules/operation.ts";
import { balancesOf } from "./balances.ts";

const ASSETS = ["stars", "coin"] as const;

/**
 * Ends what could still make bills or payments: keys, open orders, what was told of a subscription, caps, their wallet
 * and the number that names them on the chain. Call it before the person's row is gone: their keys would be nobody's
 * then.
 */
export async function endPayments(
  tx: Pick<Executor, "select" | "update" | "delete" | "execute">,
  person: string,
): Promise<void> {
  const keys = await tx.select({ id: apiKeys.id }).from(apiKeys).where(eq(apiKeys.owner, person));
  await tx
    .update(apiKeys)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(apiKeys.owner, person), isNull(apiKeys.revokedAt)));
  const owners = [personOwner(person), ...keys.map(({ id }) => keyOwner(id))];
  await tx.delete(spendingCaps).where(inArray(spendingCaps.owner, owners));
  await tx.delete(starOrders).where(and(eq(starOrders.person, person), isNull(starOrders.charge)));
  await tx.delete(starSubscriptions).where(eq(starSubscriptions.person, person));
  // Their machines are nobody's: what those earned and nobody was paid waits for whoever pairs them next.
  await takeMachines(tx, sql`person = ${person}`);
  await tx.delete(appeals).where(eq(appeals.person, person));
  await endOnChain(tx, person);
}

/** What still arrives for them is nobody's then, until somebody shows that it is theirs. */
async function endOnChain(tx: Pick<Executor, "select" | "delete">, person: string): Promise<void> {
  await tx.delete(wallets).where(eq(wallets.person, person));
  await tx.delete(walletNonces).where(eq(walletNonces.person, person));
  await tx.delete(depositNumbers).where(eq(depositNumbers.person, person));
  await tx.delete(depositInvoices).where(eq(depositInvoices.person, person));
  const telegramId = tx.select({ id: people.telegramId }).from(people).where(eq(people.id, person));
  await tx.delete(notices).where(inArray(notices.telegramId, telegramId));
}

/** Somebody spent or paid in the same moment: what is to move is another amount now. */
class BalanceMoved extends Moved {
  override readonly name = "BalanceMoved";
}

/**
 * Moves what can be spent to the house's refunds, as the last step of the transaction.
 * @param time  of the same person: each has one effect
 * @throws BalanceMoved when the transaction is to be tried again
 */
export async function giveUpBalances(
  { ledger, client }: { ledger: Ledger; client: PoolClient },
  { person, time }: { person: string; time: "deleted" | "afterwards" },
): Promise<void> {
  const balances = await balancesOf(drizzle(client), person);
  const moves: Operation[] = [];
  for (const asset of ASSETS) {
    const amount = balances[asset].spendable;
    if (amount === 0n) continue;
    const from = await ledger.openAccount({ asset, kind: "person", owner: personOwner(person) });
    const to = await ledger.openAccount({ asset, kind: "refunds", owner: "house" });
    moves.push({ verb: "move", key: ledgerKey("given up", person, asset, time), from, to, amount, kind: "given_up" });
  }
  if (moves.length === 0) return;
  const outcomes = await applyOperations(client, moves, { halted: false });
  if (outcomes.some(({ kind }) => kind !== "done")) throw new BalanceMoved("the balance moved meanwhile");
}
