/**
 * Keys of the OpenAI-compatible API. A key has 256 random bits, so storing and looking up its plain SHA-256 is safe:
 * guessing a key needs a preimage, and the time of a lookup reveals nothing about other keys.
 */
import { createHash, randomBytes } from "node:crypto";
import { and, desc, eq, isNull } from "drizzle-orm";
import type { Base } from "../base.ts";
import { apiKeys, people } from "../db/schema.ts";

const KEY_FORM = /^sk-starai-[A-Za-z0-9_-]{43}$/;
/** A key revoked elsewhere, by `npm run key`, is still accepted for at most this long. */
const REMEMBER_MS = 5_000;
/** Most keys in the cache. With more callers within 5 s, some requests cost one indexed lookup. */
const REMEMBERED_MAX = 1_000;

export interface ApiKey {
  id: string;
  name: string;
  /** The person its requests are billed to; null: the house's own key, whose requests cost nobody anything. */
  owner: string | null;
}

type Books = Pick<Base, "db">;

const FACTS = { id: apiKeys.id, name: apiKeys.name, owner: apiKeys.owner };

/** Generates a key. Its text is shown once and never again. */
export function newApiKey(): string {
  return `sk-starai-${randomBytes(32).toString("base64url")}`;
}

/** Creates a key of the house and stores its hash; only the return value contains the key. */
export async function createApiKey(ctx: Books, name: string): Promise<ApiKey & { key: string }> {
  const key = newApiKey();
  return { ...(await storeApiKey(ctx, { key, name })), key };
}

/** Stores the hash of a key made elsewhere by `newApiKey` (the sandbox keeps its own in the data folder). Idempotent. */
export async function storeApiKey({ db }: Books, { key, name }: { key: string; name: string }): Promise<ApiKey> {
  if (!KEY_FORM.test(key)) throw new Error("not an API key: make one with newApiKey()");
  const [row] = await db
    .insert(apiKeys)
    .values({ hash: hashOfKey(key), name })
    .onConflictDoUpdate({ target: apiKeys.hash, set: { name } })
    .returning(FACTS);
  if (row === undefined) throw new Error("the API key was not stored");
  return row;
}

/** Maximum keys listed, newest first; use SQL for more. */
const LISTED_MAX = 500;

export interface ListedKey extends ApiKey {
  createdAt: Date;
  /** The owner's Telegram id; null for a key of the house. */
  telegramId: number | null;
  /** Null while it is in use. */
  revokedAt: Date | null;
}

/** Lists keys and whether they were revoked, newest first. */
export async function listApiKeys({ db }: Books): Promise<ListedKey[]> {
  const { id, createdAt, revokedAt } = apiKeys;
  return db
    .select({ ...FACTS, createdAt, revokedAt, telegramId: people.telegramId })
    .from(apiKeys)
    .leftJoin(people, eq(people.id, apiKeys.owner))
    .orderBy(desc(createdAt), id)
    .limit(LISTED_MAX);
}

/** Revokes a key, whoever owns it. Returns false if no active key has this id. */
export async function revokeApiKey({ db }: Books, id: string): Promise<boolean> {
  const revoked = await db
    .update(apiKeys)
    .set({ revokedAt: new Date() })
    .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id });
  return revoked.length === 1;
}

/** Checks keys for one server, with a short cache of valid ones. */
export class ApiKeyCheck {
  readonly #ctx: Pick<Base, "db" | "monotonic">;
  readonly #remembered = new Map<string, { found: ApiKey; until: number }>();
  /** Rises with each `forget`: what was read before it is not remembered after it. */
  #forgotten = 0;

  constructor(ctx: Pick<Base, "db" | "monotonic">) {
    this.#ctx = ctx;
  }

  /** Returns the key's row, or null unless it is an active key. */
  async verify(key: string): Promise<ApiKey | null> {
    if (!KEY_FORM.test(key)) return null;
    const hash = hashOfKey(key);
    const known = this.#remembered.get(hash);
    if (known !== undefined && known.until > this.#ctx.monotonic()) return known.found;
    this.#remembered.delete(hash);
    const before = this.#forgotten;
    const [row] = await this.#ctx.db
      .select(FACTS)
      .from(apiKeys)
      .where(and(eq(apiKeys.hash, hash), isNull(apiKeys.revokedAt)));
    if (row === undefined) return null;
    if (before === this.#forgotten) this.#remember(hash, row);
    return row;
  }

  /** Called once a key was changed or ended, or a person with their keys: the next request reads its row again. */
  forget(which: { readonly id: string } | { readonly owner: string }): void {
    this.#forgotten++;
    for (const [hash, { found }] of this.#remembered) {
      const isIt = "id" in which ? found.id === which.id : found.owner === which.owner;
      if (isIt) this.#remembered.delete(hash);
    }
  }

  #remember(hash: string, found: ApiKey): void {
    this.#remembered.set(hash, { found, until: this.#ctx.monotonic() + REMEMBER_MS });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > REMEMBERED_MAX && oldest !== undefined) this.#remembered.delete(oldest);
  }
}

/** What is stored of a key. */
export function hashOfKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
