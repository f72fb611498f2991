/**
 * A look at the chain: reads and books what happened at the watched accounts since the last one. What an endpoint leaves
 * unsaid is asked for by the next look; until then nothing is booked, and nothing is lost.
 */
import type { WatchedRole } from "../db/schema.ts";
import { accountTransaction } from "./account-transaction.ts";
import type { AccountTransaction } from "./account-transaction.ts";
import { bookTransaction, readCursor } from "./book-transaction.ts";
import type { Chain } from "./chain.ts";
import type { ChainContext } from "./context.ts";
import type { ReadTransaction } from "./reading.ts";
import { AccountReader } from "./read-account.ts";
import type { Unbooked } from "./read-account.ts";
import { unlessStopped } from "./repeat.ts";
import { watchedAccounts } from "./watched-accounts.ts";
import type { WatchedAccount } from "./watched-accounts.ts";

export type Readings = Readonly<Record<WatchedRole, ReadTransaction>>;

/** The accounts one after another, each as far as it goes. @returns the look, which throws the first account's fault */
export function chainLook(ctx: ChainContext, chain: Chain, readings: Readings): (signal: AbortSignal) => Promise<void> {
  const accounts = watchedAccounts(chain);
  const readers = accounts.map((account) => ({ account, reader: new AccountReader(chain.client, account) }));
  return async (signal) => {
    const faults: unknown[] = [];
    for (const { account, reader } of readers)
      await bookNew(ctx, { chain, account, reader, accounts, signal, read: readings[account.role] }).catch(
        (error: unknown) => faults.push(error),
      );
    if (faults.length > 0) throw faults[0];
  };
}

interface Looked {
  readonly chain: Chain;
  readonly account: WatchedAccount;
  readonly accounts: readonly WatchedAccount[];
  readonly reader: AccountReader;
  readonly read: ReadTransaction;
  readonly signal: AbortSignal;
}

async function bookNew(ctx: ChainContext, { chain, account, accounts, reader, read, signal }: Looked): Promise<void> {
  for (;;) {
    const cursor = await readCursor(ctx.db, account.role);
    const unbooked = await unlessStopped(signal, reader.unbooked(cursor));
    const transactions = unbooked.transactions.map((raw) => accountTransaction(raw, account, accounts));
    for (const [at, transaction] of transactions.entries()) {
      signal.throwIfAborted();
      const opening = cursor === null && at === 0 ? openingOf(unbooked, transactions) : 0n;
      // Another process booked it: the next look goes on from where that one is.
      const booked = bookTransaction(ctx, { chain, transaction, read, opening });
      if (!(await booked.catch((error: unknown) => unbookable(ctx, transaction, error)))) return;
    }
    if (unbooked.more) continue;
    if (account.role === "deposits") ctx.ton.readUntilS = unbooked.asOfS;
    if (account.role === "pool") ctx.ton.poolReadUntilS = unbooked.asOfS;
    return;
  }
}

/** Nothing behind it is booked either, so that somebody must know; the database's own outage is told elsewhere. */
function unbookable({ health, log }: ChainContext, { role, lt, hash }: AccountTransaction, error: unknown): never {
  if (!health.noticed(error))
    log.error(
      { err: error, role, lt: String(lt), hash: hash.toString("hex") },
      "a transaction cannot be booked: no money was moved for it, and nothing after it in this account is booked until it can be; send us this line",
    );
  throw error;
}

/** What the account had before its first transaction: only accounts of a network's very beginning existed before. */
function openingOf({ balance }: Unbooked, transactions: readonly AccountTransaction[]): bigint {
  const [first] = transactions;
  if (balance === null || first === undefined || first.raw.oldStatus === "non-existing") return 0n;
  return balance - transactions.reduce((sum, { delta }) => sum + delta, 0n);
}
