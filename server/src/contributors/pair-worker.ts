/**
 * Whose machine it is. A code from the machine's own terminal says so, once. No money moves with it: what a machine
 * earned moves when an epoch is closed, so that who stole a code has nothing before the terminal told its owner.
 */
import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { PairingOffer } from "@starai/protocol/contributor";
import { workerOwner } from "../billing/bill.ts";
import type { ChainContext } from "../chain/context.ts";
import { lockPerson } from "../chain/lock-person.ts";
import type { Database, Executor } from "../db/executor.ts";
import { ledgerAccounts, pairingCodes, workerBindings, workers } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import type { ContributorContext } from "./context.ts";
import { hashOfCode } from "./pairing-codes.ts";
import { takeMachines } from "./past-owners.ts";

/** Of one person: their stake is divided by them, and their screen lists them all. */
const MACHINES_MAX = 100;

type Asked = Readonly<{ person: string; code: string }>;

/**
 * The machine that a code belongs to; the code stays good.
 * @throws Refusal `not_found` for a wrong code, `cap_reached` after five, `conflict` where the machine is somebody's
 */
export async function pairingOffer(ctx: ContributorContext, { person, code }: Asked): Promise<PairingOffer> {
  const { worker, isUsed } = await ctx.wrongCodes.tried(person, () => machineOf(ctx, ctx.db, code));
  if (isUsed) throw usedAlready();
  const owner = await ownerOf(ctx.db, worker);
  if (owner !== null) throw isSomebodys(owner === person);
  const [known] = await ctx.db.select({ name: workers.name }).from(workers).where(eq(workers.id, worker));
  return { worker, name: known?.name ?? worker.slice(0, 8), earned: String(await earnedBy(ctx.db, worker)) };
}

/**
 * The machine is the person's from now on, and the code is used up; said twice by the same person, it is said once.
 * @throws Refusal as `pairingOffer`, and `cap_reached` with a hundred machines
 */
export async function pairWorker(ctx: ContributorContext, { person, code }: Asked): Promise<void> {
  const { worker } = await ctx.wrongCodes.tried(person, () => machineOf(ctx, ctx.db, code));
  await ctx.db.transaction(async (tx) => {
    await lockPerson(tx, person);
    if (!(await useUp(tx, code, new Date(ctx.clock())))) {
      if ((await ownerOf(tx, worker)) === person) return;
      throw usedAlready();
    }
    await bind(ctx, tx, { worker, person });
    // Others that its terminal shows would say the same of a machine that is somebody's now.
    await tx.delete(pairingCodes).where(and(eq(pairingCodes.worker, worker), isNull(pairingCodes.usedAt)));
  });
}

/** Without a code, for who runs both the server and the machine. It changes nothing where that is so already. @throws Refusal as `pairWorker` */
export async function adoptWorker(
  ctx: Pick<ChainContext, "db" | "clock">,
  { worker, person }: { worker: string; person: string },
): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await lockPerson(tx, person);
    if ((await ownerOf(tx, worker)) !== person) await bind(ctx, tx, { worker, person });
  });
}

/** Takes one of the person's machines from them; it is nobody's then. @throws Refusal `not_found` */
export async function unpairWorker(
  ctx: Pick<ChainContext, "db">,
  { person, worker }: { person: string; worker: string },
): Promise<void> {
  const taken = await takeMachines(ctx.db, sql`worker = ${worker} and person = ${person}`);
  if (taken === 0)
    throw new Refusal("not_found", "This machine is not paired with you. Nothing was changed: look at the list again.");
}

/** The same by the machine's own key. Returns whether it was somebody's. */
export async function unpairByKey(ctx: Pick<ChainContext, "db">, worker: string): Promise<boolean> {
  return (await takeMachines(ctx.db, sql`worker = ${worker}`)) > 0;
}

/** @throws Refusal `not_found` for a code that no machine shows now */
async function machineOf(ctx: ChainContext, db: Executor, code: string): Promise<{ worker: string; isUsed: boolean }> {
  const [row] = await db
    .select()
    .from(pairingCodes)
    .where(eq(pairingCodes.hash, hashOfCode(code)));
  if (row === undefined || row.expiresAt.getTime() <= ctx.clock())
    throw new Refusal(
      "not_found",
      "No machine shows this code now: a code is good for ten minutes. Nothing was paired: ask the machine for a new one.",
    );
  return { worker: row.worker, isUsed: row.usedAt !== null };
}

/** Of two at one moment, one does. */
async function useUp(tx: Database, code: string, now: Date): Promise<boolean> {
  const used = await tx
    .update(pairingCodes)
    .set({ usedAt: now })
    .where(and(eq(pairingCodes.hash, hashOfCode(code)), isNull(pairingCodes.usedAt), gt(pairingCodes.expiresAt, now)))
    .returning({ worker: pairingCodes.worker });
  return used.length > 0;
}

function usedAlready(): Refusal {
  return new Refusal(
    "conflict",
    "This code was used already. If that was not you, give the worker on the machine its command `unpair` and ask it for a new code: nothing that it earned has moved.",
  );
}

/** Null: it is nobody's. */
export async function ownerOf(db: Executor, worker: string): Promise<string | null> {
  const [bound] = await db
    .select({ person: workerBindings.person })
    .from(workerBindings)
    .where(eq(workerBindings.worker, worker));
  return bound?.person ?? null;
}

async function bind(
  { clock }: Pick<ChainContext, "clock">,
  tx: Database,
  { worker, person }: { worker: string; person: string },
): Promise<void> {
  if ((await tx.$count(workerBindings, eq(workerBindings.person, person))) >= MACHINES_MAX)
    throw new Refusal("cap_reached", `You have ${MACHINES_MAX} machines. Nothing was paired: unpair one first.`);
  const facts = { person, pairedAt: new Date(clock()) };
  const bound = await tx
    .insert(workerBindings)
    .values({ worker, ...facts })
    .onConflictDoUpdate({ target: workerBindings.worker, set: facts, setWhere: isNull(workerBindings.person) })
    .returning({ worker: workerBindings.worker });
  if (bound.length > 0) return;
  throw isSomebodys((await ownerOf(tx, worker)) === person);
}

function isSomebodys(isOwn: boolean): Refusal {
  return new Refusal(
    "conflict",
    isOwn
      ? "This machine is yours already. Nothing was changed."
      : "This machine is paired with somebody. Nothing was changed: unpair it first, by the worker's command `unpair` on the machine or in that person's app.",
  );
}

/** What it earned in coins and has not been paid out: it comes with the machine. */
async function earnedBy(db: Executor, worker: string): Promise<bigint> {
  const [row] = await db
    .select({ balance: ledgerAccounts.balance })
    .from(ledgerAccounts)
    .where(
      and(
        eq(ledgerAccounts.asset, "coin"),
        eq(ledgerAccounts.kind, "earner"),
        eq(ledgerAccounts.owner, workerOwner(worker)),
      ),
    );
  return row?.balance ?? 0n;
}
