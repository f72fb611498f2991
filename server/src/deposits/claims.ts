/** What somebody says an unmatched deposit is theirs by; an operator decides. */
import { and, eq } from "drizzle-orm";
import type { ChainContext } from "../chain/context.ts";
import { lockPerson } from "../chain/lock-person.ts";
import type { Executor } from "../db/executor.ts";
import { depositClaims, deposits } from "../db/schema.ts";
import { Refusal } from "../errors.ts";

/** An operator reads each. */
const OPEN_MAX = 5;
const HASH = /\b[0-9a-f]{64}\b/i;

/** @throws Refusal `cap_reached` for too many open claims */
export async function claimDeposit(ctx: ChainContext, person: string, words: string): Promise<void> {
  ctx.ton.get();
  await ctx.db.transaction(async (tx) => {
    await lockPerson(tx, person);
    const open = await tx
      .select({ words: depositClaims.words })
      .from(depositClaims)
      .where(and(eq(depositClaims.person, person), eq(depositClaims.state, "open")));
    // A button pressed twice is one claim.
    if (open.some((one) => one.words === words)) return;
    if (open.length >= OPEN_MAX)
      throw new Refusal(
        "cap_reached",
        "The operator has not looked at your earlier messages yet. Your money is safe where it is: wait for an answer.",
      );
    await tx.insert(depositClaims).values({ person, words, deposit: await namedDeposit(tx, words) });
  });
}

/** The unmatched deposit whose transaction they name. */
async function namedDeposit(tx: Executor, words: string): Promise<string | null> {
  const hash = HASH.exec(words)?.[0];
  if (hash === undefined) return null;
  const [found] = await tx
    .select({ id: deposits.id })
    .from(deposits)
    .where(and(eq(deposits.hash, Buffer.from(hash, "hex")), eq(deposits.state, "unmatched")));
  return found?.id ?? null;
}
