/** API keys as their owners manage them. Each verb may be repeated; what is asked of somebody else's key is not found. */
import { randomUUID } from "node:crypto";
import { and, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import { KEYS_MAX } from "@starai/protocol/money";
import type { OwnKey } from "@starai/protocol/money";
import type { Base } from "../base.ts";
import { ledgerKey } from "../billing/ledger-key.ts";
import type { Executor } from "../db/executor.ts";
import { apiKeys, people, spendDays, spendingCaps } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { hashOfKey, newApiKey } from "./api-keys.ts";
import type { GatewayContext } from "./context.ts";

type KeysContext = Pick<GatewayContext, "db" | "clock" | "settings" | "apiKeys">;

/** Revoked keys of one person that stay known, by which old requests have a name; older ones are deleted. */
const REVOKED_KEPT_MAX = 100;

export interface KeyChange {
  readonly name?: string | undefined;
  /** Micro-dollars a day. */
  readonly dayCap?: number | undefined;
}

export interface NewOwnKey {
  readonly name: string;
  /** Micro-dollars a day; the house's default without it. */
  readonly dayCap?: number | undefined;
  /** Chosen by who asks, for this request: asked again with the same one, no second key is made. */
  readonly id?: string | undefined;
}

/** Active keys, newest first. */
export async function listOwnKeys(ctx: KeysContext, owner: string): Promise<OwnKey[]> {
  const rows = await ctx.db
    .select({ id: apiKeys.id, name: apiKeys.name, createdAt: apiKeys.createdAt, dayCap: spendingCaps.day })
    .from(apiKeys)
    .leftJoin(spendingCaps, eq(spendingCaps.owner, sql`'key:' || ${apiKeys.id}`))
    .where(ownActive(owner))
    .orderBy(desc(apiKeys.createdAt), apiKeys.id);
  const { caps } = await ctx.settings.now();
  const spent = await spentToday(
    ctx,
    rows.map(({ id }) => id),
  );
  return rows.map(({ id, name, createdAt, dayCap }) => ({
    id,
    name,
    createdAt: createdAt.toISOString(),
    dayCap: Number(dayCap ?? caps.keyDayMicroUsd),
    spentToday: {
      stars: String(spent.get(`stars ${spendOwner(id)}`) ?? 0n),
      coin: String(spent.get(`coin ${spendOwner(id)}`) ?? 0n),
    },
  }));
}

/**
 * The key itself is in the answer and nowhere else.
 * @throws Refusal `conflict` above KEYS_MAX, and about `id` for a request that made its key already; `not_found`
 */
export async function makeOwnKey(ctx: KeysContext, owner: string, asked: NewOwnKey): Promise<OwnKey & { key: string }> {
  const { id, key } = await storeOwnKey(ctx, owner, asked);
  return { ...(await readOwnKey(ctx, owner, id)), key };
}

/** What `makeOwnKey` writes, for who has the database alone. */
export async function storeOwnKey(
  { db }: Pick<Base, "db">,
  owner: string,
  { name, dayCap, id: request = randomUUID() }: NewOwnKey,
): Promise<{ id: string; key: string }> {
  // Of the owner too: nobody can take the ids of others.
  const id = ledgerKey("api key", owner, request);
  const key = newApiKey();
  await db.transaction(async (tx) => {
    await lockPerson(tx, owner);
    await refuseSecond(tx, id);
    if ((await tx.$count(apiKeys, ownActive(owner))) >= KEYS_MAX) throw tooManyKeys();
    await tx.insert(apiKeys).values({ id, hash: hashOfKey(key), name, owner });
    if (dayCap !== undefined) await storeCap(tx, id, dayCap);
    await forgetOldest(tx, owner);
  });
  return { id, key };
}

/** Requests under way end under the cap they began with. @throws Refusal `not_found` */
export async function changeOwnKey(ctx: KeysContext, owner: string, id: string, change: KeyChange): Promise<OwnKey> {
  await ctx.db.transaction(async (tx) => {
    const [row] = await tx
      .select({ name: apiKeys.name })
      .from(apiKeys)
      .where(and(eq(apiKeys.id, id), ownActive(owner)))
      .for("update");
    if (row === undefined) throw noSuchKey();
    if (change.name !== undefined) await tx.update(apiKeys).set({ name: change.name }).where(eq(apiKeys.id, id));
    if (change.dayCap !== undefined) await storeCap(tx, id, change.dayCap);
  });
  ctx.apiKeys.forget({ id });
  return readOwnKey(ctx, owner, id);
}

/**
 * Ends a key: this server refuses its next request. Requests that it was accepted for go on to their end and are billed.
 * A key already revoked stays so. @throws Refusal `not_found`
 */
export async function revokeOwnKey(
  ctx: Pick<GatewayContext, "db" | "apiKeys">,
  owner: string,
  id: string,
): Promise<void> {
  const theirs = and(eq(apiKeys.id, id), eq(apiKeys.owner, owner));
  const revoked = await ctx.db
    .update(apiKeys)
    .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, now())` })
    .where(theirs)
    .returning({ id: apiKeys.id });
  if (revoked.length === 0) throw noSuchKey();
  ctx.apiKeys.forget({ id });
}

/** Whose day's cap a key has, in `spending_caps` and `spend_days`. */
export function spendOwner(id: string): string {
  return `key:${id}`;
}

export function noSuchKey(): Refusal {
  return new Refusal("not_found", "You have no such API key: it was revoked, or never yours.", { param: "id" });
}

async function readOwnKey(ctx: KeysContext, owner: string, id: string): Promise<OwnKey> {
  const key = (await listOwnKeys(ctx, owner)).find((one) => one.id === id);
  if (key === undefined) throw noSuchKey();
  return key;
}

function ownActive(owner: string) {
  return and(eq(apiKeys.owner, owner), isNull(apiKeys.revokedAt));
}

async function spentToday(ctx: Pick<KeysContext, "db" | "clock">, ids: readonly string[]) {
  const day = new Date(ctx.clock()).toISOString().slice(0, 10);
  const rows = await ctx.db
    .select({ owner: spendDays.owner, asset: spendDays.asset, spent: spendDays.spent })
    .from(spendDays)
    .where(and(inArray(spendDays.owner, ids.map(spendOwner)), eq(spendDays.day, day)));
  return new Map(rows.map(({ owner, asset, spent }) => [`${asset} ${owner}`, spent]));
}

/** One person's keys are made one after another, so that none passes the count. */
async function lockPerson(tx: Executor, owner: string): Promise<void> {
  const [person] = await tx.select({ id: people.id }).from(people).where(eq(people.id, owner)).for("no key update");
  if (person === undefined) throw new Refusal("not_found", "There is no such person here any more; no key was made.");
}

/** Its text was shown then, and nobody has it any more. */
async function refuseSecond(tx: Executor, id: string): Promise<void> {
  if ((await tx.$count(apiKeys, eq(apiKeys.id, id))) === 0) return;
  const message =
    "This key was made already and shown then, the only time; if you do not have it, revoke it and make another one.";
  throw new Refusal("conflict", message, { param: "id" });
}

function tooManyKeys(): Refusal {
  return new Refusal("conflict", `You have ${KEYS_MAX} API keys, which is the most; revoke one that you do not use.`);
}

async function storeCap(tx: Executor, id: string, dayCap: number): Promise<void> {
  const day = BigInt(dayCap);
  await tx
    .insert(spendingCaps)
    .values({ owner: spendOwner(id), day })
    .onConflictDoUpdate({ target: spendingCaps.owner, set: { day, updatedAt: sql`now()` } });
}

async function forgetOldest(tx: Executor, owner: string): Promise<void> {
  await tx.execute(sql`
    with old as (
      delete from ${apiKeys} where id in (
        select id from ${apiKeys} where owner = ${owner} and revoked_at is not null
        order by revoked_at desc, id offset ${REVOKED_KEPT_MAX})
      returning id
    )
    delete from ${spendingCaps} where owner in (select 'key:' || id from old)`);
}
