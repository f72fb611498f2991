/** Writing a whole file so that a reader, or the next start after a crash, sees either the old text or the new one. */
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** How the name of an unfinished file ends. */
export const DRAFT = ".tmp";

/** A name for an unfinished file beside `path` that no other call uses, in this process or in another. */
export const draftOf = (path: string): string => `${path}.${randomUUID()}${DRAFT}`;

/** Replaces what is at `path`, and makes its folder, both readable by their owner only. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = draftOf(path);
  try {
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
