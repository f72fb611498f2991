/** A worker's credit notes as they are sent to it: in their one form, under the pool's signature. */
import type { Pool } from "pg";
import { CreditNote } from "@starai/protocol/credit-note";
import type { SignedNote } from "@starai/protocol/credit-note";
import type { ReceiptSigner } from "../receipts/receipt-signer.ts";

/** The last note of each asset that somebody has; 0: none. */
export interface NotesHad {
  readonly coin: number;
  readonly stars: number;
}

type NoteFacts = Omit<CreditNote, "version" | "server" | "worker">;

/** How many there are. */
export async function notesOf(pg: Pool, worker: string): Promise<NotesHad> {
  const { rows } = await pg.query<{ asset: keyof NotesHad; notes: number }>(
    "select asset, notes from credit_totals where worker = $1",
    [worker],
  );
  return { coin: 0, stars: 0, ...Object.fromEntries(rows.map(({ asset, notes }) => [asset, notes])) };
}

/** The notes that follow what it has, in the order of their numbers; of coins first. */
export async function notesAfter(
  pg: Pool,
  { worker, had, most }: { worker: string; had: NotesHad; most: number },
): Promise<NoteFacts[]> {
  const { rows } = await pg.query<Omit<NoteFacts, "at"> & { at: Date }>(
    `(${AFTER} and asset = 'coin' and number > $2 order by number limit $4)
     union all (${AFTER} and asset = 'stars' and number > $3 order by number limit $4)
     order by asset, number limit $4`,
    [worker, had.coin, had.stars, most],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

const AFTER = `select asset, number, job, amount::text, total::text, at from credit_notes where worker = $1`;

/** @param server  as the worker's connection was told in its challenge */
export function signNote(
  signer: ReceiptSigner,
  { worker, server, note }: { worker: string; server: string; note: NoteFacts },
): SignedNote {
  // The schema's parser puts the members into its own order: one text for each note.
  const text = JSON.stringify(CreditNote.parse({ version: 1, server, worker, ...note }));
  return { note: text, ...signer.sign(text) };
}
