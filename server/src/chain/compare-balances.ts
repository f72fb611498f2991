/**
 * Compares what the books say that each account has with what it had on the chain at the very transaction that the books
 * end with. What happened since is late, not short: it is taken off what the account has now.
 */
import { sql } from "drizzle-orm";
import type { TonClient } from "@ton/ton";
import type { Database } from "../db/executor.ts";
import type { WatchedRole } from "../db/schema.ts";
import { accountTransaction } from "./account-transaction.ts";
import { AccountReader } from "./read-account.ts";
import type { WatchedAccount } from "./watched-accounts.ts";

export interface Compared {
  readonly role: WatchedRole;
  readonly address: string;
  readonly booked: bigint;
  /** Null: too much happened since for one look. */
  readonly onChain: bigint | null;
  /** Transactions that are not in the books yet. */
  readonly behind: number;
  /** Logical time of the last one in the books; null: none is. */
  readonly bookedLt: bigint | null;
}

/** Below zero: the account had less than the books say. */
export const differenceOf = ({ booked, onChain }: Compared): bigint => (onChain === null ? 0n : onChain - booked);

/** @throws ChainUnread, and the endpoint's and the database's faults */
export async function compareBalances(
  db: Database,
  client: TonClient,
  accounts: readonly WatchedAccount[],
): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (const account of accounts) {
    const { booked, cursor } = await readMirror(db, account.role);
    const { transactions, balance } = await new AccountReader(client, account).unbooked(cursor);
    const since = transactions.map((raw) => accountTransaction(raw, account, accounts));
    const known = { role: account.role, address: account.address.toRawString(), booked, behind: since.length };
    const bookedLt = cursor?.lt ?? null;
    // An account that the books have not begun with has nothing to be compared.
    const then = balance === null ? null : balance - since.reduce((sum, { delta }) => sum + delta, 0n);
    compared.push({ ...known, bookedLt, onChain: cursor === null ? 0n : then });
  }
  return compared;
}

/** In one statement: a transaction that is being booked changes both or neither. */
async function readMirror(db: Database, role: WatchedRole) {
  const { rows } = await db.execute<{ booked: string; lt: string | null; hash: Buffer | null }>(sql`
    select coalesce(-a.balance, 0)::text as booked, c.lt::text as lt, c.hash
    from (select ${role}::text as role) r
      left join ledger_accounts a on a.asset = 'coin' and a.kind = 'chain_' || r.role and a.owner = 'house'
      left join chain_cursors c on c.role = r.role`);
  const { booked, lt, hash } = rows[0]!;
  return { booked: BigInt(booked), cursor: lt === null ? null : { lt: BigInt(lt), hash: hash! } };
}
