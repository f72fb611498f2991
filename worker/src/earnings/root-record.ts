/**
 * What this machine knows of each pool's roots over restarts: the distributors that its files ever named, the files of its
 * roots, and the challenges that the owner's wallet paid for.
 */
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LeafFileHeader } from "@starai/contracts/offchain/leaf-file";
import { z } from "zod";
import { withLock } from "../models/lock-file.ts";
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
type Challenge = Roots["challenges"][number];
const Kept = z.record(z.string(), Roots);
const NOTHING: Roots = { distributors: [], files: {}, challenges: [] };

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
    return (await this.#all())[this.#base] ?? NOTHING;
  }

  /** Remembers a distributor that the pool's files name. */
  async name({ distributor, network }: NamedDistributor): Promise<void> {
    await this.#change(({ distributors, ...roots }) =>
      distributors.some((one) => one.distributor === distributor && one.network === network)
        ? null
        : { ...roots, distributors: [...distributors, { distributor, network }].slice(0, DISTRIBUTORS_MAX) },
    );
  }

  async addFiles(files: Roots["files"]): Promise<void> {
    await this.#change((roots) =>
      Object.entries(files).every(([root, hash]) => roots.files[root] === hash)
        ? null
        : { ...roots, files: Object.fromEntries(Object.entries({ ...roots.files, ...files }).slice(-FILES_MAX)) },
    );
  }

  /** As a guard of roots asks it. */
  async begin(proposal: string): Promise<string | null> {
    let refusal: string | null = null;
    await this.#change((roots) => {
      const { tries, ended } = challengeOf(roots, proposal);
      refusal = whyNot({ tries, ended });
      return refusal === null ? withChallenge(roots, { proposal, tries: tries + 1, ended: null }) : null;
    });
    return refusal;
  }

  async end(proposal: string, how: "done" | "refused"): Promise<void> {
    await this.#change((roots) => {
      const { tries } = challengeOf(roots, proposal);
      return withChallenge(roots, { proposal, tries: Math.max(1, tries), ended: how });
    });
  }

  /**
   * Reads, changes and writes under a lock: a running worker and a command may be at it at once.
   * @param next  null: nothing is to be changed
   */
  async #change(next: (roots: Roots) => Roots | null): Promise<void> {
    // Most looks find nothing new, and leave no trace.
    if (next(await this.read()) === null) return;
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await withLock(`${this.#path}.lock`, {}, async () => {
      const { [this.#base]: before = NOTHING, ...others } = await this.#all();
      const roots = next(before);
      if (roots === null) return;
      const all = Object.fromEntries([...Object.entries(others).slice(-POOLS_MAX + 1), [this.#base, roots]]);
      await replaceFile(this.#path, JSON.stringify(all, null, 2));
    });
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

const challengeOf = ({ challenges }: Roots, proposal: string): Omit<Challenge, "proposal"> =>
  challenges.find((one) => one.proposal === proposal) ?? { tries: 0, ended: null };

function withChallenge(roots: Roots, challenge: Challenge): Roots {
  const others = roots.challenges.filter(({ proposal }) => proposal !== challenge.proposal);
  return { ...roots, challenges: [...others, challenge].slice(-CHALLENGES_MAX) };
}

/** Null: it is tried. */
function whyNot({ tries, ended }: Omit<Challenge, "proposal">): string | null {
  if (ended === "refused") return "your wallet's challenge was refused, and is not paid for again";
  if (ended === "done") return "your wallet's challenge was taken already";
  return tries >= TRIES_MAX ? `your wallet tried ${tries} times, and nobody saw an outcome` : null;
}
