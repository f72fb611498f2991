/** Verifies that a model file matches the catalogue by its sha256, and stores the result beside the file. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";

export interface Expected {
  bytes: number;
  sha256: string;
}

/** Lower-case hex. Reads the whole file: about 1 s for each GB. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  return await sha256OfFiles([path], signal);
}

/** SHA-256 of the files' concatenation. */
export async function sha256OfFiles(paths: readonly string[], signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const options = { highWaterMark: 4 * 1024 ** 2, ...(signal ? { signal } : {}) };
  for (const path of paths) for await (const chunk of createReadStream(path, options)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/**
 * Whether the file at `path` is complete and correct. A verified file is not read again while its size and time
 * of change are those of the verification.
 */
export async function isVerified(path: string, expected: Expected, signal?: AbortSignal): Promise<boolean> {
  if (await isStamped(path, expected)) return true;
  const file = await stat(path).catch(() => null);
  if (!file || file.size !== expected.bytes) return false;
  if ((await sha256OfFile(path, signal)) !== expected.sha256) return false;
  await writeStamp(path, stampOf(expected, file));
  return true;
}

/** Whether it was verified before and is as it was then. Reads nothing of it. */
export async function isStamped(path: string, expected: Expected): Promise<boolean> {
  const file = await stat(path).catch(() => null);
  if (!file || file.size !== expected.bytes) return false;
  return (await readFile(stampPath(path), "utf8").catch(() => "")) === stampOf(expected, file);
}

/** Records that `path` was just verified, so that the next start need not read it. */
export async function markVerified(path: string, expected: Expected): Promise<void> {
  await writeStamp(path, stampOf(expected, await stat(path)));
}

/** Deletes the record, so that the next check reads the file again. */
export async function forgetVerified(path: string): Promise<void> {
  await rm(stampPath(path), { force: true }).catch(() => {});
}

export const stampPath = (path: string) => `${path}.verified`;

const stampOf = (expected: Expected, file: { size: number; mtimeMs: number }) =>
  `${expected.sha256} ${file.size} ${Math.floor(file.mtimeMs)}\n`;

/** A folder that cannot be written to (shared, read-only) only means hashing again next time. */
async function writeStamp(path: string, stamp: string): Promise<void> {
  await writeFile(stampPath(path), stamp).catch(() => {});
}
