/** pgledger's own function for a transfer, in a database of its own, where its SQL is at hand. */
import { readFile } from "node:fs/promises";
import type { Client } from "pg";

export interface PgledgerAccounts {
  readonly payers: readonly string[];
  readonly payees: readonly string[];
}

/** @param files  its SQL files, in the order in which they are loaded */
export async function openPgledger(
  client: Client,
  { files, payers, payees }: { files: readonly string[]; payers: number; payees: number },
): Promise<PgledgerAccounts> {
  for (const file of files) await client.query(await readFile(file, "utf8"));
  const open = async (count: number, name: string): Promise<string[]> => {
    const { rows } = await client.query<{ id: string }>(
      `select (pgledger_create_account($1 || g, 'coin')).id from generate_series(1, $2) g`,
      [name, count],
    );
    return rows.map(({ id }) => id);
  };
  return { payers: await open(payers, "payer "), payees: await open(payees, "payee ") };
}

export async function transferByPgledger(client: Client, { from, to }: { from: string; to: string }): Promise<void> {
  await client.query({
    name: "transfer",
    text: "select pgledger_create_transfer($1, $2, $3)",
    values: [from, to, 1000],
  });
}
