/**
 * The keys that pools sign credit notes with, as this machine first saw them, by the address that showed them. Another pool
 * may take an address. A key that is shown beside one that this address had is the same pool's; a pool that moves brings its
 * keys along, and the record of its old address stays as it was.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ReceiptKey } from "@starai/protocol/receipts";
import { z } from "zod";
import { askPool } from "../ask-pool.ts";
import { replaceFile } from "../replace-file.ts";

/** A key's id is the beginning of its public key. */
const ID_CHARS = 16;
/** Pools and keys kept; a pool changes its key once a year or so. */
const POOLS_MAX = 50;
const KEYS_MAX = 100;

const PublicKey = z.string().regex(/^[\w-]{43}$/);
const KnownPool = z.object({ base: z.string(), seenAt: z.iso.datetime(), keys: z.record(z.string(), PublicKey) });
export type KnownPool = z.infer<typeof KnownPool>;
const Published = z.object({ keys: z.array(ReceiptKey).max(KEYS_MAX) });

export type Meeting =
  | { kind: "known"; pool: KnownPool }
  /** `replaces`: at this address was a pool with other keys before. */
  | { kind: "new"; pool: KnownPool; replaces: boolean };

export class PoolKeys {
  readonly #path: string;
  #pools: KnownPool[] = [];

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws Error when the file is damaged: whoever replaced it could replace the keys. */
  static async open(home: string): Promise<PoolKeys> {
    const keys = new PoolKeys(join(home, "pool-keys.json"));
    keys.#pools = await keys.#read();
    return keys;
  }

  /** Asks the pool for its keys and keeps what is new. @throws when it cannot be asked, or a known key has changed. */
  async meet(base: string, signal?: AbortSignal): Promise<Meeting> {
    const shown = keysOf((await askPool(`${base}/api/receipt-keys`, Published, signal)).keys);
    const sharing = this.#pools.filter(({ keys }) => Object.keys(shown).some((id) => keys[id] !== undefined));
    const forged = Object.keys(shown).find((id) =>
      sharing.some(({ keys }) => keys[id] !== undefined && keys[id] !== shown[id]),
    );
    if (forged !== undefined)
      throw new Error(`the pool at ${base} shows another key under the id ${forged} than before: ask its operator why`);
    // What another address shows beside a known key is not that pool's: anybody can show a key that is published.
    const known = sharing.findLast((pool) => pool.base === base);
    const replaces = sharing.length === 0 && this.#pools.some((pool) => pool.base === base);
    const keys = Object.fromEntries(Object.entries({ ...known?.keys, ...shown }).slice(-KEYS_MAX));
    const pool: KnownPool = { base, seenAt: known?.seenAt ?? new Date().toISOString(), keys };
    this.#pools = [...this.#pools.filter((one) => one !== known), pool].slice(-POOLS_MAX);
    if (JSON.stringify(pool) !== JSON.stringify(known)) await this.#write();
    return sharing.length > 0 ? { kind: "known", pool } : { kind: "new", pool, replaces };
  }

  /** The pool last seen at this address; null: none was. */
  at(base: string): KnownPool | null {
    return this.#pools.findLast((pool) => pool.base === base) ?? null;
  }

  async #read(): Promise<KnownPool[]> {
    const text = await readFile(this.#path, "utf8").catch(() => null);
    if (text === null) return [];
    try {
      return z.array(KnownPool).parse(JSON.parse(text));
    } catch (error) {
      throw new Error(`${this.#path} is damaged: move it away, and the pool's keys are asked for again`, {
        cause: error,
      });
    }
  }

  async #write(): Promise<void> {
    await replaceFile(this.#path, JSON.stringify(this.#pools, null, 2));
  }
}

/** Leaves out what is no key, or stands under an id that is not its own. */
function keysOf(shown: readonly ReceiptKey[]): Record<string, string> {
  const good = shown.filter(
    ({ id, publicKey }) => PublicKey.safeParse(publicKey).success && publicKey.slice(0, ID_CHARS) === id,
  );
  return Object.fromEntries(good.map(({ id, publicKey }) => [id, publicKey]));
}
