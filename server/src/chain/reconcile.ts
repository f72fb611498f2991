/**
 * Where the books and the chain differ, or coins that the house owes are not there, nobody is paid out until it is right again; what
 * an endpoint does not say changes nothing.
 */
import { and, asc, eq, gt } from "drizzle-orm";
import { exactAmount } from "@starai/protocol/amounts";
import { askSecond } from "./ask-second.ts";
import type { Chain } from "./chain.ts";
import { compareBalances, differenceOf } from "./compare-balances.ts";
import type { Compared } from "./compare-balances.ts";
import type { ChainContext } from "./context.ts";
import { chainTransactions } from "../db/schema.ts";
import { ChainUnread } from "./read-account.ts";
import { unlessStopped } from "./repeat.ts";
import { readSolvency } from "./solvency.ts";
import { watchedAccounts } from "./watched-accounts.ts";

type Reconciling = Pick<ChainContext, "db" | "pg" | "log" | "ton" | "health">;

/** The vault's gas and rent for some ten deposits. */
const OWN_LOW = 50_000_000n;
/** A line of a log; five minutes of most days hold fewer. */
const NAMED_MAX = 20;

/** @throws the endpoint's and the database's faults */
export async function reconcile(ctx: Reconciling, chain: Chain, signal: AbortSignal): Promise<void> {
  const { ton, log } = ctx;
  const isShort = await isShortOfCoins(ctx);
  // The second endpoint before the first one, which may be the one that lies, or fails to be found out.
  ton.doubted = await askSecond(ctx, chain, { doubted: ton.doubted, signal });
  if (ton.doubted.size > 0)
    log.error(
      { accounts: [...ton.doubted] },
      "the second endpoint (TON_SECOND_ENDPOINT) has another history of these accounts than what is booked, or lacks it for ten minutes: one of the two endpoints is wrong, and nobody is paid out until they agree. Look at the accounts in an explorer",
    );
  // Known without the first endpoint.
  if (isShort || ton.doubted.size > 0) ton.drifted = true;
  const comparing = compareBalances(ctx.db, chain.client, watchedAccounts(chain));
  const compared = await unlessStopped(signal, comparing).catch((error: unknown) => {
    if (error instanceof ChainUnread && error.why === "fork") ton.drifted = true;
    throw error;
  });
  const wrong = compared.filter((one) => differenceOf(one) !== 0n);
  for (const { role, booked, onChain, bookedLt } of compared)
    if (onChain === booked && bookedLt !== null) ton.agreedLt.set(role, bookedLt);
  for (const one of wrong)
    log.error(
      {
        role: one.role,
        address: one.address,
        booked: String(one.booked),
        onChain: String(one.onChain),
        difference: String(differenceOf(one)),
        since: await bookedSince(ctx, one),
      },
      "the books and the chain differ: nobody is paid out until they agree; `npm run operator -- chain` shows it",
    );
  const isWrong = isShort || wrong.length > 0 || ton.doubted.size > 0;
  // An account that could not be compared says nothing; another look does it.
  if (!isWrong && compared.some(({ onChain }) => onChain === null)) return;
  if (ton.drifted && !isWrong) log.info("the books and the chain agree");
  ton.drifted = isWrong;
}

/** What was booked of this account since the last look at which they agreed, the oldest first: one of it may be the fault. */
async function bookedSince({ db, ton }: Reconciling, { role, address }: Compared): Promise<object[]> {
  const { kind, lt, hash, delta, ref } = chainTransactions;
  const rows = await db
    .select({ kind, lt, hash, delta, ref })
    .from(chainTransactions)
    .where(and(eq(chainTransactions.address, address), gt(lt, ton.agreedLt.get(role) ?? 0n)))
    .orderBy(asc(lt))
    .limit(NAMED_MAX);
  return rows.map((row) => ({
    ...row,
    lt: String(row.lt),
    delta: String(row.delta),
    hash: row.hash.toString("hex"),
  }));
}

/** Warns before it comes so far: what the chain takes in the deposits vault is out of the house's own part of it. */
async function isShortOfCoins({ pg, log, ton }: Reconciling): Promise<boolean> {
  const { missing, ownInDeposits } = await readSolvency(pg);
  if (missing > 0n)
    log.error(
      { missing: exactAmount(missing) },
      "coins that people and workers are owed are not all there: nobody is paid out until they are. Send what is missing of the house's own coins to the hot wallet; `npm run operator -- chain` shows it",
    );
  const isLow = ownInDeposits < OWN_LOW;
  if (isLow && !ton.isOwnLow)
    log.warn(
      { own: exactAmount(ownInDeposits) },
      "the house has little of its own in the deposits vault, where the chain takes gas and rent; what is below zero there is taken of fees and the hot wallet",
    );
  ton.isOwnLow = isLow;
  return missing > 0n;
}
