/**
 * What this machine knows of each pool's roots over restarts: the distributors that its files ever named, the files of its
 * roots, and the challenges that the owner's wallet paid for.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LeafFileHeader } from "@starai/contracts/offchain/leaf-file";
import { z } from "zod";
import { replaceFile } from "../replace-file.ts";

const POOLS_MAX = 20;
/** The first ones stay: a pool cannot push out the one that holds what was earned by naming others. */
const DISTRIBUTORS_MAX = 3;
/** A revocation goes back one root. */
const FILES_MAX = 8;
/** Those of proposals that are long over are dropped. */
const CHALLENGES_MAX = 50;
/** Tries whose outcome nobody saw, an hour apart: more are not paid, as after crashes. */
const TRIES_MAX = 24;

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Roots = z.object({
  distributors: z.array(z.object({ distributor: z.string().max(100), network: z.int() })),
  files: z.record(Hash, Hash),
  challenges: z.array(
    z.object({ proposal: z.string(), tries: z.int(), ended: z.enum(["done", "refused"]).nullable() }),
  ),
});
type Roots = z.infer<typeof Roots>;
const Kept = z.record(z.string(), Roots);

export type NamedDistributor = Pick<LeafFileHeader, "distributor" | "network">;

export class RootRecord {
  readonly #path: string;
  readonly #base: string;

  /** @param base  where the pool's API is */
  constructor(home: string, base: string) {
    this.#path = join(home, "roots.json");
    this.#base = base;
  }

  async read(): Promise<Roots> {
    return (await this.#all())[this.#base] ?? { distributors: [], files: {}, challenges: [] };
  }

  /** Remembers a distributor that the pool's files name. */
  async name({ distributor, network }: NamedDistributor): Promise<void> {
    const roots = await this.read();
    if (roots.distributors.some((one) => one.distributor === distributor && one.network === network)) return;
    const distributors = [...roots.distributors, { distributor, network }].slice(0, DISTRIBUTORS_MAX);
    await this.#write({ ...roots, distributors });
  }

  async addFiles(files: Roots["files"]): Promise<void> {
    const roots = await this.read();
    if (Object.entries(files).every(([root, hash]) => roots.files[root] === hash)) return;
    const all = Object.entries({ ...roots.files, ...files }).slice(-FILES_MAX);
    await this.#write({ ...roots, files: Object.fromEntries(all) });
  }

  /** As a guard of roots asks it. */
  async begin(proposal: string): Promise<string | null> {
    const { challenges } = await this.read();
    const { tries, ended } = challenges.find((one) => one.proposal === proposal) ?? { tries: 0, ended: null };
    if (ended === "refused") return "your wallet's challenge was refused, and is not paid for again";
    if (ended === "done") return "your wallet's challenge was taken already";
    if (tries >= TRIES_MAX) return `your wallet tried ${tries} times, and nobody saw an outcome`;
    await this.#put({ proposal, tries: tries + 1, ended: null });
    return null;
  }

  async end(proposal: string, how: "done" | "refused"): Promise<void> {
    const { challenges } = await this.read();
    const tries = challenges.find((one) => one.proposal === proposal)?.tries ?? 1;
    await this.#put({ proposal, tries, ended: how });
  }

  async #put(challenge: Roots["challenges"][number]): Promise<void> {
    const roots = await this.read();
    const others = roots.challenges.filter(({ proposal }) => proposal !== challenge.proposal);
    await this.#write({ ...roots, challenges: [...others, challenge].slice(-CHALLENGES_MAX) });
  }

  async #write(roots: Roots): Promise<void> {
    const { [this.#base]: _, ...others } = await this.#all();
    const all = Object.fromEntries([...Object.entries(others).slice(-POOLS_MAX + 1), [this.#base, roots]]);
    await replaceFile(this.#path, JSON.stringify(all, null, 2));
  }

  /** @throws Error when the file is damaged: what was paid for is not forgotten silently. */
  async #all(): Promise<z.infer<typeof Kept>> {
    const text = await readFile(this.#path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "{}";
      throw error;
    });
    try {
      return Kept.parse(JSON.parse(text));
    } catch (error) {
      throw new Error(`${this.#path} is damaged: move it away, and roots are looked at anew.`, { cause: error });
    }
  }
}
