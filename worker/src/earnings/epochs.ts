/**
 * Closed epochs as pools publish them, and their leaf files, checked by their hash. Each pool has a folder of its own in the
 * worker's home, so that none can push out another's files.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { EpochView } from "@starai/protocol/contributor";
import { readLeafFile } from "@starai/contracts/offchain/leaf-file";
import type { LeafFile } from "@starai/contracts/offchain/leaf-file";
import { z } from "zod";
import { askPool, getFrom } from "../ask-pool.ts";
import { DRAFT, draftOf } from "../replace-file.ts";

/** The pool shows so many. */
const EPOCHS_MAX = 50;
/** The current, the pending and the one before: more is of no use to anybody, as leaves are cumulative. */
const FILES_KEPT = 3;
/** A file of four million leaves. */
const FILE_BYTES_MAX = 400 * 1024 * 1024;
const KEY_BYTES = 32;
const FILE_MS = 10 * 60_000;
const NUMBER_MAX = 2 ** 31 - 1;
const FILE_NAME = /^epoch-(\d{1,10})-([0-9a-f]{64})\.txt$/;

const Epoch = EpochView.extend({ number: z.int().min(1).max(NUMBER_MAX) });

/** The newest first. @throws Error with a sentence where the pool does not tell. */
export async function listEpochs(base: string, signal?: AbortSignal): Promise<EpochView[]> {
  return await askPool(`${base}/epochs`, z.array(Epoch).max(EPOCHS_MAX), signal);
}

/** The path of the epoch's file, downloaded where it is not here yet. @throws when it is not the file that was announced. */
export async function epochFile(home: string, base: string, { number, dataHash }: EpochView): Promise<string> {
  const folder = folderOf(home, base);
  const path = join(folder, `epoch-${number}-${dataHash}.txt`);
  if ((await stat(path).catch(() => null)) && (await hashOf(path)) === dataHash) {
    // Those that were used last are kept.
    await utimes(path, new Date(), new Date());
    return path;
  }
  await mkdir(folder, { recursive: true });
  const draft = draftOf(path);
  try {
    const hash = await download(`${base}/epochs/${number}`, draft);
    if (hash !== dataHash)
      throw new Error(
        `the file of epoch ${number} has another hash than the pool says: get it from somebody else, and tell the operator`,
      );
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  await dropOld(folder);
  return path;
}

/** The files of this pool that are here and are what was once announced, the newest epoch first. For when the pool is gone. */
export async function filesHere(home: string, base: string): Promise<string[]> {
  const folder = folderOf(home, base);
  const names = (await readdir(folder).catch(() => [])).filter((name) => FILE_NAME.test(name));
  const whole: string[] = [];
  for (const name of names.sort((one, other) => numberOf(other) - numberOf(one))) {
    const path = join(folder, name);
    if ((await hashOf(path)) === FILE_NAME.exec(name)?.[2]) whole.push(path);
  }
  return whole;
}

export async function readEpochFile(path: string): Promise<LeafFile> {
  return await readLeafFile(createReadStream(path));
}

/** What the file says that this owner ever earned, nano units. @param wallet  raw address. @throws for any other text. */
export function leafOf({ leaves: { keys, amounts } }: LeafFile, wallet: string): bigint {
  const key = Buffer.from(wallet.slice(wallet.indexOf(":") + 1), "hex");
  if (key.length !== KEY_BYTES) throw new Error(`${wallet.slice(0, 80)} is not a raw address`);
  const all = Buffer.from(keys.buffer, keys.byteOffset, keys.byteLength);
  let [low, high] = [0, amounts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all.compare(key, 0, 32, middle * 32, middle * 32 + 32) < 0) low = middle + 1;
    else high = middle;
  }
  return low < amounts.length && key.equals(all.subarray(low * 32, low * 32 + 32)) ? (amounts[low] ?? 0n) : 0n;
}

async function download(url: string, path: string): Promise<string> {
  const response = await getFrom(url, FILE_MS);
  const hash = createHash("sha256");
  let bytes = 0;
  await using file = await open(path, "w");
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > FILE_BYTES_MAX) throw new Error(`${url} is larger than any leaf file`);
    hash.update(chunk);
    await file.write(chunk);
  }
  return hash.digest("hex");
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Drops all but the files that were used last, and drafts that nobody writes any more. */
async function dropOld(folder: string): Promise<void> {
  const found = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: 0 }));
      return { name, mtimeMs, isDraft: name.endsWith(DRAFT) && Date.now() - mtimeMs < FILE_MS };
    }),
  );
  const files = found.filter(({ name }) => FILE_NAME.test(name)).sort((one, other) => other.mtimeMs - one.mtimeMs);
  const kept = new Set(files.slice(0, FILES_KEPT));
  for (const one of found)
    if (!kept.has(one) && !one.isDraft) await rm(join(folder, one.name), { recursive: true, force: true });
}

function folderOf(home: string, base: string): string {
  return join(home, "epochs", createHash("sha256").update(base).digest("hex").slice(0, 16));
}

const numberOf = (name: string): number => Number(FILE_NAME.exec(name)?.[1] ?? 0);
