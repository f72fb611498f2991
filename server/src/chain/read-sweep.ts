/**
 * A vault's keepers sent money to the treasury. It is paid with the house's fees as far as they reach, and beyond them
 * with its own money at the vault: what is short then shows there. Where the treasury sends it back, the fees have again
 * what they paid; carrying it there and back is the house's expense.
 */
import { and, desc, eq, inArray } from "drizzle-orm";
import { VaultOp } from "@starai/contracts/vault-codes";
import { ledgerKey } from "../billing/ledger-key.ts";
import type { Executor } from "../db/executor.ts";
import { chainTransactions, ledgerAccounts, ledgerPostings } from "../db/schema.ts";
import type { AccountTransaction, InMessage } from "./account-transaction.ts";
import { postingKey } from "./book-transaction.ts";
import type { Chain } from "./chain.ts";
import { headOf } from "./message-head.ts";
import type { MessageHead } from "./message-head.ts";
import { ownMoney, ownReading } from "./reading.ts";
import type { Reading } from "./reading.ts";

const FEES = { asset: "coin", kind: "fees", owner: "house" } as const;
/** A vault's transaction that sweeps has one message in and one out: an opening, these two, gas, and the fees' part. */
const LEGS_MAX = 5;

/** null: nothing was swept, and nothing of it came back. */
export async function readSweep(
  tx: Executor,
  transaction: AccountTransaction,
  chain: Pick<Chain, "networkId">,
): Promise<Reading | null> {
  const { in: came, role } = transaction;
  if (came?.bounced) return readReturned(tx, transaction, { came, chain });
  const [sent] = transaction.outs.flatMap(({ to, toRole, body }) => {
    const swept = toRole === null ? sweptIn(headOf({ body, bounced: false })) : null;
    return swept === null ? [] : [{ ...swept, to }];
  });
  if (sent === undefined) return null;
  const fees = await feesIn(tx);
  const amount = sent.amount < fees ? sent.amount : fees;
  const covered = { from: FEES, to: ownMoney(role), amount, kind: "fees_swept" };
  return { ...ownReading(transaction, "swept"), ref: nameOf(transaction, sent, sent.to), also: [covered] };
}

interface Swept {
  readonly queryId: bigint;
  /** What the keepers proposed; whoever executes the proposal attaches more, which goes along. */
  readonly amount: bigint;
}

function sweptIn(head: MessageHead | null): Swept | null {
  if (head?.op !== VaultOp.Swept) return null;
  return { queryId: head.queryId, amount: head.rest.loadCoins() };
}

/** Of sweeps that are alike in all of it, the last one is the one that comes back. */
const nameOf = ({ role }: AccountTransaction, { queryId, amount }: Swept, treasury: string): string =>
  ledgerKey("sweep", role, treasury, String(queryId), String(amount));

async function readReturned(
  tx: Executor,
  transaction: AccountTransaction,
  { came, chain }: { came: InMessage; chain: Pick<Chain, "networkId"> },
): Promise<Reading | null> {
  const swept = sweptIn(headOf(came));
  if (swept === null) return null;
  const ref = nameOf(transaction, swept, came.from);
  const { address, lt, hash, kind } = chainTransactions;
  const known = and(eq(address, transaction.account), eq(chainTransactions.ref, ref));
  const [sent] = await tx.select({ kind, lt, hash }).from(chainTransactions).where(known).orderBy(desc(lt)).limit(1);
  if (sent?.kind !== "swept") return null;
  const paid = await feesPaidIn(tx, { chain, sent: { account: transaction.account, ...sent } });
  const back = { from: ownMoney(transaction.role), to: FEES, amount: paid, kind: "fees_swept" };
  return { ...ownReading(transaction, "sweep_returned"), ref, also: [back] };
}

/** What the fees paid of a sweep that is in the books. */
async function feesPaidIn(
  tx: Executor,
  { chain: { networkId }, sent }: { chain: Pick<Chain, "networkId">; sent: Parameters<typeof postingKey>[1] },
): Promise<bigint> {
  const keys = Array.from({ length: LEGS_MAX }, (_, leg) => postingKey(networkId, sent, leg));
  const { key, kind, amount } = ledgerPostings;
  const [paid] = await tx
    .select({ amount })
    .from(ledgerPostings)
    .where(and(inArray(key, keys), eq(kind, "fees_swept")));
  return paid?.amount ?? 0n;
}

/** Where they were spent meanwhile, the transaction is read again. */
async function feesIn(tx: Executor): Promise<bigint> {
  const { asset, kind, owner, balance, held } = ledgerAccounts;
  const [row] = await tx
    .select({ balance, held })
    .from(ledgerAccounts)
    .where(and(eq(asset, FEES.asset), eq(kind, FEES.kind), eq(owner, FEES.owner)));
  return row === undefined ? 0n : row.balance - row.held;
}
