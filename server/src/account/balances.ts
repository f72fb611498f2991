/** What a person has and owes, as the ledger's accounts say. */
import { and, eq, inArray } from "drizzle-orm";
import { personOwner } from "../billing/bill.ts";
import type { Executor } from "../db/executor.ts";
import { ledgerAccounts } from "../db/schema.ts";

/** Nano units, none below zero. */
export interface Funds {
  /** Held and owed amounts are taken off. */
  readonly spendable: bigint;
  readonly held: bigint;
  readonly debt: bigint;
}

export interface Balances {
  readonly stars: Funds;
  readonly coin: Funds;
}

/** Nothing, for somebody without accounts. */
export async function balancesOf(db: Pick<Executor, "select">, person: string): Promise<Balances> {
  const { asset, kind, owner, balance, held } = ledgerAccounts;
  const rows = await db
    .select({ asset, kind, balance, held })
    .from(ledgerAccounts)
    .where(and(inArray(asset, ["stars", "coin"]), inArray(kind, ["person", "debt"]), eq(owner, personOwner(person))));
  const fundsIn = (asset: "stars" | "coin") => {
    const of = (kind: string) => rows.find((row) => row.asset === asset && row.kind === kind);
    return fundsOf({ balance: of("person")?.balance, held: of("person")?.held, debt: of("debt")?.balance });
  };
  return { stars: fundsIn("stars"), coin: fundsIn("coin") };
}

/** @param amounts.debt  balance of the debt's account: below zero is what is owed */
function fundsOf({
  balance = 0n,
  held = 0n,
  debt = 0n,
}: Partial<Record<"balance" | "held" | "debt", bigint | undefined>>) {
  const owed = atLeastNothing(-debt);
  return { spendable: atLeastNothing(balance - held - owed), held, debt: owed };
}

function atLeastNothing(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}
