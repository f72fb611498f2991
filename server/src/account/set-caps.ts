/** A person's own caps. An answer keeps those it began with; they count from the next one on. */
import type { Caps } from "@starai/protocol/money";
import { personOwner } from "../billing/bill.ts";
import type { MoneyContext } from "../billing/context.ts";
import { spendingCaps } from "../db/schema.ts";
import type { Payer } from "./person-of.ts";

/** @param caps  within the protocol's bounds */
export async function setCaps({ db, clock }: MoneyContext, { id }: Pick<Payer, "id">, caps: Caps): Promise<void> {
  const set = { answer: BigInt(caps.answer), day: BigInt(caps.day), updatedAt: new Date(clock()) };
  await db
    .insert(spendingCaps)
    .values({ owner: personOwner(id), ...set })
    .onConflictDoUpdate({ target: spendingCaps.owner, set });
}
