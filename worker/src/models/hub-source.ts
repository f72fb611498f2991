/** A model file by HTTPS, continued where an interrupted download stopped. */
import { open, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { retry } from "@starai/protocol/retry";
import { WrongFile } from "./store-errors.ts";

/** Connect timeout: a machine behind a package mirror reaches no hub and must try the next source soon. */
const CONNECT_MS = 5_000;
const QUIET_MS = 30_000;
const TRIES_MAX = 4;
const PACE = { firstMs: 1_000, maxMs: 4_000 };
/** Magic number at the beginning of every GGUF file. */
const GGUF_MAGIC = Buffer.from("GGUF");

export interface HubDownload {
  url: string;
  /** Path of the unfinished file; the bytes it holds already are not fetched again. */
  part: string;
  bytes: number;
  onProgress: (doneBytes: number) => void;
  signal: AbortSignal;
}

/** Fills `part` to its whole length. Retries after a break as long as each try adds bytes. */
export async function downloadFromHub(download: HubDownload): Promise<void> {
  let before = 0;
  const attempt = async () => {
    before = await sizeOf(download.part);
    if (before !== download.bytes) await continueDownload(download, before > download.bytes ? 0 : before);
  };
  const mayPass = async (error: unknown) => {
    if (error instanceof WrongFile || isDiskFault(error)) return false;
    // A try that added nothing means that this hub is out of reach.
    return (await sizeOf(download.part)) > before;
  };
  await retry(attempt, { ...PACE, triesMax: TRIES_MAX, mayPass, signal: download.signal });
}

async function continueDownload({ url, part, bytes, onProgress, signal }: HubDownload, from: number): Promise<void> {
  const quiet = new AbortController();
  let timer = setTimeout(() => quiet.abort(new Error("no answer within 5 s")), CONNECT_MS);
  try {
    const response = await fetch(url, {
      headers: from > 0 ? { range: `bytes=${from}-` } : {},
      signal: AbortSignal.any([signal, quiet.signal]),
    });
    const start = startOf(response, from, bytes);
    if (!response.body) throw new Error("the answer has no body");
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => quiet.abort(new Error("no data for 30 s")), QUIET_MS);
    };
    const chunks = start === 0 ? fromModel(response.body, heard) : told(response.body, heard);
    let done = start;
    // Opened only when the first bytes arrive, so that a page that is not a model leaves the file untouched.
    let file: FileHandle | null = null;
    try {
      for await (const chunk of chunks) {
        file ??= await open(part, start > 0 ? "a" : "w");
        done += chunk.byteLength;
        if (done > bytes) throw new WrongFile(`the file is longer than the ${bytes} bytes of the catalogue`);
        await writeAll(file, chunk);
        onProgress(done);
      }
    } finally {
      await file?.close();
    }
    if (done < bytes) throw new Error(`the connection ended after ${done} of ${bytes} bytes`);
  } finally {
    clearTimeout(timer);
  }
}

async function* told(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    heard();
    yield chunk;
  }
}

/** Passes the bytes on if they begin like a model file: a network's login page answers 200 for any address. */
async function* fromModel(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<Uint8Array> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of told(body, heard)) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < GGUF_MAGIC.length) continue;
    if (!head.subarray(0, GGUF_MAGIC.length).equals(GGUF_MAGIC))
      throw new Error("the answer is not a model file, perhaps a web page: does this network require a login?");
    yield head;
    head = null;
  }
}

/** Writes a whole chunk. An almost full disk writes part of it without an error; only the next write fails. */
export async function writeAll(file: Pick<FileHandle, "write">, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength;) {
    const { bytesWritten } = await file.write(chunk, at, chunk.byteLength - at);
    if (bytesWritten === 0) throw Object.assign(new Error("the disk is full"), { code: "ENOSPC" });
    at += bytesWritten;
  }
}

/** Offset in the file at which the answer begins. Throws before anything is written, so the partial file stays. */
function startOf(response: Response, from: number, bytes: number): number {
  if (response.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
    if (!range) throw new Error("the answer does not say which bytes it holds");
    const [, start, total] = range;
    if (total !== "*" && Number(total) !== bytes) throw new Error(`the hub's file has ${total} bytes, not ${bytes}`);
    if (Number(start) !== from) throw new Error(`the answer begins at byte ${start}, not ${from}`);
    return from;
  }
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const length = Number(response.headers.get("content-length") ?? bytes);
  if (length !== bytes) throw new Error(`the hub's file has ${length} bytes, not ${bytes}`);
  return 0;
}

export async function sizeOf(path: string): Promise<number> {
  const file = await stat(path).catch(() => null);
  return file?.size ?? 0;
}

export function isDiskFault(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EROFS", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "");
}
