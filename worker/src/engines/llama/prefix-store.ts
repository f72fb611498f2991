/**
 * Prefixes many jobs share, kept on disk as the engine's own state, so that neither a second slot nor the next
 * start of the worker has to read them again: loading a thousand tokens takes some hundredths of a second, reading
 * them on a CPU ten seconds.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { LlamaContextSequence, Token } from "node-llama-cpp";

/** One for each way the server begins its prompts; they are 10–100 MB each. */
const KEPT_MAX = 4;
/** Loading a prefix, or waiting for one, costs about as much as reading this many tokens does on a fast machine. */
export const WORTH_TOKENS = 64;

export class PrefixStore {
  readonly #folder: string | null;
  /** What a state depends on beside its tokens: a state of another engine or cache type must never be loaded. */
  readonly #kind: string;
  /** Prefixes this process knows the tokens of, by file; the newest last. */
  readonly #known = new Map<string, readonly Token[]>();

  constructor(folder: string | null, kind: string) {
    this.#folder = folder;
    this.#kind = kind;
  }

  /** Keeps what `sequence` holds, which must be exactly `tokens`. */
  async save(sequence: LlamaContextSequence, tokens: readonly Token[]): Promise<void> {
    if (this.#folder === null) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#pathOf(tokens);
    const draft = `${path}.${process.pid}.draft`;
    await sequence.saveStateToFile(draft);
    await rename(draft, path);
    this.#remember(path, tokens);
    await this.#dropOld();
  }

  /** Takes up a state kept by an earlier process. Answers whether `sequence` now holds exactly `tokens`. */
  async recall(sequence: LlamaContextSequence, tokens: readonly Token[]): Promise<boolean> {
    if (this.#folder === null) return false;
    const path = this.#pathOf(tokens);
    if (!(await stat(path).catch(() => null))) return false;
    if (!(await this.#load(sequence, path))) return false;
    this.#remember(path, tokens);
    const now = new Date();
    await utimes(path, now, now).catch(() => {});
    return true;
  }

  /** Gives `sequence` the kept prefix that shares more with `tokens` than what it holds, where one does. */
  async improve(sequence: LlamaContextSequence, tokens: Token[]): Promise<void> {
    let best = { path: "", shared: sequence.compareContextTokens(tokens).firstDifferentIndex + WORTH_TOKENS };
    for (const [path, known] of this.#known) {
      const shared = sharedLength(known, tokens);
      if (shared > best.shared) best = { path, shared };
    }
    if (best.path !== "") await this.#load(sequence, best.path);
  }

  async #load(sequence: LlamaContextSequence, path: string): Promise<boolean> {
    try {
      // The file is this worker's own, whole (it was renamed into place), and named after engine, model and type.
      await sequence.loadStateFromFile(path, { acceptRisk: true });
      return true;
    } catch {
      this.#known.delete(path);
      await rm(path, { force: true });
      await sequence.clearHistory();
      return false;
    }
  }

  #pathOf(tokens: readonly Token[]): string {
    const name = createHash("sha256").update(this.#kind).update(JSON.stringify(tokens)).digest("hex").slice(0, 32);
    return join(this.#folder ?? "", `${name}.state`);
  }

  #remember(path: string, tokens: readonly Token[]): void {
    this.#known.delete(path);
    this.#known.set(path, tokens);
  }

  async #dropOld(): Promise<void> {
    const folder = this.#folder ?? "";
    const names = (await readdir(folder)).filter((name) => name.endsWith(".state"));
    const aged = await Promise.all(
      names.map(async (name) => ({ path: join(folder, name), at: (await stat(join(folder, name))).mtimeMs })),
    );
    for (const { path } of aged.toSorted((a, b) => b.at - a.at).slice(KEPT_MAX)) {
      this.#known.delete(path);
      await rm(path, { force: true });
    }
  }
}

/** How many tokens both begin with. */
export function sharedLength(a: readonly Token[], b: readonly Token[]): number {
  const end = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < end && a[shared] === b[shared]) shared++;
  return shared;
}
