/** A contributor's word to the operator, about a machine or a slash. The operator's page lists them. */
import { and, eq, isNull } from "drizzle-orm";
import type { z } from "zod";
import type { NewAppeal } from "@starai/protocol/contributor";
import type { Base } from "../base.ts";
import { lockPerson } from "../chain/lock-person.ts";
import { appeals, workerBindings } from "../db/schema.ts";
import { Refusal } from "../errors.ts";

/** As many as somebody reads; answered ones do not count. */
const OPEN_MAX = 10;

/** @throws Refusal `not_found` for somebody else's machine, `cap_reached` with too many open ones, `signed_out` */
export async function storeAppeal(
  { db }: Pick<Base, "db">,
  { person, worker, words }: z.infer<typeof NewAppeal> & { person: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    // Notes sent at one moment are counted one after the other.
    await lockPerson(tx, person);
    const open = await tx.$count(appeals, and(eq(appeals.person, person), isNull(appeals.answeredAt)));
    if (open >= OPEN_MAX)
      throw new Refusal(
        "cap_reached",
        "The operator has ten notes of yours to answer: wait for an answer to one of them.",
      );
    const theirs = and(eq(workerBindings.worker, worker ?? ""), eq(workerBindings.person, person));
    if (worker !== null && (await tx.$count(workerBindings, theirs)) === 0)
      throw new Refusal("not_found", "This machine is not yours: nothing was sent.");
    await tx.insert(appeals).values({ person, worker, words });
  });
}
