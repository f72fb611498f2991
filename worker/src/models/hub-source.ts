/** A model file by HTTPS, continued where an interrupted download stopped. */
import { type FileHandle, open, stat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { WrongFile } from "./store-errors.ts";

/** A machine behind a package mirror reaches no hub; it shall go on to the next source at once. */
const CONNECT_MS = 5_000;
const QUIET_MS = 30_000;
const TRIES_MAX = 4;
const RETRY_MS = 1_000;

export interface HubDownload {
  url: string;
  /** The unfinished file; what it holds already is not fetched again. */
  part: string;
  bytes: number;
  onProgress: (doneBytes: number) => void;
  signal: AbortSignal;
}

/** Fills `part` to its whole length. Breaks are retried while each try brings the file forward. */
export async function downloadFromHub(download: HubDownload): Promise<void> {
  for (let tries = 1; ; tries++) {
    const before = await sizeOf(download.part);
    if (before === download.bytes) return;
    try {
      await continueDownload(download, before > download.bytes ? 0 : before);
      return;
    } catch (error) {
      if (download.signal.aborted || error instanceof WrongFile || isDiskFault(error)) throw error;
      const after = await sizeOf(download.part);
      // A first try that brought nothing means that this hub is out of reach.
      if (after <= before || tries >= TRIES_MAX) throw error;
      await wait(RETRY_MS * tries, undefined, { signal: download.signal });
    }
  }
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
    await using file = await openAt(part, start);
    let done = start;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      timer = setTimeout(() => quiet.abort(new Error("no data for 30 s")), QUIET_MS);
      done += chunk.byteLength;
      if (done > bytes) throw new WrongFile(`the file is longer than the ${bytes} bytes of the catalogue`);
      await file.handle.write(chunk);
      onProgress(done);
    }
    if (done < bytes) throw new Error(`the connection ended after ${done} of ${bytes} bytes`);
  } finally {
    clearTimeout(timer);
  }
}

/** Where in the file the answer begins. */
function startOf(response: Response, from: number, bytes: number): number {
  if (response.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
    if (!range) throw new WrongFile("the answer does not say which bytes it holds");
    const [, start, total] = range;
    if (total !== "*" && Number(total) !== bytes)
      throw new WrongFile(`the hub's file has ${total} bytes, not ${bytes}`);
    if (Number(start) !== from) throw new WrongFile(`the answer begins at byte ${start}, not ${from}`);
    return from;
  }
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const length = Number(response.headers.get("content-length") ?? bytes);
  if (length !== bytes) throw new WrongFile(`the hub's file has ${length} bytes, not ${bytes}`);
  return 0;
}

async function openAt(part: string, start: number): Promise<{ handle: FileHandle } & AsyncDisposable> {
  const handle = await open(part, start > 0 ? "a" : "w");
  return { handle, [Symbol.asyncDispose]: () => handle.close() };
}

export async function sizeOf(path: string): Promise<number> {
  const file = await stat(path).catch(() => null);
  return file?.size ?? 0;
}

export function isDiskFault(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EROFS", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "");
}
