/** Payloads that a wallet signs to prove whose it is. */
import { randomBytes } from "node:crypto";
import { and, desc, eq, gt, inArray, isNull, lte } from "drizzle-orm";
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import type { ChainContext } from "../chain/context.ts";
import { walletNonces } from "../db/schema.ts";
import { Refusal } from "../errors.ts";

/** Asked for within `nonceMs`, used or not. It bounds how often the chain is asked because of one person, too. */
const ASKED_MAX = 20;
/**
 * Of all who sign in by a wallet together. The oldest give way, so that nobody is kept out by somebody else's questions: to
 * push one out within half a minute takes 66 a second.
 */
const NOBODYS_MAX = 2_000;
const NONCE_BYTES = 32;

/**
 * @param person  null for somebody whom their wallet will name
 * @throws Refusal `not_configured` without a chain, `cap_reached` after too many
 */
export async function makeNonce(
  ctx: ChainContext,
  person: string | null,
): Promise<{ nonce: string; expiresAt: string }> {
  ctx.ton.get();
  const now = ctx.clock();
  await ctx.db.delete(walletNonces).where(and(isOf(person), lte(walletNonces.expiresAt, new Date(now))));
  await makeRoom(ctx, person);
  const nonce = randomBytes(NONCE_BYTES).toString("base64url");
  const expiresAt = new Date(now + CHAIN_TERMS.nonceMs);
  await ctx.db.insert(walletNonces).values({ nonce, person, expiresAt });
  return { nonce, expiresAt: expiresAt.toISOString() };
}

async function makeRoom({ db }: ChainContext, person: string | null): Promise<void> {
  if (person !== null) {
    if ((await db.$count(walletNonces, isOf(person))) >= ASKED_MAX)
      throw new Refusal(
        "cap_reached",
        "You connected a wallet many times just now. Nothing was changed: try again in a quarter of an hour.",
      );
    return;
  }
  const older = db
    .select({ nonce: walletNonces.nonce })
    .from(walletNonces)
    .where(isOf(null))
    .orderBy(desc(walletNonces.expiresAt))
    .offset(NOBODYS_MAX - 1);
  await db.delete(walletNonces).where(inArray(walletNonces.nonce, older));
}

interface Asked {
  readonly nonce: string;
  readonly person: string | null;
}

/**
 * Verifies a proof with this nonce, which is used up before: of two proofs with one nonce, one is looked at. Where the chain
 * could not be asked it is open again, for an outage is nobody's fault; how often may be tried is the caller's to bound.
 * @throws Refusal `conflict`, or what `verify` throws
 */
export async function withNonce<Verified>(
  ctx: ChainContext,
  asked: Asked,
  verify: () => Promise<Verified>,
): Promise<Verified> {
  await useNonce(ctx, asked);
  try {
    return await verify();
  } catch (error) {
    if (error instanceof Refusal && REOPENED.has(error.code))
      await ctx.db.update(walletNonces).set({ usedAt: null }).where(eq(walletNonces.nonce, asked.nonce));
    throw error;
  }
}

/** The chain did not answer, or was not asked because too many do. */
const REOPENED: ReadonlySet<string> = new Set(["interrupted", "queue_full"]);

async function useNonce(ctx: ChainContext, { nonce, person }: Asked): Promise<void> {
  const now = new Date(ctx.clock());
  const isOpen = [isNull(walletNonces.usedAt), gt(walletNonces.expiresAt, now)];
  const used = await ctx.db
    .update(walletNonces)
    .set({ usedAt: now })
    .where(and(eq(walletNonces.nonce, nonce), isOf(person), ...isOpen))
    .returning({ nonce: walletNonces.nonce });
  if (used.length === 0)
    throw new Refusal(
      "conflict",
      "This proof was used before, or was asked for too long ago. Nothing was changed: connect the wallet again.",
    );
}

function isOf(person: string | null) {
  return person === null ? isNull(walletNonces.person) : eq(walletNonces.person, person);
}
