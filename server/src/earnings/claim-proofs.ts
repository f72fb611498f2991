/** Proofs of the distributor's current root, out of our own file of it. One tree is kept in memory: the current one. */
import { desc, eq } from "drizzle-orm";
import type { ChainContext } from "../chain/context.ts";
import { epochs } from "../db/schema.ts";
import { readEpochFile } from "./epoch-file.ts";
import { openEpochTree } from "./epoch-tree.ts";
import type { EpochTree } from "./epoch-tree.ts";
import type { SeenDistributor } from "./distributor.ts";

interface Kept {
  readonly epoch: number;
  readonly tree: Promise<EpochTree>;
}

export class ClaimProofs {
  readonly #db: ChainContext["db"];
  #kept: Kept | null = null;

  constructor({ db }: Pick<ChainContext, "db">) {
    this.#db = db;
  }

  /** The tree of the root that the distributor pays by, with the epoch's number; null: it is none of ours. */
  async current({ root }: Pick<SeenDistributor, "root">): Promise<{ epoch: number; tree: EpochTree } | null> {
    const bytes = Buffer.from(root.toString(16).padStart(64, "0"), "hex");
    const [row] = await this.#db
      .select({ number: epochs.number, leaves: epochs.leaves })
      .from(epochs)
      .where(eq(epochs.root, bytes))
      .orderBy(desc(epochs.number))
      .limit(1);
    if (row === undefined) return null;
    const kept = this.#kept?.epoch === row.number ? this.#kept : await this.#keep(row);
    return { epoch: row.number, tree: await kept.tree };
  }

  /** In place of the one before, whose proofs are of no use any more. */
  async #keep({ number, leaves }: { number: number; leaves: number }): Promise<Kept> {
    const old = this.#kept;
    const kept = { epoch: number, tree: openEpochTree(readEpochFile(this.#db, number), leaves) };
    this.#kept = kept;
    // What could not be read is read again by who asks next.
    kept.tree.catch(() => {
      if (this.#kept === kept) this.#kept = null;
    });
    await old?.tree.then((tree) => tree[Symbol.asyncDispose]()).catch(() => undefined);
    return kept;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const kept = this.#kept;
    this.#kept = null;
    await kept?.tree.then((tree) => tree[Symbol.asyncDispose]()).catch(() => undefined);
  }
}
