/** Whose a deposit is: by its number, by the memo in its comment, or by the wallet that it came from. */
import { and, eq } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Executor } from "../db/executor.ts";
import { depositNumbers, people, wallets } from "../db/schema.ts";
import type { DepositBody } from "./deposit-body.ts";
import { readMemo } from "./memo.ts";

export interface Owner {
  readonly person: string;
  readonly how: "number" | "memo" | "wallet";
}

/** Numbers of 64 bits do not all fit into the database; ours have 63. */
const NUMBER_MAX = 2n ** 63n - 1n;
export const storableNumber = (number: bigint): bigint | null => (number <= NUMBER_MAX ? number : null);

/** Null: nobody's that is known here and still there. Who deletes themselves waits until it is decided. */
export async function ownerOf(
  tx: Executor,
  { body, sender }: { body: DepositBody; sender: string },
): Promise<Owner | null> {
  if (body.kind === "typed") {
    const number = storableNumber(body.number);
    const person = number === null ? null : await numbered(tx, depositNumbers.number, number);
    if (person !== null) return { person, how: "number" };
  }
  if (body.kind === "comment") {
    const memo = readMemo(body.text);
    const person = memo === null ? null : await numbered(tx, depositNumbers.memo, memo);
    if (person !== null) return { person, how: "memo" };
  }
  const person = await boundTo(tx, sender);
  return person === null ? null : { person, how: "wallet" };
}

async function numbered(tx: Executor, column: PgColumn, value: bigint | string): Promise<string | null> {
  const [found] = await tx
    .select({ person: people.id })
    .from(depositNumbers)
    .innerJoin(people, eq(people.id, depositNumbers.person))
    .where(eq(column, value))
    .for("key share", { of: people });
  return found?.person ?? null;
}

/** Whose wallet this is; null: nobody's. */
export async function boundTo(tx: Executor, address: string): Promise<string | null> {
  const [found] = await tx
    .select({ person: people.id })
    .from(wallets)
    .innerJoin(people, eq(people.id, wallets.person))
    .where(and(eq(wallets.address, address), eq(wallets.state, "bound")))
    .for("key share", { of: people });
  return found?.person ?? null;
}
