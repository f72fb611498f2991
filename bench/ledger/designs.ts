/** Other designs of the same move, on the same tables: one statement a move, and a SERIALIZABLE transaction. */
import { randomUUID } from "node:crypto";
import type { Client } from "pg";
import { DatabaseError } from "pg";

export interface Sides {
  readonly from: number;
  readonly to: number;
  readonly amount: bigint;
}

const PARAMS = Buffer.alloc(32);

/** Writes the posting, locks both accounts in the order of their ids and updates them; the CHECK refuses a poor one. */
const ONE_STATEMENT = `
  with posted as (
    insert into ledger_postings (key, leg, params, asset, debit, credit, amount, kind)
    values ($1, 0, $2, 'coin', $3, $4, $5, 'bench') on conflict do nothing returning debit, credit, amount
  ), locked as (
    select a.id from ledger_accounts a, posted p where a.id in (p.debit, p.credit) order by a.id for no key update of a
  )
  update ledger_accounts a set balance = a.balance + case when a.id = p.credit then p.amount else -p.amount end
  from posted p, locked l where a.id = l.id`;

export async function moveInOneStatement(client: Client, { from, to, amount }: Sides): Promise<void> {
  await client.query({ name: "move", text: ONE_STATEMENT, values: [randomUUID(), PARAMS, from, to, amount] });
}

/** Reads, decides and writes without a lock; PostgreSQL ends it where another one was in between. Returns its aborts. */
export async function moveSerializable(client: Client, sides: Sides): Promise<number> {
  for (let aborts = 0; ; aborts++) {
    try {
      await client.query("begin isolation level serializable");
      await readAndWrite(client, sides);
      await client.query("commit");
      return aborts;
    } catch (error) {
      await client.query("rollback");
      if (!(error instanceof DatabaseError && ["40001", "40P01"].includes(error.code ?? ""))) throw error;
    }
  }
}

async function readAndWrite(client: Client, { from, to, amount }: Sides): Promise<void> {
  const { rows } = await client.query<{ free: string }>({
    name: "free",
    text: "select balance - held as free from ledger_accounts where id = $1",
    values: [from],
  });
  if (BigInt(rows[0]!.free) < amount) throw new Error("the bench's payers have enough");
  await client.query({
    name: "move-read",
    text: `with posted as (
        insert into ledger_postings (key, leg, params, asset, debit, credit, amount, kind)
        values ($1, 0, $2, 'coin', $3, $4, $5, 'bench')
      )
      update ledger_accounts set balance = balance + case when id = $4 then $5::bigint else -$5::bigint end
      where id in ($3, $4)`,
    values: [randomUUID(), PARAMS, from, to, amount],
  });
}
