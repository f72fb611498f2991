/**
 * Prefixes shared by many jobs, stored on disk as the engine's own state, so that neither a second slot nor the next
 * start of the worker has to read them again: loading a thousand tokens takes some hundredths of a second, reading
 * them on a CPU ten seconds and more.
 *
 * A stored prefix is two files: `<name>.state`, which the engine wrote, and `<name>.json`, written last, which records
 * its tokens and the state's sha256. The engine trusts a state file blindly, so a state is loaded only when its
 * hash matches the record; files with a wrong name, kind or hash are deleted.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LlamaContextSequence, Token } from "node-llama-cpp";
import { z } from "zod";
import { sha256OfFile } from "../../models/verify.ts";

/** Stored prefixes per model: one for each way the server begins its prompts, 10–100 MB each. */
const KEPT_MAX = 4;
/** Models whose prefixes are kept, so that trying many models does not fill the disk. */
const MODELS_KEPT_MAX = 8;
/** Loading a prefix, or waiting for one, costs about as much as reading this many tokens does on a fast machine. */
export const WORTH_TOKENS = 64;

const Note = z.strictObject({ kind: z.string(), tokens: z.array(z.int().nonnegative()).min(1), sha256: z.string() });

interface Kept {
  tokens: readonly Token[];
  sha256: string;
  /** This process has verified the file's hash. */
  proved: boolean;
}

export class PrefixStore {
  readonly #folder: string | null;
  /** Engine, file and cache type: a state made with any other must never be loaded. */
  readonly #kind: string;
  /** Stored prefixes by file name. */
  readonly #kept = new Map<string, Kept>();

  private constructor(folder: string | null, kind: string) {
    this.#folder = folder;
    this.#kind = kind;
  }

  /** Lists the prefixes that earlier processes stored; deletes those of another kind and incomplete ones. */
  static async open(folder: string | null, kind: string): Promise<PrefixStore> {
    const store = new PrefixStore(folder, kind);
    if (folder === null) return store;
    const files = await readdir(folder).catch(() => []);
    const names = new Set(files.map((file) => file.split(".")[0] ?? ""));
    for (const name of names) {
      const note = await readNote(join(folder, `${name}.json`));
      const own = note?.kind === kind && store.#nameOf(note.tokens as Token[]) === name;
      if (own) store.#kept.set(name, { tokens: note.tokens as Token[], sha256: note.sha256, proved: false });
    }
    const belonging = new Set([...store.#kept.keys()].flatMap((name) => [`${name}.state`, `${name}.json`]));
    const strays = files.filter((file) => !belonging.has(file));
    await Promise.all(strays.map((file) => rm(join(folder, file), { recursive: true, force: true })));
    return store;
  }

  /** Stores the state of `sequence`, which must hold exactly `tokens`. */
  async save(sequence: LlamaContextSequence, tokens: readonly Token[]): Promise<void> {
    if (this.#folder === null) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const name = this.#nameOf(tokens);
    const draft = `${this.#path(name)}.${process.pid}.draft`;
    try {
      const { fileSize } = await sequence.saveStateToFile(draft);
      // On a full disk the engine writes less than it reports.
      if ((await stat(draft)).size !== fileSize) throw new Error(`${draft} was written only in part`);
      const sha256 = await sha256OfFile(draft);
      await rename(draft, this.#path(name));
      const note: z.infer<typeof Note> = { kind: this.#kind, tokens: [...tokens], sha256 };
      await writeFile(draft, JSON.stringify(note));
      await rename(draft, this.#notePath(name));
      this.#kept.set(name, { tokens, sha256, proved: true });
    } finally {
      await rm(draft, { force: true });
    }
    await this.#dropOld();
  }

  /** Loads a stored state. Returns whether `sequence` now holds exactly `tokens`. */
  async recall(sequence: LlamaContextSequence, tokens: readonly Token[]): Promise<boolean> {
    const name = this.#nameOf(tokens);
    if (!(await this.#load(sequence, name))) return false;
    const now = new Date();
    await utimes(this.#notePath(name), now, now).catch(() => {});
    return true;
  }

  /** Loads the stored prefix that shares the most with `tokens`, if it shares more than `sequence` already does. */
  async improve(sequence: LlamaContextSequence, tokens: Token[]): Promise<void> {
    let best = { name: "", shared: sequence.compareContextTokens(tokens).firstDifferentIndex + WORTH_TOKENS };
    for (const [name, kept] of this.#kept) {
      const shared = sharedLength(kept.tokens, tokens);
      if (shared > best.shared) best = { name, shared };
    }
    if (best.name !== "") await this.#load(sequence, best.name);
  }

  async #load(sequence: LlamaContextSequence, name: string): Promise<boolean> {
    const kept = this.#kept.get(name);
    if (!kept) return false;
    try {
      if (!kept.proved && (await sha256OfFile(this.#path(name))) !== kept.sha256)
        throw new Error("the stored state does not match its hash");
      kept.proved = true;
      await sequence.loadStateFromFile(this.#path(name), { acceptRisk: true });
      return true;
    } catch {
      await this.#drop(name);
      await sequence.clearHistory();
      return false;
    }
  }

  #nameOf(tokens: readonly Token[]): string {
    return createHash("sha256").update(this.#kind).update(JSON.stringify(tokens)).digest("hex").slice(0, 32);
  }

  #path(name: string): string {
    return join(this.#folder ?? "", `${name}.state`);
  }

  #notePath(name: string): string {
    return join(this.#folder ?? "", `${name}.json`);
  }

  async #drop(name: string): Promise<void> {
    this.#kept.delete(name);
    await rm(this.#notePath(name), { force: true });
    await rm(this.#path(name), { force: true });
  }

  async #dropOld(): Promise<void> {
    const aged = await Promise.all(
      [...this.#kept.keys()].map(async (name) => ({
        name,
        at: (await stat(this.#notePath(name)).catch(() => null))?.mtimeMs ?? 0,
      })),
    );
    for (const { name } of aged.toSorted((a, b) => b.at - a.at).slice(KEPT_MAX)) await this.#drop(name);
  }
}

/** Deletes the prefixes of the least recently served models; `folder` has a subfolder per model. */
export async function dropOldModels(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0 })),
  );
  for (const { name } of aged.toSorted((a, b) => b.at - a.at).slice(MODELS_KEPT_MAX))
    await rm(join(folder, name), { recursive: true, force: true });
}

async function readNote(path: string): Promise<z.infer<typeof Note> | null> {
  try {
    return Note.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}

/** Length of the common prefix, in tokens. */
export function sharedLength(a: readonly Token[], b: readonly Token[]): number {
  const end = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < end && a[shared] === b[shared]) shared++;
  return shared;
}
