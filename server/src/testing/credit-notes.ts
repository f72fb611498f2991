/** For tests: credit notes of what a test posted itself. */
import type { Pool } from "pg";
import { insertNotes } from "../billing/credit-notes.ts";

/** Each key is an effect, and the job that its workers got it for. */
export async function noteByHand(pg: Pool, keys: readonly string[]): Promise<void> {
  const client = await pg.connect();
  try {
    await insertNotes(
      client,
      keys.map((key) => ({ key, job: key })),
    );
  } finally {
    client.release();
  }
}
