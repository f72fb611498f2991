/**
 * Books one transaction of a watched account: its row, the cursor and the postings are one transaction of the database,
 * which happens once, whoever repeats it and wherever it breaks off.
 */
import { eq } from "drizzle-orm";
import { ledgerKey } from "../billing/ledger-key.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import type { Executor } from "../db/executor.ts";
import { chainCursors, chainTransactions } from "../db/schema.ts";
import type { WatchedRole } from "../db/schema.ts";
import { assert } from "../errors.ts";
import { applyAll } from "../ledger/apply-operations.ts";
import { openAccount } from "../ledger/open-account.ts";
import type { AccountName } from "../ledger/open-account.ts";
import type { Move } from "../ledger/rules/operation.ts";
import type { AccountTransaction, Place } from "./account-transaction.ts";
import type { Chain } from "./chain.ts";
import type { ChainContext } from "./context.ts";
import { ownMoney } from "./reading.ts";
import type { Counter, FurtherMove, ReadTransaction, Reading } from "./reading.ts";

const START: Place = { lt: 0n, hash: Buffer.alloc(32) };
const IN_TRANSIT: Counter = { account: { asset: "coin", kind: "chain_transit", owner: "house" }, kind: "transit" };

interface Booking {
  readonly chain: Chain;
  readonly transaction: AccountTransaction;
  readonly read: ReadTransaction;
  /** What the account had before its first transaction: accounts of a network's own beginning have something. */
  readonly opening?: bigint;
}

/**
 * False where it does not follow on the cursor: another process was faster.
 * @throws what `read` throws, and the database's faults; nothing is booked then
 */
export async function bookTransaction(ctx: Pick<ChainContext, "pg">, booking: Booking): Promise<boolean> {
  const { chain, transaction, read } = booking;
  const reading = await moneyTransaction(ctx.pg, async (open) => {
    await open.client.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`chain:${transaction.role}`]);
    const cursor = (await readCursor(open.tx, transaction.role)) ?? START;
    if (!isSamePlace(cursor, transaction.previous)) return null;
    const found = await read(open, transaction, chain);
    await writeRows(open, transaction, found);
    await post(open, booking, found);
    return found;
  });
  reading?.stored?.();
  return reading !== null;
}

export const isSamePlace = (one: Place, other: Place): boolean => one.lt === other.lt && one.hash.equals(other.hash);

export async function readCursor(tx: Executor, role: WatchedRole): Promise<(Place & { at: Date }) | null> {
  const { lt, hash, at } = chainCursors;
  const [cursor] = await tx.select({ lt, hash, at }).from(chainCursors).where(eq(chainCursors.role, role));
  return cursor ?? null;
}

async function writeRows({ tx }: MoneyTransaction, transaction: AccountTransaction, reading: Reading): Promise<void> {
  const { account, role, lt, hash, at, delta, fees } = transaction;
  const { kind, ref } = reading;
  await tx.insert(chainTransactions).values({ address: account, role, lt, hash, at, kind, ref, delta, fees });
  const cursor = { address: account, lt, hash, at };
  await tx
    .insert(chainCursors)
    .values({ role, ...cursor })
    .onConflictDoUpdate({ target: chainCursors.role, set: cursor });
}

async function post({ client }: MoneyTransaction, booking: Booking, reading: Reading): Promise<void> {
  const { chain, transaction } = booking;
  const moves: Move[] = [];
  for (const [leg, { from, to, amount, kind }] of movesOf(booking, reading).entries()) {
    const sides = { from: await openAccount(client, from), to: await openAccount(client, to) };
    const key = postingKey(chain.networkId, transaction, leg);
    moves.push({ verb: "move", key, ...sides, amount, kind });
  }
  await applyAll(client, moves, `transaction ${transaction.hash.toString("hex")}`);
}

/** The key of a transaction's posting in the ledger. */
export const postingKey = (
  networkId: number,
  { account, lt, hash }: Pick<AccountTransaction, "account" | "lt" | "hash">,
  leg: number,
): string => ledgerKey("chain", networkId, account, String(lt), hash.toString("hex"), leg);

/** All legs. Their sum on the mirror is what the account's balance changed by. */
function movesOf({ transaction, opening = 0n }: Booking, reading: Reading): FurtherMove[] {
  const { role, outs, fees } = transaction;
  assert(reading.outs.length === outs.length, `a reading of ${role} explains each outgoing message`);
  const [mirror, own] = [mirrorOf(role), ownMoney(role)];
  const came = transaction.in?.fromRole ? IN_TRANSIT : reading.in;
  const moves: FurtherMove[] = [
    { from: mirror, to: own, amount: opening, kind: "chain_opening" },
    { from: mirror, to: came.account, amount: transaction.in?.value ?? 0n, kind: came.kind },
    ...outs.map(({ toRole, value }, at) => {
      const went = toRole ? IN_TRANSIT : reading.outs[at]!;
      return { from: went.account, to: mirror, amount: value, kind: went.kind };
    }),
    { from: own, to: mirror, amount: fees, kind: "chain_fee" },
    ...reading.also,
  ];
  return moves.filter(({ amount }) => amount > 0n);
}

/** Money of ours outside: below zero by what the account has. */
export const mirrorOf = (role: WatchedRole): AccountName => ({ asset: "coin", kind: `chain_${role}`, owner: "house" });
