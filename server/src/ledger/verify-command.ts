/** `npm run ledger:verify`: whether the books add up, with what does not. The server may run meanwhile. */
import type { Pool } from "pg";
import { verifyLedger } from "./verify-ledger.ts";

export const VERIFY_HELP = `npm run ledger:verify [-- --whole]: verifies the ledger's invariants; ends with 1 where one is broken.

  --whole   every posting there is, not only those written since the last verification

The database is the server's: set DATABASE_URL as for \`npm run server\`, or STARAI_HOME, the data folder.
The server may run meanwhile.`;

/** @returns whether the books are right. @throws a sentence about words that mean nothing, or a database without a ledger */
export async function verifyCommand(pg: Pool, words: readonly string[], say: (line: string) => void): Promise<boolean> {
  const unknown = words.find((word) => word !== "--whole");
  if (unknown !== undefined) throw new Error(`What is "${unknown.slice(0, 40)}"?\n\n${VERIFY_HELP}`);
  const { rows } = await pg.query<{ name: string | null }>("select to_regclass('bills') as name");
  if (rows[0]?.name == null)
    throw new Error("There is no ledger in this database yet: start this version's server on it once, then try again.");
  const { findings, looked } = await verifyLedger(pg, { now: new Date(), whole: words.length > 0 });
  for (const { severity, invariant, what } of findings) say(`${severity}  not true that ${invariant}\n      ${what}`);
  const { accounts, postings, openHolds } = looked;
  const verdict = findings.length === 0 ? "the books are right" : "the books are wrong";
  say(`${verdict}: looked at ${accounts} accounts, ${postings} postings, ${openHolds} open holds`);
  return findings.length === 0;
}
