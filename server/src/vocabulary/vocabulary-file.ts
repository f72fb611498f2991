/** The vocabulary-only file of a model: a few MB instead of the whole weights, kept beside the model files. */
import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { fetch } from "undici";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { HEADER_BYTES_MAX, cutVocabulary, readHeader } from "./gguf-header.ts";

/** A machine behind a package mirror cannot reach the hub; it should not wait long to learn that. */
const CONNECT_TIMEOUT_MS = 5_000;
const DOWNLOAD_TIMEOUT_MS = 60_000;
/** The header is parsed after this many bytes, so that a small one needs no large read. */
const TRY_AT_BYTES = [1, 4, 8, 16, 24].map((mib) => mib * 1024 * 1024);

/**
 * Path of the model's vocabulary file, made when it is not there: cut from the local model file, else from the
 * first bytes at its hub source.
 * @throws {Error} naming everything that was tried when no source has it.
 */
export async function vocabularyFile(model: CatalogueModel, modelsFolder: string): Promise<string> {
  const file = pathOf(model, modelsFolder);
  if (await isThere(file)) return file;
  const header = await readAnyHeader(model, modelsFolder);
  await writeWhole(file, header);
  return file;
}

/** Whether the vocabulary file is on this machine already. */
export function hasVocabularyFile(model: CatalogueModel, modelsFolder: string): Promise<boolean> {
  return isThere(pathOf(model, modelsFolder));
}

function pathOf(model: CatalogueModel, modelsFolder: string): string {
  return path.join(modelsFolder, "vocabulary", `${model.sha256}.gguf`);
}

async function readAnyHeader(model: CatalogueModel, modelsFolder: string): Promise<Buffer> {
  const tried: string[] = [];
  const local = path.join(modelsFolder, model.file);
  try {
    return await headerOf(localChunks(local, model.bytes));
  } catch (error) {
    tried.push(`${local}: ${messageOf(error)}`);
  }
  for (const source of model.sources) {
    if (source.kind !== "hub") continue;
    try {
      return await headerOf(hubChunks(source.url));
    } catch (error) {
      tried.push(`${source.url}: ${messageOf(error)}`);
    }
  }
  throw new Error(`No source of a vocabulary for ${model.id}; tried ${tried.join("; ")}`);
}

/** Reads chunks until the header is whole, and no further. */
async function headerOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  let tries = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes < (TRY_AT_BYTES[tries] ?? HEADER_BYTES_MAX)) continue;
    tries++;
    const header = wholeHeader(Buffer.concat(parts));
    if (header) return header;
    if (bytes >= HEADER_BYTES_MAX) break;
  }
  const header = wholeHeader(Buffer.concat(parts));
  if (!header) throw new Error(`its header does not end within ${bytes} bytes`);
  return header;
}

function wholeHeader(bytes: Buffer): Buffer | null {
  const reading = readHeader(bytes);
  if (reading.kind === "bad") throw new Error(`not a GGUF file we can read: ${reading.reason}`);
  return reading.kind === "whole" ? cutVocabulary(bytes, reading.end) : null;
}

async function* localChunks(file: string, expectedBytes: number): AsyncGenerator<Uint8Array> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size !== expectedBytes) throw new Error(`it has ${size} bytes instead of ${expectedBytes}`);
    yield* handle.createReadStream({ end: HEADER_BYTES_MAX - 1, highWaterMark: 1024 * 1024, autoClose: false });
  } finally {
    await handle.close();
  }
}

async function* hubChunks(url: string): AsyncGenerator<Uint8Array> {
  const stop = new AbortController();
  const connecting = setTimeout(() => stop.abort(new Error("no answer within 5 s")), CONNECT_TIMEOUT_MS);
  const reading = setTimeout(() => stop.abort(new Error("not read within 60 s")), DOWNLOAD_TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      headers: { range: `bytes=0-${HEADER_BYTES_MAX - 1}` },
      signal: stop.signal,
    });
    clearTimeout(connecting);
    if (!response.ok || !response.body) throw new Error(`it answered ${response.status}`);
    yield* response.body;
  } finally {
    clearTimeout(connecting);
    clearTimeout(reading);
    stop.abort();
  }
}

/** Under its final name only when it is whole, whatever dies in between. */
async function writeWhole(file: string, bytes: Buffer): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const unfinished = `${file}.${randomBytes(6).toString("hex")}.part`;
  try {
    const handle = await open(unfinished, "wx");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

function messageOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  return fault.cause instanceof Error ? `${fault.message} (${fault.cause.message})` : fault.message;
}
