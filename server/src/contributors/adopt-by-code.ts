/** A machine that joins with its owner's code is theirs at once. */
import { workers } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import type { ContributorContext } from "./context.ts";
import { MACHINES_MAX } from "./owner-codes.ts";
import { adoptWorker, ownerOf } from "./pair-worker.ts";

interface Joining {
  readonly worker: string;
  readonly name: string;
  readonly version: string;
  readonly code: string;
  /** Where it joins from. */
  readonly address: string;
}

/** Returns why it is not its owner's; null: it is. */
export async function adoptByCode(
  ctx: Pick<ContributorContext, "db" | "clock" | "ownerCodes">,
  { worker, name, version, code, address }: Joining,
): Promise<string | null> {
  const owner = await ownerOf(ctx.db, worker);
  const known = ctx.ownerCodes.find(code);
  // With each connection comes the same code, also when it is good no more.
  if (owner !== null) return known === undefined || known.person === owner ? null : SOMEBODYS;
  try {
    const { person, machines } = await ctx.ownerCodes.wrong.tried(address, async () => known ?? refuseUnknown());
    // It comes with every connection: unpairing would last until the next one.
    if (machines.has(worker)) return UNPAIRED;
    if (machines.size >= MACHINES_MAX)
      return `This owner code has brought ${MACHINES_MAX} machines, the most. This one is nobody's: start it with a new code.`;
    machines.add(worker);
    // Its owner is to be shown its name, also where it never had a lease.
    await ctx.db.insert(workers).values({ id: worker, name, version }).onConflictDoNothing();
    await adoptWorker(ctx, { worker, person }).catch((error: unknown) => {
      machines.delete(worker);
      throw error;
    });
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

const SOMEBODYS =
  "This machine is paired with somebody else than the owner code is of. Nothing was changed: unpair it first, by the worker's command `unpair` on the machine or in that person's app.";

const UNPAIRED =
  "This machine was unpaired since this owner code was used for it, so it is nobody's: start it with a new code, or pair it by the worker's command `pair`.";

function refuseUnknown(): never {
  throw new Refusal(
    "not_found",
    "This owner code is not good: it is older than a day, or the pool was restarted since. This machine is nobody's: start it with a new code, or pair it by the worker's command `pair`.",
  );
}
