/** What a watch knows of before, kept in a file: a restart says nothing twice, and verifies no root twice. */
import { readFile, rename, writeFile } from "node:fs/promises";
import type { Said } from "./fact.ts";

export interface Memory {
  said: Said;
  /** Hash of the leaf file of each root that was pending once, by root, both hex: after a revocation the chain forgets it. */
  files: Readonly<Record<string, string>>;
}

/** Roots remembered at most, of all distributors together; a revocation goes back one root. */
const FILES_MAX = 40;
const EMPTY: Memory = { said: {}, files: {} };

/** @throws when the file is damaged. A file that is not there is an empty memory. */
export async function readMemory(file: string): Promise<Memory> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return EMPTY;
  try {
    const { said, files } = JSON.parse(text) as Partial<Record<keyof Memory, unknown>>;
    return { said: textsOf(said), files: textsOf(files) };
  } catch (error) {
    throw new Error(`${file} is damaged: move it away, and what is known will be said again.`, { cause: error });
  }
}

/** What was said of these names; a name is the first word of a key. Forgets the rest, which is not watched any more. */
export function saidOf(said: Said, names: ReadonlySet<string>): Said {
  return Object.fromEntries(Object.entries(said).filter(([key]) => names.has(key.split(" ")[0]!)));
}

/** Adds what was learned and forgets the oldest roots. */
export function withFiles(files: Memory["files"], more: Memory["files"]): Memory["files"] {
  return Object.fromEntries(Object.entries({ ...files, ...more }).slice(-FILES_MAX));
}

/** Written to a temporary file and renamed, so that a kill leaves either the old memory or the new one. */
export async function writeMemory(file: string, memory: Memory): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(memory, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("not an object");
  const entries = Object.entries(value as Record<string, unknown>);
  if (!entries.every(([, text]) => typeof text === "string")) throw new Error("not texts");
  return Object.fromEntries(entries) as Record<string, string>;
}
