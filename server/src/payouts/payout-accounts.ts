/** Between which accounts a withdrawal's money moves. */
import { eq } from "drizzle-orm";
import { ledgerKey } from "../billing/ledger-key.ts";
import type { Executor } from "../db/executor.ts";
import { people } from "../db/schema.ts";
import { personsCoins } from "../deposits/deposit-accounts.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { AccountName } from "../ledger/open-account.ts";
import type { AccountId, Move } from "../ledger/rules/operation.ts";

export async function payoutAccounts(
  ledger: Ledger,
  { id, person }: { id: string; person: string },
): Promise<{ balance: AccountId; inFlight: AccountId }> {
  const [balance, inFlight] = await Promise.all([
    ledger.openAccount(personsCoins(person)),
    ledger.openAccount({ asset: "coin", kind: "in_flight", owner: `payout:${id}` }),
  ]);
  return { balance, inFlight };
}

/** Where money goes that came back; of those who deleted themselves it is the house's, for nobody could ever spend it there. */
export async function accountOfReturned(tx: Pick<Executor, "select">, person: string): Promise<AccountName> {
  const known = await tx.select({ id: people.id }).from(people).where(eq(people.id, person)).for("key share");
  return known.length > 0 ? personsCoins(person) : { asset: "coin", kind: "refunds", owner: "house" };
}

interface PayoutMove {
  /** Its name, of which a withdrawal has one. */
  readonly event: "payout" | "payout cancelled";
  readonly id: string;
  readonly from: AccountId;
  readonly to: AccountId;
  readonly amount: bigint;
  readonly fee: bigint;
}

/** Two, so that the person's history names the fee. */
export function movesOf({ event, id, from, to, amount, fee }: PayoutMove): Move[] {
  const moves: Move[] = [{ verb: "move", key: ledgerKey(event, id), from, to, amount, kind: "withdrawal" }];
  if (fee > 0n) moves.push({ verb: "move", key: ledgerKey(event, id, "fee"), from, to, amount: fee, kind: "fee" });
  return moves;
}
