/** One change of somebody's wallet or withdrawals at a time, and none for somebody who is gone. */
import { eq } from "drizzle-orm";
import type { Database } from "../db/executor.ts";
import { people } from "../db/schema.ts";
import { Refusal } from "../errors.ts";

/** Until the transaction ends. @throws Refusal `signed_out` */
export async function lockPerson(tx: Database, person: string): Promise<void> {
  const rows = await tx.select({ id: people.id }).from(people).where(eq(people.id, person)).for("no key update");
  if (rows.length === 0) throw new Refusal("signed_out", "You are signed out: open the app again from the chat.");
}
