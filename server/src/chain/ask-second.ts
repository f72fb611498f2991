/**
 * Asks the second endpoint for what the books have of the first one: an endpoint can append a made-up end to a history,
 * and agrees with itself about it.
 */
import type { WatchedRole } from "../db/schema.ts";
import { readCursor } from "./book-transaction.ts";
import type { Chain } from "./chain.ts";
import { compareBalances, differenceOf } from "./compare-balances.ts";
import type { ChainContext } from "./context.ts";
import { ChainUnread } from "./read-account.ts";
import { unlessStopped } from "./repeat.ts";
import { watchedAccounts } from "./watched-accounts.ts";
import type { WatchedAccount } from "./watched-accounts.ts";

/** Endpoints are seconds apart. */
const LATE_MAX_S = 10 * 60;

/**
 * The accounts of which it says something else than the books. One that it says nothing of stays as it was.
 * @throws the database's faults, and where this server stops
 */
export async function askSecond(
  { db, health }: Pick<ChainContext, "db" | "health">,
  chain: Chain,
  { doubted, signal }: { doubted: ReadonlySet<WatchedRole>; signal: AbortSignal },
): Promise<Set<WatchedRole>> {
  const still = new Set(doubted);
  const { second } = chain;
  if (second === null) return new Set();
  for (const account of watchedAccounts(chain)) {
    const agrees = await doesAgree(account).catch((error: unknown) => {
      signal.throwIfAborted();
      if (health.noticed(error)) throw error;
      return null;
    });
    if (agrees === true) still.delete(account.role);
    if (agrees === false) still.add(account.role);
  }
  return still;

  /** null: it is a little late, or something is left out. */
  async function doesAgree(account: WatchedAccount): Promise<boolean | null> {
    try {
      const [compared] = await unlessStopped(signal, compareBalances(db, second!, [account]));
      return compared!.onChain === null ? null : differenceOf(compared!) === 0n;
    } catch (error) {
      if (!(error instanceof ChainUnread)) throw error;
      if (error.why === "late") return (await isLong(account.role)) ? false : null;
      return error.why === "fork" ? false : null;
    }
  }

  /** Whether the last booked transaction should be known to everybody by now; a made-up one may be of any time. */
  async function isLong(role: WatchedRole): Promise<boolean> {
    const cursor = await readCursor(db, role);
    return cursor !== null && Math.abs(chain.nowS() - cursor.at.getTime() / 1_000) > LATE_MAX_S;
  }
}
