/** Codes that a machine's terminal shows. They are kept as hashes: who reads the database cannot pair with them. */
import { createHash, randomInt } from "node:crypto";
import { and, eq, gt, isNull, lte, sql } from "drizzle-orm";
import { EARNING_TERMS } from "@starai/protocol/contributor";
import type { ChainContext } from "../chain/context.ts";
import type { Executor } from "../db/executor.ts";
import { pairingCodes } from "../db/schema.ts";
import { Refusal } from "../errors.ts";

/** Crockford's: without I, L, O and U, which people mistake for others. */
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 8;
/** A person asks for a second code when the first scrolled away, not for ten. */
const LIVE_MAX = 3;
const EVERY_MS = 10_000;
/** Of all machines together. Sockets are bounded by address (pool/door.ts); this bounds what fresh keys write. */
const ALL_LIVE_MAX = 10_000;

export interface MadeCode {
  readonly code: string;
  readonly expiresAt: Date;
}

/**
 * A new code for a machine. What it is asked to show is enough to say whose the machine is, so it goes to nobody else.
 * @throws Refusal `cap_reached` within ten seconds of the last one, or while three can still be used
 */
export async function makePairingCode(ctx: ChainContext, worker: string): Promise<MadeCode> {
  const now = new Date(ctx.clock());
  const expiresAt = new Date(now.getTime() + EARNING_TERMS.pairingMs);
  const code = newCode();
  await ctx.db.transaction(async (tx) => {
    // One code of a machine at a time, over however many sockets it asks.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`pairing ${worker}`}, 0))`);
    await tx.delete(pairingCodes).where(and(eq(pairingCodes.worker, worker), lte(pairingCodes.expiresAt, now)));
    await refuseTooMany(tx, worker, now);
    await tx.insert(pairingCodes).values({ hash: hashOfCode(code), worker, createdAt: now, expiresAt });
  });
  return { code: `${code.slice(0, 4)}-${code.slice(4)}`, expiresAt };
}

async function refuseTooMany(tx: Executor, worker: string, now: Date): Promise<void> {
  const rows = await tx
    .select({ createdAt: pairingCodes.createdAt })
    .from(pairingCodes)
    .where(and(eq(pairingCodes.worker, worker), isNull(pairingCodes.usedAt)));
  if (rows.some(({ createdAt }) => now.getTime() - createdAt.getTime() < EVERY_MS))
    throw new Refusal(
      "cap_reached",
      "A pairing code was made a moment ago: use that one, or ask again in ten seconds.",
    );
  if (rows.length >= LIVE_MAX)
    throw new Refusal(
      "cap_reached",
      "Three pairing codes of this machine can still be used: use one of them, or ask again in ten minutes.",
    );
  const live = and(isNull(pairingCodes.usedAt), gt(pairingCodes.expiresAt, now));
  if ((await tx.$count(pairingCodes, live)) >= ALL_LIVE_MAX)
    throw new Refusal("cap_reached", "Too many machines are being paired just now: ask again in ten minutes.");
}

/** Deletes codes that nobody can use any more. */
export async function forgetPairingCodes({ db }: Pick<ChainContext, "db">, olderThan: Date): Promise<void> {
  await db.delete(pairingCodes).where(lte(pairingCodes.expiresAt, olderThan));
}

/** @param code  as PairingCode reads it: without a dash */
export function hashOfCode(code: string): string {
  return createHash("sha256").update(`starai/pairing/v1 ${code}`).digest("hex");
}

function newCode(): string {
  return Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
}
