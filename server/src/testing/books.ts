/** For tests: the books after each of them. */
import { expect } from "vitest";
import type { Pool } from "pg";
import { compareBalances, differenceOf } from "../chain/compare-balances.ts";
import type { ChainContext } from "../chain/context.ts";
import { readSolvency } from "../chain/solvency.ts";
import { watchedAccounts } from "../chain/watched-accounts.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";

/** A transaction that is on its way when a test ends is booked within a block or two. */
const PATIENCE_MS = 15_000;

/**
 * Every posting is looked at, and whether the coins that are owed are there; a test that opened no account has nothing to find.
 * @param now  by which bills are old; the books of tests with a clock of their own go by that
 * @param isSolvent  false for a house whose people have coins out of its own accounts, which never had as many
 */
export async function expectBooksRight(pg: Pool, { now = new Date(), isSolvent = true } = {}): Promise<void> {
  expect((await verifyLedger(pg, { now, whole: true })).findings).toEqual([]);
  const { missing } = await readSolvency(pg);
  if (isSolvent) expect(missing, "nano coins are owed and not there").toBeLessThanOrEqual(0n);
}

/** And each of our accounts has on its chain what the books say; a house without a chain has none. */
export async function expectHouseRight({ db, pg, ton }: Pick<ChainContext, "db" | "pg" | "ton">): Promise<void> {
  await expectBooksRight(pg);
  const { chain } = ton;
  if (chain === null) return;
  const different = async () =>
    (await compareBalances(db, chain.client, watchedAccounts(chain)))
      .filter((one) => one.onChain === null || differenceOf(one) !== 0n)
      .map(({ role }) => role);
  await expect.poll(different, { timeout: PATIENCE_MS }).toEqual([]);
}
